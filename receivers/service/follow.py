"""Wait for job results, working them off where nobody else does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from models.errors import TimedOutError
from models.runs.results import JobResult
from receivers.queueing.locks import RunnerLock
from receivers.queueing.rescue import rescue, take_over
from receivers.service.station import open_station

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.storage.store import Store
    from receivers.queueing.claims import Claim, Finish
    from receivers.service.dispatcher import Dispatcher

LOOK_S = 0.05
RESCUE_S = 1.0
_UNFINISHED = (
    "SELECT count(*) FROM job_result"
    " WHERE id IN (SELECT value FROM json_each(?)) AND status IN ('PENDING', 'STARTED')"
)


class Follower:
    """Waits until some results are over.

    Args:
        store: The open store.
        result_ids: Which results.
        timeout_s: How long to wait; None for as long as it takes.
    """

    def __init__(
        self, store: Store, result_ids: Sequence[int], timeout_s: float | None
    ) -> None:
        self._store = store
        self._ids = str(list(result_ids))
        self._result_ids = list(result_ids)
        self._timeout_s = timeout_s
        self._deadline = time.monotonic() + (timeout_s or float("inf"))

    def is_over(self) -> bool:
        """Return whether all have ended.

        Raises:
            TimedOutError: They have not, and the time is over.
        """
        left = self._store.execute(_UNFINISHED, [self._ids]).fetchone()[0]
        if left and time.monotonic() > self._deadline:
            raise TimedOutError(
                f"After {self._timeout_s:g} s {left} of {len(self._result_ids)} runs"
                " had not ended. See `hookline result list`."
            )
        return not left

    def results(self) -> list[JobResult]:
        """Return the results in the order of their ids."""
        query = JobResult.select().where(JobResult.id.in_(self._result_ids))
        return list(query.order_by(JobResult.id))

    def begun(self, claim: Claim) -> None:
        """Do nothing: the store tells all."""

    def ended(self, finish: Finish) -> None:
        """Do nothing: the store tells all."""


def follow(
    store: Store, result_ids: Sequence[int], *, timeout_s: float | None = None
) -> list[JobResult]:
    """Wait until results are over, whoever runs them, and return them.

    Raises:
        TimedOutError: They were not over in time.
    """
    follower = Follower(store, result_ids, timeout_s)
    while not follower.is_over():
        time.sleep(LOOK_S)
    return follower.results()


def _work(store: Store, follower: Follower, dispatcher: Dispatcher) -> None:
    rescue_at = time.monotonic() + RESCUE_S
    while not follower.is_over():
        dispatcher.step(LOOK_S)
        if time.monotonic() >= rescue_at:
            rescue(store)
            dispatcher.recheck()
            rescue_at = time.monotonic() + RESCUE_S
    dispatcher.is_claiming = False  # others' runs that it has begun end by themselves
    while dispatcher.is_busy:
        dispatcher.step(LOOK_S)


def work_until_done(
    store: Store,
    result_ids: Sequence[int],
    *,
    timeout_s: float | None = None,
    work: str | None = None,
) -> list[JobResult]:
    """Work off the queue in this process until some results are over; return them.

    When a runner is alive it does the work, and this only waits.

    Args:
        store: The open store; its queue is worked off in order, others' runs too.
        result_ids: What to wait for.
        timeout_s: How long; None for as long as it takes.
        work: What children do, for tests.

    Raises:
        TimedOutError: They were not over in time; those that ran here were ended.
    """
    follower = Follower(store, result_ids, timeout_s)
    lock = RunnerLock(store)
    try:
        while not follower.is_over():
            if lock.try_acquire():
                take_over(store)
                with open_station(store, follower, work=work) as dispatcher:
                    _work(store, follower, dispatcher)
            else:
                lock.end_stopped_holder()
                time.sleep(LOOK_S)
    finally:
        lock.release()
    return follower.results()
