"""The lines round every screen: the title above, the bar and the keys below.

The bar is where one types: `:` to go somewhere, `/` to filter, and the other short
questions. It is always there, since opening it costs a fraction of what a dialog does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from models.values import frozen
from tui.looks.text import ELLIPSIS, clean, crop, fit, width
from tui.widgets.lines import Line, LineView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.events import Key

KEY_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "colon": ":",
    "slash": "/",
    "question_mark": "?",
    "space": "Space",
    "plus": "+",
    "minus": "-",
    "asterisk": "*",
    "tab": "Tab",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "full_stop": ".",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    **{name: name.capitalize() for name in ("up", "down", "left", "right")},
    **{name: name.capitalize() for name in ("home", "end", "delete", "backspace")},
}
GAP = "  "
MOST_REMEMBERED = 50
CHOICES_BEFORE = 2


def key_name(key: str) -> str:
    """Return how a key is written for people.

    >>> key_name("ctrl+s"), key_name("question_mark"), key_name("D")
    ('^s', '?', 'D')
    """
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+")
    return KEY_NAMES.get(key, key)


class TitleLine(LineView, can_focus=False):
    """One line: where one is at the left, how it stands at the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"title--left", "title--right"}

    def __init__(self) -> None:
        super().__init__()
        self._left = self._right = ""

    def show(self, *, left: str | None = None, right: str | None = None) -> None:
        """Change either side; nothing is sent when nothing differs."""
        self._left = self._left if left is None else clean(left)
        self._right = self._right if right is None else clean(right)
        self.repaint()

    @property
    def text(self) -> str:
        """Return both sides."""
        return f"{self._left}{GAP}{self._right}".strip()

    def make_lines(self, width_: int, height: int) -> list[Line]:
        """Return the line; where both do not fit the left side loses its beginning."""
        right = f" {self._right} "[:width_] if self._right else ""
        left = fit(self._end_of_left(width_ - width(right)), width_ - width(right))
        line = ((left, "title--left"), (right, "title--right"))
        return [line, *([((" " * width_, "title--left"),)] * (height - 1))]

    def _end_of_left(self, cells: int) -> str:
        """Return the left side, without its beginning where it is too long."""
        text = f" {self._left}"
        if width(text) <= cells:
            return text
        return ELLIPSIS + crop(text, width(text) - cells + 1, cells)


class KeyLine(LineView, can_focus=False):
    """One line: the keys that work here now, or what a half-typed word may become."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--text", "keys--choice"}

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[tuple[str, str], ...] = ()
        self._last: tuple[tuple[str, str], ...] = ()
        self._choices: tuple[str, ...] = ()
        self._chosen = -1

    def show_keys(
        self, keys: Sequence[tuple[str, str]], last: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Show keys with their titles, the most important first.

        Args:
            keys: As many of them as fit are shown.
            last: Those behind them, which are always there.
        """
        self._keys = tuple((clean(key), clean(title)) for key, title in keys)
        self._last = tuple((clean(key), clean(title)) for key, title in last)
        self.repaint()

    def show_choices(self, choices: Sequence[str], chosen: int = -1) -> None:
        """Show what a word may become instead of the keys; nothing to go back."""
        self._choices, self._chosen = tuple(map(clean, choices)), chosen
        self.repaint()

    def make_lines(self, width_: int, height: int) -> list[Line]:
        """Return the line, with as many keys as fit."""
        spans = self._choice_spans() if self._choices else self._key_spans(width_)
        line: list[tuple[str, str]] = []
        left = width_
        for text, style in spans:
            text = fit(text, min(width(text), left))  # noqa: PLW2901 - cut at the edge
            left -= width(text)
            line.append((text, style))
        line.append((" " * left, "keys--text"))
        return [tuple(line)] * height

    def _key_spans(self, width_: int) -> list[tuple[str, str]]:
        spans = [(" ", "keys--text")]
        left = width_ - 1 - sum(map(_cells, self._last))
        shown = []
        for entry in self._keys:
            left -= _cells(entry)
            if left < 0:
                break
            shown.append(entry)
        for key, title in (*shown, *self._last):
            spans += [(key, "keys--key"), (f" {title}{GAP}", "keys--text")]
        return spans

    def _choice_spans(self) -> list[tuple[str, str]]:
        spans = [(" ", "keys--text")]
        first = max(0, self._chosen - CHOICES_BEFORE)
        for number, choice in list(enumerate(self._choices))[first:]:
            is_chosen = number == self._chosen
            text = f"[{choice}]" if is_chosen else f" {choice} "
            spans.append((text, "keys--choice" if is_chosen else "keys--text"))
        return spans


def _cells(entry: tuple[str, str]) -> int:
    key, title = entry
    return width(key) + 1 + width(title) + len(GAP)


@frozen
class Question:
    """What the bar asks.

    Attributes:
        purpose: Tells the screen what the answer is for.
        prompt: What stands before the answer.
        value: What stands in it at first.
        hint: What stands in it while it is empty.
        single_key: The answer is one key; it is sent at once.
    """

    purpose: str
    prompt: str
    value: str = ""
    hint: str = ""
    single_key: bool = False


