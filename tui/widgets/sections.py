"""Show a short list in sections: what a screen holds in memory, row by row.

Object pages, the first screen, menus and pickers are made of it. For lists that may
be long there is `ObjectTable`.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from models.values import frozen
from tui.looks.text import fit
from tui.widgets.columns import Column, Layout, lay_out
from tui.widgets.lines import Line, LineView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.geometry import Size

Key = Hashable


@frozen
class Item:
    """One row.

    Attributes:
        key: What the row stands for; None for a row that only says something.
        values: One value for each column of the section.
        style: How the whole row looks: a style of columns, or empty.
    """

    key: Key | None
    values: tuple[Any, ...]
    style: str = ""


@frozen
class Section:
    """Rows under a heading.

    Attributes:
        title: The heading; empty for none.
        columns: How the rows' values are laid out.
        items: The rows.
        note: Stands at the right of the heading.
        has_gap: An empty line stands before it, unless it comes first.
    """

    title: str
    columns: tuple[Column, ...]
    items: tuple[Item, ...]
    note: str = ""
    has_gap: bool = True


@dataclass(frozen=True)
class _Row:
    section: int
    item: Item | None
    """None for a heading or an empty line."""
    is_heading: bool = False


class SectionList(LineView):
    """A list in sections with a cursor that stays with its row.

    Attributes:
        marks: The keys of the marked rows.
        always_shows_cursor: Another widget has the focus and moves the cursor.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"table--{name}"
        for name in (
            *("heading", "cursor", "marked", "notice"),
            *("success", "warning", "error", "accent", "muted"),
        )
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="section.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="section.up"),
        Binding("pagedown,ctrl+f", "page(1)", show=False, id="section.page"),
        Binding("pageup,ctrl+b", "page(-1)", show=False, id="section.page_back"),
        Binding("home,g", "end(-1)", show=False, id="section.home"),
        Binding("end,G", "end(1)", show=False, id="section.end"),
        Binding("enter", "choose", "Open", show=False, id="section.open"),
    ]

    @dataclass
    class Chosen(Message):
        """Enter was pressed on a row."""

        list: SectionList
        key: Key

        @property
        def control(self) -> SectionList:
            """Return the list, for `@on` with a selector."""
            return self.list

    @dataclass
    class Left(Message):
        """The cursor would move beyond the first row (step -1) or the last (1)."""

        list: SectionList
        step: int

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row."""

        list: SectionList
        key: Key | None

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.ascii_only = ascii_only
        self.marks: set[Key] = set()
        self.always_shows_cursor = False
        self._sections: tuple[Section, ...] = ()
        self._rows: list[_Row] = []
        self._layouts: dict[int, Layout] = {}
        self._cursor = 0
        self._top = 0
        self._told: Key | None = None

    # -- what may be asked, and done

    @property
    def key(self) -> Key | None:
        """Return the key of the row under the cursor."""
        item = self._item(self._cursor)
        return None if item is None else item.key

    @property
    def keys(self) -> list[Key]:
        """Return the keys of all rows that can be chosen, in order."""
        return [r.item.key for r in self._rows if r.item and r.item.key is not None]

    def show(self, sections: Sequence[Section]) -> None:
        """Show other rows; the cursor stays with its row, or near its place."""
        before, height = self.key, len(self._rows)
        self._sections = tuple(section for section in sections if section.items)
        self._rows = list(self._flatten())
        self._layouts.clear()
        self._settle(before)
        if self.styles.auto_dimensions and len(self._rows) != height:
            self.refresh(layout=True)
        self._paint()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return how many lines it has, for a height of auto."""
        return len(self._rows)

    def go_to(self, key: Key) -> None:
        """Put the cursor on the row with this key, if there is one."""
        self._settle(key)
        self._paint()

    @property
    def row_count(self) -> int:
        """Return how many lines the list has, headings and gaps among them."""
        return len(self._rows)

    def go_to_section(self, number: int) -> None:
        """Put the cursor on the first row of a section, counted from 0."""
        for index, row in enumerate(self._rows):
            if row.section == number and row.item and row.item.key is not None:
                self._cursor = index
                self._top = max(0, index - 1)
                self._paint()
                return

    def _flatten(self) -> list[_Row]:
        rows: list[_Row] = []
        for number, section in enumerate(self._sections):
            if number and section.has_gap:
                rows.append(_Row(number, None))
            if section.title:
                rows.append(_Row(number, None, is_heading=True))
            rows += [_Row(number, item) for item in section.items]
        return rows

    def _settle(self, key: Key | None) -> None:
        """Find the row with a key, else the nearest that can be chosen."""
        places = [
            i for i, r in enumerate(self._rows) if r.item and r.item.key is not None
        ]
        for index in places:
            item = self._rows[index].item
            if key is not None and item is not None and item.key == key:
                self._cursor = index
                return
        distance = {index: abs(index - self._cursor) for index in places}
        self._cursor = min(distance, key=distance.__getitem__, default=0)

    def _item(self, index: int) -> Item | None:
        return self._rows[index].item if 0 <= index < len(self._rows) else None

    # -- keys

    def action_move(self, step: int) -> None:
        """Move to the next row that can be chosen; beyond the last, show the rest."""
        index = self._cursor + step
        while 0 <= index < len(self._rows):
            item = self._item(index)
            if item is not None and item.key is not None:
                self._cursor = index
                break
            index += step
        else:
            self._top += step
            self.post_message(self.Left(self, step))
        self._paint(keep_cursor_in_sight=0 <= index < len(self._rows))

    def action_page(self, step: int) -> None:
        """Move a screenful."""
        height = max(1, self.size.height - 1)
        self._cursor = max(0, min(self._cursor + step * height, len(self._rows) - 1))
        self._top += step * height
        self._settle(None)
        self._paint()

    def action_end(self, step: int) -> None:
        """Go to the first or the last row."""
        self._cursor = 0 if step < 0 else len(self._rows)
        self._top = 0 if step < 0 else len(self._rows)
        self._settle(None)
        self._paint()

    def action_choose(self) -> None:
        """Tell the screen that the row was chosen."""
        if self.key is not None:
            self.post_message(self.Chosen(self, self.key))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a row; a second click chooses it."""
        item = self._item(self._top + event.y)
        if item is not None and item.key is not None:
            self._cursor = self._top + event.y
            self._paint()
            if event.chain > 1:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the list."""
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the list."""
        event.stop()
        self.action_move(-1)

    # -- painting

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._layouts.clear()
        self._paint()

    def _paint(self, *, keep_cursor_in_sight: bool = True) -> None:
        height = max(1, self.size.height)
        if keep_cursor_in_sight:
            first = self._cursor
            while first and self._rows[first - 1].item is None:
                first -= 1  # the heading belongs to its first row
            self._top = min(self._top, first)
            self._top = max(self._top, self._cursor - height + 1)
        self._top = max(0, min(self._top, len(self._rows) - height))
        self.repaint()
        if self.key != self._told:
            self._told = self.key
            self.post_message(self.Highlighted(self, self.key))

    def make_lines(self, width: int, height: int) -> list[Line]:
        """Return the rows in view."""
        if width <= 0:
            return [()] * height
        return [self._line(self._top + y, width) for y in range(height)]

    def _line(self, index: int, width: int) -> Line:
        if index >= len(self._rows):
            return ((" " * width, ""),)
        row = self._rows[index]
        if row.item is None:
            section = self._sections[row.section]
            return (_heading(section, width) if row.is_heading else (" " * width, ""),)
        return self._item_line(row, row.item, index, width)

    def _item_line(self, row: _Row, item: Item, index: int, width: int) -> Line:
        is_cursor = index == self._cursor and item.key is not None
        is_marked = item.key in self.marks
        is_cursor = is_cursor and (self.has_focus or self.always_shows_cursor)
        gutter = (">" if is_cursor else " ") + ("*" if is_marked else " ")
        body = self._layout(row.section, width).body(item.values)
        style = f"table--{item.style}" if item.style else ""
        if is_cursor:
            style = "table--cursor"
        elif is_marked:
            style = "table--marked"
        if style:
            return ((gutter + "".join(text for text, _ in body), style),)
        return ((gutter, ""), *body)

    def _layout(self, number: int, width: int) -> Layout:
        layout = self._layouts.get(number)
        if layout is None or layout.width != width:
            columns = self._sections[number].columns
            layout = lay_out(columns, width, 1, ascii_only=self.ascii_only)
            self._layouts[number] = layout
        return layout

    def watch_has_focus(self, has_focus: bool) -> None:  # noqa: FBT001 - Textual's
        """Show the cursor only where keys go."""
        super().watch_has_focus(has_focus)
        self.repaint()


def _heading(section: Section, width: int) -> tuple[str, str]:
    note = f"{section.note} " if section.note else ""
    text = fit(f"  {section.title}", max(0, width - len(note))) + note
    return fit(text, width), "table--heading"
