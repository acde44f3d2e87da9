"""Paint lines of text, sending only what differs from what the terminal shows.

Tables and logs derive from `LineView`. They say what each line should be; this module
compares it with what was painted last and repaints the difference. Over SSH bytes are
the budget, so there are no scroll bars: each costs more than the text it stands by.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.looks.text import ELLIPSIS

if TYPE_CHECKING:
    from collections.abc import Iterable

Span = tuple[str, str]
"""A piece of cleaned text and its component class; an empty one is the plain style."""

Line = tuple[Span, ...]
"""A line: spans that together take exactly the width of the widget."""


class LineView(ScrollView, can_focus=True):
    """A widget made of lines; what scrolls, and how far, is the subclass's business.

    Attributes:
        title_text: Says which part is shown. A screen displays it with
            `self.watch(view, "title_text", callback)`, so that both are one frame.
    """

    title_text: var[str] = var("", init=False)

    ALLOW_SELECT: ClassVar[bool] = False  # a selection would need offsets in each cell
    DEFAULT_CSS = """
    LineView {
        overflow: hidden hidden;
        scrollbar-size: 0 0;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._painted: list[Line] = []
        self._painted_width = -1

    def make_lines(self, width: int, height: int) -> list[Line]:
        """Return what the widget should show now; a subclass writes this."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Bring the terminal up to date; sends nothing when no line differs."""
        width, height = self.size
        if width != self._painted_width or height != len(self._painted):
            self.refresh()
            return
        lines = self.make_lines(width, height)
        changed = [
            _difference(y, old, new, width)
            for y, (old, new) in enumerate(zip(self._painted, lines, strict=True))
            if old != new
        ]
        self._painted = lines
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return one line, as Textual asks for it."""
        width, height = self.size
        if width != self._painted_width or height != len(self._painted):
            self._painted = self.make_lines(width, height)
            self._painted_width = width
        style_of = self.get_component_rich_style
        segments = [
            Segment(text, style_of(name) if name else self.rich_style)
            for text, name in self._painted[y]
        ]
        return Strip(segments, width)


def _difference(y: int, old: Line, new: Line, width: int) -> Region:
    """Return the part of a line that differs; all of it where cells are not letters."""
    before, after = _cells(old), _cells(new)
    if len(before) != width or len(after) != width:
        return Region(0, y, width, 1)
    left = _common(before, after)
    right = _common(reversed(before[left:]), reversed(after[left:]))
    return Region(left, y, width - left - right, 1)


def _cells(line: Line) -> list[tuple[str, str]]:
    """Return the characters with their styles; none if some are not one cell wide."""
    if not all(text.replace(ELLIPSIS, "").isascii() for text, _ in line):
        return []
    return [(character, style) for text, style in line for character in text]


def _common(one: Iterable[object], other: Iterable[object]) -> int:
    pairs = zip(one, other, strict=True)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
