"""Make foreign text safe and measurable for a terminal.

Objects, receivers and logs hold text that somebody else wrote. Before any of it
reaches a terminal it passes through `clean`, which takes out everything a terminal
could act on (control characters, escape sequences, direction overrides) and
everything terminals measure differently. What is left has a width in cells that
this module, Textual and the terminal agree about. The command line prints tables
with it too, so neither Textual nor Rich is imported here.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

REPLACEMENT = "\ufffd"
ELLIPSIS = "…"
ASCII_ELLIPSIS = "~"
EN_DASH = "\u2013"

Align = Literal["left", "right"]

# Marks that may stack on one character: real scripts need two, "zalgo" uses dozens.
_MOST_MARKS = 2
_MARKS = frozenset({"Mn", "Me", "Mc"})
_SPACES = frozenset("\t\n\r\v\f\x85\u2028\u2029")

# Joiners, variation selectors and skin tones: left out, since they change the width of
# what stands before them in some terminals and not in others.
_DROPPED = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x180B, 0x180D),
    (0x200B, 0x200D),
    (0x2060, 0x2060),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0x1F3FB, 0x1F3FF),
    (0xE0000, 0xE01EF),
)

# Widths that changed between Unicode versions, and fillers that draw nothing.
_DOUBTFUL = (
    (0x115F, 0x11FF),
    (0x2630, 0x2637),
    (0x268A, 0x268F),
    (0x302E, 0x302F),
    (0x3164, 0x3164),
    (0x4DC0, 0x4DFF),
    (0xD7B0, 0xD7FB),
    (0xFFA0, 0xFFA0),
    (0x16FF0, 0x16FF1),
    (0x1D300, 0x1D376),
)
_WIDE_SPACE = 0x3000
_FIRST_FLAG, _LAST_FLAG = 0x1F1E6, 0x1F1FF


def clean(text: str) -> str:
    r"""Return the text as one harmless line.

    White space of every kind becomes a space; control characters, direction marks,
    lone surrogates and characters of unknown width become U+FFFD.

    >>> clean("up\x1b[2J\tdown") == "up\ufffd[2J down"
    True
    """
    if text.isascii() and text.isprintable():
        return text
    return _clean_slowly(text)


def _clean_slowly(text: str) -> str:
    out: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        safe = _safe(character)
        if safe and unicodedata.category(safe) in _MARKS:
            marks += 1
            if marks > _MOST_MARKS or not out:
                continue
        elif safe:
            marks = 0
        out.append(safe)
    return "".join(out)


def _is_in(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _safe(character: str) -> str:
    code, category = ord(character), unicodedata.category(character)
    if character in _SPACES or (category == "Zs" and code != _WIDE_SPACE):
        return " "
    if _is_in(code, _DROPPED):
        return ""
    if _FIRST_FLAG <= code <= _LAST_FLAG:
        return chr(ord("A") + code - _FIRST_FLAG)
    if category[0] == "C" and category != "Co":
        return REPLACEMENT
    return REPLACEMENT if _is_in(code, _DOUBTFUL) else character


def width(text: str) -> int:
    """Count the terminal cells a cleaned text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(
    text: str, cells: int, *, align: Align = "left", ellipsis: str = ELLIPSIS
) -> str:
    """Clean, cut and pad a text to exactly that many cells.

    Only as much of the text as can be seen is looked at, so that a value of a
    megabyte costs no more than a short one.

    >>> fit("core-switch-01", 8), fit("7", 3, align="right")
    ('core-sw…', '  7')
    """
    if cells <= 0:
        return ""
    text = clean(text[: cells * (_MOST_MARKS + 2) + 1])
    if text.isascii():
        if len(text) > cells:
            return text[: cells - 1] + ellipsis
        return text.ljust(cells) if align == "left" else text.rjust(cells)
    return _fit_wide(text, cells, align, ellipsis)


def _fit_wide(text: str, cells: int, align: Align, ellipsis: str) -> str:
    taken = width(text)
    if taken > cells:
        text = crop(text, 0, cells - 1).rstrip(" ")
        text += " " * (cells - 1 - width(text)) + ellipsis
        taken = cells
    padding = " " * (cells - taken)
    return text + padding if align == "left" else padding + text


def crop(text: str, start: int, cells: int) -> str:
    """Return the part of a cleaned text between two cells.

    A wide character cut by either edge becomes a space.

    >>> crop("abcdef", 2, 3)
    'cde'
    """
    if cells <= 0:
        return ""
    if text.isascii():
        return text[start : start + cells]
    out: list[str] = []
    position, end = 0, start + cells
    for character in text:
        size = _character_width(character)
        inside = start <= position and position + size <= end
        if inside and (size or position > start):
            out.append(character)
        elif size > 1 and position + 1 in (start, end):
            out.append(" ")
        position += size
        if position > end:
            break
    return "".join(out)
