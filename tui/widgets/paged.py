"""Move about in a list of any length that is read while one looks.

The part of the table that has nothing to do with how it looks: which rows are in view,
what to ask the reader for, and what to do with its answers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from tui.lists.pager import Count, Direction, Key
from tui.lists.reader import PageReader
from tui.lists.rows import (
    Counted,
    Found,
    Loaded,
    PageRead,
    ReadFailed,
    Result,
    Rows,
    View,
)
from tui.widgets.lines import LineView

if TYPE_CHECKING:
    from textual.timer import Timer

    from tui.lists.pager import Connect, ListQuery

Jump = Literal["line", "half", "full"]

# How long an old frame is kept for rows that are still being read: a frame of
# placeholders costs as many bytes as the rows, and far jumps take 30 ms or less.
HOLD_SECONDS = 0.05
_NO_COUNT = Count(value=0, is_exact=False)


class PagedView(LineView):
    """A view of a `PageReader`'s list; how its rows look is the subclass's business.

    Args:
        connect: Opens a connection; called in the reader's thread.
        query: What to list.
        jump: How far the list moves when the cursor leaves the screen by a line.
    """

    @dataclass
    class NotFound(Message):
        """No row contains the text that was looked for."""

        view: PagedView
        text: str

    @dataclass
    class Failed(Message):
        """The list could not be read."""

        view: PagedView
        error: Exception

    class _Arrived(Message):
        """The reader has put something into the inbox."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, PagedView._Arrived)

    def __init__(
        self,
        connect: Connect,
        query: ListQuery,
        *,
        jump: Jump = "half",
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.jump = jump
        self._reader = PageReader(connect, query, self._deliver)
        self._inbox: deque[Result] = deque()
        self._has_mail = Event()
        self._rows = Rows()
        self._view = View()
        self._asked = range(0)
        self._pending: View | None = None
        self._hold: Timer | None = None
        self._count = _NO_COUNT
        self._is_loaded = False
        self._sorts_slowly = False
        self._error: Exception | None = None
        self._wants_end = False
        self._sought = ""

    def show(self) -> None:
        """Paint what has changed; a subclass may have more to do."""
        self.repaint()

    def take_new_list(self) -> None:
        """Get ready for the rows of another query; for subclasses."""

    def forget_shapes(self) -> None:
        """Drop what was made of rows that may have changed; for subclasses."""

    # -- what may be asked

    @property
    def cursor(self) -> int:
        """Return the index of the row the cursor is on."""
        return self._view.cursor

    @property
    def cursor_key(self) -> Key | None:
        """Return the key of the row under the cursor; None if unread or no rows."""
        return self._rows.key(self._view.cursor)

    @property
    def count(self) -> Count:
        """Return how many rows the list has, as far as is known."""
        return self._count

    # -- what may be done

    def set_query(self, query: ListQuery) -> None:
        """List something else; the cursor stays with its row if that is in it."""
        self._pending = None
        self._wants_end = False
        self._reader.set_query(query, self._view_now())

    def reload(self) -> None:
        """Read again what is shown, since the store has changed.

        May be called at every change; the reader takes its time when it is busy.
        """
        self._reader.invalidate(self._view_now())

    def find(self, text: str, direction: Direction = 1) -> None:
        """Go to the next row that contains a text; ends in `NotFound` if none does."""
        self._sought = text
        if text:
            self._reader.find(text, self._target.cursor, direction)

    def go_to(self, index: int) -> None:
        """Put the cursor on a row."""
        self._move_to(index)

    # -- moving

    @property
    def _height(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _total(self) -> int:
        return self._count.value

    @property
    def _target(self) -> View:
        """Return the view that shows when what is being read has come."""
        return self._pending or self._view

    def _view_now(self) -> View:
        view = self._target
        return replace(view, key=self._rows.key(view.cursor), height=self._height)

    def _move_to(self, cursor: int) -> None:
        cursor = max(0, min(cursor, self._total - 1))
        self._go(cursor, self._top_for(cursor))

    def _top_for(self, cursor: int) -> int:
        top, height = self._target.top, self._height
        if top <= cursor < top + height:
            return top
        step = {"line": 1, "half": max(1, height // 2), "full": height}[self.jump]
        if cursor == top + height:
            return cursor - height + step
        if cursor == top - 1:
            return cursor + 1 - step
        return cursor - height // 2

    def _turn(self, rows: int) -> None:
        cursor = max(0, min(self._target.cursor + rows, self._total - 1))
        self._go(cursor, self._target.top + rows)

    def _go(self, cursor: int, top: int) -> None:
        """Show a view now if its rows are in memory, else when they have come."""
        top = max(0, min(top, self._total - self._height))
        view = View(cursor=cursor, top=top, height=self._height)
        has_all = self._rows.has(view, self._total)
        if view.pages() != self._asked or not (has_all or self._pending):
            self._ask(view)
        if has_all:
            self._show(view)
            return
        self._pending = view
        if self._hold is None:
            self._hold = self.set_timer(HOLD_SECONDS, self._stop_holding)

    def _ask(self, view: View) -> None:
        self._asked = view.pages()
        self._reader.request(self._asked)

    def _stop_holding(self) -> None:
        self._hold = None
        if self._pending is not None:
            self._show(self._pending)

    def _show(self, view: View) -> None:
        self._view, self._pending = view, None
        if self._hold is not None:
            self._hold.stop()
            self._hold = None
        self.show()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        view = replace(self._target, height=self._height)
        self._go(view.cursor, view.settle(view.cursor, self._total).top)

    # -- what the reader sends

    def _deliver(self, result: Result) -> None:
        """Take a result, in the reader's thread."""
        self._inbox.append(result)
        self._has_mail.set()
        self.post_message(self._Arrived())

    def on_mount(self) -> None:
        """Start reading, and let the first frame have rows if they come at once."""
        self._reader.start(self._view)
        if self._has_mail.wait(HOLD_SECONDS):
            self._empty_inbox()

    def on_unmount(self) -> None:
        """End the reader's thread."""
        self._reader.close()

    def on_paged_view__arrived(self) -> None:
        """Work off the inbox."""
        self._empty_inbox()

    def _empty_inbox(self) -> None:
        while self._inbox:
            result = self._inbox.popleft()
            if result.generation == self._reader.generation:
                self._take(result)

    def _take(self, result: Result) -> None:
        match result:
            case Loaded():
                self._take_loaded(result)
            case PageRead():
                self._take_page(result)
            case Counted():
                self._take_count(result.count)
            case Found(position=None):
                self.post_message(self.NotFound(self, result.text))
            case Found(position=int(position)):
                self._move_to(position)
            case ReadFailed():
                self._error = result.error
                self.post_message(self.Failed(self, result.error))
        self.show()

    def _take_loaded(self, loaded: Loaded) -> None:
        self._error, self._is_loaded = None, True
        self._sorts_slowly = loaded.sorts_without_index
        self._rows.clear()
        self.take_new_list()
        self.forget_shapes()
        for page in loaded.pages:
            self._rows.keep(page)
        self._count, moved = loaded.count, 0
        if loaded.position is not None:
            moved = loaded.position - loaded.asked.cursor
            least = max(self._count.value, loaded.position + 1)  # it may be capped
            self._count = replace(self._count, value=least)
        view = replace(self._target, height=self._height)
        view = view.settle(view.cursor + moved, self._total)
        self._pending = None
        self._view = view
        self._asked = view.pages()
        if not self._rows.has(view, self._total):
            self._ask(view)

    def _take_page(self, result: PageRead) -> None:
        self._rows.keep(result.page)
        self.forget_shapes()
        self._take_count(result.count)
        if self._pending is not None and self._rows.has(self._pending, self._total):
            self._show(self._pending)

    def _take_count(self, count: Count) -> None:
        if count.value >= self._count.value or count.is_exact:
            self._count = count
        if self._wants_end and count.is_exact:
            self._wants_end = False
            self._move_to(self._total - 1)
