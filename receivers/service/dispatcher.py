"""The loop that works off the queue: claims, feeds children, commits what they say.

It knows the store, the pool and the clock, and no APScheduler: the executor plugin runs
it in a thread, tests step it. One tick is one transaction: log entries, ends and the
next claims together. When the store cannot be written the loop keeps what it has
learned, goes on keeping time limits, and tries again.
"""

from __future__ import annotations

import dataclasses
import logging
import selectors
import time
from typing import TYPE_CHECKING

from models.automation.outbox import close_abandoned
from models.errors import LockedStoreError, ReplacedStoreError, StoreError
from models.storage.crashpoints import reach
from models.storage.store import BUSY_TIMEOUT_S
from models.values import frozen
from receivers.processes import hogs
from receivers.processes.crew import Crew
from receivers.processes.crowds import CrowdWatch
from receivers.processes.hogs import HogWatch
from receivers.processes.marks import Marks
from receivers.queueing import queue
from receivers.queueing.claims import Batch
from receivers.queueing.reserve import Reserve
from receivers.queueing.running import Run, Verdict
from receivers.service.lookout import Lookout

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.storage.store import Store
    from receivers.processes.pool import PoolOptions, Worker
    from receivers.processes.wire import Message
    from receivers.queueing.claims import Claim, Finish, Listener

_log = logging.getLogger(__name__)

FIRST_LINE_S = 0.001
"""How long a run's first line, or its end, may wait for company in its transaction."""
BUSY_END_S = 0.002
"""How long an end may wait while further runs are at hand."""
RESERVE = 2
"""Quick runs claimed ahead for each child."""
COMPANY_S = 0.001
"""How long a free child may wait, beside busy ones, for others to become free."""
LOG_S = 0.02
"""How long further lines may wait."""
RETRY_S = (0.05, 1.0)
"""First and longest wait after the store could not be written."""
PATIENCE_S = 0.25
"""How long the loop may wait for the store's lock: limits must be kept."""
MOST_UNSAVED = 20_000
"""With more log entries than this in memory the children have to wait."""


@frozen
class DispatchOptions:
    """How much is done at once.

    Args:
        concurrency: Runs at one time.
        warm: Idle children kept ready.
        grace_s: How long a child may take to end after it was told to.
        max_processes: How many processes a run may have started; 0 for any number.
    """

    concurrency: int
    warm: int
    grace_s: float
    max_processes: int = 0


