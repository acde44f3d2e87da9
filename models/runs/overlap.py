"""What becomes of a run that is queued while another of its kind is not over.

`Meta.overlap` of its job says: `parallel` lets both run; `queued` has the runs for one
object follow each other in their order; `single` refuses the second; `restart` ends the
first and has the second follow it. Runs of one kind share an `order_key`, and all but
the first of them are `blocked`: a claim need not look for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import RefusedError
from models.objects.fields import now_us

if TYPE_CHECKING:
    from models.runs.jobs import JobFacts
    from models.storage.store import Store

PARALLEL, QUEUED, SINGLE, RESTART = "parallel", "queued", "single", "restart"
POLICIES = (PARALLEL, QUEUED, SINGLE, RESTART)

_IS_OPEN = "order_key = ? AND status IN ('PENDING', 'STARTED')"
_PROMOTE = (
    "UPDATE job_result SET blocked = 0 WHERE status = 'PENDING' AND blocked"
    f" AND id = (SELECT min(id) FROM job_result WHERE {_IS_OPEN})"
)
REPLACED = "Replaced: a newer run for the same object was queued."


def order_key(overlap: str, job_id: int, object_id: bytes | None) -> str:
    """Return what the runs that must not overlap have in common."""
    if overlap == SINGLE:
        return str(job_id)
    return f"{job_id}:{object_id.hex() if object_id else ''}"


def open_run(store: Store, key: str) -> int | None:
    """Return the first run of this kind that is not over."""
    sql = f"SELECT min(id) FROM job_result WHERE {_IS_OPEN}"
    row = store.execute(sql, [key]).fetchone()
    return None if row[0] is None else int(row[0])


def line_up(store: Store, result_id: int, overlap: str, key: str) -> None:
    """Put a run that was just queued behind others of its kind; in a transaction."""
    if overlap == RESTART:
        _end_others(store, key)
    store.execute(
        "UPDATE job_result SET order_key = :key, blocked = EXISTS (SELECT 1 FROM"
        " job_result AS o WHERE o.order_key = :key"
        " AND o.status IN ('PENDING', 'STARTED')) WHERE id = :id",
        {"key": key, "id": result_id},
    )


def _end_others(store: Store, key: str) -> None:
    waiting = f"{_IS_OPEN} AND status = 'PENDING' AND owner IS NULL"
    store.execute(
        "DELETE FROM job_arguments WHERE result_id IN (SELECT id FROM job_result"
        f" WHERE {waiting})",
        [key],
    )
    store.execute(
        "UPDATE job_result SET status = 'REVOKED', done = ?, error = ?,"
        f" token = token + 1 WHERE {waiting}",
        [now_us(), REPLACED, key],
    )
    store.execute(f"UPDATE job_result SET cancel_requested = 1 WHERE {_IS_OPEN}", [key])


def promote(store: Store, key: str) -> None:
    """Let the next run of a kind begin, once none before it is open."""
    store.execute(_PROMOTE, [key])


def refuse_second(store: Store, job: JobFacts) -> None:
    """Refuse another run of a job that runs alone.

    Raises:
        RefusedError: One is not over.
    """
    first = open_run(store, order_key(SINGLE, job.id, None))
    if first is not None:
        raise RefusedError(
            f"The job {job.path} runs alone, and its run {first} is not over. Wait for"
            f" it, or `hookline result cancel {first}`.",
            on=job.path,
        )
