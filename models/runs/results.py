"""Job results: one row a run, from queued to over, with its log and files."""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING, Any

import peewee

from models.objects.base import StoreModel
from models.objects.fields import (
    BytesField,
    JSONField,
    SequenceField,
    TimestampField,
    now_us,
)
from models.people.access import User, require
from models.runs import overlap, queues
from models.runs.enqueuing import Enqueues
from models.runs.joblog import Logs
from models.runs.jobs import JobFacts, JobRecord, effective_limits
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from models.history.changes import ObjectChange
    from models.storage.store import Store


class JobResultStatusChoices(enum.StrEnum):
    """Where a run stands."""

    STATUS_PENDING = "PENDING"
    STATUS_STARTED = "STARTED"
    STATUS_SUCCESS = "SUCCESS"
    STATUS_FAILURE = "FAILURE"
    STATUS_REVOKED = "REVOKED"
    STATUS_INTERRUPTED = "INTERRUPTED"


FINAL = frozenset({"SUCCESS", "FAILURE", "REVOKED", "INTERRUPTED"})


class LogLevelChoices(enum.StrEnum):
    """The levels of log entries, low to high."""

    LOG_DEBUG = "debug"
    LOG_INFO = "info"
    LOG_SUCCESS = "success"
    LOG_WARNING = "warning"
    LOG_FAILURE = "failure"
    LOG_ERROR = "error"
    LOG_CRITICAL = "critical"


def _index(name: str, columns: str, where: str) -> peewee.SQL:
    return peewee.SQL(
        f"CREATE INDEX IF NOT EXISTS job_result_{name} ON job_result({columns})"
        f" WHERE {where}"
    )


