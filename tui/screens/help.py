"""What the focused part is, and every key that works here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from tui.commands import Command, Scope, registry
from tui.screens.dialogs import Dialog
from tui.widgets.bars import key_name
from tui.widgets.columns import Column
from tui.widgets.sections import Item, Section, SectionList

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.screens.base import HooklineScreen

COLUMNS = (
    Column(id="keys", title="", width=10),
    Column(id="title", title="", width=17),
    Column(id="help", title="", width=37, grows=True),
)


class HelpScreen(Dialog[None]):
    """The help of a screen; what cannot be done just now says why.

    Args:
        screen: The screen to explain.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q", "leave", "Close", show=False)
    ]

    def __init__(self, screen: HooklineScreen[Any]) -> None:
        super().__init__(f"Help: {screen.crumb}", screen.ABOUT)
        self.explained = screen

    def compose_body(self) -> ComposeResult:
        """Lay out the keys."""
        yield SectionList(id="options", classes="tall")

    def on_mount(self) -> None:
        """Show the keys of this screen, then those that work everywhere."""
        screen = self.explained
        here = registry().in_scope(*screen.SCOPES)
        here.sort(key=lambda command: command.id not in screen.FOOTER)
        everywhere = registry().in_scope(Scope.EVERYWHERE)
        parts = (("Here", here), ("Everywhere", everywhere))
        keys = self.query_one(SectionList)
        keys.show(
            [
                Section(title=title, columns=COLUMNS, items=self._items(commands))
                for title, commands in parts
            ]
        )
        keys.focus()

    def _items(self, commands: list[Command]) -> tuple[Item, ...]:
        return tuple(self._item(command) for command in commands if command.keys)

    def _item(self, command: Command) -> Item:
        keys = " ".join(map(key_name, self.explained.hookline.keys_of(command)))
        reason = self.explained.why_not(command)
        text = command.help if reason is None else f"not now: {reason}"
        style = "" if reason is None else "muted"
        return Item(key=command.id, values=(keys, command.title, text), style=style)

    def on_section_list_chosen(self, message: SectionList.Chosen) -> None:
        """Say the whole of a sentence that was cut."""
        command = registry().get(str(message.key))
        self.app.notify(command.help, title=command.title, markup=False)
