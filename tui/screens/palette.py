"""Find any command, or any place, by a part of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.commands import Command, registry
from tui.screens.dialogs import Dialog
from tui.widgets.bars import key_name
from tui.widgets.columns import Column
from tui.widgets.sections import Item, Section, SectionList
from tui.words.goto import HOME, LISTS, PAGES, type_words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.screens.base import HooklineScreen

COLUMNS = (
    Column(id="title", title="", width=20),
    Column(id="keys", title="", width=8),
    Column(id="help", title="", width=36, grows=True, style=lambda _: "muted"),
)
GO = "go "


class PaletteScreen(Dialog[str | None]):
    """Choose among the commands that work here and the places to go to.

    Answers a command's id, or `go ` and a place.

    Args:
        screen: The screen that carries the command out.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("enter", "take", show=False, priority=True),
        Binding("ctrl+p", "leave", show=False, priority=True),
    ]

    def __init__(self, screen: HooklineScreen[Any]) -> None:
        super().__init__("Commands")
        self.served = screen

    def compose_body(self) -> ComposeResult:
        """Lay out the search and the commands."""
        yield Input(compact=True, id="search", placeholder="a part of a name")
        yield SectionList(id="options", classes="tall")

    def on_mount(self) -> None:
        """Show all commands."""
        self.list = self.query_one(SectionList)
        self.list.can_focus = False
        self.list.always_shows_cursor = True
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the commands that fit."""
        self._show(event.value)

    def _show(self, text: str) -> None:
        words = text.lower().split()
        items = [*self._commands(words), *_places(words)]
        if not items:
            items = [Item(key=None, values=("Nothing fits.", "", ""))]
        self.list.show([Section(title="", columns=COLUMNS, items=tuple(items))])
        self.list.action_end(-1)

    def _commands(self, words: list[str]) -> list[Item]:
        served = self.served
        found = [c for c in served.commands() if served.can_do(c) and _fits(c, words)]
        found.sort(key=lambda c: (_place(c, words), served.why_not(c) is not None))
        return [self._item(command) for command in found]

    def _item(self, command: Command) -> Item:
        reason = self.served.why_not(command)
        keys = " ".join(map(key_name, self.served.hookline.keys_of(command)))
        text = command.help if reason is None else f"not now: {reason}"
        return Item(
            key=command.id,
            values=(command.title, keys, text),
            style="" if reason is None else "muted",
        )

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.list.action_move(step)

    def action_page(self, step: int) -> None:
        """Move the cursor a screenful."""
        self.list.action_page(step)

    def action_take(self) -> None:
        """Answer the command under the cursor."""
        key = self.list.key
        self.dismiss(key if isinstance(key, str) else None)


def _fits(command: Command, words: list[str]) -> bool:
    text = f"{command.title} {command.id} {command.help}".lower()
    return all(word in text for word in words)


def _place(command: Command, words: list[str]) -> int:
    """Sort commands whose titles begin with what was typed first."""
    title = command.title.lower()
    if not words or title.startswith(words[0]):
        return 0
    return 1 if words[0] in title else 2


def _places(words: list[str]) -> list[Item]:
    labels = {command.id: command for command in registry()}
    found = []
    for name in (HOME[0], *LISTS, *PAGES, *type_words()):
        if all(word in f"go to {name}" for word in words):
            listed = labels.get(f"{name.removesuffix('s')}.list")
            text = "The first screen." if name == HOME[0] else f"Go to :{name}."
            values = (name, "", listed.help if listed else text)
            found.append(Item(key=GO + name, values=values))
    return found
