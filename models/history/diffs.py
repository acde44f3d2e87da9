"""The deep difference of two images, entry by entry, with true paths.

`ObjectChange.get_snapshots()` keeps Nautobot's shallow shape; this stands beside it,
for screens, conditions and receivers that want to know what exactly moved.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Operation = Literal["add", "change", "remove"]


class _Missing:
    """Stands for a key that one side lacks."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs.

    Attributes:
        operation: Whether the value came, changed or went.
        path: The keys that lead to it; members of lists are named by themselves.
        old: The value before; None where it was not there.
        new: The value after; None where it is not there.
    """

    operation: Operation
    path: tuple[str, ...]
    old: Any
    new: Any


def diff(before: Any, after: Any) -> tuple[Difference, ...]:
    """Return every value that differs, in the order of the keys."""
    return tuple(_walk((), before, after))


def reduce(
    differences: tuple[Difference, ...], path: tuple[str, ...]
) -> tuple[Difference, ...]:
    """Return the differences at or below a path, with the path taken off."""
    size = len(path)
    return tuple(
        dataclasses.replace(one, path=one.path[size:])
        for one in differences
        if one.path[:size] == path
    )


def _walk(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    if old is not MISSING and new is not MISSING and _same(old, new):
        return
    if _is_relation(old) and _is_relation(new):
        yield Difference("change", path, old, new)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _walk(
                (*path, str(key)), old.get(key, MISSING), new.get(key, MISSING)
            )
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(path, old, new)
    elif old is MISSING or (old is None and not path):
        yield from _whole("add", path, new)
    elif new is MISSING or (new is None and not path):
        yield from _whole("remove", path, old)
    else:
        yield Difference("change", path, old, new)


def _whole(
    operation: Operation, path: tuple[str, ...], value: Any
) -> Iterator[Difference]:
    if not path and isinstance(value, dict):
        for key, inner in value.items():
            yield from _whole(operation, (str(key),), inner)
    elif operation == "add":
        yield Difference("add", path, None, value)
    else:
        yield Difference("remove", path, value, None)


def _lists(
    path: tuple[str, ...], old: list[Any], new: list[Any]
) -> Iterator[Difference]:
    for item in old:
        if item not in new:
            yield Difference("remove", (*path, _label(item)), item, None)
    for item in new:
        if item not in old:
            yield Difference("add", (*path, _label(item)), None, item)


def _same(old: Any, new: Any) -> bool:
    """Return whether two values are equal; a renamed relation is the same one."""
    if _is_relation(old) and _is_relation(new):
        return bool(old["id"] == new["id"])
    return type(old) is type(new) and not isinstance(old, dict) and bool(old == new)


def _is_relation(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"id", "object_type", "name"}


def _label(item: Any) -> str:
    return str(item["name"]) if _is_relation(item) else str(item)
