"""Custom fields: the fields that a store adds to object types, and their values.

The definitions are rows of `CustomField`; the values lie in `custom_field_data` of
each object, under the field's key. A value whose field was removed since may stay, so
that old objects can still be saved; no other unknown key is taken.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
import urllib.parse
from typing import TYPE_CHECKING, Any

from models.storage.cached import cached
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@frozen
class Definition:
    """One custom field, as values are checked against it.

    Attributes:
        key: The name in `cf`.
        kind: One of `CUSTOM_FIELD_KINDS`.
        required: Whether an object must have a value.
        default: What a new object gets.
        choices: What a selection offers.
        minimum: The least number, or the fewest characters of a text.
        maximum: The greatest number, or the most characters of a text.
        regex: What a text must match as a whole.
    """

    key: str
    kind: str
    required: bool
    default: Any
    choices: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    regex: str

    @classmethod
    def of(cls, row: Any) -> Definition:
        """Read a row of `CustomField`."""
        return cls(
            key=row.key,
            kind=row.kind,
            required=row.required,
            default=row.default,
            choices=tuple(row.choices or ()),
            minimum=row.minimum,
            maximum=row.maximum,
            regex=row.regex,
        )


def definitions(model: Any) -> tuple[Definition, ...]:
    """Return the custom fields of a type, by weight and key."""
    by_type = cached(current_store(), "custom_fields", _load)
    return by_type.get(model._meta.label_lower, ())


def _load() -> Mapping[str, tuple[Definition, ...]]:
    from models.inventory.extras import CustomField

    found: dict[str, tuple[Definition, ...]] = {}
    for row in CustomField.select().order_by(CustomField.weight, CustomField.key):
        for label in row.content_types:
            found[label] = (*found.get(label, ()), Definition.of(row))
    return found


def fill_defaults(model: Any, objects: Sequence[Any]) -> None:
    """Give new objects the defaults of the custom fields that they do not mention."""
    defaults = [field for field in definitions(model) if field.default is not None]
    for obj in objects if defaults else ():
        values = obj.custom_field_data
        if isinstance(values, dict):
            for field in defaults:
                values.setdefault(field.key, copy.deepcopy(field.default))


def value_problems(row: Any) -> dict[str, list[str]]:
    """Return what is wrong with an object's custom fields, by `cf.KEY`."""
    values = row.__data__.get("custom_field_data")
    if not isinstance(values, dict):
        return {"custom_field_data": ["must map custom fields to their values"]}
    known = definitions(type(row))
    found: dict[str, list[str]] = {}
    for field in known:
        message = problem(field, values.get(field.key))
        if message:
            found[f"cf.{field.key}"] = [message]
    unknown = set(values) - {field.key for field in known}
    for key in sorted(unknown - _stored_keys(row) if unknown else ()):
        names = ", ".join(field.key for field in known) or "none"
        words = row._meta.verbose_name
        found[f"cf.{key}"] = [f"is no custom field of a {words}; it has: {names}"]
    return found


def _stored_keys(row: Any) -> set[str]:
    """Return the keys that the stored row has already."""
    if not row.present_in_database:
        return set()
    stored = type(row).get_or_none(type(row)._meta.primary_key == row.pk)
    return set(stored.custom_field_data) if stored is not None else set()


def problem(field: Definition, value: Any) -> str:
    """Return what is wrong with one value; empty when nothing is."""
    if value is None or value in ("", []):
        return "is required" if field.required else ""
    return CHECKS.get(field.kind, _text_problem)(field, value)


def _boolean_problem(_field: Definition, value: Any) -> str:
    return "" if isinstance(value, bool) else f"{value!r} is neither yes nor no"


def _integer_problem(field: Definition, value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"{value!r} is no whole number"
    if field.minimum is not None and value < field.minimum:
        return f"{value} is less than {field.minimum}"
    if field.maximum is not None and value > field.maximum:
        return f"{value} is more than {field.maximum}"
    return ""


def _date_problem(_field: Definition, value: Any) -> str:
    try:
        dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return f"{value!r} is no date; write it as 2026-01-31"
    return ""


def _choice_problem(field: Definition, value: Any) -> str:
    several = field.kind == "multi-select"
    if several and not isinstance(value, list):
        return f"{value!r} is no list"
    for one in value if several else [value]:
        if one not in field.choices:
            return f"{one!r} is none of {', '.join(field.choices)}"
    return ""


def _text_problem(field: Definition, value: Any) -> str:
    if not isinstance(value, str):
        return f"{value!r} is no text"
    if field.minimum is not None and len(value) < field.minimum:
        return f"is {len(value)} characters long; at least {field.minimum} are needed"
    if field.maximum is not None and len(value) > field.maximum:
        return f"is {len(value)} characters long; at most {field.maximum} fit"
    if field.regex and re.fullmatch(field.regex, value) is None:
        return f"{value!r} does not match {field.regex}"
    if field.kind == "url" and not _is_url(value):
        return f"{value!r} is no URL; it needs a scheme and a host"
    return ""


def _is_url(text: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


def _any_value(_field: Definition, _value: Any) -> str:
    return ""


CHECKS = {
    "integer": _integer_problem,
    "boolean": _boolean_problem,
    "date": _date_problem,
    "select": _choice_problem,
    "multi-select": _choice_problem,
    "json": _any_value,
}
