"""Rows as documents: the fields that JSON, CSV, tables and --columns know.

Fields are only ever added to them. Relations are `{id, type, name}`, times UTC, what
is absent is null.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from models.automation.batches import change_ids
from models.history import images
from models.objects import types
from models.objects.fields import TimestampField, from_us
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from models.history.timeline import State
    from models.people.access import User

    Document = dict[str, Any]

PIECE = 500


def object_documents(model: Any, ids: Iterable[bytes]) -> Iterator[Document]:
    """Yield the documents of objects, in the order of their ids, in little memory."""
    piece: list[bytes] = []
    for key in ids:
        piece.append(bytes(key))
        if len(piece) == PIECE:
            yield from _piece(model, piece)
            piece = []
    yield from _piece(model, piece)


def _piece(model: Any, ids: list[bytes]) -> Iterator[Document]:
    found = images.full_images(model, ids)
    for key in ids:
        if key in found:
            row, image = found[key]
            yield _object_document(model, key, row, image)


def _object_document(
    model: Any, key: bytes, row: images.StoredRow, image: images.Image
) -> Document:
    times = {
        name: None if us is None else from_us(us)
        for name in ("created", "last_updated")
        for us in [row.values.get(name)]
    }
    return {
        "id": str(uuid.UUID(bytes=key)),
        "object_type": model._meta.label_lower,
        "display": row.name,
        **wholes(model, row.name),
        **related(model, image),
        **times,
    }


def state_document(label: str, key: bytes, state: State) -> Document:
    """Return an object as it was, with the changes that began and ended this state."""
    known = types.is_type(label)
    model = types.get_type(label) if known else None
    return {
        "id": str(uuid.UUID(bytes=key)),
        "object_type": label,
        "display": state.name,
        **({} if model is None else wholes(model, state.name)),
        **(state.image if model is None else related(model, state.image)),
        "since": None if state.change is None else state.change.time,
        "since_change": None if state.change is None else state.change.id,
        "until": None if state.next is None else state.next.time,
        "until_change": None if state.next is None else state.next.id,
    }


def wholes(model: Any, name: str) -> Document:
    """Return the fields that stand for the columns of the natural name."""
    natural = set(getattr(model._meta, "natural_name", ()))
    given = getattr(model._meta, "part_of", ())
    return {whole: name for whole, parts in given if natural <= set(parts)}


def related(model: Any, image: images.Image) -> Document:
    """Return an image with its relations as `{id, type, name}`."""
    meta = model._meta
    document: Document = {}
    for name, value in image.items():
        field = meta.fields.get(name)
        members = meta.members.get(name)
        other = getattr(field, "rel_model", None) or getattr(members, "rel_model", None)
        if other is None or value is None or getattr(members, "by_name", False):
            document[name] = value
        elif members is not None:
            document[name] = [_relation(other, entry) for entry in value]
        else:
            document[name] = _relation(other, value)
    return document


def _relation(model: Any, entry: list[Any]) -> Document:
    return {"id": entry[0], "type": model._meta.label_lower, "name": entry[1]}


def object_document(row: Any) -> Document:
    """Return one object's document."""
    return next(object_documents(type(row), [row.pk.bytes]))


def named(kind: str, key: Any, name: str | None) -> Document | None:
    """Return `{id, type, name}`, or None without an id."""
    if key is None:
        return None
    if isinstance(key, bytes):
        key = str(uuid.UUID(bytes=key))
    return {"id": key, "type": kind, "name": name or ""}


def change_document(change: Any) -> Document:
    """Return a change as lists show it."""
    return {
        "id": change.id,
        "time": change.time,
        "user": change.user_name,
        "acted_for": change.context.acted_for or None,
        "action": change.action.value,
        "object": named(
            change.changed_object_type, bytes(change.object_id), change.object_repr
        ),
        "kind": change.change_context,
        "detail": change.change_context_detail,
        "reason": change.reason,
        "request": str(change.request_id),
        "result": change.context.result_id,
        "caused_by": change.context.cause_id,
    }


def result_documents(rows: Iterable[Any]) -> Iterator[Document]:
    """Yield job results as lists show them, without their logs."""
    from models.automation.buttons import JobButton
    from models.automation.hooks import JobHook
    from models.timing.schedules import JobSchedule

    hooks = {row.id: row.name for row in JobHook.select(JobHook.id, JobHook.name)}
    buttons = {b.id: b.name for b in JobButton.select(JobButton.id, JobButton.name)}
    schedules = {row.id: row.name for row in JobSchedule.select()}
    for row in rows:
        yield {
            **_result_document(row, hooks, buttons),
            "schedule": named(
                "extras.jobschedule", row.schedule_id, schedules.get(row.schedule_id)
            ),
            "fire_time": row.fire_time,
        }


