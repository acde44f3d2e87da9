"""What every row must hold before it is saved, with messages by field."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import peewee

from models.errors import ValidationError
from models.objects.fields import AddressField, ChoiceField, ListField, NameField

if TYPE_CHECKING:
    from collections.abc import Iterator


def full_clean(row: Any, *, asks_unique: bool = True) -> None:
    """Check each field, then uniqueness, then the row's own `clean()`.

    Args:
        row: The row, new or changed.
        asks_unique: Whether the store is asked for rows with the same values; loads
            ask for many rows at once, and the store's constraints stand anyway.

    Raises:
        ValidationError: With messages by field; those of the whole row under
            `__all__`.
    """
    problems = derived_problems(row)
    judged = {*problems, *(getattr(row._meta, "read_only", ()) if problems else ())}
    for field in row._meta.sorted_fields:
        message = "" if field.name in judged else _problem(row, field)
        if message:
            problems[field.name] = [message]
    problems |= custom_problems(row)
    if not problems:
        problems = related_problems(row)
    if not problems and asks_unique:
        problems = unique_problems(row)
    try:
        row.clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            problems.setdefault(name, []).extend(messages)
    except (peewee.DoesNotExist, AttributeError, TypeError):
        if not problems:  # with a field missing, clean() cannot be expected to work
            raise
    if problems:
        raise ValidationError(problems, on=str(row.__data__.get("name") or ""))


def _problem(row: Any, field: Any) -> str:
    """Return what is wrong with one field's value; empty when nothing is."""
    value = row.__data__.get(field.name)
    if field.primary_key:
        return ""
    if value is None or (value == "" and isinstance(field, (NameField, ChoiceField))):
        required = not field.null and (field.default is None or value is None)
        return "is required" if required else ""
    try:
        field.db_value(value)
    except (TypeError, ValueError) as error:
        return str(error)
    return _kind_problem(field, value)


def _kind_problem(field: Any, value: Any) -> str:
    if isinstance(field, peewee.BooleanField):
        return "" if value in (True, False) else f"{value!r} is neither yes nor no"
    if isinstance(field, peewee.IntegerField) and not isinstance(value, int):
        return f"{value!r} is no whole number"
    if isinstance(field, peewee.FloatField) and not isinstance(value, (int, float)):
        return f"{value!r} is no number"
    if isinstance(field, AddressField | ListField):
        return ""
    if isinstance(field, peewee.TextField):
        return _text_problem(field, value)
    return ""


def _text_problem(field: Any, value: Any) -> str:
    if not isinstance(value, str):
        return f"{value!r} is no text"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "holds characters that cannot be stored"
    if isinstance(field, NameField):
        if len(value) > field.max_length:
            return f"is {len(value)} characters long; at most {field.max_length} fit"
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
            return "holds control characters; it must be one line of text"
    allowed = [choice for choice, _ in field.choices or ()]
    if allowed and value not in allowed and value != "":
        return f"{value!r} is none of {', '.join(allowed)}"
    return ""


def derived_problems(row: Any) -> dict[str, list[str]]:
    """Let the row fill in what follows from its values; return why it cannot."""
    if not hasattr(row, "derive"):
        return {}
    try:
        row.derive()
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


def custom_problems(row: Any) -> dict[str, list[str]]:
    """Return what is wrong with custom fields, whose defaults a new row gets."""
    if "custom_field_data" not in row._meta.fields:
        return {}
    from models.objects import customfields

    if not row.present_in_database:
        customfields.fill_defaults(type(row), [row])
    return customfields.value_problems(row)


def related_problems(row: Any) -> dict[str, list[str]]:
    """Return messages for relations to what is not there, or not for this type.

    A status, a role and a location say by `is_for()` which types may have them.
    """
    problems: dict[str, list[str]] = {}
    changed = {field.name for field in row.dirty_fields}
    for field in row._meta.refs:
        if field.name not in changed or row.__data__.get(field.name) is None:
            continue
        try:
            related = getattr(row, field.name)
        except peewee.DoesNotExist:
            words = getattr(field.rel_model._meta, "verbose_name", "row")
            problems[field.name] = [f"there is no such {words}"]
            continue
        is_for = getattr(related, "is_for", None)
        if is_for and not isinstance(row, field.rel_model) and not is_for(type(row)):
            message = f"{related} is not for {row._meta.verbose_name_plural}"
            problems[field.name] = [message]
    return problems


def _unique_groups(row: Any) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yield the fields that must be unique together, and conditions besides."""
    meta = row._meta
    for field in meta.sorted_fields:
        if field.unique:
            yield [field], []
    for index in meta.indexes:
        if isinstance(index, tuple) and index[1]:
            yield [meta.combined[name] for name in index[0]], []
    for empty, names in getattr(meta, "unique_when_empty", ()):
        if row.__data__.get(empty) is None:
            fields = [meta.fields[name] for name in names]
            yield fields, [meta.fields[empty].is_null()]


def unique_names(model: Any) -> frozenset[str]:
    """Return the fields that have a part in what must be unique."""
    meta = model._meta
    groups: list[tuple[str, ...]]
    groups = [(field.name,) for field in meta.sorted_fields if field.unique]
    groups += [i[0] for i in meta.indexes if isinstance(i, tuple) and i[1]]
    groups += [(e, *names) for e, names in getattr(meta, "unique_when_empty", ())]
    return frozenset(meta.combined[name].name for names in groups for name in names)


def unique_problems(row: Any) -> dict[str, list[str]]:
    """Return messages for values that another row has already."""
    problems: dict[str, list[str]] = {}
    meta = row._meta
    key = meta.primary_key
    for fields, conditions in _unique_groups(row):
        values = [row.__data__.get(field.name) for field in fields]
        if any(value is None for value in values):
            continue
        tests = [field == value for field, value in zip(fields, values, strict=True)]
        query = type(row).select(key).where(*tests, *conditions)
        if row.present_in_database:
            query = query.where(key != row.pk)
        if query.exists():
            name, message = taken(meta, [field.name for field in fields])
            problems.setdefault(name, []).append(message)
    return problems


def taken(meta: Any, names: list[str]) -> tuple[str, str]:
    """Return where to say that values are taken, and the message.

    A field that is part of another in forms, as a network is of a prefix, goes by
    that one's name.
    """
    wholes = {
        part: whole for whole, parts in getattr(meta, "part_of", ()) for part in parts
    }
    shown = list(dict.fromkeys(wholes.get(name, name) for name in names))
    words = getattr(meta, "verbose_name", "row")
    article = "an" if words[0] in "aeiouAEIOU" else "a"
    message = f"there is {article} {words} with this {' and '.join(shown)} already"
    return shown[-1], message


def moment(value: Any) -> dt.datetime | None:
    """Return a moment from a datetime or its ISO text; UTC where no zone is given."""
    if value is None or isinstance(value, dt.datetime):
        found = value
    else:
        found = dt.datetime.fromisoformat(str(value))
    if found is not None and found.tzinfo is None:
        return found.replace(tzinfo=dt.UTC)
    return found
