"""Drop frames that a slow terminal could not show anyway.

Textual queues frames for a writer thread, and blocks when thirty wait. On a slow line
the screen then shows what happened seconds ago. With this guard a frame is not made
while the one before it is still being written; when the line is free, one full frame
shows the present.

All use of Textual's private names for this is here, and a test says so when they
change: `App._display`, `LinuxDriver._writer_thread`, `WriterThread._queue`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from textual.app import App

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

# A frame is handed to the writer in three pieces, so for a moment some wait even when
# the terminal is quick. What waits longer waits for the terminal.
_GRACE_SECONDS = 0.01
_RETRY_SECONDS = 0.02


def waiting_pieces(app: App[Any]) -> int:
    """Return how many pieces of output the writer thread has not taken up."""
    writer = getattr(app._driver, "_writer_thread", None)  # noqa: SLF001 - this module's purpose
    return 0 if writer is None else int(writer._queue.qsize())  # noqa: SLF001 - as above


class TerminalGuard(App[Any]):
    """An app that never falls behind a slow terminal.

    Attributes:
        frames_dropped: How many frames were not sent.
    """

    frames_dropped = 0
    _frame_sent_at = 0.0
    _owes_frame = False

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send a frame, unless the terminal still works on the last one."""
        if renderable is not None and not self._batch_count and self._is_behind():
            self.frames_dropped += 1
            if not self._owes_frame:
                self._owes_frame = True
                self.set_timer(_RETRY_SECONDS, self._settle)
            return
        super()._display(screen, renderable)
        if renderable is not None:
            self._frame_sent_at = time.monotonic()

    def _is_behind(self) -> bool:
        waited = time.monotonic() - self._frame_sent_at
        return waited > _GRACE_SECONDS and waiting_pieces(self) > 0

    def _settle(self) -> None:
        """Send the present in full once the terminal is ready for it."""
        if self._is_behind():
            self.set_timer(_RETRY_SECONDS, self._settle)
            return
        self._owes_frame = False
        self.screen.refresh()
