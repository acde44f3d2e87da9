"""The schedules as APScheduler's jobs, kept in step with their rows.

The row decides: it says when it must be looked at next, and `models.timing.firing`
moves it on together with the runs that it queues. APScheduler keeps the time. Where the
two differ (words were changed, a clock was moved, the store could not be written) the
row is asked about once a second, as the net below APScheduler's own wake-ups.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Protocol

from apscheduler.jobstores.base import JobLookupError
from apscheduler.triggers.base import BaseTrigger

from models.errors import StoreError
from models.objects.fields import now_us
from models.storage import cached
from models.timing import firing
from models.timing.firing import PIECE, fire_due
from models.timing.schedules import JobSchedule
from receivers.queueing import queue
from receivers.service.scheduler import EXECUTOR, begin_housekeeping_anew

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from models.storage.store import Store
    from models.timing.firetimes import FireTimes

_log = logging.getLogger(__name__)

LATE_US = 500_000
"""A time younger than this is left to APScheduler."""
CLOCK_STEP_S = 5.0
"""A wall clock that falls back by more has been set."""
MOST_INSTANCES = 3
"""Calls of one schedule's job that may wait; the first deals with all."""


class Caller(Protocol):
    """The executor, as the timetable sees it."""

    def call_soon(self, task: Callable[[], None]) -> None:
        """Have the executor's thread call something."""


class ScheduleTrigger(BaseTrigger):
    """A schedule's fire times; those that were missed are the row's matter."""

    def __init__(self, times: FireTimes) -> None:
        self._times = times

    def get_next_fire_time(
        self, previous_fire_time: dt.datetime | None, now: dt.datetime
    ) -> dt.datetime | None:
        """Return the first fire time that is still to come."""
        return self._times.after(max(previous_fire_time or now, now))


class Timetable:
    """Plans a store's schedules, and fires them.

    Planning is done in the runner's main thread: APScheduler holds its locks while it
    waits for its executor to end, so the executor's thread must not want them. Firing
    is done there, beside claims and ends, and touches the store alone.

    Args:
        store: The store.
        scheduler: The scheduler whose jobs are kept in step.
        executor: Where firings are called.
    """

    def __init__(self, store: Store, scheduler: Any, executor: Caller) -> None:
        self._store = store
        self._scheduler = scheduler
        self._executor = executor
        self._planned: dict[int, tuple[Any, ...]] = {}
        self._config_version = -1
        self._goes_on = False
        self._clock = time.time() - time.monotonic()

    def catch_up(self) -> None:
        """Deal with the fire times that came while no runner was alive."""
        while self._fire_piece() == PIECE:
            pass

    def look(self) -> None:
        """Take up changed schedules, and times that APScheduler did not notice."""
        with queue.reading():
            self._take_up()
            self._mind_the_clock()
            if firing.is_due(self._store, now_us() - LATE_US):
                self._executor.call_soon(self.fire)

    def fire(self) -> None:
        """Queue the runs whose time has come: a piece now, the rest between others."""
        if not self._goes_on:
            self._fire_on()

    def _fire_on(self) -> None:
        self._goes_on = self._fire_piece() == PIECE
        if self._goes_on:
            self._executor.call_soon(self._fire_on)

    def _fire_piece(self) -> int:
        try:
            return len(fire_due(self._store))
        except StoreError as error:  # the next look asks again
            _log.warning("schedules wait for the store: %s", error)
            return 0

    # APScheduler's jobs

    def _take_up(self) -> None:
        version = cached.version(self._store)
        if version != self._config_version:
            self._plan()
            self._config_version = version

    def _plan(self) -> None:
        rows = {row.id: row for row in self._active()}
        for schedule_id in self._planned.keys() - rows.keys():
            self._forget(schedule_id)
        for row in rows.values():
            facts = (row.kind, row.words, row.timezone, row.start, row.anchor, row.name)
            if self._planned.get(row.id) != facts:
                self._plan_one(row)
                self._planned[row.id] = facts

    @staticmethod
    def _active() -> Any:
        return JobSchedule.select().where(
            JobSchedule.enabled, JobSchedule.next_fire.is_null(is_null=False)
        )

    def _plan_one(self, row: Any) -> None:
        try:
            trigger = ScheduleTrigger(row.times())
        except ValueError as error:  # its time switches it off, with this reason
            _log.warning("the schedule %s has no times: %s", row.name, error)
            return
        self._scheduler.add_job(
            self.fire,
            trigger,
            id=job_id(row.id),
            name=row.name,
            next_run_time=row.next_fire,
            executor=EXECUTOR,
            max_instances=MOST_INSTANCES,
            replace_existing=True,
        )

    def _forget(self, schedule_id: int) -> None:
        del self._planned[schedule_id]
        try:
            self._scheduler.remove_job(job_id(schedule_id))
        except JobLookupError:  # its last time has passed
            return

    def _mind_the_clock(self) -> None:
        """Let housekeeping go on when the clock was set back: its next time is far."""
        clock = time.time() - time.monotonic()
        if clock < self._clock - CLOCK_STEP_S:
            begin_housekeeping_anew(self._scheduler)
        self._clock = clock


def job_id(schedule_id: int) -> str:
    """Return the id of a schedule's job in APScheduler."""
    return f"schedule:{schedule_id}"
