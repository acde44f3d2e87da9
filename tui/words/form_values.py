"""What a form holds: each field's raw value, and the text that stands for it.

Raw values are what `models.objects.inputs.save_values` takes, so that forms, commands
and loads accept and refuse the same things. Relations are held by id: names may repeat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.inputs import shown
from models.objects.names import leaf_paths
from models.objects.queries import Q
from models.objects.specs import CUSTOM_PREFIX, FieldKind, FieldSpec, fields_of
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_OPTIONS = 100
LISTS = frozenset({FieldKind.LIST, FieldKind.MEMBERS})
LINKS = frozenset({FieldKind.RELATION, FieldKind.MEMBERS})


@frozen
class Value:
    """A field's value.

    Attributes:
        raw: As `save_values` takes it.
        text: As people read it.
        parts: The single values, where it is made of several.
    """

    raw: Any = ""
    text: str = ""
    parts: tuple[Value, ...] = ()


@frozen
class Option:
    """One thing that can be picked.

    Attributes:
        value: What it stands for.
        note: What else tells it from the others.
    """

    value: Value
    note: str = ""

    @property
    def key(self) -> str:
        """Return what tells it from the others."""
        return option_key(self.value.raw)


def option_key(raw: Any) -> str:
    """Return what a raw value is told apart by."""
    return str(raw["id"]) if isinstance(raw, dict) else str(raw)


def is_picked(spec: FieldSpec) -> bool:
    """Say whether a field's value is picked, not typed."""
    if spec.kind in LINKS or spec.kind in {FieldKind.CHOICE, FieldKind.BOOLEAN}:
        return True
    return spec.kind is FieldKind.LIST and bool(spec.choices)


def is_many(spec: FieldSpec) -> bool:
    """Say whether a field holds several values."""
    return spec.kind in LISTS


def linked(row: Any) -> Value:
    """Return the value that stands for a row."""
    return Value(raw={"id": str(row.pk)}, text=str(row))


def value_of(row: Any, spec: FieldSpec) -> Value:
    """Return what an object holds in a field; asks the store for relations."""
    if spec.kind is FieldKind.MEMBERS:
        members = list(getattr(row, spec.name)) if row.present_in_database else []
        return joined([linked(member) for member in members])
    if spec.kind is FieldKind.RELATION:
        has_one = row.__data__.get(spec.name) is not None
        return linked(getattr(row, spec.name)) if has_one else Value()
    return of_plain(spec, _plain(row, spec))


def _plain(row: Any, spec: FieldSpec) -> Any:
    if spec.name.startswith(CUSTOM_PREFIX):
        return row.custom_field_data.get(spec.name[len(CUSTOM_PREFIX) :])
    return getattr(row, spec.name)


def of_plain(spec: FieldSpec, value: Any) -> Value:
    """Return the value of a field that is no relation."""
    import json

    if spec.kind is FieldKind.LIST and spec.choices:
        return joined([_choice(spec, item) for item in value or ()])
    if spec.kind in {FieldKind.CHOICE, FieldKind.BOOLEAN}:
        return _choice(spec, value)
    if spec.kind is FieldKind.JSON and value is not None:
        value = json.dumps(value)
    return Value(raw=shown(value), text=shown(value))


def _choice(spec: FieldSpec, value: Any) -> Value:
    raw = shown(value)
    for option in choices(spec):
        if option.value.raw == raw:
            return option.value
    return Value(raw=raw, text=raw)


def joined(values: list[Value]) -> Value:
    """Return several values as one."""
    return Value(
        raw=[value.raw for value in values],
        text=", ".join(value.text for value in values),
        parts=tuple(values),
    )


def filled(
    model: Any, row: Any, given: Mapping[str, Any] | None = None
) -> dict[str, Value]:
    """Return what a form starts with: an object's values, or a new one's.

    Args:
        model: The type.
        row: The object; a new one has its defaults.
        given: Values by field name to start a new object with: rows, or plain values.
    """
    values = {spec.name: value_of(row, spec) for spec in fields_of(model)}
    for spec in fields_of(model):
        if given and spec.name in given:
            value = given[spec.name]
            is_row = hasattr(value, "_meta")
            values[spec.name] = linked(value) if is_row else of_plain(spec, value)
    return values


def choices(spec: FieldSpec) -> list[Option]:
    """Return what can be picked without asking the store."""
    if spec.kind is FieldKind.BOOLEAN:
        pairs: Any = (("true", "yes"), ("false", "no"))
    else:
        pairs = spec.choices
    return [
        Option(
            value=Value(raw=raw, text=raw if spec.kind is FieldKind.LIST else label),
            note="" if raw == label or spec.kind is FieldKind.BOOLEAN else label,
        )
        for raw, label in pairs
    ]


def rows_like(rows: Any, text: str, *columns: str) -> Any:
    """Return the rows whose names contain every word of a text, in name order.

    Words may stand in further columns too.
    """
    paths = leaf_paths(rows.model)
    for word in text.split():
        whole = Q(pk__in=[])
        for path in (*paths, *columns):
            whole = whole | Q(**{f"{path}__icontains": word})
        rows = rows.filter(whole)
    return rows.order_by(*paths)


def found_options(rows: Any, text: str, owner: Any) -> list[Option]:
    """Return what can be picked among rows: those like a text, and for the type.

    Args:
        rows: The query set to look in.
        text: What their names must contain.
        owner: The type whose field it is: statuses and roles may be for others only.
    """
    found = rows_like(rows, text)[:MOST_OPTIONS]
    is_for = getattr(rows.model, "is_for", None)
    return [
        Option(value=linked(row))
        for row in found
        if is_for is None or is_for(row, owner)
    ]


def changed(before: Mapping[str, Value], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the raw values that differ from what a form started with."""
    return {
        name: raw
        for name, raw in after.items()
        if _comparable(raw) != _comparable(before[name].raw)
    }


def _comparable(raw: Any) -> Any:
    if isinstance(raw, list):
        return sorted(map(option_key, raw))
    return option_key(raw) if isinstance(raw, dict) else raw or ""
