"""Assignments as raw values, the shape that `models.objects.inputs` reads.

What a text means for a field is decided there; here only the words of the command
line are put together: texts, JSON, files, and what is added to and taken from lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.objects.inputs import ListChange
from models.objects.lists import split_list
from models.objects.specs import FieldKind, FieldSpec, fields_of

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
    specs = {spec.name: spec for spec in fields_of(model)}
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, spec = assignment.key, specs.get(assignment.key)
        if assignment.operator in {"+=", "-="}:
            values[name] = _changed(spec, values.get(name), assignment)
        elif assignment.operator == "=" and spec is not None and spec.kind in LISTS:
            values[name] = split_list(assignment.value())
        else:
            values[name] = assignment.value()
    return values


def _changed(spec: FieldSpec | None, before: Any, assignment: Assignment) -> ListChange:
    name = assignment.key
    if before is not None and not isinstance(before, ListChange):
        raise RequestError(f"{name} is both set and added to; do one of them", on=name)
    known = before or ListChange()
    has_lines = spec is not None and spec.has_lines
    items = tuple(assignment.lines() if has_lines else assignment.value())
    if assignment.operator == "+=":
        return ListChange(add=(*known.add, *items), remove=known.remove)
    return ListChange(add=known.add, remove=(*known.remove, *items))
