"""What the screen of a job result reads: the row, what it leads to, and its log.

Read in a thread, whenever the store has changed; only new log entries are read.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from models.automation.batches import change_ids
from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.history.changes import ObjectChange
from models.objects.fields import from_us
from models.people.access import why_not
from models.people.grants import visible
from models.runs.attention import UNSEEN, is_unseen
from models.runs.results import JobFile, JobLogEntry, JobResult
from models.timing.schedules import JobSchedule
from models.values import frozen
from tui.lists.log_lines import LINES_KEPT, LogLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.people.access import User
    from models.storage.store import Store

MICROSECONDS = 1_000_000
LINES_AT_ONCE = 5_000
"""How many new entries are read in one go: 10 ms, so that keys are not kept waiting."""
TRACEBACK_ID = 1 << 62
OWN_GROUPINGS = frozenset(
    {"main", "run", "receive_job_hook", "receive_job_hooks", "receive_job_button"}
    | {"before_start", "on_success", "on_failure", "after_return", "post_run"}
)
"""Groupings that no author chose: the names of the methods that every run has."""


@frozen
class ResultPage:
    """A result as it stood when it was read.

    Attributes:
        row: The result; None when there is none.
        change: The change that led to it.
        changes: How many changes the run is for, when it is for several.
        hook: The hook's name; empty when it is gone.
        button: The button's name; empty when it is gone.
        schedule: The schedule's name; empty when it is gone.
        files: Those that the run made.
        rerun: The newest run that repeats it.
        is_paused: Whether the queue is.
        is_unseen: Whether it failed and waits to be seen by whom it is shown to.
        entries: The log entries behind the last ones read.
        no_log: Why none are shown; empty when the user may see some.
        has_more: Whether more entries wait to be read.
    """

    row: Any
    change: Any = None
    changes: int = 0
    hook: str = ""
    button: str = ""
    schedule: str = ""
    files: tuple[Any, ...] = ()
    rerun: int | None = None
    is_paused: bool = False
    is_unseen: bool = False
    entries: tuple[LogLine, ...] = ()
    no_log: str = ""
    has_more: bool = False


def read_page(store: Store, user: User, result_id: int, last_entry: int) -> ResultPage:
    """Read a result, with the log entries behind one that was read before.

    Args:
        store: The store.
        user: Who looks.
        result_id: The result.
        last_entry: The entry that was read last; 0 at first.
    """
    # The row first: a run that is over by then has written all of its entries.
    row = JobResult.get_or_none(JobResult.id == result_id, visible(user, JobResult))
    if row is None:
        return ResultPage(row=None)
    entries = newer_entries(store, user, result_id, last_entry)
    return ResultPage(
        row=row,
        change=_one(ObjectChange, row.change_id),
        changes=len(change_ids(store, result_id)),
        hook=getattr(_one(JobHook, row.hook_id), "name", ""),
        button=getattr(_one(JobButton, row.button_id), "name", ""),
        schedule=getattr(_one(JobSchedule, row.schedule_id), "name", ""),
        files=tuple(JobFile.select().where(JobFile.result == result_id)),
        rerun=_rerun_of(row),
        is_paused=_is_paused(store, row.queue),
        is_unseen=row.status in UNSEEN and is_unseen(user, row.id),
        entries=tuple(entries),
        no_log=why_not(user, "view", JobLogEntry),
        has_more=len(entries) == LINES_AT_ONCE and last_entry > 0,
    )


def _one(model: Any, key: int | None) -> Any:
    return None if key is None else model.get_or_none(model.id == key)


def _rerun_of(row: Any) -> int | None:
    """Return the newest repetition."""
    found = (
        JobResult.select(JobResult.id)
        .where(JobResult.rerun_of == row.id)
        .order_by(JobResult.id.desc())
        .first()
    )
    return None if found is None else int(found.id)


def _is_paused(store: Store, queue: str) -> bool:
    sql = "SELECT EXISTS (SELECT 1 FROM job_queue WHERE paused AND name = ?)"
    return bool(store.execute(sql, [queue]).fetchone()[0])


def newer_entries(store: Store, user: User, result_id: int, last: int) -> list[LogLine]:
    """Return the entries behind one; at first, the newest that fit into memory."""
    if not last:
        return older_entries(store, user, result_id, TRACEBACK_ID, LINES_KEPT)
    query = _entries(user, result_id).where(JobLogEntry.id > last)
    query = query.order_by(JobLogEntry.id).limit(LINES_AT_ONCE)
    return [_line(row) for row in store.execute(*query.sql())]


def older_entries(
    store: Store, user: User, result_id: int, before: int, most: int
) -> list[LogLine]:
    """Return up to so many entries before one, oldest first."""
    query = _entries(user, result_id).where(JobLogEntry.id < before)
    query = query.order_by(JobLogEntry.id.desc()).limit(most)
    rows = store.execute(*query.sql()).fetchall()
    return [_line(row) for row in reversed(rows)]


def _entries(user: User, result_id: int) -> Any:
    """Return the query of the entries that a user may see."""
    entry = JobLogEntry
    query = entry.select(
        *(entry.id, entry.level, entry.message),
        *(entry.time, entry.grouping, entry.object_name),
    )
    return query.where(entry.result == result_id, visible(user, entry))


def _line(row: Sequence[Any]) -> LogLine:
    return LogLine(
        id=row[0],
        level=row[1],
        message=row[2],
        time=_clock(row[3] // MICROSECONDS),
        grouping="" if row[4] in OWN_GROUPINGS else row[4],
        object=row[5],
    )


@functools.lru_cache(maxsize=1000)
def _clock(seconds: int) -> str:
    """Return the time of day; most lines of a batch are of the same second."""
    return from_us(seconds * MICROSECONDS).astimezone().strftime("%H:%M:%S")


def traceback_lines(row: Any) -> list[LogLine]:
    """Return the lines that stand below a failed run's log."""
    lines = (row.traceback or row.error or "").splitlines()
    if not lines:
        return []
    texts = ["", *lines] if row.traceback else lines
    return [LogLine(TRACEBACK_ID + n, "", text) for n, text in enumerate(texts)]
