"""Every named place, visited: a process dies there, nothing is lost or doubled."""

from __future__ import annotations

import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from models.storage.crashpoints import POINTS
from tests.faults.planned import assert_fired_each_minute, missed_since
from tests.faults.world import ROOT
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from tests.faults.world import World

MAKERS = 4

WHERE_SAVERS_DIE = [
    point for point in POINTS if point.startswith(("save.", "dispatch.after"))
]
WHERE_RUNNERS_DIE = [
    *(p for p in POINTS if p.startswith(("claim.", "runner."))),
    "save.before-begin",
    "save.before-commit",
    "save.after-commit",
]
WHERE_CHILDREN_DIE = [
    *(p for p in POINTS if p.startswith(("nursery.", "child."))),
    "dispatch.after-change",
    "dispatch.between-pieces",
    "save.after-row",
]
WHERE_COMMANDS_DIE = [
    *(p for p in POINTS if p.startswith(("alone.", "child."))),
]
WHERE_RESCUERS_DIE = [p for p in POINTS if p.startswith("rescue.")]
WHERE_SCHEDULES_DIE = [p for p in POINTS if p.startswith("schedule.")]

BEFORE_THE_RECEIVER = {
    *("claim.before-commit", "claim.after-commit"),
    *("nursery.after-fork", "child.before-begin", "child.after-reply"),
    *("save.before-begin", "alone.after-claim"),
}
"""Here no run is between its first line and its end: none may end as INTERRUPTED."""


def test_every_point_is_visited_and_stands_in_the_code_once() -> None:
    visited = {
        *WHERE_SAVERS_DIE,
        *WHERE_RUNNERS_DIE,
        *WHERE_CHILDREN_DIE,
        *WHERE_COMMANDS_DIE,
        *WHERE_RESCUERS_DIE,
        *WHERE_SCHEDULES_DIE,
    }
    code = "\n".join(
        path.read_text()
        for layer in ("models", "receivers")
        for path in (ROOT / layer).rglob("*.py")
    )
    named = re.findall(r'reach\(\s*"([^"]+)"', code)
    assert sorted(named) == sorted(POINTS)
    assert visited == set(POINTS)


@pytest.mark.parametrize("point", WHERE_SCHEDULES_DIE)
def test_a_runner_that_fires_schedules_may_die_anywhere(
    world: World, point: str
) -> None:
    missed_since(world, minutes=5)
    runner = world.start_runner("--until-empty", crash_at=point)
    assert runner.wait(PATIENCE_S) == -signal.SIGKILL, world.output()
    again = world.start_runner("--until-empty")
    assert again.wait(PATIENCE_S) == 0, world.output()
    assert_whole(world)
    assert_fired_each_minute(world, at_least=5)
    assert world.interrupted() == 0


def assert_whole(world: World) -> None:
    assert not world.ticket.exists(), "nobody came by"
    world.settle()
    assert world.wrongs() == [], world.output()


@pytest.mark.parametrize("point", WHERE_SAVERS_DIE)
def test_a_saver_may_die_anywhere(world: World, point: str) -> None:
    """J2: between a commit and the queueing, too; its runs still happen, once."""
    saver = world.start_saver(0, MAKERS, crash_at=point)
    assert saver.wait(PATIENCE_S) == -signal.SIGKILL, world.output()
    world.save(0, MAKERS)
    assert_whole(world)
    assert world.interrupted() == 0


@pytest.mark.parametrize("point", WHERE_RUNNERS_DIE)
def test_a_runner_may_die_anywhere(world: World, point: str) -> None:
    world.save(0, MAKERS)
    if point == "runner.during-respawn":
        with world.store() as store:  # a receiver whose child has to be replaced
            source = store.jobs_root / "faults.py"
            text = source.read_text().replace(
                'self.logger.info("mailing")', "os.kill(os.getpid(), 9)"
            )
            source.write_text(text)
    runner = world.start_runner("--until-empty", crash_at=point)
    assert runner.wait(PATIENCE_S) == -signal.SIGKILL, world.output()
    assert_whole(world)
    if point in BEFORE_THE_RECEIVER:
        assert world.interrupted() == 0


@pytest.mark.parametrize("point", WHERE_CHILDREN_DIE)
def test_a_child_may_die_anywhere(world: World, point: str) -> None:
    world.save(0, MAKERS)
    runner = world.start_runner("--until-empty", crash_at=point)
    assert runner.wait(PATIENCE_S) in (0, 1), world.output()
    assert_whole(world)
    if point in BEFORE_THE_RECEIVER:
        assert world.interrupted() == 0


@pytest.mark.parametrize("point", WHERE_COMMANDS_DIE)
def test_a_command_that_runs_a_job_may_die_anywhere(world: World, point: str) -> None:
    words = ("-m", "tui", "--store", str(world.store_folder), "--run", "faults.Alone")
    world.start(sys.executable, *words, crash_at=point).wait(PATIENCE_S)
    assert_whole(world)
    assert sum(world.times_acted().values()) + world.interrupted() >= 1
    if point in BEFORE_THE_RECEIVER:
        assert world.interrupted() == 0


@pytest.mark.parametrize("point", WHERE_RESCUERS_DIE)
def test_a_rescuer_may_die_anywhere(world: World, point: str) -> None:
    world.save(0, MAKERS)
    world.start_runner("--until-empty", crash_at="runner.after-send").wait(PATIENCE_S)
    runner = world.start_runner("--until-empty", crash_at=point)
    assert runner.wait(PATIENCE_S) == -signal.SIGKILL, world.output()
    assert_whole(world)
