"""All that a run needs to know, in one read: result, job, change and user."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import peewee

from models.errors import NotFoundError
from models.history.changes import ChangeContext, ObjectChange
from models.people.access import User
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.storage.store import Store

RESULT_COLUMNS = (
    *("status", "token", "job_path", "name", "change_id", "object_type", "object_id"),
    *("arguments", "attempt", "depth", "soft_time_limit", "time_limit", "reason"),
    *("source_hash", "profile"),
)
JOB_COLUMNS = (
    *("id", "enabled", "installed", "error", "retries", "has_sensitive_variables"),
    *("approved_hash", "source_hash"),
)


@frozen
class Assignment:
    """A job result as the run needs it.

    Attributes:
        result: Columns of the job result.
        job: Columns of the job's record; all None when it was deleted.
        user: Who runs it; None when the user is gone.
        change: The change it is for; None unless a hook fired.
    """

    result_id: int
    result: dict[str, Any]
    job: dict[str, Any]
    user: User | None
    change: ObjectChange | None

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments that were stored with the result."""
        text: str = self.result["arguments"] or "{}"
        stored: dict[str, Any] = {} if text == "{}" else json.loads(text)
        return stored


class _Shape(NamedTuple):
    """How a model's rows are read.

    Attributes:
        names: The fields, in the order of the columns.
        columns: What they are called in the store, quoted.
        conversions: Those fields whose value is not SQLite's, and how to get it.
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    conversions: tuple[tuple[str, Callable[[Any], Any]], ...]


@functools.cache
def _shape(model: Any) -> _Shape:
    """Return how the rows of a model are read."""
    fields = model._meta.sorted_fields
    return _Shape(
        names=tuple(field.name for field in fields),
        columns=tuple(f'"{field.column_name}"' for field in fields),
        conversions=tuple(
            (field.name, _key(field).python_value)
            for field in fields
            if not _is_plain(field)
        ),
    )


def _key(field: Any) -> Any:
    """Return the field that a foreign key ends at; of another field itself."""
    while isinstance(field, peewee.ForeignKeyField):
        field = field.rel_field
    return field


def _is_plain(field: Any) -> bool:
    """Return whether SQLite's value is Python's, as with text and integers."""
    converts = type(field).python_value is not peewee.Field.python_value
    return not converts and not isinstance(field, peewee.BooleanField)


@functools.cache
def _statement() -> str:
    # Raw, since building this join with peewee costs more than running it.
    parts = [f"r.{name}" for name in RESULT_COLUMNS]
    parts += [f"j.{name}" for name in JOB_COLUMNS]
    for alias, model in (("u", User), ("c", ObjectChange), ("x", ChangeContext)):
        parts += [f"{alias}.{column}" for column in _shape(model).columns]
    return (
        f"SELECT {', '.join(parts)} FROM job_result r"
        " LEFT JOIN job_record j ON j.id = r.job_id"
        ' LEFT JOIN "user" u ON u.id = r.user_id'
        " LEFT JOIN object_change c ON c.id = r.change_id"
        " LEFT JOIN change_context x ON x.id = c.context_id"
        " WHERE r.id = ?"
    )


def read_assignment(store: Store, result_id: int) -> Assignment:
    """Read a job result with its job, user and change.

    Raises:
        NotFoundError: There is no such result.
    """
    row = store.execute(_statement(), [result_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no job result {result_id}.", on=str(result_id))
    end = len(RESULT_COLUMNS)
    result = dict(zip(RESULT_COLUMNS, row[:end], strict=True))
    begin, end = end, end + len(JOB_COLUMNS)
    job = dict(zip(JOB_COLUMNS, row[begin:end], strict=True))
    rows: list[Any] = []
    for model in (User, ObjectChange, ChangeContext):
        begin, end = end, end + len(_shape(model).names)
        rows.append(_build(model, row[begin:end]))
    user, change, context = rows
    if change is not None:
        change.__rel__["context"] = context
    return Assignment(
        result_id=result_id, result=result, job=job, user=user, change=change
    )


def read_changes(store: Store, result_id: int) -> list[ObjectChange]:
    """Read the changes that a batch holds, oldest first, with their context."""
    parts = [
        f"{alias}.{column}"
        for alias, model in (("c", ObjectChange), ("x", ChangeContext))
        for column in _shape(model).columns
    ]
    rows = store.execute(
        f"SELECT {', '.join(parts)} FROM batch_change b"
        " JOIN object_change c ON c.id = b.change_id"
        " JOIN change_context x ON x.id = c.context_id"
        " WHERE b.result_id = ? ORDER BY c.id",
        [result_id],
    )
    found = []
    width = len(_shape(ObjectChange).names)
    for row in rows:
        change = _build(ObjectChange, row[:width])
        change.__rel__["context"] = _build(ChangeContext, row[width:])
        found.append(change)
    return found


@functools.cache
def object_statement(model: Any) -> str:
    """Return the SELECT of one object by its key."""
    columns = ", ".join(_shape(model).columns)
    key = model._meta.primary_key.column_name
    return f'SELECT {columns} FROM "{model._meta.table_name}" WHERE "{key}" = ?'


def fetch(model: Any, key: Any) -> Any:
    """Return the stored object of a key, or None; the quick way of `objects.get()`."""
    cursor = current_store().execute(
        object_statement(model), [model._meta.primary_key.db_value(key)]
    )
    row = cursor.fetchone()
    return None if row is None else _build(model, row)


def _build(model: Any, values: Sequence[Any]) -> Any:
    """Make an instance of a row, as peewee's cursor does; None of an empty one."""
    if values[0] is None:
        return None
    shape = _shape(model)
    found = dict(zip(shape.names, values, strict=True))
    for name, convert in shape.conversions:
        if found[name] is not None:
            found[name] = convert(found[name])
    instance = model(__no_default__=1)
    instance.__data__ = found
    instance._dirty.clear()  # noqa: SLF001 - as peewee does
    return instance
