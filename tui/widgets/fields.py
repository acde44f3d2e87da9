"""The fields of a form: a label, something to fill in, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static, TextArea

from models.objects.specs import FieldKind, FieldSpec
from tui.looks.text import clean
from tui.words.form_values import Value, choices, is_many, is_picked

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key

NOTHING = "-"
REQUIRED = "*"


@dataclass
class FieldEdited(Message):
    """The value of a field has changed."""

    name: str


class TextEdit(Input):
    """One line of text."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(
            compact=True, select_on_focus=False, max_length=spec.max_length or 0
        )
        self.spec = spec

    def on_mount(self) -> None:
        """Do not blink: that sends two kilobytes a second."""
        self.cursor_blink = False

    def fill(self, value: Value) -> None:
        """Show a value; where there is none, what holds without one."""
        self.value = str(value.raw)
        self.placeholder = "" if self.value else clean(value.text)

    @property
    def raw(self) -> Any:
        """Return what was typed."""
        return self.value

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the form."""
        event.stop()
        self.post_message(FieldEdited(self.spec.name))


class LongTextEdit(TextArea):
    """Several lines of text; Tab goes on."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(
            compact=True, tab_behavior="focus", highlight_cursor_line=False
        )
        self.spec = spec

    def on_mount(self) -> None:
        """Do not blink."""
        self.cursor_blink = False

    def fill(self, value: Value) -> None:
        """Show a value."""
        self.text = str(value.raw)

    @property
    def raw(self) -> Any:
        """Return what was typed."""
        return self.text

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Tell the form."""
        event.stop()
        self.post_message(FieldEdited(self.spec.name))


class PickEdit(Static, can_focus=True):
    """A value that is picked from others: Enter, or a letter, opens the picker."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "pick", "Choose", id="field.pick"),
        Binding("delete,backspace", "clear", "Clear", id="field.clear"),
        Binding("left", "step(-1)", show=False, id="field.before"),
        Binding("right", "step(1)", show=False, id="field.after"),
    ]

    @dataclass
    class PickWanted(Message):
        """A value is to be picked.

        Attributes:
            text: What was typed to search for.
        """

        field: PickEdit
        text: str

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(NOTHING, markup=False)
        self.spec = spec
        self.shown = Value()

    @property
    def raw(self) -> Any:
        """Return what was picked."""
        return self.shown.raw

    def fill(self, value: Value) -> None:
        """Show a value."""
        self.shown = value
        self.update(clean(value.text) or NOTHING)
        self.set_class(not value.text, "-empty")

    def put(self, value: Value) -> None:
        """Take a value that was picked, and tell the form."""
        self.fill(value)
        self.post_message(FieldEdited(self.spec.name))

    def action_pick(self) -> None:
        """Open the picker; a switch is turned instead."""
        if self.spec.kind is FieldKind.BOOLEAN:
            self.action_step(1)
        else:
            self.post_message(self.PickWanted(self, ""))

    def action_clear(self) -> None:
        """Take the value away."""
        self.put(Value(raw=[]) if is_many(self.spec) else Value())

    def action_step(self, step: int) -> None:
        """Take the next of a few choices."""
        if is_many(self.spec) or self.spec.relation is not None:
            return
        options = [option.value for option in choices(self.spec)]
        raws = [option.raw for option in options]
        place = raws.index(self.raw) + step if self.raw in raws else 0
        self.put(options[place % len(options)])

    def on_key(self, event: Key) -> None:
        """Search for what is typed; a switch takes y and n."""
        if not (event.is_printable and event.character) or event.character in " :?":
            return
        if self.spec.kind is FieldKind.BOOLEAN:
            self._answer(event)
        else:
            event.stop()
            self.post_message(self.PickWanted(self, event.character))

    def _answer(self, event: Key) -> None:
        for option in choices(self.spec):
            if option.value.text.startswith(str(event.character)):
                event.stop()
                self.put(option.value)


Edit = TextEdit | LongTextEdit | PickEdit


def edit_for(spec: FieldSpec) -> Edit:
    """Return what a field is filled in with."""
    if is_picked(spec):
        return PickEdit(spec)
    if spec.kind in {FieldKind.TEXT, FieldKind.JSON}:
        return LongTextEdit(spec)
    return TextEdit(spec)


class FormField(Horizontal):
    """A label, and something to fill in; what is wrong with it stands below.

    Args:
        spec: The field.
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__()
        self.spec = spec
        self.edit = edit_for(spec)
        self._problem: Static | None = None

    def compose(self) -> ComposeResult:
        """Lay out the field."""
        sign = REQUIRED if self.spec.required else " "
        yield Static(f"{sign} {clean(self.spec.label)}", markup=False, classes="label")
        yield self.edit

    def on_descendant_focus(self) -> None:
        """Point the label out."""
        self.add_class("-current")

    def on_descendant_blur(self) -> None:
        """Show the label as the others."""
        self.remove_class("-current")

    @property
    def raw(self) -> Any:
        """Return what was filled in."""
        return self.edit.raw

    def fill(self, value: Value) -> None:
        """Show a value."""
        self.edit.fill(value)

    def show_problem(self, messages: list[str]) -> None:
        """Say what is wrong; nothing when nothing is."""
        self.set_class(bool(messages), "-wrong")
        if self._problem is not None:
            self._problem.remove()
            self._problem = None
        if messages and self.parent is not None:
            text = "\n".join(clean(f"! {message}") for message in messages)
            self._problem = Static(text, markup=False, classes="problem")
            self.screen.query_one("#form").mount(self._problem, after=self)


def hint_of(spec: FieldSpec) -> str:
    """Return what to know about a field while it has the focus."""
    parts = [spec.help] if spec.help else []
    if spec.kind is FieldKind.BOOLEAN:
        parts.append("y or n.")
    elif is_picked(spec):
        parts.append("Enter lists, letters search, Del clears.")
    elif spec.kind is FieldKind.LIST:
        parts.append("Separated by commas.")
    elif spec.kind is FieldKind.TIME:
        parts.append("2026-05-01 or 2026-05-01T12:00Z.")
    elif spec.kind is FieldKind.JSON:
        parts.append("JSON.")
    return " ".join(parts)
