"""A bar on stderr for long work, drawn only where a person looks at it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.commandline.output import Output

EVERY_S = 0.1
CELLS = 30


class Progress:
    """Shows how far a piece of work is.

    Args:
        output: Where a person may be looking.
        what: One or two words, such as `writing`.
        total: How much there is to do.
    """

    def __init__(self, output: Output, what: str, total: int) -> None:
        self._output = output
        self._what = what
        self._total = total
        self._is_shown = output.talk.isatty() and not output.is_quiet
        self._next = 0.0

    def show(self, done: int) -> None:
        """Draw the bar, a few times a second at most."""
        if not self._is_shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        share = done / self._total if self._total else 0.0
        filled = int(CELLS * share)
        bar = "#" * filled + "." * (CELLS - filled)
        self._output.talk.write(
            f"\r{self._what} [{bar}] {done:,} of {self._total:,}\x1b[K"
        )
        self._output.talk.flush()

    def close(self) -> None:
        """Take the bar away."""
        if self._is_shown and self._next:
            self._output.talk.write("\r\x1b[K")
            self._output.talk.flush()
