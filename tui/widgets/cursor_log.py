"""A log whose lines can be chosen, to go to the object that a line is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.widgets.log_view import LogView

if TYPE_CHECKING:
    from tui.lists.log_lines import LogLine


class CursorLog(LogView):
    """A log with a cursor, which is there while the reader has stopped to read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", show=False, id="log.open")
    ]

    @dataclass
    class Opened(Message):
        """Enter was pressed on a line."""

        view: CursorLog
        line: LogLine

    @property
    def cursor(self) -> int | None:
        """Return the index of the chosen line among those shown; None without one."""
        shown = self.log_lines.shown
        if self._found is None:
            return None
        return next((i for i, line in enumerate(shown) if line is self._found), None)

    def action_move(self, step: int) -> None:
        """Move the cursor a line; beyond the last line, follow again."""
        self._move_cursor(step)

    def action_page(self, step: int) -> None:
        """Move the cursor a screenful."""
        self._move_cursor(step * max(1, self.size.height - 1))

    def action_half_page(self, step: int) -> None:
        """Move the cursor half a screenful."""
        self._move_cursor(step * max(1, self.size.height // 2))

    def action_home(self) -> None:
        """Go to the oldest line in memory, and ask for older ones."""
        super().action_home()
        self._put_cursor(0)

    def action_follow(self) -> None:
        """Go to the newest line and stay with it."""
        self._found = None
        super().action_follow()

    def action_open(self) -> None:
        """Tell the screen which line was chosen; choose the last one first."""
        if self._found is None:
            self._move_cursor(-1)
        else:
            self.post_message(self.Opened(self, self._found))

    def _move_cursor(self, step: int) -> None:
        last = len(self.log_lines.shown) - 1
        if last < 0:
            return
        before = self.cursor
        if before is None:
            if step > 0 and self.is_following:
                return
            step += 1 if step < 0 else 0
            before = min(last, self._top + self.size.height - 1)
        index = before + step
        if index > last and before == last:
            self.action_follow()
            return
        if index < 0:
            self._ask_for_older()
        self._put_cursor(max(0, min(index, last)))

    def _put_cursor(self, index: int) -> None:
        shown = self.log_lines.shown
        if not shown:
            return
        self._found = shown[index]
        self.log_lines.pause()
        self._top = max(min(self._top, index), index - self.size.height + 1)
        self._show()