class BarInput(Input):
    """The bar's field: one key may be an answer, Tab completes, up brings back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "tab(1)", show=False, id="bar.complete"),
        Binding("shift+tab", "tab(-1)", show=False, id="bar.complete_back"),
        Binding("up", "recall(1)", show=False, id="bar.before"),
        Binding("down", "recall(-1)", show=False, id="bar.after"),
    ]

    single_key = False

    def action_tab(self, step: int) -> None:
        """Complete at once: Enter may follow in the same packet."""
        if isinstance(self.parent, CommandBar):
            self.parent.complete(step)

    def action_recall(self, step: int) -> None:
        """Bring back what was typed before."""
        if isinstance(self.parent, CommandBar):
            self.parent.recall(step)

    async def _on_key(self, event: Key) -> None:
        if self.single_key and event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self.value = event.character
            await self.action_submit()
            return
        await super()._on_key(event)


class CommandBar(Horizontal):
    """The bar at the bottom: a note while nobody types, else a question.

    Attributes:
        question: What is asked just now.
        completer: Called with a question's purpose and 1 or -1 when Tab is pressed.
    """

    @dataclass
    class Answered(Message):
        """Enter was pressed, or the single key."""

        purpose: str
        text: str

    @dataclass
    class Edited(Message):
        """The answer has changed while it is typed."""

        purpose: str
        text: str

    @dataclass
    class Closed(Message):
        """The question was left without an answer."""

        purpose: str

    def __init__(self) -> None:
        super().__init__()
        self.question: Question | None = None
        self._note = ""
        self._before: Any = None
        self.completer: Callable[[str, int], object] | None = None
        self._history: dict[str, list[str]] = {}
        self._recalled = -1

    def compose(self) -> ComposeResult:
        """Lay out the prompt and the field."""
        yield Static("", markup=False, id="prompt")
        yield BarInput(compact=True, select_on_focus=False, id="answer", disabled=True)

    def on_mount(self) -> None:
        """Look the parts up once; what was typed before is the whole program's."""
        self._history = getattr(self.app, "history", self._history)
        self._prompt = self.query_one("#prompt", Static)
        self._field = self.query_one("#answer", BarInput)
        self._field.cursor_blink = False
        self._prompt.update(self._note)

    @property
    def is_open(self) -> bool:
        """Say whether a question is asked."""
        return self.question is not None

    def note(self, text: str) -> None:
        """Say something while nobody types."""
        if clean(text) != self._note:
            self._note = clean(text)
            if self.is_mounted and not self.is_open:
                self._prompt.update(self._note)

    def ask(self, question: Question) -> None:
        """Ask for an answer; what had the focus gets it back afterwards."""
        if self.question is None:
            self._before = self.screen.focused
        self.question = question
        self._recalled = -1
        self.add_class("-open")
        self._prompt.update(clean(question.prompt))
        field = self._field
        field.disabled = False
        field.single_key = question.single_key
        field.placeholder = clean(question.hint)
        with field.prevent(Input.Changed):
            field.value = question.value
        field.cursor_position = len(question.value)
        self.screen.set_focus(field)  # at once: what is typed next must land in it

    def fill(self, text: str) -> None:
        """Put a completed text into the field."""
        with self._field.prevent(Input.Changed):
            self._field.value = text
        self._field.cursor_position = len(text)

    def close(self) -> None:
        """Leave the question without an answer; the screen is told."""
        question = self._shut()
        if question is not None:
            self.post_message(self.Closed(question.purpose))

    def _shut(self) -> Question | None:
        """Go back to the note, and give the focus back."""
        question, self.question = self.question, None
        if question is None:
            return None
        self.remove_class("-open")
        self._field.disabled = True
        self._prompt.update(self._note)
        if self._before is not None and self._before.is_mounted:
            self.screen.set_focus(self._before)
        return question

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the answer to the screen."""
        event.stop()
        question = self._shut()
        if question is not None:
            self._remember(question.purpose, event.value)
            self.post_message(self.Answered(question.purpose, event.value))

    def _remember(self, purpose: str, text: str) -> None:
        known = self._history.setdefault(purpose, [])
        if text and text not in known[:1]:
            known.insert(0, text)
            del known[MOST_REMEMBERED:]

    def complete(self, step: int) -> None:
        """Let the screen put the next of what is half typed into the field."""
        if self.question is not None and self.completer is not None:
            self.completer(self.question.purpose, step)

    def recall(self, step: int) -> None:
        """Bring back what was typed before."""
        if self.question is None:
            return
        known = self._history.get(self.question.purpose, [])
        self._recalled = max(-1, min(self._recalled + step, len(known) - 1))
        self.fill(known[self._recalled] if self._recalled >= 0 else "")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the screen what is being typed."""
        event.stop()
        if self.question is not None and not self.question.single_key:
            self.post_message(self.Edited(self.question.purpose, event.value))
