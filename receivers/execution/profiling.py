"""A run's profile, where somebody asks for one: a `.pstats` file of the result."""

from __future__ import annotations

import contextlib
import marshal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILE_NAME = "profile.pstats"


@contextlib.contextmanager
def profiled(attach: Callable[[str, bytes], None]) -> Iterator[None]:
    """Profile the block, then attach the figures; `python -m pstats` reads them."""
    import cProfile

    profile: Any = cProfile.Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        profile.create_stats()
        attach(FILE_NAME, marshal.dumps(profile.stats))
