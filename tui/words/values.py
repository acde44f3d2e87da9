"""Assignments as raw values, the shape that `models.objects.inputs` reads.

What a text means for a field is decided there; here only the words of the command
line are put together: texts, JSON, files, and what is added to and taken from lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.objects.inputs import ListChange
from models.objects.lists import split_list
from models.objects.specs import FieldKind, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.words.grammar import Assignment

LISTS = frozenset({FieldKind.LIST, FieldKind.MEMBERS})


def raw_values(model: Any, assignments: Iterable[Assignment]) -> dict[str, Any]:
    r"""Return raw values by field name; texts for lists are split at bare commas.

    Raises:
        RequestError: A file cannot be read, JSON is none, or a list is both set and
            added to.
    """
    lists = {spec.name for spec in fields_of(model) if spec.kind in LISTS}
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, value = assignment.key, assignment.value()
        if assignment.operator in {"+=", "-="}:
            values[name] = _changed(name, values.get(name), assignment)
        elif assignment.operator == "=" and name in lists:
            values[name] = split_list(value)
        else:
            values[name] = value
    return values


def _changed(name: str, before: Any, assignment: Assignment) -> ListChange:
    if before is not None and not isinstance(before, ListChange):
        raise RequestError(f"{name} is both set and added to; do one of them", on=name)
    known = before or ListChange()
    items = tuple(assignment.value())
    if assignment.operator == "+=":
        return ListChange(add=(*known.add, *items), remove=known.remove)
    return ListChange(add=known.add, remove=(*known.remove, *items))
