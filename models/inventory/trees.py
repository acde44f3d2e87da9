"""Things that lie in one another, such as a room in a building."""

from __future__ import annotations

from typing import Any


def ancestors(obj: Any) -> list[Any]:
    """Return what an object lies in, the nearest first; it ends where a loop does."""
    found: list[Any] = []
    seen = {obj.pk}
    above = obj.parent
    while above is not None and above.pk not in seen:
        seen.add(above.pk)
        found.append(above)
        above = above.parent
    return found


def lies_in_itself(obj: Any) -> bool:
    """Return whether following the parents leads back to the object."""
    return any(above.__data__.get("parent") == obj.pk for above in ancestors(obj)) or (
        obj.__data__.get("parent") == obj.pk
    )


def loop_problems(obj: Any) -> dict[str, list[str]]:
    """Return the message for an object that lies in itself; empty when it does not."""
    return {"parent": [f"{obj} would lie in itself"]} if lies_in_itself(obj) else {}
