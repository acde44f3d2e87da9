"""The queue: the only place that moves a job result on after it was queued.

A result is claimed under an owner (whose lock the kernel frees) and a token that every
claim and every rescue moves on; whoever writes with an old token writes nothing. What
the runner learns between two ticks is settled in one transaction with its next claim.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import peewee

from models.errors import StoreError
from models.objects.fields import now_us
from models.runs.notices import note_failures
from models.runs.overlap import promote
from models.runs.results import JobResultStatusChoices as Choices
from models.storage.crashpoints import reach
from receivers.queueing import lanes
from receivers.queueing.claims import COUNTER_NAMES, ONCE, Batch, Claim, Finish, revoked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.storage.store import Store
    from receivers.queueing.claims import LogRow

_log = logging.getLogger(__name__)


def settle(store: Store, owner: str, batch: Batch, limit: int) -> list[Claim]:
    """Write down a batch and claim the next runs, in one transaction.

    The claimed runs count as begun. A finish with an old token is ignored: somebody
    else has decided about that run.

    Raises:
        StoreError: Nothing was written; the batch is still to be settled.
    """
    with store.transaction():
        _write_log(store, batch.entries)
        _write_progress(store, batch.progress)
        finish_runs(store, batch.finishes)
        for claim in batch.released:
            _release(store, claim)
        for result_id in batch.begun:
            forget_arguments(store, result_id)
        claims = _claim(store, owner, limit) if limit else []
        reach("claim.before-commit" if claims else "")
        return claims


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Go on without an answer when the store cannot be read just now."""
    try:
        yield
    except (sqlite3.Error, peewee.DatabaseError) as error:
        _log.warning("the store cannot be read: %s", error)


def is_work_due(store: Store) -> bool:
    """Return whether a claim would find anything; takes no lock."""
    return bool(lanes.ready(store, 1))


def count_due(store: Store, most: int) -> int:
    """Return how many results a claim would find, `most` at most; takes no lock."""
    return len(lanes.ready(store, most))


def next_due(store: Store) -> int | None:
    """Return when the next result that waits for its time is due, in µs."""
    row = store.execute(
        "SELECT min(due) FROM job_result"
        " WHERE status = 'PENDING' AND owner IS NULL AND blocked = 0"
        " AND due > ? AND due > created",
        [now_us()],
    ).fetchone()
    return None if row[0] is None else int(row[0])


def seconds_until_due(store: Store, result_id: int) -> float | None:
    """Return how long a result has to wait for its time; None when it does not wait."""
    row = store.execute(
        "SELECT due FROM job_result"
        " WHERE id = ? AND status = 'PENDING' AND owner IS NULL",
        [result_id],
    ).fetchone()
    return None if row is None else max(0.0, (row[0] - now_us()) / 1_000_000)


def is_work_left(store: Store) -> bool:
    """Return whether anything is due, or is in anybody's hands."""
    if is_work_due(store):
        return True
    owned = store.execute("SELECT 1 FROM job_result WHERE owner IS NOT NULL LIMIT 1")
    return owned.fetchone() is not None


def claim(store: Store, owner: str, limit: int) -> list[Claim]:
    """Take the next due runs and mark them as begun.

    Raises:
        StoreError: None was taken.
    """
    return settle(store, owner, Batch(), limit)


def _claim(store: Store, owner: str, limit: int) -> list[Claim]:
    ready = lanes.ready(store, limit)
    if not ready:
        return []
    rows = store.execute(
        "UPDATE job_result SET status = 'STARTED', owner = :owner, started = :now,"
        " token = token + 1, attempt = attempt + 1"
        # One text whatever the ids: a statement is compiled once, not at each claim.
        " WHERE id IN (SELECT value FROM json_each(:ready))"
        " RETURNING id, token, delivery, soft_time_limit, time_limit, crashes,"
        " job_path, order_key, cancel_requested, priority, due",
        {"owner": owner, "now": now_us(), "ready": str(ready)},
    ).fetchall()
    rows.sort(key=lambda row: (row[9], row[10], row[0]))  # RETURNING promises no order
    cancelled = [row for row in rows if row[8]]
    for row in cancelled:
        finish_runs(store, [revoked(_claim_of(row, {}))])
    begun = [row for row in rows if not row[8]]
    arguments = _take_arguments(store, [row[0] for row in begun])
    return [_claim_of(row, arguments) for row in begun]


