"""A screen about one thing: facts, and rows that lead on to other screens.

The screens of a change, a hook, a button and a job are sheets, and so is the upper
half of a result's. A sheet is put together in a thread by a function that knows the
store; `SheetScreen` shows it, and keeps it true.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from tui.commands import registry
from tui.screens.base import HooklineScreen
from tui.widgets.columns import Column
from tui.widgets.sections import Item, Section, SectionList

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.commands import Command

LABEL_CELLS = 11
LEADS_ON, ASCII_LEADS_ON = " \u203a", " >"


class Styled(str):
    """A cell's text with the name of its style."""

    __slots__ = ("style",)
    style: str

    def __new__(cls, text: str, style: str = "") -> Self:
        """Make one."""
        made = super().__new__(cls, text)
        made.style = style
        return made


def style_of(value: Any) -> str:
    """Return the style that a value carries."""
    return getattr(value, "style", "")


def text_column(name: str, width: int, *, grows: bool = False) -> Column:
    """Return a column whose values may carry styles."""
    return Column(id=name, title="", width=width, grows=grows, style=style_of)


@dataclass(frozen=True)
class Link:
    """Where a row leads: a place of `tui.pages.places`, and what its screen takes."""

    place: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Spot:
    """A row: told apart by its name, wherever it leads.

    Attributes:
        name: Its section and its number or label there.
        link: The screen that Enter opens.
        title: What the text is.
        text: The whole of a value that the row may have cut; Enter shows it.
    """

    name: str
    link: Link | None = field(default=None, compare=False)
    title: str = field(default="", compare=False)
    text: str = field(default="", compare=False)


FACT_COLUMNS = (
    Column(id="label", title="", width=LABEL_CELLS, style=lambda _: "muted"),
    text_column("value", 20, grows=True),
)


@dataclass(kw_only=True)
class _Part:
    """A section that is being put together."""

    title: str
    columns: tuple[Column, ...]
    note: str
    has_gap: bool
    items: list[Item] = field(default_factory=list)


class Sheet:
    """The rows of a page.

    Args:
        title: What it is about, for the title line.
        row: What commands act on; None when it is gone.
        is_ascii: Use no characters outside ASCII for signs.
    """

    def __init__(self, title: str, row: Any = None, *, is_ascii: bool = False) -> None:
        self.title = title
        self.row = row
        self.is_ascii = is_ascii
        self._parts: list[_Part] = []
        self.begin("", FACT_COLUMNS)

    @property
    def sections(self) -> list[Section]:
        """Return what a `SectionList` shows."""
        return [
            Section(
                title=part.title,
                note=part.note,
                columns=part.columns,
                items=tuple(part.items),
                has_gap=part.has_gap,
            )
            for part in self._parts
        ]

    def begin(
        self,
        title: str,
        columns: tuple[Column, ...] = FACT_COLUMNS,
        *,
        note: str = "",
        has_gap: bool = True,
    ) -> None:
        """Begin a part, under a heading if it has a title; not shown without rows."""
        self._parts.append(
            _Part(title=title, columns=columns, note=note, has_gap=has_gap)
        )

    def add(
        self,
        *values: str,
        style: str = "",
        link: Link | None = None,
        text: str = "",
        name: str = "",
    ) -> None:
        """Add a row to the part begun last.

        Args:
            values: One for each column.
            style: Of the whole row.
            link: Where it leads; a sign says so.
            text: What Enter shows whole, when it leads nowhere.
            name: Tells it from the part's other rows; by default its number.
        """
        part = self._parts[-1]
        spot = Spot(
            f"{part.title}/{name or len(part.items)}", link, values[0].strip(), text
        )
        if link is not None:
            *others, last = values
            sign = ASCII_LEADS_ON if self.is_ascii else LEADS_ON
            values = (*others, Styled(last + sign, style_of(last)))
        part.items.append(Item(key=spot, values=values, style=style))

    def fact(
        self, label: str, value: str, *, link: Link | None = None, text: str = ""
    ) -> None:
        """Add a labelled value; an empty one is left out."""
        if value:
            self.add(label, value, link=link, text=text or value, name=label)

    def say(self, text: str, style: str = "muted") -> None:
        """Add a sentence in place of the rows that are not there."""
        self._parts[-1].columns = (text_column("text", 40, grows=True),)
        self.add(Styled(text, style), text=text)

    @property
    def text(self) -> str:
        """Return the page as plain text, for tests and the clipboard."""
        lines = []
        for section in self.sections:
            if section.items and section.title:
                lines.append(f"{section.title} {section.note}".rstrip())
            lines += [
                "  ".join(str(value).rstrip() for value in item.values).rstrip()
                for item in section.items
            ]
        return "\n".join(lines)


class SheetScreen(HooklineScreen[None]):
    """The screen of one thing."""

    FOOTER: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.sheet: Sheet | None = None
        self.list = SectionList(id="sheet")

    def compose_body(self) -> ComposeResult:
        """Lay out the rows."""
        yield self.list

    def on_mount(self) -> None:
        """Draw with the signs that this terminal can show."""
        self.list.ascii_only = self.is_ascii
        super().on_mount()

    @property
    def is_ascii(self) -> bool:
        """Say whether only ASCII signs may be used."""
        return self.hookline.look.is_ascii

    @property
    def row(self) -> Any:
        """Return what commands act on."""
        return None if self.sheet is None else self.sheet.row

    def read(self) -> Sheet:
        """Put the page together; runs in a thread. A subclass writes this."""
        raise NotImplementedError

    def show_data(self, data: Sheet) -> None:
        """Show the page."""
        self.sheet = data
        self.title = data.title
        self.title_line.show(left=self.crumbs)
        self.list.show(data.sections)
        self.show_keys()

    def read_failed(self, error: Exception) -> None:
        """Say in place of the rows why there are none."""
        sheet = Sheet(self.title or "", is_ascii=self.is_ascii)
        sheet.say(f"It could not be read: {error}", "error")
        self.sheet = sheet
        self.list.show(sheet.sections)
        self.show_keys()

    def footer(self) -> tuple[str, ...]:
        """Return the commands that are available for the row as it is now."""
        if self.row is None:
            return ()
        commands = [registry().get(name) for name in self.FOOTER]
        return tuple(c.id for c in commands if self.is_offered(c))

    def is_offered(self, command: Command) -> bool:
        """Say whether a command is available for the row as it is now."""
        return self.row is not None and self.why_not(command) is None

    def on_section_list_chosen(self, message: SectionList.Chosen) -> None:
        """Go where the row leads, or show the whole of its value."""
        message.stop()
        if isinstance(message.key, Spot):
            self.open_spot(message.key)

    def open_spot(self, spot: Spot) -> None:
        """Go where a row leads, or show the whole of its value."""
        if spot.link is not None:
            self.open_link(spot.link)
        elif spot.text:
            from tui.screens.text import TextScreen

            self.app.push_screen(TextScreen(spot.title, spot.text))

    def open_link(self, link: Link) -> None:
        """Open the screen that a link leads to."""
        self.hookline.open_place(link.place, *link.arguments)


class FactList(SectionList):
    """A list that is as high as its rows, so that the log has the rest."""

    def show(self, sections: Any) -> None:
        """Show other rows, and take as much room as they need."""
        before = len(self._rows)
        super().show(sections)
        if len(self._rows) != before:
            self.refresh(layout=True)

    def get_content_height(self, *_: Any) -> int:
        """Return the number of rows, for `height: auto`."""
        return max(1, len(self._rows))