class JobResult(Enqueues, Logs, StoreModel):
    """One run of a job."""

    id = SequenceField()
    name = peewee.TextField()
    job = peewee.ForeignKeyField(JobRecord, null=True, on_delete="SET NULL")
    job_path = peewee.TextField()
    status = peewee.TextField(default="PENDING")
    user = peewee.ForeignKeyField(
        User, null=True, backref="+", index=False, on_delete="SET NULL"
    )
    user_name = peewee.TextField(default="")
    acted_for = peewee.TextField(default="", constraints=[peewee.SQL("DEFAULT ''")])
    queue = peewee.TextField(default="default")
    priority = peewee.IntegerField(default=0)
    created = TimestampField(default=now_us)
    due = TimestampField(default=now_us)
    started = TimestampField(null=True)
    done = TimestampField(null=True)
    change_id = peewee.IntegerField(null=True)
    hook_id = peewee.IntegerField(null=True)
    button_id = peewee.IntegerField(null=True)
    schedule_id = peewee.IntegerField(null=True)
    fire_time = TimestampField(null=True)
    object_type = peewee.TextField(null=True)
    object_id = BytesField(null=True)
    object_name = peewee.TextField(null=True)
    arguments = JSONField(default=dict)
    result = JSONField(null=True)
    error = peewee.TextField(null=True)
    traceback = peewee.TextField(null=True)
    owner = peewee.TextField(null=True)
    token = peewee.IntegerField(default=0)
    attempt = peewee.IntegerField(default=0)
    crashes = peewee.IntegerField(default=0)
    cancel_requested = peewee.BooleanField(default=False)
    cancelled_by = peewee.TextField(default="", constraints=[peewee.SQL("DEFAULT ''")])
    profile = peewee.BooleanField(default=False, constraints=[peewee.SQL("DEFAULT 0")])
    delivery = peewee.TextField(default="once")
    soft_time_limit = peewee.FloatField(default=0)
    time_limit = peewee.FloatField(default=0)
    order_key = peewee.TextField(null=True)
    blocked = peewee.BooleanField(default=False, constraints=[peewee.SQL("DEFAULT 0")])
    rerun_of = peewee.IntegerField(null=True)
    caused_by = peewee.IntegerField(null=True)
    root_change_id = peewee.IntegerField(null=True)
    depth = peewee.IntegerField(default=0)
    source_hash = peewee.TextField(default="")
    reason = peewee.TextField(default="")
    progress_done = peewee.IntegerField(null=True)
    progress_total = peewee.IntegerField(null=True)
    debug_log_count = peewee.IntegerField(default=0)
    info_log_count = peewee.IntegerField(default=0)
    success_log_count = peewee.IntegerField(default=0)
    warning_log_count = peewee.IntegerField(default=0)
    error_log_count = peewee.IntegerField(default=0)

    class Meta:
        app_label = "extras"
        indexes = (
            _index(
                "ready",
                "priority, due, id, queue",
                "status = 'PENDING' AND owner IS NULL AND blocked = 0",
            ),
            _index(
                "order",
                "order_key, id",
                "order_key IS NOT NULL AND status IN ('PENDING', 'STARTED')",
            ),
            _index("claimed", "owner", "owner IS NOT NULL"),
            _index("change", "change_id", "change_id IS NOT NULL"),
            _index("hook", "hook_id", "hook_id IS NOT NULL"),
            _index("button", "button_id", "button_id IS NOT NULL"),
            _index("rerun", "rerun_of", "rerun_of IS NOT NULL"),
            peewee.SQL(
                "CREATE UNIQUE INDEX IF NOT EXISTS job_result_schedule"
                " ON job_result(schedule_id, fire_time) WHERE schedule_id IS NOT NULL"
            ),
            _index("root", "root_change_id", "root_change_id IS NOT NULL"),
            _index("object", "object_id, id", "object_id IS NOT NULL"),
            _index(
                "attention", "status, id, done", "status IN ('FAILURE', 'INTERRUPTED')"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} #{self.id}"

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self.status in FINAL

    @property
    def duration_s(self) -> float | None:
        """How long it ran, in seconds; None until it has ended."""
        if self.started is None or self.done is None:
            return None
        seconds: float = (self.done - self.started).total_seconds()
        return seconds


class RunAttempt(StoreModel):
    """An attempt that did not succeed; of one that did, the result tells all."""

    id = SequenceField()
    result = peewee.ForeignKeyField(JobResult, backref="attempts", on_delete="CASCADE")
    attempt = peewee.IntegerField()
    owner = peewee.TextField()
    pid = peewee.IntegerField(null=True)
    started = TimestampField()
    ended = TimestampField()
    outcome = peewee.TextField()
    error = peewee.TextField(null=True)


class JobArguments(StoreModel):
    """Sensitive arguments: deleted in the transaction that starts the run."""

    result = peewee.ForeignKeyField(
        JobResult, primary_key=True, backref="+", on_delete="CASCADE"
    )
    arguments = JSONField()


class JobLogEntry(StoreModel):
    """One line that a run logged."""

    id = SequenceField()
    result = peewee.ForeignKeyField(
        JobResult, backref="log_entries", on_delete="CASCADE", index=False
    )
    time = TimestampField()
    level = peewee.TextField()
    grouping = peewee.TextField(default="")
    message = peewee.TextField(default="")
    object_name = peewee.TextField(default="")
    object_url = peewee.TextField(default="")

    class Meta:
        app_label = "extras"
        verbose_name = "log entry"
        indexes = ((("result", "id"), False),)


class JobFile(StoreModel):
    """A file that a run made; it goes with the result."""

    id = SequenceField()
    result = peewee.ForeignKeyField(JobResult, backref="files", on_delete="CASCADE")
    name = peewee.TextField()
    size = peewee.IntegerField()
    path = peewee.TextField()


@frozen
class NewResult:
    """What a queued run starts with."""

    job: JobFacts
    user_id: int | None
    user_name: str
    acted_for: str = ""
    change_id: int | None = None
    hook_id: int | None = None
    button_id: int | None = None
    schedule_id: int | None = None
    fire_time: int | None = None
    object_type: str | None = None
    object_id: bytes | None = None
    object_name: str | None = None
    arguments: str = "{}"
    priority: int | None = None
    due: int | None = None
    rerun_of: int | None = None
    caused_by: int | None = None
    depth: int = 0
    owner: str | None = None
    reason: str = ""
    profile: bool = False
    queue: str = ""


INSERT_RESULT = (
    "INSERT INTO job_result (name, job_id, job_path, status, user_id, user_name,"
    " acted_for, queue, priority, created, due, change_id, hook_id, button_id,"
    " schedule_id, fire_time, object_type, object_id, object_name, arguments,"
    " owner, token, attempt, crashes, cancel_requested, delivery, soft_time_limit,"
    " time_limit, rerun_of, caused_by, depth, source_hash, reason, profile,"
    " root_change_id, debug_log_count, info_log_count, success_log_count,"
    " warning_log_count, error_log_count) VALUES"
    " (?,?,?,'PENDING',?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,0,0,"
    "?,?,?,?,?,?,?,?,?,"
    # The change that its whole chain began with, if it is part of one.
    "(SELECT coalesce(root_change_id, change_id) FROM job_result WHERE id = ?),"
    "0,0,0,0,0)"
)


def insert_pending(store: Store, new: NewResult) -> int:
    """Insert a PENDING result inside the caller's transaction; return its id.

    Raises:
        RefusedError: Only one may be open, and one is.
    """
    key = ""
    if new.job.overlap != overlap.PARALLEL:
        key = overlap.order_key(new.job.overlap, new.job.id, new.object_id)
        if new.job.overlap == overlap.SINGLE:
            overlap.refuse_second(store, new.job)
    result_id = insert_row(store, new)
    if key:
        overlap.line_up(store, result_id, new.job.overlap, key)
    return result_id


def insert_row(store: Store, new: NewResult) -> int:
    """Insert a PENDING result, whatever else is open; return its id.

    Raises:
        ValueError: It has an owner and a schedule.
    """
    if new.owner is not None and new.schedule_id is not None:
        raise ValueError("a scheduled run is queued, never run by who asks for it")
    now, limits = now_us(), effective_limits(store, new.job)
    cursor = store.execute(
        INSERT_RESULT,
        (
            new.job.name,
            new.job.id,
            new.job.path,
            new.user_id,
            new.user_name,
            new.acted_for,
            new.queue or new.job.queue,
            new.job.priority if new.priority is None else new.priority,
            now,
            new.due or now,
            new.change_id,
            new.hook_id,
            new.button_id,
            new.schedule_id,
            new.fire_time,
            new.object_type,
            new.object_id,
            new.object_name,
            new.arguments,
            new.owner,
            1 if new.owner else 0,
            new.job.delivery,
            *limits,
            new.rerun_of,
            new.caused_by,
            new.depth,
            new.job.source_hash,
            new.reason,
            new.profile,
            new.caused_by,
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def enqueue(
    record: JobRecord,
    user: User,
    *,
    arguments: dict[str, Any] | None = None,
    obj: Any = None,
    change: ObjectChange | None = None,
    **values: Any,
) -> JobResult:
    """Queue a run of a job by hand; a receiver's own runs lead on from its depth.

    Args:
        record: The job.
        user: Who runs it; needs run permission.
        arguments: The job's inputs, as JSON values.
        obj: The object that a button receiver is for.
        change: The change that a hook receiver is for.
        values: What else `NewResult` holds; a `queue` brings its priority.

    Raises:
        RefusedError: The job is off or missing, or the user may not run it or see obj.
    """
    from models.automation import batches
    from models.history.context import current_cause
    from models.runs import uploads

    store = current_store()
    require(user, "run", record, what=record.class_path)
    record.require_runnable()
    cause, depth = current_cause()
    if cause is None and (obj or change):  # receivers are not limited
        require(user, "view", obj or change)
    values = queues.placed(values.get("queue")) | values
    sensitive = record.has_sensitive_variables and bool(arguments)
    with store.transaction():
        result_id = insert_pending(
            store,
            NewResult(
                job=JobFacts.of(record),
                user_id=user.id,
                user_name=user.username,
                acted_for=user.acted_for,
                arguments="{}" if sensitive else json.dumps(arguments or {}),
                change_id=change.id if change else None,
                caused_by=cause,
                depth=depth + record.is_job_hook_receiver,
                **_target(obj, change),
                **values,
            ),
        )
        if repeated := values.get("rerun_of"):
            batches.repeat(store, result_id, repeated)
        uploads.give(result_id, arguments or {})
        if sensitive:
            store.execute(
                "INSERT INTO job_arguments (result_id, arguments) VALUES (?, ?)",
                (result_id, json.dumps(arguments)),
            )
    store.poke()
    return JobResult.get_by_id(result_id)  # type: ignore[no-any-return] # peewee's


def _target(obj: Any, change: ObjectChange | None) -> dict[str, Any]:
    if change is not None:
        label, key = change.changed_object_type, change.object_id
        name = change.object_repr
    elif obj is not None:
        label, key, name = obj._meta.label_lower, obj.pk.bytes, str(obj)
    else:
        return {}
    return {"object_type": label, "object_id": bytes(key), "object_name": name}
