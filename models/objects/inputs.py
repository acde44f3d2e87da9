"""From what people typed to an object's values, with messages by field.

Forms, commands and loads give the same raw values: text, or JSON values, or a change
to a list. They are parsed here, so that all three accept and refuse the same things.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
from typing import TYPE_CHECKING, Any

from models.errors import HooklineError, RequestError, ValidationError
from models.objects import types
from models.objects.lists import join_list, split_lines, split_list
from models.objects.specs import (
    CUSTOM_PREFIX,
    TYPE_LISTS,
    FieldKind,
    FieldSpec,
    field_named,
)
from models.objects.validation import moment
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.people.access import User

YES = frozenset({"true", "yes", "on", "1", "y"})
NO = frozenset({"false", "no", "off", "0", "n"})


@frozen
class ListChange:
    """Values to add to a list and to take from it, in place of a whole list."""

    add: tuple[Any, ...] = ()
    remove: tuple[Any, ...] = ()


Read = dict[str, tuple[FieldSpec, Any]]
"""Values that were read, with their fields, by name."""


def save_values(
    row: Any,
    values: Mapping[str, Any],
    *,
    if_unchanged_since: dt.datetime | None = None,
) -> bool:
    """Give an object new values, check it, and save it with its members.

    Call it inside a short change context, so that all of it is one change.

    Args:
        row: An object, or a row such as a hook; new or stored.
        values: Raw values by field name: text, JSON values, or a `ListChange`.
        if_unchanged_since: The `last_updated` that a form was filled from.

    Returns:
        Whether anything differed.

    Raises:
        ValidationError: With the messages of every field that is wrong.
        ConflictError: Somebody changed it since.
    """
    members = assign(row, values)
    row.full_clean()
    if if_unchanged_since is not None:
        changed = bool(row.save(if_unchanged_since=if_unchanged_since))
    else:
        changed = bool(row.save())
    for name, value in members.items():
        changed = _save_members(getattr(row, name), value) or changed
    return changed


def _save_members(manager: Any, value: Any) -> bool:
    before = {member.pk for member in manager.all()}
    if isinstance(value, ListChange):
        manager.add(*value.add)
        manager.remove(*value.remove)
    else:
        manager.set(value)
    return before != {member.pk for member in manager.all()}


def assign(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set an object's columns from raw values; return the members to save after it.

    Raises:
        ValidationError: With the messages of every field that is wrong.
    """
    on = str(row) if row.present_in_database else str(values.get("name", ""))
    return give(row, read_values(type(row), values, on=on))


def read_values(model: Any, values: Mapping[str, Any], *, on: str = "") -> Read:
    """Return what raw values stand for, to be given to one object or to many.

    Raises:
        ValidationError: With the messages of every field that is wrong.
    """
    found: dict[str, tuple[FieldSpec, Any]] = {}
    problems: dict[str, list[str]] = {}
    for name, raw in values.items():
        try:
            spec = field_named(model, name)
            found[name] = (spec, _value(spec, raw))
        except ValidationError as error:
            problems[name] = [error.message]
        except (HooklineError, ValueError) as error:
            problems[name] = [str(error)]
    if problems:
        raise ValidationError(problems, on=on or None)
    return found


def give(row: Any, read: Read) -> dict[str, Any]:
    """Set an object's columns to values that were read; return its members.

    Raises:
        ValidationError: The object does not take one of them.
    """
    members: dict[str, Any] = {}
    for name, (spec, value) in read.items():
        if spec.kind is FieldKind.MEMBERS:
            members[name] = value
        elif name.startswith(CUSTOM_PREFIX):
            key = name[len(CUSTOM_PREFIX) :]
            custom = row.custom_field_data
            is_part = isinstance(value, ListChange)
            new = _edited(spec, custom.get(key), value) if is_part else value
            row.custom_field_data = {**custom, key: new}
        elif isinstance(value, ListChange):
            setattr(row, name, _edited(spec, getattr(row, name), value))
        else:
            setattr(row, name, value)
    return members


def _edited(spec: FieldSpec, present: Any, value: ListChange) -> Any:
    """Return what a change makes of a list, or of the lines of a text."""
    if spec.has_lines:
        return "\n".join(_changed(split_lines(present or ""), value))
    return _changed(present or [], value)


def _changed(present: list[Any], change: ListChange) -> list[Any]:
    kept = [item for item in present if item not in change.remove]
    return [*kept, *(item for item in change.add if item not in kept)]


