"""`hookline`, and `python -m tui`: a process that does one thing and is gone.

Most commands last less than starting and ending Python does, so both are kept short.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
from typing import NoReturn

GARBAGE_AFTER = 50_000
"""Objects made between two looks for garbage: imports make many, and none of it."""


def main() -> NoReturn:
    """Run the command line of this process, and end with its exit code."""
    gc.set_threshold(GARBAGE_AFTER)
    from tui.cli import main as run

    leave(run())


def leave(code: int) -> NoReturn:
    """End the process without taking its modules apart, which costs up to 50 ms."""
    if threading.active_count() > 1:
        sys.exit(code)  # which waits for them
    atexit._run_exitfuncs()  # noqa: SLF001  # what sys.exit() would call
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
