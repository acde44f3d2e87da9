"""The schedules as APScheduler's jobs: in step with their rows, whatever the clock."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

import pytest

from models.objects.fields import now_us, to_us
from models.objects.inputs import save_values
from models.people.access import os_user
from models.runs.jobs import JobRecord
from models.runs.queues import pause
from models.runs.results import JobResult
from models.timing.firing import PIECE, fire_due
from models.timing.schedules import JobSchedule
from receivers.service.executor import HooklineExecutor
from receivers.service.scheduler import make_scheduler
from receivers.service.timetable import Timetable, job_id
from tests.patience import wait_until
from tests.receivers.queued import WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.storage.store import Store

HOUR_US = 3_600_000_000


def schedule(name: str = "Nightly", **values: Any) -> JobSchedule:
    record = JobRecord.get_or_none(JobRecord.name == "Report") or JobRecord(
        module_name="fake",
        job_class_name="Work",
        name="Report",
        enabled=True,
        has_sensitive_variables=False,
    )
    if not record.present_in_database:
        record.save()
    made = JobSchedule(
        name=name,
        job=record,
        owner=os_user(),
        timezone="UTC",
        **{"every": "1h", **values},
    )
    made.validated_save()
    return made


class Clockwork:
    """A timetable, and the executor's calls that tests make in this thread."""

    def __init__(self, store: Store) -> None:
        self.executor = HooklineExecutor(store, WORK)
        self.scheduler = make_scheduler(store, self.executor)
        self.soon: list[Callable[[], None]] = []
        self.timetable = Timetable(store, self.scheduler, self)

    def look(self) -> None:
        """Look, and do what the executor's thread is asked to do."""
        self.timetable.look()
        while self.soon:
            self.soon.pop(0)()

    def call_soon(self, task: Callable[[], None]) -> None:
        """Stand in for the executor."""
        self.soon.append(task)

    def planned(self) -> dict[str, int]:
        return {
            job.id: to_us(job.next_run_time)
            for job in self.scheduler.get_jobs()
            if job.id.startswith("schedule:")
        }


@pytest.fixture
def clockwork(store: Store) -> Iterator[Clockwork]:
    made = Clockwork(store)
    yield made
    if made.scheduler.running:
        made.scheduler.shutdown(wait=False)


def next_us(row: JobSchedule) -> int:
    return to_us(JobSchedule.get_by_id(row.id).next_fire)


def test_each_schedule_has_a_job_with_its_next_time(clockwork: Clockwork) -> None:
    row = schedule()
    schedule("Off", enabled=False)

    clockwork.look()

    assert clockwork.planned() == {job_id(row.id): next_us(row)}


def test_changed_times_paused_and_deleted_schedules_are_taken_up(
    clockwork: Clockwork,
) -> None:
    clockwork.scheduler.start(paused=True)
    row, other = schedule(), schedule("Other")
    clockwork.look()

    save_values(row, {"cron": "0 3 * * *"})
    save_values(other, {"enabled": "no"})
    clockwork.look()
    assert clockwork.planned() == {job_id(row.id): next_us(row)}

    row.delete_instance()
    clockwork.look()
    assert clockwork.planned() == {}


def test_a_time_that_apscheduler_did_not_notice_is_found(
    store: Store, clockwork: Clockwork
) -> None:
    row = schedule()
    clockwork.look()
    store.execute("UPDATE job_schedule SET next_fire = next_fire - ?", [2 * HOUR_US])

    clockwork.look()

    assert JobResult.select().count() == 1
    assert next_us(row) > now_us()


def test_a_clock_that_jumps_ahead_makes_up_the_times_by_the_rule(
    store: Store, clockwork: Clockwork
) -> None:
    row = schedule(missed="all")
    clockwork.look()
    job = clockwork.scheduler.get_job(job_id(row.id))

    times = job._get_run_times(job.next_run_time.replace(year=2027))
    assert len(times) == 1  # APScheduler counts none of those in between
    fire_due(store, now=next_us(row) + 5 * HOUR_US)

    assert JobResult.select().count() == 6


