"""The one way in: a list of objects to save or delete becomes rows and changes.

`save()` of one object is a list of one. The stored rows are read in the same
transaction, only fields that differ are written, and what changed is recorded. A save
without a difference writes nothing, records nothing and fires nothing.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import peewee

from models.errors import ConflictError, ValidationError
from models.history import images
from models.history.changes import CREATE, DELETE, UPDATE, Entry
from models.history.context import recording
from models.objects import customfields
from models.objects.fields import from_us, now_us, to_json, to_us
from models.objects.validation import taken
from models.people import guard
from models.storage.crashpoints import reach
from models.storage.store import current_store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Sequence

    from models.history.context import ActiveContext
    from models.history.images import Image, StoredRow

CHUNK = 500


def save(
    objects: Sequence[Any],
    *,
    only: Collection[str] | None = None,
    if_unchanged_since: dt.datetime | None = None,
) -> int:
    """Write what differs from the stored rows, and record it.

    Args:
        objects: Objects of any types, new or read from the store.
        only: Write only these fields of objects that are stored already.
        if_unchanged_since: The `last_updated` that a form was filled from.

    Returns:
        How many objects were written.

    Raises:
        ConflictError: A row is gone, or was changed since.
        ValidationError: A constraint of the store refuses the values.
    """
    written = 0
    with recording() as context, guard.saving(context, objects), refusals(objects):
        for model, group in _by_type(objects):
            members = model.before_save(group)
            touched = model.also_touched(members)
            with recorded(touched) if touched else contextlib.nullcontext():
                for start in range(0, len(members), CHUNK):
                    part = members[start : start + CHUNK]
                    old = [obj for obj in part if obj.present_in_database]
                    new = [obj for obj in part if not obj.present_in_database]
                    if new:
                        written += _insert(context, model, new)
                    if old:
                        written += _update(
                            context, model, old, only, if_unchanged_since
                        )
        _mark(objects, present=True)
    return written


def _mark(objects: Sequence[Any], *, present: bool) -> None:
    """Note on the objects that they are as stored; a rollback takes it back."""
    before = [
        (o, o.present_in_database, set(o._dirty), o.__dict__.pop("_loaded_json", None))  # noqa: SLF001 - peewee's own name
        for o in objects
    ]
    for obj in objects:
        obj.present_in_database = present
        obj._dirty.clear()  # noqa: SLF001 - the same
    current_store().database.undo.add(lambda: _unmark(before))


def _unmark(before: list[tuple[Any, bool, set[str], Any]]) -> None:
    for obj, present, dirty, loaded in before:
        obj.present_in_database = present
        obj._dirty |= dirty  # noqa: SLF001 - the same
        if loaded is not None:
            obj.__dict__["_loaded_json"] = loaded


def _by_type(objects: Sequence[Any]) -> Iterator[tuple[Any, list[Any]]]:
    for model, group in itertools.groupby(objects, key=type):
        yield model, list(group)


def _insert(context: ActiveContext, model: Any, objects: list[Any]) -> int:
    now = now_us()
    customfields.fill_defaults(model, objects)
    fields = model._meta.sorted_fields
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    marks = ", ".join("?" * len(fields))
    for obj in objects:
        obj.created = obj.last_updated = from_us(now)
    rows = [_row_values(fields, obj) for obj in objects]
    connection = current_store().database.connection()
    table = model._meta.table_name
    connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)
    found = images.full_images(model, [obj.pk.bytes for obj in objects])
    for key, (row, image) in found.items():
        _record(context, model, key, row, CREATE, None, image)
    model.after_save(objects, {})
    return len(objects)


def _row_values(fields: list[Any], obj: Any) -> list[Any]:
    return [_db_value(field, obj.__data__.get(field.name)) for field in fields]


def _db_value(field: Any, value: Any) -> Any:
    try:
        stored = field.db_value(value)
    except (TypeError, ValueError, KeyError) as error:
        raise ValidationError({field.name: [str(error)]}) from error
    return int(stored) if isinstance(stored, bool) else stored


def _update(
    context: ActiveContext,
    model: Any,
    objects: list[Any],
    only: Collection[str] | None,
    since: dt.datetime | None,
) -> int:
    rows = images.read_rows(model, [obj.pk.bytes for obj in objects])
    written: dict[bytes, StoredRow] = {}
    after: dict[bytes, StoredRow | None] = {}
    now = now_us()
    for obj in objects:
        key = obj.pk.bytes
        row = rows.get(key)
        if row is None:
            raise _gone(obj)
        _check_unchanged(obj, row, since)
        different = differing_values(obj, row, only=only)
        if different:
            obj.last_updated = from_us(now)
            stored = _write_row(model, key, {**different, "last_updated": now})
            written[key] = row
            after[key] = images.with_values(model, row, stored)
    if not written:
        return 0
    renamed = [key for key, row in after.items() if row is None]
    read = images.read_rows(model, renamed)
    members = images.read_members(model, written)
    for key, row in written.items():
        new = after[key] or read[key]
        old_image = images.image_of(model, row, members[key])
        image = images.image_of(model, new, members[key])
        _record(context, model, key, new, UPDATE, old_image, image)
    model.after_save([obj for obj in objects if obj.pk.bytes in written], written)
    return len(written)


def _gone(obj: Any) -> ConflictError:
    words = obj._meta.verbose_name
    return ConflictError(
        f"The {words} {obj} was not saved: it has been deleted meanwhile."
        " Look at its changes to see by whom.",
        on=str(obj.pk),
    )


def _check_unchanged(obj: Any, row: StoredRow, since: dt.datetime | None) -> None:
    if since is None or row.values["last_updated"] == to_us(since):
        return
    words = obj._meta.verbose_name
    raise ConflictError(
        f"The {words} {row.name} was not saved: somebody changed it while the form was"
        " open. Load it again, and make your change anew.",
        on=str(obj.pk),
    )


def differing_values(
    obj: Any, row: StoredRow, *, only: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the database values that differ from the stored row, by field name."""
    model = type(obj)
    fields = model._meta.fields
    names = set(obj._dirty) | mutated_json(obj)  # noqa: SLF001 - peewee's own name
    if only is not None:
        names &= {*only, *model._meta.read_only}
    names -= {model._meta.primary_key.name, "created", "last_updated"}
    found = {}
    for name in names:
        field = fields.get(name)
        if field is None:
            continue
        value = _db_value(field, obj.__data__.get(name))
        if value != row.values[name]:
            found[name] = value
    return found


