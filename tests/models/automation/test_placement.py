"""Case F130: where the runs of a hook or a button wait, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.automation.buttons import press
from models.errors import RefusedError, ValidationError
from models.people.access import os_user
from models.runs import queues
from models.runs.queues import JobQueue
from models.runs.results import JobResult
from tests.models.automation.test_buttons import button
from tests.models.automation.test_buttons import job as button_job
from tests.models.automation.test_dispatch import hook, job, touch

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store


@pytest.fixture
def slow(store: Store) -> JobQueue:
    made = JobQueue(name="slow", priority=7)
    queues.save(made, os_user())
    return made


def placed() -> dict[str, tuple[str, int]]:
    """Return the queue and the priority of each result, by its job's name."""
    return {row.name: (row.queue, row.priority) for row in JobResult.select()}


def test_F130_a_hooks_runs_wait_where_it_says(slow: JobQueue, device: Device) -> None:
    hook(job("Plain"), "a")
    hook(job("Elsewhere"), "b", queue="slow")
    hook(job("First"), "c", priority=-3)
    hook(job("Both"), "d", queue="slow", priority=0)
    touch(device)

    assert placed() == {
        "Plain": ("default", 0),
        "Elsewhere": ("slow", 7),
        "First": ("default", -3),
        "Both": ("slow", 0),
    }


def test_F130_a_hook_that_says_nothing_goes_by_its_job(
    slow: JobQueue, device: Device
) -> None:
    hook(job("Plain", queue="slow"), "a")
    hook(job("Back", queue="slow"), "b", queue="default")
    touch(device)

    assert placed() == {"Plain": ("slow", 7), "Back": ("default", 0)}


def test_F130_a_buttons_runs_wait_where_it_says(
    slow: JobQueue, device: Device, user: User
) -> None:
    for name, values in (("Slow", {"queue": "slow"}), ("First", {"priority": -3})):
        press(button(button_job(name), name, **values), device, user)

    assert placed() == {"Slow": ("slow", 7), "First": ("default", -3)}


def test_what_waits_takes_on_a_queues_priority_but_not_over_its_hooks(
    slow: JobQueue, device: Device, user: User
) -> None:
    hook(job("Elsewhere"), "b", queue="slow")
    hook(job("Both"), "d", queue="slow", priority=0)
    press(button(button_job("Pressed"), "p", queue="slow", priority=2), device, user)
    press(button(button_job("Plainly"), "q", queue="slow"), device, user)
    touch(device)
    slow.priority = 9
    queues.save(slow, os_user())

    assert {name: priority for name, (_, priority) in placed().items()} == {
        "Elsewhere": 9,
        "Both": 0,
        "Pressed": 2,
        "Plainly": 9,
    }


def test_a_hook_follows_the_priority_of_its_queue(
    slow: JobQueue, device: Device
) -> None:
    hook(job("Elsewhere"), "b", queue="slow")
    slow.priority = 9
    queues.save(slow, os_user())
    touch(device)

    assert placed() == {"Elsewhere": ("slow", 9)}


@pytest.mark.parametrize("kind", ["hook", "button"])
def test_a_queue_that_something_names_stays(slow: JobQueue, kind: str) -> None:
    if kind == "hook":
        hook(job(), "serials", queue="slow")
    else:
        button(button_job(), "serials", queue="slow")

    with pytest.raises(RefusedError, match=f"that of the {kind} serials"):
        queues.delete(slow, os_user())


@pytest.mark.parametrize("kind", ["hook", "button"])
def test_a_queue_that_is_not_there_is_refused(store: Store, kind: str) -> None:
    values: dict[str, Any] = {"queue": "fast"}
    with pytest.raises(ValidationError) as caught:
        if kind == "hook":
            hook(job(), **values).full_clean()
        else:
            button(button_job(), **values)

    assert caught.value.fields["queue"] == [
        "there is no queue 'fast'; there are: default"
    ]