def _result_document(
    row: Any, hooks: dict[int, str], buttons: dict[int, str]
) -> Document:
    return {
        "id": row.id,
        "name": row.name,
        "job": row.job_path,
        "status": row.status,
        "user": row.user_name,
        "queue": row.queue,
        "cancelled_by": row.cancelled_by or None,
        "acted_for": row.acted_for or None,
        "created": row.created,
        "due": row.due,
        "started": row.started,
        "done": row.done,
        "duration_s": row.duration_s,
        "result": row.result,
        "error": row.error,
        "traceback": row.traceback,
        "change": row.change_id,
        "hook": named("extras.jobhook", row.hook_id, hooks.get(row.hook_id)),
        "button": named("extras.jobbutton", row.button_id, buttons.get(row.button_id)),
        "object": named(row.object_type, row.object_id, row.object_name),
        "arguments": row.arguments,
        "attempt": row.attempt,
        "caused_by": row.caused_by,
        "rerun_of": row.rerun_of,
        "progress": progress(row),
        "warnings": row.warning_log_count,
        "errors": row.error_log_count,
        "log_counts": {
            name: getattr(row, f"{name}_log_count")
            for name in ("debug", "info", "success", "warning", "error")
        },
    }


def progress(row: Any) -> Document | None:
    """Return how far a run says it is."""
    if row.progress_done is None:
        return None
    return {"done": row.progress_done, "total": row.progress_total}


def log_document(entry: Any) -> Document:
    """Return one log entry."""
    return {
        "time": entry.time,
        "level": entry.level,
        "grouping": entry.grouping,
        "message": entry.message,
        "object": log_object(entry),
    }


def log_object(entry: Any) -> Document | None:
    """Return what a log entry is about; its address is `hookline:TYPE/ID`."""
    if not entry.object_name and not entry.object_url:
        return None
    kind, _, key = entry.object_url.removeprefix("hookline:").partition("/")
    return {"id": key or None, "type": kind or None, "name": entry.object_name}


def result_document(row: Any, user: User) -> Document:
    """Return one job result with its files, and the log that the user may see."""
    document = next(result_documents([row]))
    document["log"] = [log_document(e) for e in entries_seen(user, [row.id])]
    document["changes"] = change_ids(current_store(), row.id) or (
        [] if row.change_id is None else [row.change_id]
    )
    document["files"] = [{"name": f.name, "size": f.size} for f in row.files]
    return document


def entries_seen(user: User, result_ids: Sequence[int], behind: int = 0) -> Any:
    """Return the log entries of some results that a user may see, in their order."""
    from models.people.grants import visible
    from models.runs.results import JobLogEntry

    entry = JobLogEntry
    found = entry.select().where(entry.id > behind, entry.result.in_(list(result_ids)))
    return found.where(visible(user, entry)).order_by(entry.id)


def configured_document(row: Any, user: User) -> Document:
    """Return a hook or a button: its fields, and the job by its class path.

    Args:
        row: The row.
        user: Who looks; of a schedule's last result if they may see it.
    """
    if row._meta.model_name == "jobschedule":
        from tui.actions.scheduling import schedule_document

        return schedule_document(type(row).get_by_id(row.id), user)
    document: Document = {"id": row.id}
    for field in row._meta.sorted_fields:
        if field.name == "job":
            document["job"] = row.job.class_path
            document["job_enabled"] = row.job.enabled
        elif field.name != "id" and not field.name.startswith("type_"):
            document[field.name] = own_value(row, field)
    for name in ("events", "groups"):
        extra = getattr(row, name, None)
        if extra is not None:
            document[name] = list(extra)
    return document


def own_value(row: Any, field: Any) -> Any:
    """Return a field's value; a row that was just made holds its times as numbers."""
    value = getattr(row, field.name)
    is_time = isinstance(field, TimestampField) and isinstance(value, int)
    return from_us(value) if is_time else value


def job_document(row: Any) -> Document:
    """Return a job record."""
    skipped = {"id", "approved_hash"}
    fields = [f.name for f in row._meta.sorted_fields if f.name not in skipped]
    return {
        "id": row.id,
        "job": row.class_path,
        "kind": row.kind,
        "runnable": row.runnable,
        "changed": row.is_changed,
        **{name: getattr(row, name) for name in fields},
    }
