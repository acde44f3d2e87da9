"""Lay table columns out and turn rows of values into spans of text.

Knows no Textual: what is drawn where is decided here, how it is painted in `table`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.values import frozen
from tui.looks.text import ASCII_ELLIPSIS, ELLIPSIS, Align, crop, fit

if TYPE_CHECKING:
    from collections.abc import Callable

Span = tuple[str, str]
"""A piece of cleaned text and the component class that styles it, if any."""

GAP = "  "
GUTTER = 2
"""Cells before the first column: one for the cursor, one for the mark."""


def plain(value: Any) -> str:
    """Return a value as text; NULL is empty."""
    return "" if value is None else str(value)


@frozen
class Column:
    """How one column of a list looks.

    Attributes:
        id: Names the column in messages and settings.
        title: What its heading says.
        width: Cells it takes.
        grows: Whether it takes its share of cells left over.
        align: Numbers stand at the right.
        text: Makes the text of a value; it is cleaned afterwards.
        style: Names the style of a value: `success`, `warning`, `error`, `accent`,
            `muted`, or empty. The text must say the same in words.
        sortable: Whether one can sort by it.
    """

    id: str
    title: str
    width: int
    grows: bool = False
    align: Align = "left"
    text: Callable[[Any], str] = plain
    style: Callable[[Any], str] | None = None
    sortable: bool = True


@dataclass(frozen=True)
class Place:
    """Where a column stands: its index, first cell and width in cells."""

    index: int
    start: int
    width: int

    @property
    def end(self) -> int:
        """Return the cell behind the last."""
        return self.start + self.width


@dataclass(frozen=True)
class Layout:
    """Columns placed in a width: the first one frozen, then those from `first` on."""

    columns: tuple[Column, ...]
    width: int
    places: tuple[Place, ...]
    ascii_only: bool = False

    @property
    def ellipsis(self) -> str:
        """Return what stands where text was cut off."""
        return ASCII_ELLIPSIS if self.ascii_only else ELLIPSIS

    def shows(self, index: int) -> bool:
        """Say whether a column is wholly visible."""
        wanted = self.columns[index].width
        return any(p.index == index and p.width >= wanted for p in self.places)

    def body(self, values: tuple[Any, ...]) -> tuple[Span, ...]:
        """Return the spans of a row behind the gutter, as few as its styles need."""
        texts: list[Span] = []
        for place in self.places:
            column, value = self.columns[place.index], values[place.index]
            text = self._cell(place, column.text(value), column.align)
            style = column.style(value) if column.style else ""
            texts.append((text, f"table--{style}" if style else ""))
        return self._joined(texts, GUTTER)

    def unread(self) -> tuple[Span, ...]:
        """Return the body of a row that is still being read."""
        return ((fit("...", self.width - GUTTER), ""),)

    def heading(self, signs: dict[str, str], selected: int) -> tuple[Span, ...]:
        """Return the heading line.

        Args:
            signs: What stands behind the title of a column, by its id.
            selected: Index of the column to point out.
        """
        texts: list[Span] = []
        for place in self.places:
            column = self.columns[place.index]
            title = column.title + signs.get(column.id, "")
            name = "table--selected" if place.index == selected else "table--heading"
            texts.append((self._cell(place, title, column.align), name))
        return ((" " * GUTTER, ""), *self._joined(texts, GUTTER))

    def _cell(self, place: Place, text: str, align: Align) -> str:
        return fit(text, place.width, align=align, ellipsis=self.ellipsis)

    def _joined(self, texts: list[Span], start: int) -> tuple[Span, ...]:
        """Join what has one style; gaps and the rest of the line are plain."""
        spans: list[Span] = []
        between, used = "", start
        for place, (text, style) in zip(self.places, texts, strict=True):
            between += " " * (place.start - used)
            if style and not text.isspace():
                spans += [(between, ""), (text, style)]
                between = ""
            else:
                between += text
            used = place.end
        spans.append((between + " " * (self.width - used), ""))
        return tuple(span for span in spans if span[0])


def lay_out(
    columns: tuple[Column, ...], width: int, first: int, *, ascii_only: bool = False
) -> Layout:
    """Place the columns in a width.

    Args:
        columns: All columns; the first is always shown.
        width: Cells there are.
        first: Index of the first of the others to show, at least 1.
        ascii_only: Use no characters outside ASCII.
    """
    spare = _spare(columns, width)
    places: list[Place] = []
    start = GUTTER
    for index in (0, *range(max(first, 1), len(columns))):
        wanted = columns[index].width + spare.get(index, 0)
        cells = min(wanted, width - start)
        if cells <= 0:
            break
        places.append(Place(index, start, cells))
        start += cells + len(GAP)
    return Layout(columns, width, tuple(places), ascii_only)


def _spare(columns: tuple[Column, ...], width: int) -> dict[int, int]:
    """Share out the cells left over when all columns fit."""
    taken = GUTTER + sum(c.width for c in columns) + len(GAP) * (len(columns) - 1)
    growing = [i for i, column in enumerate(columns) if column.grows]
    if taken >= width or not growing:
        return {}
    each, rest = divmod(width - taken, len(growing))
    return {index: each + (n < rest) for n, index in enumerate(growing)}


def centred(text: str, width: int, height: int) -> list[str]:
    """Return the lines of a short notice in the upper third of an empty space."""
    notice = text.splitlines() or [""]
    lines = [""] * max(0, (height - len(notice)) // 3) + notice
    lines = (lines + [""] * height)[:height]
    return [crop(fit(f"  {line}", width), 0, width) for line in lines]
