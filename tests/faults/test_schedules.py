"""Never two runs for one fire time, and none left out: deaths, duels, take-overs."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from receivers.queueing.locks import is_runner_alive
from tests.faults.planned import assert_fired_each_minute, fire_times, missed_since
from tests.patience import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from tests.faults.world import World

SECOND_US = 1_000_000
DUELLIST = """
import sys
from models.objects.fields import now_us
from models.timing.firing import fire_due
from models.storage.store import open_store
with open_store(sys.argv[1], durable=False) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    until = int(sys.argv[2])
    now = until - 90_000_000
    while now <= until:
        fire_due(store, now=now)
        now += 1_000_000
"""


def test_two_processes_that_fire_at_once_make_one_run_each_time(world: World) -> None:
    import subprocess

    missed_since(world, minutes=2, every="1s")
    with world.store() as store:
        row = store.execute("SELECT next_fire FROM job_schedule").fetchone()
    until = row[0] + 90 * SECOND_US
    duellists = [
        subprocess.Popen(
            [sys.executable, "-c", DUELLIST, str(world.store_folder), str(until)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for duellist in duellists:
        assert duellist.stdout is not None
        assert duellist.stdout.readline() == "ready\n"
    for duellist in duellists:
        duellist.communicate("go\n", timeout=PATIENCE_S)
        assert duellist.returncode == 0
    assert fire_times(world) == [row[0] + number * SECOND_US for number in range(91)]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_second_runner_takes_over_and_leaves_no_time_out(
    world: World, number: signal.Signals
) -> None:
    missed_since(world, minutes=0, every="1s")
    first = world.start_runner()
    wait_until(lambda: len(fire_times(world)) >= 2)
    second = world.start_runner()
    first.send_signal(number)
    first.wait(PATIENCE_S)
    before = len(fire_times(world))
    wait_until(lambda: len(fire_times(world)) >= before + 2)
    second.send_signal(signal.SIGTERM)
    second.wait(PATIENCE_S)
    world.settle()
    times = fire_times(world)
    assert times == [times[0] + i * SECOND_US for i in range(len(times))]
    acted = world.times_acted()
    assert set(acted.values()) == {1}
    # Who was interrupted may have acted before: nobody knows.
    assert len(times) - len(acted) <= world.interrupted()


def test_what_was_missed_is_made_up_before_a_runner_works(world: World) -> None:
    missed_since(world, minutes=3)
    runner = world.start_runner("--until-empty")
    assert runner.wait(PATIENCE_S) == 0, world.output()
    assert_fired_each_minute(world, at_least=3)


def test_a_changed_schedule_is_taken_up_without_a_restart(world: World) -> None:
    missed_since(world, minutes=0, every="1d")
    with world.store() as store:
        runner = world.start_runner()
        wait_until(lambda: is_runner_alive(store))
        from models.objects.inputs import save_values
        from models.timing.schedules import JobSchedule

        save_values(JobSchedule.get(), {"every": "1s"})
        wait_until(lambda: store.execute("SELECT 1 FROM job_result").fetchone())
        save_values(JobSchedule.get(), {"enabled": "no"})
    runner.send_signal(signal.SIGTERM)
    runner.wait(PATIENCE_S)
