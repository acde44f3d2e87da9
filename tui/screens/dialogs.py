"""Short questions in a box: confirm, choose one, type a word to confirm.

All text in them is data. Nothing dangerous has the focus at first.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.looks.text import clean
from tui.widgets.columns import Column
from tui.widgets.sections import Item, Section, SectionList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import Key

T = TypeVar("T")

TEXT_WIDTH = 66


def wrapped(text: str, cells: int = TEXT_WIDTH) -> str:
    """Return a text, made safe, in lines of at most that many cells."""
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(clean(line), cells) or [""]
    return "\n".join(lines)


class Dialog(ModalScreen[T], Generic[T]):
    """A box with a title and a text; Escape answers nothing.

    Args:
        title: The first line.
        text: What is asked; wrapped.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(id="box"):
            yield Static(clean(self.heading), markup=False, id="heading")
            if self.text:
                yield Static(wrapped(self.text), markup=False, id="text")
            yield from self.compose_body()

    def compose_body(self) -> ComposeResult:
        """Lay out what is below the text; a subclass writes this."""
        raise NotImplementedError

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)


class ChoiceDialog(Dialog[Any]):
    """Choose one of a few; answers its key, or None.

    Args:
        title: The first line.
        text: What is asked.
        options: Keys with what they say; a key of one letter can be pressed.
    """

    def __init__(
        self, title: str, text: str, options: Sequence[tuple[Any, str]]
    ) -> None:
        super().__init__(title, text)
        self.options = options

    def compose_body(self) -> ComposeResult:
        """Lay out the options."""
        yield SectionList(id="options")

    def on_mount(self) -> None:
        """Show the options, the first with the cursor."""
        options = self.query_one(SectionList)
        columns = (
            Column(id="key", title="", width=3),
            Column(id="label", title="", width=TEXT_WIDTH - 8),
        )
        items = tuple(
            Item(key=key, values=(_letter(key), label)) for key, label in self.options
        )
        options.show([Section(title="", columns=columns, items=items)])
        options.focus()

    def on_section_list_chosen(self, message: SectionList.Chosen) -> None:
        """Answer the option under the cursor."""
        self.dismiss(message.key)

    def on_key(self, event: Key) -> None:
        """Answer the option whose letter was pressed."""
        for key, _ in self.options:
            if _letter(key) and event.character == key:
                event.stop()
                self.dismiss(key)


def _letter(key: Any) -> str:
    return key if isinstance(key, str) and len(key) == 1 else ""


class ConfirmDialog(ChoiceDialog):
    """Ask before something happens; No has the focus, `y` is yes.

    Answers whether to do it.

    Args:
        title: What is to happen.
        text: To what, and what goes with it.
        yes: What Yes says.
        no: What No says.
    """

    def __init__(
        self, title: str, text: str = "", *, yes: str = "Yes", no: str = "No"
    ) -> None:
        super().__init__(title, text, [("n", no), ("y", yes)])

    def dismiss(self, result: Any = None) -> Any:
        """Answer yes or no, never nothing."""
        return super().dismiss(result in ("y", True))


class LineDialog(Dialog[str | None]):
    """Ask for one line of text; answers it, or None."""

    def compose_body(self) -> ComposeResult:
        """Lay out the field."""
        yield Input(compact=True, id="word")

    def on_mount(self) -> None:
        """Do not blink."""
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed."""
        self.take(event.value.strip())

    def take(self, text: str) -> None:
        """Answer what was typed."""
        self.dismiss(text)


class TypedConfirmDialog(LineDialog):
    """Ask for a word to be typed before something happens to many.

    Answers the reason that was typed behind the word, often empty; None leaves it.

    Args:
        title: What is to happen.
        text: To what.
        word: What has to be typed.
    """

    def __init__(self, title: str, text: str, word: str) -> None:
        ask = f"Type {word} to do it, and why if you like; Esc leaves it."
        super().__init__(title, f"{text}\n\n{ask}")
        self.word = word

    def take(self, text: str) -> None:
        """Answer the reason if the word is right."""
        word, _, reason = text.partition(" ")
        if word == self.word:
            self.dismiss(reason.strip())
