"""Show a list of any length as a table.

`ObjectTable` paints what its reader has read; it never waits for the store. Rows are
told apart by key, not by index: the cursor and the marks stay with their rows when the
list changes under them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.looks.text import EN_DASH
from tui.widgets.columns import Column, Layout, centred, lay_out
from tui.widgets.paged import Jump, PagedView

if TYPE_CHECKING:
    from textual import events

    from tui.lists.pager import Connect, Direction, Key, ListQuery
    from tui.widgets.lines import Line

SLOW_SORT_ROWS = 10_000
"""Fewer rows are sorted faster than one can see."""
_WHEEL_LINES = 3


class ObjectTable(PagedView):
    """A table over a `PageReader`.

    Args:
        connect: Opens a connection; called in the reader's thread.
        query: What to list; one selected column for each of `columns`.
        columns: How the columns look.
        empty: What to say when there are no rows.
        jump: How far the list moves when the cursor leaves the screen by a line.
        ascii_only: Use no characters outside ASCII for signs of our own.
        sort: Id of the column the query sorts by, and whether the largest comes first.

    Attributes:
        takes_orders: Every key is an order, none is text.
    """

    takes_orders: ClassVar[bool] = True

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"table--{name}"
        for name in (
            *("heading", "selected", "cursor", "marked", "notice"),
            *("success", "warning", "error", "accent", "muted"),
        )
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page", show=False, id="table.page"),
        Binding("pageup,ctrl+b", "page(-1)", show=False, id="table.page_back"),
        Binding("ctrl+d", "half_page(1)", show=False, id="table.half_page"),
        Binding("ctrl+u", "half_page(-1)", show=False, id="table.half_page_back"),
        Binding("home,g", "home", "First row", show=False, id="table.home"),
        Binding("end,G", "end", "Last row", show=False, id="table.end"),
        Binding("left,h", "column(-1)", show=False, id="table.left"),
        Binding("right,l", "column(1)", show=False, id="table.right"),
        Binding("space", "mark", "Mark", show=False, id="table.mark"),
        Binding("enter", "open", "Open", show=False, id="table.open"),
        Binding("n", "find_next(1)", show=False, id="table.find_next"),
        Binding("N", "find_next(-1)", show=False, id="table.find_previous"),
    ]

    @dataclass
    class Opened(Message):
        """Enter was pressed on a row."""

        table: ObjectTable
        key: Key

        @property
        def control(self) -> ObjectTable:
            """Return the table, for `@on` with a selector."""
            return self.table

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row; the key is None while the row is unread."""

        table: ObjectTable
        key: Key | None

    @dataclass
    class SortRequested(Message):
        """The user wants another order; the screen answers with `set_query`."""

        table: ObjectTable
        column: str
        descending: bool

    def __init__(  # noqa: PLR0913 - a widget's options, all by keyword
        self,
        connect: Connect,
        query: ListQuery,
        columns: tuple[Column, ...],
        *,
        empty: str = "Nothing here.",
        jump: Jump = "half",
        ascii_only: bool = False,
        sort: tuple[str, bool] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(connect, query, jump=jump, id=id, classes=classes)
        self.columns = columns
        self.empty = empty
        self.marks: set[Key] = set()
        self.last_mark: Key | None = None
        self.sort = sort
        self.ascii_only = ascii_only
        self._coming: tuple[Column, ...] | None = None
        self._bodies: dict[int, Line] = {}
        self._layout: Layout | None = None
        self._first_column = 1
        self._selected = 0
        self._told: Key | None = None

    # -- what the screen may ask

    @property
    def chosen_keys(self) -> list[Key]:
        """Return what an action is meant for: the marked rows, else the cursor's."""
        if self.marks:
            return sorted(cast("set[Any]", self.marks))  # of one kind each list
        return [] if self.cursor_key is None else [self.cursor_key]

    @property
    def selected_column(self) -> Column:
        """Return the column that h and l have chosen."""
        return self.columns[self._selected]

    # -- what the screen may do

    def set_query(
        self,
        query: ListQuery,
        *,
        columns: tuple[Column, ...] | None = None,
        sort: tuple[str, bool] | None = None,
    ) -> None:
        """List something else; the cursor stays with its row if that is in it.

        Args:
            query: What to list.
            columns: The columns from now on, if they are others.
            sort: What to say the list is sorted by.
        """
        self._coming = columns
        self.sort = sort
        super().set_query(query)

    def clear_marks(self) -> None:
        """Take all marks off."""
        self.marks.clear()
        self.show()

    def sort_by_selected(self) -> None:
        """Ask for the order of the selected column."""
        column = self.selected_column
        if column.sortable:
            self.post_message(self.SortRequested(self, column.id, descending=False))

    def reverse_sort(self) -> None:
        """Ask for the present order from the other end."""
        if self.sort is not None:
            column, descending = self.sort
            self.post_message(
                self.SortRequested(self, column, descending=not descending)
            )

    # -- keys

    def action_move(self, step: int) -> None:
        """Move the cursor a row."""
        self._move_to(self._target.cursor + step)

    def action_page(self, step: int) -> None:
        """Move cursor and list a screenful."""
        self._turn(step * self._height)

    def action_half_page(self, step: int) -> None:
        """Move cursor and list half a screenful."""
        self._turn(step * max(1, self._height // 2))

    def action_home(self) -> None:
        """Go to the first row."""
        self._move_to(0)

    def action_end(self) -> None:
        """Go to the last row, counting the rows first if that is still to be done."""
        if self._count.is_exact:
            self._move_to(self._total - 1)
        else:
            self._wants_end = True

    def action_column(self, step: int) -> None:
        """Select the column beside; columns scroll to show it."""
        self._selected = max(0, min(self._selected + step, len(self.columns) - 1))
        if self._selected:
            self._first_column = min(self._first_column, self._selected)
            while not self._shows_selected():
                self._first_column += 1
        self._layout = None
        self.show()

    def _shows_selected(self) -> bool:
        layout = self._lay_out(self.size.width)
        return self._first_column == self._selected or layout.shows(self._selected)

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark off."""
        key = self.cursor_key
        if key is not None:
            self.marks ^= {key}
            self.last_mark = key
            self.show()

    def action_open(self) -> None:
        """Tell the screen to open the row under the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor_key))

    def action_find_next(self, direction: Direction) -> None:
        """Go to the next row with the text looked for last."""
        self.find(self._sought, direction)

    # -- painting

    def show(self) -> None:
        """Paint what has changed, and tell the screen what it may want to know."""
        self.repaint()
        self.title_text = self._title()
        key = self.cursor_key
        if key != self._told:
            self._told = key
            self.post_message(self.Highlighted(self, key))

    def _title(self) -> str:
        """Say which rows are shown: `rows 401-420 of 1,000 (42 %)`."""
        if self._error is not None:
            return "not readable"
        if not self._is_loaded:
            return "reading"
        if not self._count.value:
            return "no rows"
        dash = "-" if self.ascii_only else EN_DASH
        first, total = self._view.top + 1, self._total
        last = min(total, self._view.top + self._height)
        text = f"rows {first:,}{dash}{last:,} of {self._count}"
        if self._count.is_exact:
            text += f" ({100 * last // total} %)"
        if self.marks:
            text += f", {len(self.marks):,} marked"
        is_slow = self._sorts_slowly and total > SLOW_SORT_ROWS
        return text + (", sorted without an index" if is_slow else "")

    def take_new_list(self) -> None:
        """Change to the columns that the rows now have."""
        if self._coming is not None:
            self.columns, self._coming = self._coming, None
            self._first_column, self._selected = 1, 0
            self._layout = None

    def forget_shapes(self) -> None:
        """Drop the lines made of rows that may have changed."""
        self._bodies.clear()

    def make_lines(self, width: int, height: int) -> list[Line]:
        """Return the heading and the rows in view."""
        if width <= 0 or height <= 0:
            return [()] * height
        layout = self._layout
        if layout is None or layout.width != width:
            layout = self._layout = self._lay_out(width)
            self._bodies.clear()
        lines = [self._heading(layout)]
        if self._error is not None:
            lines += self._notice(f"This list could not be read: {self._error}")
        elif self._is_loaded and not self._total:
            lines += self._notice(self.empty)
        else:
            last = self._view.top + height - 1
            lines += [self._line(layout, i) for i in range(self._view.top, last)]
        return lines[:height]

    def _lay_out(self, width: int) -> Layout:
        return lay_out(
            self.columns, width, self._first_column, ascii_only=self.ascii_only
        )

    def _notice(self, text: str) -> list[Line]:
        width, height = self.size
        notice = centred(text, width, height - 1)
        return [((line, "table--notice"),) for line in notice]

    def _heading(self, layout: Layout) -> Line:
        signs = {}
        if self.sort is not None:
            sign = ("^v" if self.ascii_only else "▲▼")[self.sort[1]]
            signs = {self.sort[0]: f" {sign}"}
        return layout.heading(signs, self._selected)

    def _line(self, layout: Layout, index: int) -> Line:
        if index >= self._total:
            return ((" " * self.size.width, ""),)
        is_cursor = index == self._view.cursor
        is_marked = bool(self.marks) and self._rows.key(index) in self.marks
        gutter = (">" if is_cursor else " ") + ("*" if is_marked else " ")
        body = self._body(layout, index)
        if is_cursor or is_marked:
            text = gutter + "".join(text for text, _ in body)
            return ((text, "table--cursor" if is_cursor else "table--marked"),)
        if body[0][1]:
            return ((gutter, ""), *body)
        return ((gutter + body[0][0], ""), *body[1:])

    def _body(self, layout: Layout, index: int) -> Line:
        """Return the spans of a row, made once while its page is unchanged."""
        body = self._bodies.get(index)
        if body is None:
            values = self._rows.values(index)
            if values is None:
                return layout.unread()
            body = self._bodies[index] = layout.body(values)
        return body

    # -- the mouse, where it is on

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a row; a second click opens it."""
        index = self._view.top + event.y - 1
        if event.y and index < self._total:
            self._move_to(index)
            if event.chain > 1:
                self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the list, and the cursor if it would leave the screen."""
        event.stop()
        self._roll(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the list, and the cursor if it would leave the screen."""
        event.stop()
        self._roll(-_WHEEL_LINES)

    def _roll(self, rows: int) -> None:
        view, height = self._target, self._height
        top = max(0, min(view.top + rows, self._total - height))
        self._go(max(top, min(view.cursor, top + height - 1)), top)
