"""The first screen: what needs a person, what there is, what happened last."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.containers import Horizontal

from models.runs.attention import acknowledge
from tui.commands import Command, Scope
from tui.looks.statuses import status_style
from tui.pages.places import import_soon
from tui.screens.base import HooklineScreen
from tui.widgets.columns import Column
from tui.widgets.sections import Item, Section, SectionList

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from tui.pages.overview import Line, Overview


def _column(name: str, width: int, *, grows: bool = False) -> Column:
    return Column(id=name, title="", width=width, grows=grows)


NEEDS = (_column("text", 60, grows=True),)
TYPES = (
    _column("name", 20, grows=True),
    Column(id="count", title="", width=10, align="right"),
)
COUNTS = (
    _column("name", 12),
    Column(id="count", title="", width=10, align="right"),
    _column("note", 10, grows=True),
)
RESULTS = (
    _column("time", 8),
    Column(id="status", title="", width=11, style=status_style),
    _column("text", 16, grows=True),
)
CHANGES = (
    _column("time", 8),
    _column("action", 6),
    _column("text", 20, grows=True),
)
DEMO_PREFIX = "hookline-demo-"
FEWEST_LAST = 5
OTHER_LINES = 14
"""Lines of the right side that are neither results nor changes."""


class HomeScreen(HooklineScreen[None]):
    """What needs a person, what there is, what happened last."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.HOME,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "home.open",
        "home.other",
        "app.palette",
        "app.close",
    )
    ABOUT = (
        "The store at a glance. Enter opens what the cursor is on; Tab, h and l go"
        " from side to side. : goes anywhere: type a type, a name, hooks, results."
    )
    TITLES: ClassVar[Mapping[str, str]] = {"result.ack": "Acknowledge all"}
    AUTO_FOCUS = "#types"

    def __init__(self) -> None:
        super().__init__()
        self.needs = SectionList(id="needs")
        self.types = SectionList(id="types")
        self.recent = SectionList(id="recent")

    @property
    def crumb(self) -> str:
        """Return the store's name."""
        name = self.store.folder.name
        if name.startswith(DEMO_PREFIX):
            return "Hookline demo"
        return "Hookline" if name == "hookline" else f"Hookline {name}"

    def compose_body(self) -> ComposeResult:
        """Lay out what needs a person above, objects and the rest side by side."""
        yield self.needs
        with Horizontal(id="sides"):
            yield self.types
            yield self.recent

    def read(self) -> Overview:
        """Read what is shown."""
        from tui.pages.overview import read_overview

        last = max(FEWEST_LAST, (self.size.height - OTHER_LINES) // 2)
        return read_overview(self.store, self.user, last=last)

    def show_data(self, data: Overview) -> None:
        """Show it; the first time, get ready for what is opened next."""
        if not self.types.row_count:
            self.run_worker(import_soon, thread=True, group="import")
        alive = "runner alive" if data.is_runner_alive else "no runner"
        self.title_line.show(right=f"{self.user} | {alive}")
        self._show_needs(data.attention)
        note = f"{len(data.types)} types"
        self.types.show([_section("Objects", TYPES, data.types, note=note)])
        self.recent.show(
            [
                _section("Automation", COUNTS, data.automation),
                _section("Last results", RESULTS, data.results),
                _section("Last changes", CHANGES, data.changes),
            ]
        )

    def _show_needs(self, lines: Sequence[Line]) -> None:
        sections = [_section("Needs you", NEEDS, lines)]
        hint = self.hookline.hint
        if hint:
            width = max(20, self.size.width - 6)
            rows = textwrap.wrap(hint, width)
            items = tuple(Item(key=None, values=(row,)) for row in rows)
            sections.append(Section(title="", columns=NEEDS, items=items))
        self.needs.show(sections)
        self.needs.can_focus = bool(lines)
        self.needs.set_class(bool(self.needs.row_count), "-full")

    # -- acknowledging

    def why_not(self, command: Command) -> str | None:
        """Say why a command is not available; here all runs are acknowledged."""
        if command.id == "result.ack" and not self.hookline.read_only:
            return None
        return super().why_not(command)

    def do_result_ack(self) -> None:
        """Mark all failed runs as seen by this user."""
        user = self.user

        def done(count: int) -> None:
            self.hookline.say(f"{count:,} acknowledged.")
            self.refresh_data()

        self.ask(lambda: acknowledge(user), done)

    # -- moving

    def on_section_list_left(self, message: SectionList.Left) -> None:
        """Go up to what needs a person, and down again."""
        message.stop()
        if message.list is self.needs and message.step > 0:
            self.types.focus()
        elif message.list is not self.needs and message.step < 0:
            self.needs.focus()

    def do_home_other(self) -> None:
        """Go to the other side."""
        (self.types if self.recent.has_focus else self.recent).focus()

    def do_home_open(self) -> None:
        """Open what the cursor is on."""
        if isinstance(self.focused, SectionList):
            self.focused.action_choose()

    def on_section_list_chosen(self, message: SectionList.Chosen) -> None:
        """Open what the row stands for: a place and its arguments."""
        place, arguments = cast("tuple[str, tuple[Any, ...]]", message.key)
        self.hookline.open_place(place, *arguments)


def _section(
    title: str, columns: Any, lines: Sequence[Line], *, note: str = ""
) -> Section:
    items = tuple(
        Item(
            key=None if line.place is None else (line.place, line.arguments),
            values=line.values,
            style=line.style,
        )
        for line in lines
    )
    return Section(title=title, columns=columns, items=items, note=note)
