"""A schedule's time has come: its runs, and the move to its next time, in one go.

Both are one transaction under the write lock, and a result is unique by schedule and
fire time, so that neither a crash nor a second runner makes two runs of one time, or
none. Who calls this, and when, is the runner's matter (`receivers.service.timetable`).
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import peewee

from models.automation.dispatch import may_run
from models.errors import RefusedError
from models.objects.fields import from_us, now_us, to_us
from models.people.access import User
from models.runs.jobs import JobFacts, JobRecord
from models.runs.results import NewResult, insert_pending, insert_row
from models.storage.crashpoints import reach
from models.timing.firetimes import due_times
from models.timing.schedules import JobSchedule
from models.values import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from models.storage.store import Store

_log = logging.getLogger(__name__)

PIECE = 20
"""How many schedules are dealt with in one transaction: 10 to 20 ms."""
ON_TIME_US = 60_000_000
"""A fire time that is dealt with later than this was missed."""


@frozen
class Fired:
    """A schedule whose time had come.

    Attributes:
        next_fire: Its next time; None when there is none.
    """

    schedule_id: int
    next_fire: dt.datetime | None


def fire_due(store: Store, *, now: int | None = None, most: int = PIECE) -> list[Fired]:
    """Queue the runs of schedules whose time has come; return which they were.

    Args:
        store: The store.
        now: The time, in µs.
        most: How many schedules; call again until none is returned.

    Raises:
        StoreError: Nothing was written.
    """
    moment = now_us() if now is None else now
    if not is_due(store, moment):
        return []
    with store.transaction():
        rows = list(_due_rows(moment).limit(most))
        fired = [_fire_one(store, row, moment) for row in rows]
        reach("schedule.before-commit" if fired else "")
    reach("schedule.after-commit" if fired else "")
    return fired


def is_due(store: Store, now: int) -> bool:
    """Return whether the time of any schedule has come; takes no lock."""
    found = store.execute(
        "SELECT EXISTS (SELECT 1 FROM job_schedule"
        " WHERE enabled AND next_fire IS NOT NULL AND next_fire <= ?)",
        [now],
    )
    return bool(found.fetchone()[0])


def _due_rows(now: int) -> Any:
    return (
        JobSchedule.select(JobSchedule, JobRecord, User)
        .join(JobRecord)
        .switch(JobSchedule)
        .join(User, peewee.JOIN.LEFT_OUTER)
        .where(JobSchedule.enabled, JobSchedule.next_fire <= now)
        .order_by(JobSchedule.next_fire, JobSchedule.id)
    )


def _fire_one(store: Store, row: Any, now: int) -> Fired:
    try:
        with store.transaction():
            return _fire(store, row, from_us(now))
    except Exception as error:  # one schedule's failure must not stop the others
        _log.exception("the schedule %s failed", row.name)
        problem = f"{type(error).__name__}: {error}"
        _move(store, row, last=row.next_fire, following=None, error=problem, off=True)
        return Fired(schedule_id=row.id, next_fire=None)


def _fire(store: Store, row: Any, now: dt.datetime) -> Fired:
    times = row.times()
    due = due_times(times, row.next_fire, now, store.settings.schedules.most_missed)
    following = times.after(now)
    gone = _gone_owner(row)
    problem = gone or _obstacle(store, row)
    skipped = 0
    if not problem:
        chosen = choose(row.missed, due, now)
        skipped = 0 if chosen else len(due)
        problem = _queue(store, row, chosen, due)
    elif gone or problem != row.error:  # once: not a failure each minute
        _insert_failed(store, row, due[-1], problem)
    is_over = bool(gone) or following is None
    _move(
        store,
        row,
        last=due[-1],
        following=None if is_over else following,
        error=problem,
        off=is_over,
        skipped=skipped,
    )
    return Fired(schedule_id=row.id, next_fire=None if is_over else following)


def choose(
    missed: str, due: Sequence[dt.datetime], now: dt.datetime
) -> list[dt.datetime]:
    """Return the fire times that get a run, by the rule for missed ones.

    Args:
        missed: skip, once or all.
        due: The fire times that have come, oldest first. The last may be on time, all
            before it were missed.
        now: When they are dealt with.
    """
    if missed == "all":
        return list(due)
    is_late = to_us(now) - to_us(due[-1]) > ON_TIME_US
    return [] if missed == "skip" and is_late else [due[-1]]


def _gone_owner(row: Any) -> str:
    if row.owner is None:
        return f"its owner {row.owner_name} was deleted"
    return "" if row.owner.is_active else f"its owner {row.owner} is not active"


def _obstacle(store: Store, row: Any) -> str:
    """Return why there cannot be a run, which may change; empty when there can."""
    job = row.job
    if not job.runnable:
        return str(job.why_not) if job.error else f"{job.why_not}: {job.class_path}"
    if job.has_sensitive_variables:
        return f"{job.class_path} has sensitive arguments now"
    if not may_run(store, row.owner, job.id):
        return f"{row.owner} may not run {job.class_path}"
    if row.object_type is not None and row.target() is None:
        return f"{row.object} is gone"
    return ""


def _queue(
    store: Store, row: Any, chosen: Sequence[dt.datetime], due: Sequence[dt.datetime]
) -> str:
    """Insert a PENDING result for each time; return why the last was not, if so."""
    for moment in chosen:
        if _was_fired(store, row.id, moment):
            continue
        reason = f"schedule {row.name}"
        if len(due) > len(chosen):
            reason += f", also for {len(due) - len(chosen)} missed times before"
        try:
            insert_pending(store, _new_result(row, moment, reason=reason))
        except RefusedError as error:  # the job runs alone, and its last run goes on
            return error.message
    return ""


def _was_fired(store: Store, schedule_id: int, moment: dt.datetime) -> bool:
    """Return whether a time has its run: the clock was set back, and times changed."""
    found = store.execute(
        "SELECT 1 FROM job_result WHERE schedule_id = ? AND fire_time = ?",
        [schedule_id, to_us(moment)],
    )
    return found.fetchone() is not None


def _insert_failed(store: Store, row: Any, moment: dt.datetime, error: str) -> None:
    if _was_fired(store, row.id, moment):
        return
    new = _new_result(row, moment, reason=f"schedule {row.name}")
    result_id = insert_row(store, new)
    store.execute(
        "UPDATE job_result SET status = 'FAILURE', done = created, error = ?"
        " WHERE id = ?",
        [f"The schedule {row.name!r} could not run it: {error}.", result_id],
    )


def _new_result(row: Any, moment: dt.datetime, *, reason: str) -> NewResult:
    return NewResult(
        job=JobFacts.of(row.job),
        user_id=None if row.owner is None else row.owner.id,
        user_name=row.owner_name,
        schedule_id=row.id,
        fire_time=to_us(moment),
        object_type=row.object_type,
        object_id=None if row.object_id is None else bytes(row.object_id),
        object_name=row.object_name,
        arguments=json.dumps(row.inputs or {}),
        reason=reason,
    )


def _move(  # noqa: PLR0913 - the columns that a firing moves
    store: Store,
    row: Any,
    *,
    last: dt.datetime,
    following: dt.datetime | None,
    error: str,
    off: bool = False,
    skipped: int = 0,
) -> None:
    store.execute(
        "UPDATE job_schedule SET last_fire = ?, next_fire = ?, error = ?,"
        " skipped = skipped + ? WHERE id = ?",
        [
            to_us(last),
            None if following is None else to_us(following),
            error,
            skipped,
            row.id,
        ],
    )
    if off:  # apart: this makes every process read its configuration again
        store.execute("UPDATE job_schedule SET enabled = 0 WHERE id = ?", [row.id])