def test_a_clock_that_is_set_back_does_not_stop_the_housekeeping(
    clockwork: Clockwork,
) -> None:
    for job in clockwork.scheduler.get_jobs():
        job.modify(next_run_time=job_time(job, seconds=7200))
    clockwork.timetable._clock += 3600

    clockwork.look()

    now = time.time()
    for job in clockwork.scheduler.get_jobs():
        assert job.next_run_time.timestamp() <= now


def job_time(job: Any, *, seconds: float) -> Any:
    import datetime as dt

    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def test_a_store_that_cannot_be_written_is_asked_again(
    store: Store, clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.errors import LockedStoreError
    from receivers.service import timetable

    schedule()
    store.execute("UPDATE job_schedule SET next_fire = next_fire - ?", [2 * HOUR_US])
    tries: list[str] = []

    def fail(*_: Any) -> Any:
        tries.append("failed")
        raise LockedStoreError("The store is locked.", on="store")

    with monkeypatch.context() as patch:
        patch.setattr(timetable, "fire_due", fail)
        clockwork.look()
    assert (tries, JobResult.select().count()) == (["failed"], 0)

    clockwork.look()

    assert JobResult.select().count() == 1


def test_a_schedule_with_broken_words_is_switched_off_when_its_time_comes(
    store: Store, clockwork: Clockwork
) -> None:
    row = schedule()
    store.execute("UPDATE job_schedule SET words = 'x'")
    clockwork.look()
    assert clockwork.planned() == {}

    store.execute("UPDATE job_schedule SET next_fire = next_fire - ?", [2 * HOUR_US])
    clockwork.look()

    assert JobSchedule.get_by_id(row.id).state == "errored"


# With a scheduler that goes


def test_apscheduler_fires_a_schedule_again_and_again(
    store: Store, clockwork: Clockwork
) -> None:
    schedule(every="1s")
    clockwork.look()
    clockwork.scheduler.start()

    wait_until(lambda: JobResult.select().count() >= 3)

    times = [to_us(run.fire_time) for run in JobResult.select().order_by(JobResult.id)]
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


def test_i10_while_nobody_works_the_queue_a_fire_time_waits_as_pending(
    store: Store, clockwork: Clockwork
) -> None:
    pause(os_user())
    schedule(every="1s")
    clockwork.look()
    clockwork.scheduler.start()

    wait_until(lambda: JobResult.select().exists())

    assert {run.status for run in JobResult.select()} == {"PENDING"}


def test_i10_without_a_runner_a_fire_time_is_queued_when_one_comes(
    store: Store, clockwork: Clockwork
) -> None:
    schedule()
    store.execute("UPDATE job_schedule SET next_fire = next_fire - ?", [2 * HOUR_US])
    assert not JobResult.select().exists()

    clockwork.timetable.catch_up()

    assert [run.status for run in JobResult.select()] == ["PENDING"]


def test_many_that_are_due_at_once_are_fired_between_other_work(
    store: Store, clockwork: Clockwork
) -> None:
    for number in range(PIECE + 5):
        schedule(f"S{number}")
    store.execute("UPDATE job_schedule SET next_fire = next_fire - ?", [2 * HOUR_US])

    clockwork.timetable.fire()
    clockwork.timetable.fire()  # another's call; the rest has its turn
    assert JobResult.select().count() == PIECE
    clockwork.look()

    assert JobResult.select().count() == PIECE + 5


def test_more_schedules_than_one_piece_are_all_caught_up(
    store: Store, clockwork: Clockwork
) -> None:
    for number in range(120):
        schedule(f"S{number}")
    store.execute("UPDATE job_schedule SET next_fire = next_fire - ?", [2 * HOUR_US])

    clockwork.timetable.catch_up()

    assert JobResult.select().count() == 120
