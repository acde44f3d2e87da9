"""Runs that take several changes of one context: batches, up to `Meta.batch` changes.

While the changes of a context are dispatched, its batches are held: they are `blocked`
under an order key of the context, so that none begins while it is being filled. They
are let go in the transaction that closes the context, which somebody always does: a
context whose owner died is closed by the runner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import peewee

from models.objects.base import StoreModel
from models.runs import overlap, results
from models.runs.results import JobResult

if TYPE_CHECKING:
    from models.runs.results import NewResult
    from models.storage.store import Store

MOST_CHANGES = 1000
"""How many changes a batch holds where `Meta.batch` does not say."""

_OPEN = (
    "SELECT id,"
    " (SELECT count(*) FROM batch_change WHERE result_id = job_result.id)"
    " FROM job_result WHERE order_key = ? AND hook_id = ? AND status = 'PENDING'"
    " AND blocked ORDER BY id DESC LIMIT 1"
)
_HOLD = "UPDATE job_result SET order_key = ?, blocked = 1 WHERE id = ?"
_ADD = "INSERT INTO batch_change (result_id, change_id) VALUES (?, ?)"
_HELD = (
    "SELECT r.id, r.job_id, j.overlap,"
    " (SELECT count(*) FROM batch_change WHERE result_id = r.id)"
    " FROM job_result r LEFT JOIN job_record j ON j.id = r.job_id"
    " WHERE r.order_key = ? AND r.status = 'PENDING' AND r.blocked ORDER BY r.id"
)


class BatchChange(StoreModel):
    """A change that a batch holds; a run for one change names it in its own row."""

    result = peewee.ForeignKeyField(
        JobResult, backref="+", on_delete="CASCADE", index=False
    )
    change_id = peewee.IntegerField()

    class Meta:
        primary_key = peewee.CompositeKey("result", "change_id")
        without_rowid = True


class Batches:
    """The batches of one context, inside one transaction of its dispatch.

    Args:
        store: The store; its write lock is held.
        context_id: The context's row.
    """

    def __init__(self, store: Store, context_id: int) -> None:
        self._store = store
        self._key = f"batch:{context_id}"
        self._open: dict[int, tuple[int, int]] = {}

    @property
    def is_open(self) -> bool:
        """Whether this transaction put a change into a batch."""
        return bool(self._open)

    def add(self, new: NewResult) -> int:
        """Put a change into its hook's open batch, or begin one; return the result.

        Raises:
            RefusedError: Only one run may be open, and one is.
        """
        assert new.hook_id is not None
        result_id, count = self._open.get(new.hook_id) or self._find(new.hook_id)
        if not result_id or count >= new.job.batch:
            result_id, count = self._begin(new), 0
        self._store.execute(_ADD, (result_id, new.change_id))
        self._open[new.hook_id] = result_id, count + 1
        return result_id

    def _find(self, hook_id: int) -> tuple[int, int]:
        found = self._store.execute(_OPEN, (self._key, hook_id)).fetchone()
        return (0, 0) if found is None else (int(found[0]), int(found[1]))

    def _begin(self, new: NewResult) -> int:
        if new.job.overlap == overlap.SINGLE:
            overlap.refuse_second(self._store, new.job)
        result_id = results.insert_row(self._store, new)
        self._store.execute(_HOLD, (self._key, result_id))
        return result_id

    def release(self) -> None:
        """Let the held batches begin, in their order; the context is closed."""
        execute = self._store.execute
        seen: set[int] = set()
        for result_id, job_id, policy, count in execute(_HELD, [self._key]).fetchall():
            execute(
                "UPDATE job_result SET order_key = NULL, blocked = 0 WHERE id = ?",
                [result_id],
            )
            if count > 1:
                self._name(result_id, count)
            if policy in {None, overlap.PARALLEL}:
                continue
            key = overlap.order_key(policy, job_id, None)
            is_first = job_id not in seen
            seen.add(job_id)
            # One batch of a context does not end the one before it.
            rule = policy if is_first else overlap.QUEUED
            overlap.line_up(self._store, result_id, rule, key)

    def _name(self, result_id: int, count: int) -> None:
        """Name no single object, as the run is for several."""
        self._store.execute(
            "UPDATE job_result SET object_type = NULL, object_id = NULL,"
            " object_name = ? WHERE id = ?",
            (f"{count:,} changes", result_id),
        )


def change_ids(store: Store, result_id: int) -> list[int]:
    """Return the changes that a batch holds, oldest first; empty for other runs."""
    rows = store.execute(
        "SELECT change_id FROM batch_change WHERE result_id = ? ORDER BY change_id",
        [result_id],
    )
    return [row[0] for row in rows]


def repeat(store: Store, result_id: int, of: int) -> None:
    """Give a repeated run the changes of the one it repeats, inside a transaction."""
    store.execute(
        "INSERT INTO batch_change (result_id, change_id)"
        " SELECT ?, change_id FROM batch_change WHERE result_id = ?",
        (result_id, of),
    )
