r"""A text that means a list: split at commas; `\,` is a comma, `\\` a backslash.

Lines, such as conditions, may hold commas; they end at a semicolon or a line's end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANK = "\0 "  # keeps bare blanks apart from escaped ones until trimming


def split_list(text: str) -> list[str]:
    r"""Split a text at its commas; blanks round an item go, empty items too.

    >>> split_list(r"a, b\,c,,d")
    ['a', 'b,c', 'd']
    """
    items: list[str] = []
    item: list[str] = []
    escaped = False
    for letter in [*text, None]:
        if escaped:
            item.append(letter if letter in {",", "\\", " "} else "\\" + (letter or ""))
            escaped = False
        elif letter == "\\":
            escaped = True
            continue
        elif letter == ",":
            items.append(_trimmed(item))
            item = []
        elif letter is not None:
            item.append(_BLANK if letter == " " else letter)
    items.append(_trimmed(item))
    return [text for text in items if text]


def split_lines(text: str) -> list[str]:
    r"""Split a text into its lines; blanks round a line go, empty lines too.

    >>> split_lines("changed serial; user is a, b\nmtu > 9000")
    ['changed serial', 'user is a, b', 'mtu > 9000']
    """
    return [line.strip() for line in re.split(r"[;\n]", text) if line.strip()]


def _trimmed(item: list[str]) -> str:
    start, end = 0, len(item)
    while start < end and item[start] == _BLANK:
        start += 1
    while end > start and item[end - 1] == _BLANK:
        end -= 1
    return "".join(" " if part == _BLANK else part for part in item[start:end])


def join_list(items: Iterable[str]) -> str:
    r"""Write items so that `split_list` gives them back.

    >>> print(join_list(["a", "b,c"]))
    a,b\,c
    """
    return ",".join(_escaped(item) for item in items)


def _escaped(item: str) -> str:
    text = item.replace("\\", "\\\\").replace(",", "\\,")
    body = text.strip(" ")
    lead = len(text) - len(text.lstrip(" "))
    if not body:
        return "\\ " * lead
    tail = len(text) - len(text.rstrip(" "))
    return "\\ " * lead + body + "\\ " * tail
