"""What a job asks for, as the fields of a form. No Textual.

The fields are made of the schema that the job's record keeps, so that running a job,
pressing a button and scheduling a run ask for the same things in the same way.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from models.errors import ValidationError
from models.objects.specs import FieldKind, FieldSpec
from receivers.authors.encoding import find_model, find_object
from receivers.authors.objectvars import DISPLAY, NULL, depends_on, filled_params
from tui.words.form_values import (
    MOST_OPTIONS,
    Option,
    Value,
    is_many,
    joined,
    linked,
    of_plain,
    rows_like,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = {
    "text": FieldKind.TEXT,
    "integer": FieldKind.INTEGER,
    "boolean": FieldKind.BOOLEAN,
    "dry_run": FieldKind.BOOLEAN,
    "choice": FieldKind.CHOICE,
    "multi_choice": FieldKind.LIST,
    "object": FieldKind.RELATION,
    "multi_object": FieldKind.MEMBERS,
    "json": FieldKind.JSON,
}
_HELP = {"file": "The path of a file on this machine."}


class JobInputs:
    """The fields for what a job asks for.

    Args:
        schema: What the job asks for, as its record keeps it.
        prefix: What the fields' names begin with, among fields of something else.
    """

    def __init__(
        self, schema: Sequence[Mapping[str, Any]] = (), *, prefix: str = ""
    ) -> None:
        self._entries = {prefix + entry["name"]: entry for entry in schema}
        self._prefix = prefix
        self.specs = [_field(name, entry) for name, entry in self._entries.items()]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    @property
    def names(self) -> list[str]:
        """Return the names of the fields, in their order."""
        return list(self._entries)

    def begun(self, inputs: Mapping[str, Any]) -> dict[str, Value]:
        """Return what the fields begin with, by their names; asks the store.

        Args:
            inputs: Stored JSON values by variable; the others have their defaults.
        """
        found = {}
        for spec in self.specs:
            entry = self._entries[spec.name]
            value = inputs.get(entry["name"], spec.default)
            if value is None and entry["name"] in inputs and entry.get("null_option"):
                value = NULL
            found[spec.name] = _begun(spec, entry, value)
        return found

    def fitting(self, name: str, rows: Any, raw: Mapping[str, Any]) -> Any:
        """Return those rows that fit a field, given what is filled in elsewhere.

        Args:
            name: The field's name.
            rows: The query set of all that may be picked.
            raw: The raw values of all fields by their names.
        """
        given = {
            entry["name"]: _objects_in(plain(raw[field]))
            for field, entry in self._entries.items()
            if field in raw
        }
        params = filled_params(self._params(name), given)
        return rows.filter(**params) if params else rows

    def options(self, name: str, rows: Any, text: str) -> list[Option]:
        """Return what can be picked for a field: objects like a text, or none.

        Args:
            name: The field's name.
            rows: The query set of what fits.
            text: What is searched for, in names and in what the picker shows.
        """
        entry = self._entries[name]
        shown, null = entry.get("display_field") or DISPLAY, entry.get("null_option")
        field = rows.model._meta.fields.get(shown)
        is_searched = field is not None and not hasattr(field, "rel_model")
        columns = [shown] if is_searched else []
        found = []
        if null and text.lower() in null.lower():
            found.append(Option(value=_nothing(null), note=NULL))
        for row in rows_like(rows, text, *columns)[:MOST_OPTIONS]:
            value, name = _object(row, entry), str(row)
            found.append(Option(value=value, note="" if value.text == name else name))
        return found

    def emptied_by(self, name: str) -> dict[str, Value]:
        """Return the fields that were picked to fit a field, each with nothing in it.

        Args:
            name: The field that has another value now.
        """
        own = name.removeprefix(self._prefix)
        return {
            spec.name: Value(raw=[]) if is_many(spec) else Value()
            for spec in self.specs
            if name in self and own in depends_on(self._params(spec.name))
        }

    def _params(self, name: str) -> Mapping[str, Any]:
        return self._entries[name].get("query_params") or {}


def _field(name: str, entry: Mapping[str, Any]) -> FieldSpec:
    """Return the form's field for one entry of a job's schema."""
    model = entry.get("model")
    return FieldSpec(
        name=name,
        label=entry["label"],
        kind=KINDS.get(entry["kind"], FieldKind.NAME),
        required=bool(entry["required"]),
        default=entry.get("default"),
        choices=tuple((str(v), str(label)) for v, label in entry.get("choices") or ()),
        relation=None if model is None else find_model(model),
        help=entry.get("description") or _HELP.get(entry["kind"], ""),
    )


def _begun(spec: FieldSpec, entry: Mapping[str, Any], value: Any) -> Value:
    """Return what a field begins with: a stored input, or its default."""
    if spec.kind is FieldKind.MEMBERS:
        values = [_found(spec, entry, one) for one in value or ()]
        return joined([one for one in values if one is not None])
    if spec.relation is not None:
        return (None if value is None else _found(spec, entry, value)) or Value()
    if value is None and spec.kind is FieldKind.BOOLEAN:
        value = False
    if isinstance(value, dict) and spec.kind is not FieldKind.JSON:
        return Value()  # a file, which was deleted after its run
    return of_plain(spec, value)


def _found(spec: FieldSpec, entry: Mapping[str, Any], reference: Any) -> Value | None:
    """Return the value of an object, or of none; None when it is gone."""
    if entry.get("null_option") and reference in (None, NULL):
        return _nothing(entry["null_option"])
    try:
        return _object(find_object(spec.relation, reference), entry)
    except ValidationError:
        return None


def _object(row: Any, entry: Mapping[str, Any]) -> Value:
    """Return the value that stands for an object, as its picker shows it."""
    shown = getattr(row, entry.get("display_field") or DISPLAY, None)
    text = str(row) if shown in (None, "") else str(shown)
    return dataclasses.replace(linked(row), text=text)


def _nothing(text: str) -> Value:
    return Value(raw={"id": NULL}, text=text)


def _objects_in(value: Any) -> Any:
    """Return an input without what stands for none, which nothing has to fit."""
    if isinstance(value, list):
        return [item for item in value if item != NULL]
    return None if value == NULL else value


def plain(raw: Any) -> Any:
    """Return an input as receivers take it: objects by their ids."""
    if isinstance(raw, list):
        return [plain(item) for item in raw]
    return raw["id"] if isinstance(raw, dict) else raw
