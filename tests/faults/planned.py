"""A schedule of each minute that has missed some, and whether each had its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.objects.fields import now_us
from models.people.access import os_user
from models.runs.jobs import JobRecord
from models.timing.schedules import JobSchedule

if TYPE_CHECKING:
    from tests.faults.world import World

MINUTE_US = 60_000_000


def missed_since(world: World, *, minutes: int, every: str = "1m") -> None:
    """Add a schedule whose last fire times nobody was there for."""
    with world.store() as store:
        row = JobSchedule(
            name="Minutely",
            job=JobRecord.get(JobRecord.job_class_name == "Planned"),
            owner=os_user(store),
            every=every,
            missed="all",
            timezone="UTC",
        )
        row.validated_save()
        then = (now_us() - minutes * MINUTE_US) // 1_000_000 * 1_000_000
        store.execute("UPDATE job_schedule SET anchor = ?, next_fire = ?", [then, then])


def fire_times(world: World) -> list[int]:
    """Return the fire times that have a run, in µs, in their order."""
    with world.store() as store:
        rows = store.execute("SELECT fire_time FROM job_result ORDER BY fire_time")
        return [row[0] for row in rows]


def assert_fired_each_minute(
    world: World, *, at_least: int, step_us: int = MINUTE_US
) -> None:
    """Check that no fire time is missing, none is there twice, and each acted once."""
    times = fire_times(world)
    assert len(times) >= at_least
    assert times == [times[0] + number * step_us for number in range(len(times))]
    assert sorted(world.times_acted().values()) == [1] * len(times)
