"""The APScheduler executor plugin that runs job results.

APScheduler owns time, its events, and this interface. It never owns a run: runs come
from the store's queue, are worked off by the dispatcher in a thread of this executor,
and are reported as job events with the id `run:<job result>`. A job of APScheduler's
own (a housekeeping interval, a schedule that fires) is called in that same thread and
must be short: a schedule inserts a job result, and no more.
"""

from __future__ import annotations

import collections
import logging
import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.base import BaseExecutor, run_job

from models.runs.results import JobResultStatusChoices as Choices
from models.storage.store import current_store
from receivers.service.station import open_station

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.storage.store import Store
    from receivers.queueing.claims import Claim, Finish
    from receivers.service.dispatcher import Dispatcher

_log = logging.getLogger(__name__)


class RunFailedError(Exception):
    """A run did not succeed; the message is the job result's error."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as APScheduler's bookkeeping sees a job."""

    id: str
    max_instances: int = 1


@dataclass(kw_only=True)
class Tally:
    """What an executor has done so far."""

    succeeded: int = 0
    failed: int = 0
    running: int = 0
    is_idle: bool = False
    retrying: set[int] = field(default_factory=set)
    last_failure: str = ""

    @property
    def is_all_well(self) -> bool:
        """Whether every run succeeded in the end."""
        return not (self.failed or self.retrying)

    @property
    def text(self) -> str:
        """Say how many runs were worked off, and how many did not succeed."""
        total = self.succeeded + self.failed + len(self.retrying)
        if not total:
            return "worked off no runs"
        parts = [f"worked off {total:,} run{'' if total == 1 else 's'}"]
        if self.failed:
            parts.append(f"{self.failed:,} did not succeed")
        if self.retrying:
            parts.append(f"{len(self.retrying):,} will be tried again")
        return ", ".join(parts if parts[1:] else [*parts, "all succeeded"])

    def count(self, finish: Finish) -> None:
        """Count an end."""
        result_id = finish.claim.result_id
        if not finish.is_final:
            self.retrying.add(result_id)
            return
        self.retrying.discard(result_id)
        if finish.status == Choices.STATUS_SUCCESS:
            self.succeeded += 1
        else:
            self.failed += 1
            why = (finish.error or "").partition("\n")[0][:200]
            self.last_failure = (
                f"{result_id} of {finish.claim.job}, {finish.status} {why}"
            )


class HooklineExecutor(BaseExecutor):
    """Works off a store's queue in killable children.

    Args:
        store: The store; by default the one that is open.
        work: What children do, for tests.
    """

    def __init__(self, store: Store | None = None, work: str | None = None) -> None:
        super().__init__()
        self.tally = Tally()
        self.failure: BaseException | None = None
        self._store = store or current_store()
        self._work = work
        self._jobs: collections.deque[Callable[[], None]] = collections.deque()
        self._is_draining = False
        self._is_stopping = False
        self._thread = threading.Thread(target=self._live, name="hookline-executor")

    def start(self, scheduler: Any, alias: str) -> None:
        """Begin to work the queue."""
        super().start(scheduler, alias)
        self._bell, self._button = socket.socketpair()
        self._button.settimeout(0)
        self._thread.start()

    def drain(self) -> None:
        """Begin no more runs; `is_alive` turns false when the last one has ended."""
        self.call_soon(self._begin_drain)

    def shutdown(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002  # APScheduler's
        """Stop what `start()` began; running receivers are waited for, or ended."""
        if wait:
            self.drain()
        else:
            self.call_soon(self._begin_stop)
        self._thread.join()

    def call_soon(self, task: Callable[[], None]) -> None:
        """Have the loop's thread call something soon."""
        self._jobs.append(task)
        try:
            self._button.send(b"!")
        except OSError:  # rung already, or over
            return

    @property
    def is_alive(self) -> bool:
        """Whether the loop is going."""
        return self._thread.is_alive()

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        if not isinstance(job, RunView):
            self.call_soon(lambda: self._run_here(job, run_times))

    def _run_here(self, job: Any, run_times: list[datetime]) -> None:
        alias = job._jobstore_alias  # noqa: SLF001  # as APScheduler's own executors do
        events = run_job(job, alias, run_times, self._logger.name)
        self._run_job_success(job.id, events)

    # In the loop's thread

    def _live(self) -> None:
        try:
            with open_station(self._store, self, work=self._work) as dispatcher:
                dispatcher.watch(self._bell.fileno(), self._hear_bell)
                self._loop(dispatcher)
        except BaseException as error:  # the border of the thread; the runner ends
            self.failure = error
            _log.exception("the executor failed")
        finally:
            self._store.database.close()
            self._button.close()
            self._bell.close()

    def _loop(self, dispatcher: Dispatcher) -> None:
        while not self._is_stopping:
            dispatcher.is_claiming = not self._is_draining
            dispatcher.step()
            for _ in range(len(self._jobs)):  # not those that they add
                self._jobs.popleft()()
                dispatcher.recheck()
            self.tally.running = dispatcher.running
            self.tally.is_idle = dispatcher.is_idle
            if self._is_draining and not dispatcher.is_busy:
                return

    def _hear_bell(self) -> None:
        self._bell.recv(4096)

    def _begin_drain(self) -> None:
        self._is_draining = True

    def _begin_stop(self) -> None:
        self._is_stopping = True

    def begun(self, claim: Claim) -> None:
        """Tell APScheduler that a run began."""
        self.submit_job(RunView(f"run:{claim.result_id}"), [])

    def ended(self, finish: Finish) -> None:
        """Tell APScheduler, and so its listeners, how a run ended."""
        self.tally.count(finish)
        is_success = finish.status == Choices.STATUS_SUCCESS and finish.is_final
        job_id = f"run:{finish.claim.result_id}"
        event = JobExecutionEvent(
            EVENT_JOB_EXECUTED if is_success else EVENT_JOB_ERROR,
            job_id,
            None,
            datetime.now(UTC),
            retval=finish.value,
            exception=None if is_success else RunFailedError(finish.error),
            traceback=finish.traceback,
        )
        self._run_job_success(job_id, [event])
