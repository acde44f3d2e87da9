"""A text as a whole: a long value, a traceback, a file that a run made."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from tui.commands import Scope
from tui.screens.base import HooklineScreen
from tui.screens.sheet import Spot, text_column
from tui.widgets.sections import Item, Section, SectionList

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

MOST_LINES = 20_000
COLUMNS = (text_column("text", 20, grows=True),)


class TextScreen(HooklineScreen[None]):
    """Shows a text, wrapped to the screen.

    Args:
        name: What it is.
        text: The text; control characters in it are shown as signs.
        line: The line to begin at, counted from 1.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.TEXT,)
    FOOTER: ClassVar[tuple[str, ...]] = ("text.copy", "app.back")
    ABOUT = "The whole of a value that did not fit."

    def __init__(self, name: str, text: str, *, line: int = 1) -> None:
        super().__init__()
        self._first = line - 1
        self.title = name
        self.text = text
        self.list = SectionList(id="text")

    def compose_body(self) -> ComposeResult:
        """Lay out the lines."""
        yield self.list

    def on_resize(self, event: events.Resize) -> None:
        """Wrap the text to the width."""
        rows = wrapped(self.text, max(10, event.size.width - 4))
        items = tuple(
            Item(key=Spot(f"{number} {part}"), values=(text,))
            for number, part, text in rows
        )
        self.list.show([Section(title="", columns=COLUMNS, items=items)])
        self.list.go_to(Spot(f"{self._first} 0"))
        self.title_line.show(right=f"{len(self.text.splitlines()):,} lines")

    def do_text_copy(self) -> None:
        """Copy the whole text to the clipboard."""
        self.app.copy_to_clipboard(self.text)
        self.hookline.say(f"Copied {len(self.text):,} characters.")


def wrapped(text: str, width: int) -> list[tuple[int, int, str]]:
    """Return the rows of a text: the line's number, the part of it, and the part."""
    rows: list[tuple[int, int, str]] = []
    for number, line in enumerate(text.splitlines()[:MOST_LINES]):
        tidy = line.expandtabs(4)
        indent = " " * min(width // 2, len(tidy) - len(tidy.lstrip()))
        parts = textwrap.wrap(
            tidy, width, subsequent_indent=indent, drop_whitespace=False
        )
        rows += [(number, place, part) for place, part in enumerate(parts or [""])]
    return rows or [(0, 0, "(empty)")]