def _value(spec: FieldSpec, raw: Any) -> Any:
    if not isinstance(raw, ListChange):
        return parse(spec, raw)
    if spec.kind is FieldKind.MEMBERS:
        return ListChange(
            add=tuple(_one(spec, item) for item in raw.add),
            remove=tuple(_one(spec, item) for item in raw.remove),
        )
    if spec.has_lines:
        return raw
    if spec.kind is not FieldKind.LIST:
        raise RequestError(f"{spec.name!r} is no list; write {spec.name}=VALUE")
    return ListChange(
        add=tuple(parse(spec, list(raw.add))),
        remove=tuple(parse(spec, list(raw.remove))),
    )


def parse(spec: FieldSpec, raw: Any) -> Any:
    """Return the Python value that a raw value stands for.

    Raises:
        ValueError: It stands for none; the message says what would.
        HooklineError: A relation that is unknown or ambiguous.
    """
    if raw == "" and spec.default == "":
        return ""
    if raw is None or (raw == "" and spec.kind not in (FieldKind.NAME, FieldKind.TEXT)):
        return [] if spec.kind in (FieldKind.LIST, FieldKind.MEMBERS) else None
    return PARSERS[spec.kind](spec, raw)


def _text(_spec: FieldSpec, raw: Any) -> str:
    if isinstance(raw, (dict, list)):
        raise ValueError("must be text")  # noqa: TRY004 - one kind of error for a form
    return raw if isinstance(raw, str) else json.dumps(raw).strip('"')


def _name(spec: FieldSpec, raw: Any) -> str | None:
    text = _text(spec, raw)
    return None if text == "" and spec.default is None else text


def _integer(_spec: FieldSpec, raw: Any) -> int:
    try:
        return int(str(raw).strip())
    except ValueError:
        raise ValueError(f"{raw!r} is no whole number") from None


def _number(_spec: FieldSpec, raw: Any) -> float:
    try:
        return float(str(raw).strip())
    except ValueError:
        raise ValueError(f"{raw!r} is no number") from None


def _boolean(_spec: FieldSpec, raw: Any) -> bool:
    text = str(raw).strip().lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError(f"{raw!r} is neither yes nor no")


def _choice(spec: FieldSpec, raw: Any) -> str:
    text = str(raw).strip()
    for value, label in spec.choices:
        if text.lower() in (value.lower(), label.lower()):
            return value
    raise ValueError(f"{text!r} is none of {', '.join(v for v, _ in spec.choices)}")


def _time(_spec: FieldSpec, raw: Any) -> dt.datetime | None:
    try:
        return moment(raw)
    except ValueError:
        raise ValueError(
            f"{raw!r} is no time; write it as 2026-05-01 or 2026-05-01T12:00Z"
        ) from None


def _address(_spec: FieldSpec, raw: Any) -> Any:
    try:
        return ipaddress.ip_address(str(raw).strip())
    except ValueError:
        raise ValueError(f"{raw!r} is no IP address; write it without a mask") from None


def _json(_spec: FieldSpec, raw: Any) -> Any:
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error}") from None


def _items(raw: Any) -> list[Any]:
    if isinstance(raw, str):
        return split_list(raw)
    return list(raw) if isinstance(raw, (list, tuple)) else [raw]


def _list(spec: FieldSpec, raw: Any) -> list[Any]:
    items = _items(raw)
    allowed = [value for value, _ in spec.choices]
    if spec.name in TYPE_LISTS:
        return sorted({_type_label(str(item), allowed) for item in items})
    for item in items:
        if allowed and item not in allowed:
            raise ValueError(f"{item!r} is none of {', '.join(allowed)}")
    return items


def _type_label(text: str, allowed: list[str]) -> str:
    """Return a label; permissions are about more than the object types."""
    wanted = text.strip().lower()
    return wanted if wanted in allowed else types.labels(text)[0]


def _one(spec: FieldSpec, raw: Any) -> Any:
    """Return the row that a relation's raw value names."""
    from models.objects.names import find_row

    if isinstance(raw, spec.relation):
        return raw
    if isinstance(raw, dict) and "id" in raw:
        raw = raw["id"]
    return find_row(spec.relation, str(raw).strip(), user=_asker())


def _asker() -> User | None:
    """Return whose eyes count where people write: what they cannot see has no name."""
    from models.history.context import current_context

    context = current_context()
    return context.user if context is not None and context.checks else None


def _members(spec: FieldSpec, raw: Any) -> list[Any]:
    return [_one(spec, item) for item in _items(raw)]


PARSERS = {
    FieldKind.NAME: _name,
    FieldKind.TEXT: _text,
    FieldKind.INTEGER: _integer,
    FieldKind.NUMBER: _number,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.CHOICE: _choice,
    FieldKind.TIME: _time,
    FieldKind.ADDRESS: _address,
    FieldKind.JSON: _json,
    FieldKind.LIST: _list,
    FieldKind.RELATION: _one,
    FieldKind.MEMBERS: _members,
}


def shown(value: Any) -> str:
    """Return a value as people type it, so that a form can be filled from it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return join_list(str(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value)