def _claim_of(row: Sequence[Any], arguments: dict[int, str]) -> Claim:
    text = arguments.get(row[0])
    return Claim(
        result_id=row[0],
        token=row[1],
        # Sensitive arguments are gone once begun, so it cannot be run again.
        delivery=ONCE if text is not None else row[2],
        soft=row[3] or 0,
        hard=row[4] or 0,
        crashes=row[5],
        arguments=text,
        job=row[6],
        order_key=row[7],
    )


def _take_arguments(store: Store, result_ids: Sequence[int]) -> dict[int, str]:
    """Return the sensitive arguments of runs that are about to begin.

    They are deleted with the first that is heard of the run. Until then it may prove
    not to have begun, and then it is run with them.
    """
    if not result_ids:
        return {}
    marks = ",".join("?" * len(result_ids))
    taken = dict(
        store.execute(
            "SELECT result_id, arguments FROM job_arguments"
            f" WHERE result_id IN ({marks})",
            result_ids,
        ).fetchall()
    )
    for result_id in taken:
        store.execute(
            "UPDATE job_result SET delivery = ? WHERE id = ?", [ONCE, result_id]
        )
    return taken


def forget_arguments(store: Store, result_id: int) -> None:
    """Delete a result's sensitive arguments, inside the caller's transaction."""
    store.execute("DELETE FROM job_arguments WHERE result_id = ?", [result_id])


def begin(store: Store, result_id: int, owner: str) -> Claim:
    """Mark one run as begun: it is due, or was queued claimed by this owner.

    Raises:
        StoreError: The mark could not be written.
        LookupError: It is no longer this owner's to begin.
    """
    with store.transaction():
        row = store.execute(
            "UPDATE job_result SET status = 'STARTED', started = ?, owner = ?,"
            " token = token + 1, attempt = attempt + 1"
            " WHERE id = ? AND status = 'PENDING' AND coalesce(owner, ?) = ?"
            " RETURNING id, token, delivery, soft_time_limit, time_limit, crashes,"
            " job_path, order_key",
            [now_us(), owner, result_id, owner, owner],
        ).fetchone()
        if row is None:
            raise LookupError(f"Job result {result_id} was taken by somebody else.")
        return _claim_of(row, _take_arguments(store, [result_id]))


def _write_log(store: Store, entries: Sequence[LogRow]) -> None:
    if entries:
        store.database.connection().executemany(
            "INSERT INTO job_log_entry (result_id, time, level, grouping, message,"
            " object_name, object_url) VALUES (?, ?, ?, ?, ?, ?, ?)",
            entries,
        )


def _write_progress(store: Store, steps: dict[int, tuple[int, int | None]]) -> None:
    for result_id, (done, total) in steps.items():
        store.execute(
            "UPDATE job_result SET progress_done = ?, progress_total = ?"
            " WHERE id = ? AND status = 'STARTED'",
            [done, total, result_id],
        )


_ATTEMPT = (
    "INSERT INTO run_attempt (result_id, attempt, owner, pid, started, ended, outcome,"
    " error) SELECT id, attempt, owner, ?, started, ?, ?, ? FROM job_result"
    " WHERE id = ? AND token = ? AND status = 'STARTED'"
)
_FINISH = (
    "UPDATE job_result SET status = ?, done = ?, result = ?, error = ?, traceback = ?,"
    f" {', '.join(f'{name} = {name} + ?' for name in COUNTER_NAMES)}, crashes = ?,"
    " due = coalesce(?, due), owner = NULL"
    " WHERE id = ? AND token = ? AND status = 'STARTED'"
)


def finish_runs(store: Store, finishes: Sequence[Finish]) -> None:
    """Write how runs ended, inside the caller's transaction; not what is fenced off."""
    if finishes:
        now = now_us()
        _note_attempts(store, finishes, now)
        rows = [_finish_row(finish, now) for finish in finishes]
        store.database.connection().executemany(_FINISH, rows)
    for finish in finishes:
        if finish.claim.arguments is not None:
            forget_arguments(store, finish.claim.result_id)
        if finish.claim.order_key is not None and finish.is_final:
            promote(store, finish.claim.order_key)
    if finishes and store.settings.notify:
        failed = [f.claim.result_id for f in finishes if f.wants_attention]
        if failed:
            _notify(store, failed, now)