def mutated_json(obj: Any) -> set[str]:
    """Return the JSON fields whose value was changed in place since it was read.

    `device.cf["site"] = "x"` assigns nothing, so peewee does not call it dirty.
    """
    return {
        name
        for name, text in obj.__dict__.get("_loaded_json", {}).items()
        if to_json(obj.__data__.get(name)) != text
    }


def _write_row(model: Any, key: bytes, values: dict[str, Any]) -> dict[str, Any]:
    """Write values of one row; return them as the store holds them now."""
    meta = model._meta
    names = sorted(values)
    columns = [f'"{meta.fields[name].column_name}"' for name in names]
    row = current_store().execute(
        f'UPDATE "{meta.table_name}" SET {", ".join(f"{name} = ?" for name in columns)}'
        f' WHERE "{meta.primary_key.column_name}" = ? RETURNING {", ".join(columns)}',
        [*(values[name] for name in names), key],
    )
    return dict(zip(names, row.fetchone(), strict=True))


def _record(  # noqa: PLR0913, PLR0917 - one change is all of these
    context: ActiveContext,
    model: Any,
    key: bytes,
    row: StoredRow,
    action: int,
    before: Image | None,
    after: Image | None,
) -> None:
    entry = Entry(
        action=action,
        before=before,
        after=after,
        name=row.name,
        related=_related(model, row),
        time=now_us(),
    )
    context.record(model._meta.label_lower, key, entry)
    reach("save.after-row")


def _related(model: Any, row: StoredRow) -> tuple[str, bytes] | None:
    name = model._meta.related_object
    key = row.values.get(name) if name else None
    if key is None:
        return None
    return model._meta.fields[name].rel_model._meta.label_lower, key


@contextlib.contextmanager
def refusals(objects: Sequence[Any], *, deleting: bool = False) -> Iterator[None]:
    """Say in people's words what a constraint of the database refused."""
    try:
        yield
    except (sqlite3.IntegrityError, peewee.IntegrityError) as error:
        raise refusal(error, objects, deleting=deleting) from error


def refusal(
    error: Exception, objects: Sequence[Any], *, deleting: bool = False
) -> ValidationError:
    """Return what a violated constraint means, by field."""
    text = str(error)
    on = str(objects[0]) if len(objects) == 1 else None
    model = type(objects[0])
    names = [
        model._meta.columns[column].name
        for column in re.findall(r"\w+\.(\w+)", text)
        if column in model._meta.columns
    ]
    if text.startswith("UNIQUE") and names:
        name, message = taken(model._meta, names)
        return ValidationError({name: [message]}, on=on)
    if text.startswith("NOT NULL") and names:
        return ValidationError({names[0]: ["is required"]}, on=on)
    if text.startswith("FOREIGN KEY") and deleting:
        message = "rows of a type that is not loaded still point at it"
        return ValidationError(message, on=on)
    if text.startswith("FOREIGN KEY"):
        return ValidationError("a related object is not in the store", on=on)
    return ValidationError(text, on=on)


def delete(objects: Sequence[Any]) -> int:
    """Delete objects and what hangs on them, recording each, children first.

    Returns:
        How many objects went.

    Raises:
        ValidationError: Protected objects still point at one of them.
    """
    from models.history.cascade import Collector

    touched: dict[Any, list[bytes]] = {}
    for model, group in _by_type(objects):
        for other, keys in model.also_touched(group).items():
            touched.setdefault(other, []).extend(keys)
    refusing = refusals(objects, deleting=True)
    with (
        recording() as context,
        guard.deleting(context, objects),
        refusing,
        recorded(touched),
    ):
        for model, group in _by_type(objects):
            model.before_delete(group)
        collector = Collector()
        collector.add(objects)
        collector.refuse_protected()
        collector.empty_columns()
        for model, keys in collector.in_order():
            found = images.full_images(model, keys)
            collector.remove_rows(model, keys)
            for key in keys:
                if key in found:
                    row, image = found[key]
                    _record(context, model, key, row, DELETE, image, None)
        _mark(objects, present=False)
    return collector.count


@contextlib.contextmanager
def recorded(touched: dict[Any, list[bytes]]) -> Iterator[None]:
    """Record as updates what the block changes on objects, other than their rows.

    Args:
        touched: The keys of the objects whose images may differ, by type.
    """
    with recording() as context:
        before = {m: images.full_images(m, keys) for m, keys in touched.items()}
        yield
        for model, old in before.items():
            for key, (row, image) in images.full_images(model, list(old)).items():
                if image != old[key][1]:
                    _record(context, model, key, row, UPDATE, old[key][1], image)