class Dispatcher:
    """Works off a store's queue with children; call all of it from one thread."""

    def __init__(
        self,
        store: Store,
        listener: Listener,
        options: DispatchOptions,
        pool: PoolOptions,
    ) -> None:
        self.store = store
        self.owner = store.owner()
        self.is_claiming = True
        self._listener = listener
        self._options = options
        self._selector = selectors.DefaultSelector()
        self._crew = Crew(
            pool,
            self._selector,
            hear=self._hear,
            bury=self._bury,
            most=options.concurrency,
            warm=options.warm,
        )
        self._runs: dict[int, Run] = {}  # by the child's process id
        self._assigned: list[Claim] = []  # since the listener was told
        self._announced: set[int] = set()  # results begun, and not reported over
        self._reserve = Reserve(RESERVE * options.concurrency)
        file = store.owner_file()
        self._marks = Marks(file if file in pool.keep else None)
        self._batch = Batch()
        self._flush_at = float("inf")
        self._claim_at = float("inf")
        self._hogs = HogWatch(store)
        self._crowds = CrowdWatch(options.max_processes)
        self._retry_at = 0.0
        self._retry_s = RETRY_S[0]
        self._failing_since: float | None = None
        self._is_hungry = True
        self._lookout = Lookout(store)
        self._gate_timeout_s, store.gate.timeout_s = store.gate.timeout_s, PATIENCE_S
        store.execute(f"PRAGMA busy_timeout = {PATIENCE_S * 1000:.0f}")

    @property
    def running(self) -> int:
        """How many runs children have on hand."""
        return len(self._runs)

    @property
    def is_busy(self) -> bool:
        """Whether children have runs on hand, or something is not in the store yet."""
        return bool(self._runs or self._reserve.claims or self._batch)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs, nothing waits, and everything is in the store."""
        return not self.is_busy and not (self._is_hungry and self.is_claiming)

    def watch(self, file: int, callback: Callable[[], None]) -> None:
        """Call back from the loop when a file can be read."""
        self._selector.register(file, selectors.EVENT_READ, callback)

    def poke(self) -> None:
        """Look for work at the next step."""
        self._is_hungry = True

    def recheck(self) -> None:
        """Look at the store at the next step: one's own writes ring no bell."""
        self._lookout.expect()

    def step(self, longest: float = 60.0) -> None:
        """Wait for something to happen, and do all that follows from it."""
        wait = min(longest, self._wait())
        for key, _ in self._selector.select(wait):
            key.data()
        now = time.monotonic()
        self._keep_limits(now)
        self._assign()
        if self._reserve.is_to_be_given_back(now, is_claiming=self.is_claiming):
            self._batch.released.extend(self._reserve.give_back())
            self._flush_at = 0.0
            self._is_hungry = True
        self._note_appetite(now)
        if self._is_time_to_settle(now):
            self._settle(now)
        self._announce()
        # After the claim: what was just queued need not wait for these looks.
        self._hogs.look(now, self._crew.pids)
        self._watch_store(now)
        self._note_appetite(now)
        self._crew.tend(now, self._wanted())

    def _announce(self) -> None:
        """Tell of the runs that children got: after the ends of earlier attempts."""
        for claim in self._assigned:
            if claim.result_id not in self._announced:
                self._announced.add(claim.result_id)
                self._listener.begun(claim)
        self._assigned.clear()

    def _wait(self) -> float:
        now = time.monotonic()
        until = min(
            self._lookout.look_at,
            max(min(self._flush_at, self._claim_at), self._retry_at),
            min((run.deadline for run in self._runs.values()), default=float("inf")),
        )
        return max(0.0, until - now)

    def _free(self) -> int:
        return len(self._crew.idle) - len(self._reserve.claims)

    def _wanted(self) -> int:
        """Return how many children the runs that wait could use."""
        if self._reserve.claims:
            return len(self._reserve.claims)
        if not (self._is_hungry and self.is_claiming) or not self._crew.has_room():
            return 0
        due = [0]
        with queue.reading():
            due.append(queue.count_due(self.store, self._options.concurrency))
        return due[-1]

    # What children say

    def _hear(self, worker: Worker, message: Message) -> None:
        run = self._runs.get(worker.pid)
        if run is None:
            return
        if message.get("op") == "stale":
            del self._runs[worker.pid]
            self._reserve.claims.append(run.claim)
            self._crew.leave(worker)
            return
        if run.claim.arguments is not None:
            self._batch.begun.add(run.claim.result_id)
        wait = LOG_S if run.counts else FIRST_LINE_S
        if run.hear(message, self._batch):
            reach("runner.after-reply")
            wait = BUSY_END_S if self._reserve.claims else FIRST_LINE_S
            self._part(worker, run, retire=bool(message.get("retire")))
        self._flush_at = min(self._flush_at, time.monotonic() + wait)
        if len(self._batch.entries) >= MOST_UNSAVED:
            self._crew.listen(on=False)

    def _part(self, worker: Worker, run: Run, *, retire: bool) -> None:
        del self._runs[worker.pid]
        self._reserve.note_duration(time.monotonic() - run.began)
        if retire or run.verdict is not None or run.was_warned:
            self._crew.leave(worker)
        else:
            self._crew.rest(worker)

    def _bury(self, worker: Worker, wait_status: int) -> None:
        run = self._runs.pop(worker.pid, None)
        if run is None:
            return
        is_given_back = run.verdict in (None, Verdict.STOPPED)
        if is_given_back and not self._marks.has_begun(run.claim):
            self._reserve.claims.append(run.claim)
            return
        finish = dataclasses.replace(run.died(wait_status), pid=worker.pid)
        self._batch.finishes.append(finish)
        self._flush_at = 0.0

    # Limits

    def _keep_limits(self, now: float) -> None:
        for pid, run in self._runs.items():
            if run.verdict is None and run.deadline <= now:
                self._end(pid, run, Verdict.TIME_LIMIT)
        for pid in self._crowds.over(now, self._runs):
            if self._runs[pid].verdict is None:
                self._end(pid, self._runs[pid], Verdict.PROCESSES, 0)

    def _end(self, pid: int, run: Run, verdict: Verdict, grace: float = -1) -> None:
        run.verdict = verdict
        run.began = float("inf")  # no second deadline
        self._crew.kill(pid, self._options.grace_s if grace < 0 else grace)

    def stop_now(self) -> None:
        """End all runs without waiting for them; their classes decide what follows."""
        self.is_claiming = False
        for pid, run in self._runs.items():
            self._end(pid, run, Verdict.STOPPED, 0)

    def _end_cancelled(self) -> None:
        running = {run.claim.result_id: pid for pid, run in self._runs.items()}
        for result_id in queue.cancelled_among(self.store, list(running)):
            pid = running[result_id]
            if self._runs[pid].verdict is None:
                self._end(pid, self._runs[pid], Verdict.CANCELLED)

    # The store

    def _watch_store(self, now: float) -> None:
        with queue.reading():
            if not self._lookout.has_news(now, is_busy=self.is_busy):
                return
            self._end_cancelled()
            if not self._is_hungry and self.is_claiming:
                self._is_hungry = queue.is_work_due(self.store)
        self._lookout.note_next_due()

    def _note_appetite(self, now: float) -> None:
        """Decide when to claim: at once, or when a busy crew's next ends have come."""
        free = self._free()
        if not (self._is_hungry and self.is_claiming and free > 0):
            self._claim_at = float("inf")
        elif free >= len(self._runs):
            self._claim_at = 0.0
        else:
            self._claim_at = min(self._claim_at, now + COMPANY_S)

    def _is_time_to_settle(self, now: float) -> bool:
        if now < self._retry_at:
            return False
        if self._hogs.is_asking or now >= self._claim_at:
            return True
        return bool(self._batch) and now >= self._flush_at

    def _settle(self, now: float) -> None:
        wants_more = self.is_claiming and self._is_hungry
        limit = max(0, self._free() + self._reserve.size) if wants_more else 0
        batch = self._batch
        reach("runner.before-finish" if batch.finishes else "")
        try:
            claims = queue.settle(self.store, self.owner, batch, limit)
        except StoreError as error:
            self._put_off(now, error)
            return
        self._failing_since = None
        self._hogs.is_asking = False
        self._retry_s = RETRY_S[0]
        self._batch = Batch()
        self._flush_at = float("inf")
        self._crew.listen(on=True)
        if limit:
            self._is_hungry = len(claims) == limit
        self._marks.free(finish.claim for finish in batch.finishes)
        self._reserve.claims.extend(claims)
        reach("claim.after-commit" if claims else "")
        reach("runner.after-finish" if batch.finishes else "")
        self._assign()
        for finish in batch.finishes:  # first: one of them may have begun anew
            self._follow_up(finish)
        if len(claims) < limit:
            self._lookout.note_next_due()

    def _follow_up(self, finish: Finish) -> None:
        if not finish.is_final or finish.wants_attention:
            self.recheck()  # it is run again, or somebody is to be told
        if finish.has_died:
            try:
                close_abandoned(self.store, result_id=finish.claim.result_id)
            except StoreError as error:  # the next rescue closes them
                _log.warning("a dead run's changes wait for a rescue: %s", error)
        self._announced.discard(finish.claim.result_id)
        self._listener.ended(finish)

    def _put_off(self, now: float, error: StoreError) -> None:
        """Keep everything for a later try; children go on meanwhile."""
        if isinstance(error, ReplacedStoreError):
            raise error
        if self._failing_since is None:
            self._failing_since = now
            _log.warning("not written yet, trying again: %s", error)
        self._retry_at = time.monotonic() + self._retry_s
        self._retry_s = min(self._retry_s * 2, RETRY_S[1])
        if (
            isinstance(error, LockedStoreError)
            and now - self._failing_since >= hogs.HOG_S
        ):
            self._hogs.warn(self._runs, self._crew)

    def _assign(self) -> None:
        claims = self._reserve.claims
        while claims and self._crew.idle and self._marks.has_room():
            claim = self._reserve.take()
            run = Run(claim=claim)
            worker = self._crew.take()
            if worker.send({**run.message(), "mark": self._marks.place(claim)}):
                self._runs[worker.pid] = run
                self._assigned.append(claim)
                reach("runner.after-send")
            else:
                claims.appendleft(claim)
                self._crew.leave(worker)

    def close(self) -> None:
        """End all children; write down what they left; give back what never began."""
        self.stop_now()
        self._crew.close()
        for run in self._runs.values():
            self._batch.finishes.append(run.ended())
        self._runs.clear()
        self._batch.released.extend(self._reserve.give_back())
        try:
            queue.settle(self.store, self.owner, self._batch, 0)
        except StoreError as error:  # the next runner's rescue finds what is left
            _log.warning("not written at the end: %s", error)
        else:
            for finish in self._batch.finishes:
                self._follow_up(finish)
        self._batch = Batch()
        self._selector.close()
        self.store.gate.timeout_s = self._gate_timeout_s
        self.store.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
