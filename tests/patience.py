"""How long tests wait for what must come: one figure for all of them.

A test that passes never waits so long; on a machine with much else to do a shorter
wait would tell of the machine.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60.0


def wait_until(condition: Callable[[], Any]) -> Any:
    """Ask again until the condition holds; return what it gave."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)
    return found
