"""Runs that are not over, and runs that failed, found by their indices alone.

A partial index is used only where a statement itself says what the index says: a
status that is bound as a value may be any, and all runs are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peewee

from models.people.grants import visible
from models.runs.results import JobResult

if TYPE_CHECKING:
    from models.people.access import User
    from models.storage.store import Store

_OPEN = (
    "SELECT id FROM job_result INDEXED BY job_result_ready"
    " WHERE status = 'PENDING' AND owner IS NULL AND blocked = 0"
    " UNION SELECT id FROM job_result INDEXED BY job_result_order"
    " WHERE order_key IS NOT NULL AND status IN ('PENDING', 'STARTED')"
    " UNION SELECT id FROM job_result INDEXED BY job_result_claimed"
    " WHERE owner IS NOT NULL"
)


def open_ids(store: Store) -> set[int]:
    """Return the numbers of all runs that wait or go on."""
    return {row[0] for row in store.execute(_OPEN)}


def count_open(user: User) -> dict[str, int]:
    """Return how many runs wait and go on, by status, of those that a user may see."""
    status = JobResult.status
    query = JobResult.select(status, peewee.fn.COUNT(JobResult.id)).where(
        JobResult.id.in_(peewee.SQL(f"({_OPEN})")),
        status.in_(("PENDING", "STARTED")),
        visible(user, JobResult),
    )
    return dict(query.group_by(status).tuples())


def has_failed() -> Any:
    """Return peewee's expression for the runs that failed or were interrupted."""
    words = peewee.SQL("('FAILURE', 'INTERRUPTED')")
    return peewee.Expression(JobResult.status, peewee.OP.IN, words)