def _notify(store: Store, failed: Sequence[int], now: int) -> None:
    """Queue what tells of failed runs; what goes wrong here keeps none from ending."""
    try:
        with store.transaction():
            note_failures(store, failed, now)
    except StoreError:
        raise
    except Exception:  # the end of the run counts for more than the message about it
        _log.exception("nobody can be told of the failed runs %s", failed)


def _note_attempts(store: Store, finishes: Sequence[Finish], now: int) -> None:
    rows = [
        (f.pid, now, _outcome(f), f.error, f.claim.result_id, f.claim.token)
        for f in finishes
        if f.status != Choices.STATUS_SUCCESS
    ]
    if rows:
        store.database.connection().executemany(_ATTEMPT, rows)


def _outcome(finish: Finish) -> str:
    """Say how an attempt ended that may not be the last."""
    if finish.status == Choices.STATUS_PENDING:
        return Choices.STATUS_INTERRUPTED
    return finish.status


def _finish_row(finish: Finish, now: int) -> tuple[Any, ...]:
    wait, counts = finish.retry_after_s, finish.counts
    again = wait is not None or finish.status == Choices.STATUS_PENDING
    return (
        "PENDING" if again else finish.status,
        None if again else now,
        finish.value,
        finish.error,
        finish.traceback,
        *[counts.get(name, 0) for name in COUNTER_NAMES],
        finish.crashes,
        None if wait is None else now + int(wait * 1_000_000),
        finish.claim.result_id,
        finish.claim.token,
    )


def unbegin(store: Store, result_id: int, token: int) -> None:
    """Give back a run that was claimed by the dead and had not begun.

    The attempt does not count. Call it inside a transaction.
    """
    store.execute(
        "UPDATE job_result SET status = 'PENDING', owner = NULL, started = NULL,"
        " attempt = attempt - 1, token = token + 1"
        " WHERE id = ? AND token = ? AND status = 'STARTED'",
        [result_id, token],
    )


def _release(store: Store, claim: Claim) -> None:
    """Give back a run that no child has begun; the attempt does not count."""
    released = store.execute(
        "UPDATE job_result SET status = 'PENDING', owner = NULL, started = NULL,"
        " attempt = attempt - 1 WHERE id = ? AND token = ? AND status = 'STARTED'",
        [claim.result_id, claim.token],
    )
    if released.rowcount and claim.arguments is not None:
        store.execute(
            "INSERT OR REPLACE INTO job_arguments (result_id, arguments) VALUES (?, ?)",
            [claim.result_id, claim.arguments],
        )


def cancel(store: Store, result_id: int, *, by: str = "") -> str:
    """Cancel a result: at once while it waits, through its runner when it runs.

    Returns:
        Its status now; STARTED means that its runner was asked to end it.

    Raises:
        StoreError: The request could not be written.
    """
    with store.transaction():
        store.execute(
            "UPDATE job_result SET cancel_requested = 1, cancelled_by = ?"
            " WHERE id = ? AND status IN ('PENDING', 'STARTED')",
            [by, result_id],
        )
        store.execute(
            "UPDATE job_result SET status = 'REVOKED', done = ?, token = token + 1,"
            " error = ? WHERE id = ? AND status = 'PENDING' AND owner IS NULL",
            [now_us(), "Cancelled: somebody asked for it.", result_id],
        )
        row = store.execute(
            "SELECT status, order_key FROM job_result WHERE id = ?", [result_id]
        ).fetchone()
        if row is not None and row[0] == Choices.STATUS_REVOKED:
            forget_arguments(store, result_id)
            promote(store, row[1] or "")
    store.poke()
    return "" if row is None else str(row[0])


def cancelled_among(store: Store, result_ids: Sequence[int]) -> set[int]:
    """Return those of these running results that somebody wants to end."""
    if not result_ids:
        return set()
    marks = ",".join("?" * len(result_ids))
    rows = store.execute(
        f"SELECT id FROM job_result WHERE id IN ({marks}) AND cancel_requested",
        result_ids,
    )
    return {row[0] for row in rows}
