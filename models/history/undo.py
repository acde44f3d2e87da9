"""Putting a row back to what an image says."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import peewee

from models.history import images
from models.history.cascade import Collector
from models.objects import types
from models.objects.base import ChangeLoggedModel
from models.storage.store import current_store

if TYPE_CHECKING:
    from models.history.images import Image


def restore_row(
    label: str, key: bytes, before: Image | None, after: Image | None
) -> None:
    """Undo one change without recording it: the change itself is taken back too.

    Args:
        label: The object's type.
        key: The object's key.
        before: The image to go back to; None removes the row.
        after: The image that the change left; None when it deleted the row.
    """
    model = types.object_types()[label]
    if before is None:
        if _has_own(model, "before_delete"):
            model.before_delete([model.get_by_id(key)])
        Collector().remove_rows(model, [key])
        return
    old = images.read_rows(model, [key])
    values = row_values(model, before)
    if after is None:
        _insert(model, key, values)
    else:
        _update(model, key, values)
    _restore_members(model, key, before)
    if _has_own(model, "after_save"):
        _settle(model, key, old)


def _has_own(model: Any, name: str) -> bool:
    """Return whether a type does something of its own before or after a write."""
    own, base = getattr(model, name), getattr(ChangeLoggedModel, name)
    return own.__func__ is not base.__func__


def _settle(model: Any, key: bytes, before: dict[bytes, images.StoredRow]) -> None:
    """Derive a restored row's values anew, and bring others into line with it."""
    row = model.get_by_id(key)
    row.derive()
    fields = [model._meta.fields[name] for name in model._meta.read_only]
    _update(model, key, {f.name: f.db_value(row.__data__[f.name]) for f in fields})
    model.after_save([row], before)


def row_values(model: Any, image: Image) -> dict[str, Any]:
    """Return the database values that an image tells, by field name."""
    values: dict[str, Any] = {}
    for field in model._meta.sorted_fields:
        name = images.RENAMED.get(field.name, field.name)
        if name not in image or field.primary_key:
            continue
        value = image[name]
        if isinstance(field, peewee.ForeignKeyField):
            values[field.name] = None if value is None else field.db_value(value[0])
        else:
            stored = field.db_value(value)
            values[field.name] = int(stored) if isinstance(stored, bool) else stored
    return values


def _insert(model: Any, key: bytes, values: dict[str, Any]) -> None:
    meta = model._meta
    row = {meta.primary_key.name: key, **values}
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in row)
    marks = ", ".join("?" * len(row))
    current_store().execute(
        f'INSERT INTO "{meta.table_name}" ({columns}) VALUES ({marks})',
        list(row.values()),
    )


def _update(model: Any, key: bytes, values: dict[str, Any]) -> None:
    from models.history.write import _write_row

    if values:
        _write_row(model, key, values)


def _restore_members(model: Any, key: bytes, image: Image) -> None:
    execute = current_store().execute
    for name, field in model._meta.members.items():
        if name not in image or field.is_kept:
            continue
        constants = field.constants()
        columns = [field.owner_column, field.member_column, *constants]
        where = "".join(f' AND "{column}" = ?' for column in constants)
        execute(
            f'DELETE FROM "{field.table}" WHERE "{field.owner_column}" = ?{where}',
            [key, *constants.values()],
        )
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(columns))
        for entry in image[name]:
            member = member_key(field, entry)
            if member is not None:
                execute(
                    f'INSERT OR IGNORE INTO "{field.table}" ({names}) VALUES ({marks})',
                    [key, member, *constants.values()],
                )


def member_key(field: Any, entry: Any) -> bytes | None:
    """Return the key of a member as an image tells it; None for a tag that is gone."""
    if not field.by_name:
        return uuid.UUID(entry[0]).bytes
    found = field.rel_model.get_or_none(field.rel_model.name == entry)
    return None if found is None else found.pk.bytes
