"""A run of `hookline --run JOB` waits its turn behind earlier runs of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivers.queueing import queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.storage.store import Store

_EARLIER = (
    "SELECT o.id FROM job_result mine JOIN job_result o ON o.order_key = mine.order_key"
    " WHERE mine.id = ? AND mine.blocked AND o.id < mine.id"
    " AND o.status IN ('PENDING', 'STARTED') ORDER BY o.id"
)


def has_to_wait(store: Store, result_id: int) -> bool:
    """Return whether an earlier run of its kind is open."""
    return store.execute(_EARLIER, [result_id]).fetchone() is not None


def await_turn(
    store: Store, result_id: int, told: Callable[[list[int]], None] | None
) -> None:
    """Wait until no earlier run of its kind is open, working them off without a runner.

    Args:
        store: The store.
        result_id: A run that was queued claimed by this process.
        told: Called with the runs that are waited for.

    Raises:
        KeyboardInterrupt: Ctrl-C ended the wait; then the run is cancelled.
    """
    try:
        while earlier := [row[0] for row in store.execute(_EARLIER, [result_id])]:
            from receivers.service.follow import work_until_done  # few runs wait

            if told is not None:
                told(earlier)
            work_until_done(store, earlier)
    except BaseException:
        store.execute("UPDATE job_result SET owner = NULL WHERE id = ?", [result_id])
        queue.cancel(store, result_id)
        raise
