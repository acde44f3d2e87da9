"""What has failed is told whoever dies, and not more often than its class allows."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import pytest
import yaml

from models.people.access import os_user
from models.runs.jobs import JobRecord
from models.runs.results import JobResult, enqueue
from models.storage.store import open_store
from models.upkeep.integrity import findings
from receivers.discovery import catalogue
from tests.faults.world import World
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JOB = """
    from receivers import Job, register_jobs


    class Broken(Job):
        class Meta:
            has_sensitive_variables = False

        def run(self):
            raise ValueError("on purpose")


    register_jobs(Broken)
"""
AFTER = ("runner.after-finish", "claim.after-commit", "runner.after-send")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(tmp_path / "store", create=True, durable=False) as store:
        (store.jobs_root / "faulty.py").write_text(textwrap.dedent(JOB))
        target = {"command": f"tee -a '{tmp_path / 'told'}'"}
        (store.folder / "config.yaml").write_text(yaml.safe_dump({"notify": [target]}))
        catalogue.refresh(store)
        record = JobRecord.get(JobRecord.job_class_name == "Broken")
        record.enable()
        enqueue(record, os_user(store))
    made = World(tmp_path)
    yield made
    made.close()


def told(world: World) -> list[int]:
    """Return the numbers of the runs that somebody was told of."""
    path = world.folder / "told"
    text, found = path.read_text() if path.exists() else "", []
    while text:
        message, end = json.JSONDecoder().raw_decode(text)
        found.append(message["run"]["id"])
        text = text[end:]
    return found


def work(world: World, crash_at: str = "") -> None:
    world.start_runner("--until-empty", crash_at=crash_at).wait(PATIENCE_S)


def test_a_failed_run_is_told(world: World) -> None:
    work(world)
    assert told(world) == [1]
    with world.store():
        rows = list(JobResult.select().order_by(JobResult.id))
        assert [row.status for row in rows] == ["FAILURE", "SUCCESS"]


def test_a_runner_that_dies_before_the_end_is_written_tells_of_the_death(
    world: World,
) -> None:
    work(world, "runner.before-finish")
    assert told(world) == []
    work(world)
    assert told(world) == [1]
    with world.store():
        assert JobResult.get_by_id(1).status == "INTERRUPTED"


@pytest.mark.parametrize("point", AFTER)
def test_a_runner_may_die_between_the_end_and_the_message(
    world: World, point: str
) -> None:
    work(world, point)
    work(world)
    assert told(world) == [1]
    with world.store() as store:
        statuses = [row.status for row in JobResult.select().order_by(JobResult.id)]
        assert statuses[-1] == "SUCCESS"
        assert len(statuses) == 2
        assert list(findings(store, deep=True)) == []
