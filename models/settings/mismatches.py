"""What is not as a setting asks for it, and what may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Mismatch(Exception):  # noqa: N818  # a signal, not an error to show
    """A value is not what its setting asks for; the text says what it asks for."""


def nearest(key: str, known: Iterable[str]) -> list[str]:
    """Return the known keys that look most like this one, best first.

    >>> nearest("concurency", ["runner.concurrency", "look.theme"])
    ['runner.concurrency']
    """
    from difflib import get_close_matches

    names = list(known)
    found = get_close_matches(key, names, n=3)
    leaf = key.rpartition(".")[2]
    by_leaf = {name.rpartition(".")[2]: name for name in names}
    for match in get_close_matches(leaf, by_leaf, n=3):
        if by_leaf[match] not in found:
            found.append(by_leaf[match])
    return found
