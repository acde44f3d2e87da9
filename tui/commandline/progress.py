"""A bar on stderr for long work, drawn only where a person looks at it."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from models.errors import StoppedError

if TYPE_CHECKING:
    from tui.commandline.output import Output

EVERY_S = 0.1
CELLS = 30


def bar_of(done: int, total: int) -> str:
    """Draw how far something is.

    >>> bar_of(15, 30)
    '[###############...............]'
    """
    filled = int(CELLS * min(1.0, done / total)) if total else 0
    return f"[{'#' * filled}{'.' * (CELLS - filled)}]"


class Progress:
    """Shows how far a piece of work is.

    Args:
        output: Where a person may be looking.
        what: One or two words, such as `writing`.
        total: How much there is to do.
        stopped: What is said when Ctrl-C has stopped it, as in `Nothing was changed.`
            Without it Ctrl-C ends the program where it is, as ever.
    """

    def __init__(
        self, output: Output, what: str, total: int, *, stopped: str = ""
    ) -> None:
        self._output = output
        self._what = what
        self._total = total
        self._is_shown = output.talk.isatty() and not output.is_quiet
        self._next = 0.0
        self._stopped = stopped
        self._must_stop = False
        self._before: Any = None

    def __enter__(self) -> Self:
        """Let Ctrl-C stop the work where that is safe; a second one ends it there."""
        if self._stopped and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        self._give_back()
        self.close()

    def _stop(self, *_: object) -> None:
        self._must_stop = True
        self._give_back()

    def _give_back(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def show(self, done: int) -> None:
        """Draw the bar, a few times a second at most.

        Raises:
            StoppedError: Ctrl-C was pressed.
        """
        if self._must_stop:
            raise StoppedError(f"Stopped. {self._stopped}")
        if not self._is_shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        bar = bar_of(done, self._total)
        self._output.talk.write(
            f"\r{self._what} {bar} {done:,} of {self._total:,}\x1b[K"
        )
        self._output.talk.flush()

    def close(self) -> None:
        """Take the bar away."""
        if self._is_shown and self._next:
            self._output.talk.write("\r\x1b[K")
            self._output.talk.flush()
