"""What needs a person's attention: runs that failed and that this person has not seen.

Everybody acknowledges for themselves. What was acknowledged one by one is a row; what
was acknowledged all together is one number, up to which every run was over, so that
nothing that fails later can hide behind it. No clock takes part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peewee

from models.objects.base import StoreModel
from models.objects.queries import Q
from models.people.access import User
from models.people.grants import visible
from models.runs.openness import has_failed
from models.runs.results import JobResult
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.storage.store import Store

UNSEEN = ("FAILURE", "INTERRUPTED")
"""The statuses that somebody should look at."""
PIECE = 500

_FIRST_OPEN = (
    "SELECT min(id) FROM ("
    "SELECT min(id) AS id FROM job_result INDEXED BY job_result_ready"
    " WHERE status = 'PENDING' AND owner IS NULL AND blocked = 0"
    " UNION ALL SELECT min(id) FROM job_result INDEXED BY job_result_order"
    " WHERE order_key IS NOT NULL AND status IN ('PENDING', 'STARTED')"
    " UNION ALL SELECT min(id) FROM job_result INDEXED BY job_result_claimed"
    " WHERE owner IS NOT NULL)"
)


class SeenUpTo(StoreModel):
    """All runs up to a number, each of them over, count as seen by a user."""

    user = peewee.ForeignKeyField(
        User, primary_key=True, backref="+", on_delete="CASCADE"
    )
    result_id = peewee.IntegerField(default=0)


class SeenResult(StoreModel):
    """A failed run that a user has acknowledged."""

    user = peewee.ForeignKeyField(User, backref="+", index=False, on_delete="CASCADE")
    result = peewee.ForeignKeyField(JobResult, backref="+", on_delete="CASCADE")

    class Meta:
        primary_key = peewee.CompositeKey("user", "result")
        without_rowid = True


def unseen(user: User) -> Any:
    """Return the query of the runs that failed and that a user has not seen.

    What ended before the user came does not count.
    """
    seen = SeenResult.select(SeenResult.result).where(SeenResult.user == user.id)
    return JobResult.select(JobResult.id).where(
        has_failed(),
        JobResult.id > _up_to(user),
        JobResult.done >= user.created,
        JobResult.id.not_in(seen),
        visible(user, JobResult),
    )


def unseen_condition(user: User) -> Q:
    """Return the same as lookups."""
    return Q(id__in=unseen(user))


def is_unseen(user: User, result_id: int) -> bool:
    """Return whether a run waits to be seen by a user."""
    return bool(unseen(user).where(JobResult.id == result_id).exists())


def count_unseen(user: User) -> dict[str, int]:
    """Return how many runs of each status a user has not seen."""
    query = unseen(user).select(JobResult.status, peewee.fn.count(JobResult.id))
    return dict(query.group_by(JobResult.status).tuples())


def _up_to(user: User) -> int:
    row = SeenUpTo.get_or_none(SeenUpTo.user == user.id)
    return 0 if row is None else int(row.result_id)


def acknowledge(user: User, ids: Iterable[int] | None = None) -> int:
    """Mark failed and interrupted runs as seen by a user.

    Args:
        user: Who has seen them.
        ids: Which; all of them without it.

    Returns:
        How many of them this user had not seen.
    """
    store = current_store()
    if ids is None:
        with store.transaction():
            count = _note(user, unseen(user))
            _note_up_to(store, user)
        return count
    wanted, count = list(ids), 0
    for start in range(0, len(wanted), PIECE):
        with store.transaction():
            piece = wanted[start : start + PIECE]
            count += _note(user, unseen(user).where(JobResult.id.in_(piece)))
    return count


def _note(user: User, found: Any) -> int:
    keys = [(user.id, row[0]) for row in found.tuples()]
    current_store().database.connection().executemany(
        "INSERT INTO seen_result (user_id, result_id) VALUES (?, ?)", keys
    )
    return len(keys)


def _note_up_to(store: Store, user: User) -> None:
    """Replace the single rows by one number, as far as every run is over."""
    first = store.execute(_FIRST_OPEN).fetchone()[0]
    last = store.execute("SELECT max(id) FROM job_result").fetchone()[0] or 0
    up_to = last if first is None else first - 1
    store.execute(
        "INSERT INTO seen_up_to (user_id, result_id) VALUES (?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET result_id = excluded.result_id",
        (user.id, max(up_to, _up_to(user))),
    )
    store.execute(
        "DELETE FROM seen_result WHERE user_id = ? AND result_id <= ?", (user.id, up_to)
    )
