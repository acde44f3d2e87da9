"""Pick one or several of many: type to narrow, Enter takes, Space marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from tui.screens.asking import StoreAsker
from tui.screens.dialogs import Dialog
from tui.widgets.columns import Column
from tui.widgets.sections import Item, Section, SectionList
from tui.words.form_values import MOST_OPTIONS, Option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from tui.words.form_values import Value

COLUMNS = (
    Column(id="text", title="", width=36, grows=True),
    Column(id="note", title="", width=24, style=lambda _: "muted"),
)


class PickerDialog(StoreAsker, Dialog[list[Option] | None]):
    """Pick among options; answers those picked, or None.

    Args:
        title: What is picked.
        find: Returns the options that fit a text; runs in a thread.
        chosen: What is picked already.
        many: Whether several may be picked.
        text: What to search for at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", priority=True),
        Binding("up", "move(-1)", "Up", priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("tab,ctrl+space", "mark", "Mark", priority=True),
        Binding("enter", "take", "Take", priority=True),
    ]

    def __init__(
        self,
        title: str,
        find: Callable[[str], Sequence[Option]],
        *,
        chosen: Sequence[Option] = (),
        many: bool = False,
        text: str = "",
    ) -> None:
        super().__init__(title)
        self._find = find
        self._many = many
        self._first_text = text
        self._options: dict[str, Option] = {}
        self._chosen = {option.key: option for option in chosen}
        self._had_some = bool(chosen)

    def compose_body(self) -> ComposeResult:
        """Lay out the search and the options."""
        yield Input(
            value=self._first_text, compact=True, select_on_focus=False, id="search"
        )
        yield SectionList(id="options", classes="tall")
        yield Static(self._hint, markup=False, id="hint")

    @property
    def _hint(self) -> str:
        if self._many:
            return "Type to narrow. Tab marks, Enter takes the marked, Esc leaves."
        return "Type to narrow. Enter takes, Esc leaves."

    def on_mount(self) -> None:
        """Look for the options."""
        self.list = self.query_one(SectionList)
        self.list.can_focus = False
        self.list.always_shows_cursor = True
        self.list.marks = set(self._chosen) if self._many else set()
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()
        self._look(self._first_text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what is typed."""
        self._look(event.value)

    def _look(self, text: str) -> None:
        self.ask(lambda: self._find(text), self._show, group="find", exclusive=True)

    def _show(self, options: Sequence[Option]) -> None:
        self._options = {option.key: option for option in options}
        items = [
            Item(key=option.key, values=(option.value.text, option.note))
            for option in options
        ]
        if not items:
            items = [Item(key=None, values=("Nothing fits.", ""))]
        elif len(items) >= MOST_OPTIONS:
            items.append(Item(key=None, values=("More: type to narrow.", "")))
        self.list.show([Section(title="", columns=COLUMNS, items=tuple(items))])
        if not self._many and self._chosen and not self.query_one(Input).value:
            self.list.go_to(next(iter(self._chosen)))

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.list.action_move(step)

    def action_page(self, step: int) -> None:
        """Move the cursor a screenful."""
        self.list.action_page(step)

    def action_mark(self) -> None:
        """Mark the option under the cursor, or take its mark off."""
        key = self.list.key
        if not self._many or not isinstance(key, str):
            return
        if self._chosen.pop(key, None) is None:
            self._chosen[key] = self._options[key]
        self.list.marks = set(self._chosen)
        self.list.action_move(1)

    def action_take(self) -> None:
        """Answer the marked options, or the one under the cursor."""
        key = self.list.key
        if self._many and (self._chosen or self._had_some):
            self.dismiss(list(self._chosen.values()))
        elif isinstance(key, str):
            self.dismiss([self._options[key]])


def chosen_options(value: Value) -> list[Option]:
    """Return what a field holds as options, to begin a picker with."""
    values = value.parts or ((value,) if value.text else ())
    return [Option(value=one) for one in values]
