"""The APScheduler plugin: runs as job events, and jobs of the scheduler's own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.base import BaseExecutor

from models.errors import HooklineError
from receivers.service.executor import HooklineExecutor, RunFailedError, Tally
from receivers.service.scheduler import make_scheduler
from tests.patience import wait_until
from tests.receivers.queued import WORK, messages, queue_run, row, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store


class Works:
    """A started scheduler with the executor, and the events it sent."""

    def __init__(self, store: Store, work: str = WORK) -> None:
        self.events: list[JobExecutionEvent] = []
        self.executor = HooklineExecutor(store, work)
        self.scheduler = make_scheduler(store, self.executor)
        self.scheduler.add_listener(
            self.events.append, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR
        )
        self.scheduler.start()

    def event_of(self, job_id: str) -> Any:
        return wait_until(
            lambda: next((e for e in list(self.events) if e.job_id == job_id), None)
        )


@pytest.fixture
def works(store: Store) -> Iterator[Works]:
    works = Works(store)
    yield works
    works.scheduler.shutdown(wait=False)


def test_a_run_is_reported_as_an_executed_job(store: Store, works: Works) -> None:
    number = queue_run(store, "nothing:else")
    event = works.event_of(f"run:{number}")
    assert (event.code, event.retval) == (EVENT_JOB_EXECUTED, "else")
    assert status(store, number) == "SUCCESS"


@pytest.mark.parametrize("action", ["fail:no", "segfault"])
def test_a_run_that_did_not_succeed_is_reported_as_an_error(
    store: Store, works: Works, action: str
) -> None:
    number = queue_run(store, action)
    event = works.event_of(f"run:{number}")
    assert event.code == EVENT_JOB_ERROR
    assert isinstance(event.exception, RunFailedError)
    assert str(event.exception) == row(store, number)["error"]


def test_a_run_that_changes_its_child_is_one_run(store: Store, works: Works) -> None:
    first = works.event_of(f"run:{queue_run(store, 'describe')}")
    (store.folder / f"stale-{first.retval.split()[0]}").touch()
    again = works.event_of(f"run:{queue_run(store, 'describe')}")
    assert again.code == EVENT_JOB_EXECUTED


def test_runs_that_were_given_back_are_announced_once(
    store: Store, works: Works
) -> None:
    numbers = [queue_run(store) for _ in range(200)]
    numbers += [queue_run(store, "rest:0.7") for _ in range(12)]
    numbers += [queue_run(store) for _ in range(20)]
    wait_until(lambda: works.executor.tally.succeeded == len(numbers))
    assert {row(store, number)["attempt"] for number in numbers} == {1}


def test_no_instances_are_left_after_runs(store: Store, works: Works) -> None:
    for _ in range(20):
        queue_run(store)
    wait_until(lambda: works.executor.tally.succeeded == 20)

    def are_there() -> bool:
        return any(name.startswith("run:") for name in list(works.executor._instances))

    wait_until(lambda: not are_there())


def test_a_listener_that_raises_harms_nobody(store: Store, works: Works) -> None:
    def complain(event: JobExecutionEvent) -> None:
        raise ValueError("a listener's own fault")

    works.scheduler.add_listener(complain, EVENT_JOB_EXECUTED)
    for _ in range(2):
        works.event_of(f"run:{queue_run(store)}")


def test_a_job_of_the_scheduler_is_called_in_the_loop(works: Works) -> None:
    names: list[str] = []
    works.scheduler.add_job(
        lambda: names.append(threading.current_thread().name),
        id="mine",
        executor="hookline",
    )
    assert works.event_of("mine").code == EVENT_JOB_EXECUTED
    assert names == ["hookline-executor"]


def test_what_a_job_of_the_scheduler_queues_is_run(store: Store, works: Works) -> None:
    works.scheduler.add_job(queue_run, args=[store], id="mine", executor="hookline")
    number = works.event_of("mine").retval
    works.event_of(f"run:{number}")


def test_runs_of_the_dead_are_rescued_while_it_works(
    store: Store, works: Works
) -> None:
    number = queue_run(store, owner="1-dead")
    works.event_of(f"run:{number}")


def test_a_drained_executor_has_finished_what_ran(store: Store, works: Works) -> None:
    running = queue_run(store, f"wait_for_file:{store.folder}/go")
    wait_until(lambda: messages(store, running))
    works.executor.drain()
    wait_until(lambda: works.executor._is_draining)
    waiting = queue_run(store)
    (store.folder / "go").touch()
    works.executor.shutdown(wait=True)
    assert not works.executor.is_alive
    assert status(store, running) == "SUCCESS"
    assert status(store, waiting) == "PENDING"


def test_an_executor_that_is_shut_down_at_once_ends_its_runs(store: Store) -> None:
    works = Works(store)
    number = queue_run(store, "hang")
    wait_until(lambda: messages(store, number))
    works.scheduler.shutdown(wait=False)
    assert status(store, number) == "INTERRUPTED"


def test_a_loop_that_fails_says_so(store: Store) -> None:
    works = Works(store, work="no_such_module:Work")
    wait_until(lambda: not works.executor.is_alive)
    assert isinstance(works.executor.failure, HooklineError)
    works.scheduler.shutdown(wait=False)


def test_the_plugin_works_on_the_open_store(store: Store) -> None:
    assert isinstance(HooklineExecutor(), BaseExecutor)


@pytest.mark.parametrize(
    ("tally", "text"),
    [
        (Tally(), "worked off no runs"),
        (Tally(succeeded=1), "worked off 1 run, all succeeded"),
        (Tally(succeeded=1000, failed=2), "worked off 1,002 runs, 2 did not succeed"),
        (Tally(retrying={4}), "worked off 1 run, 1 will be tried again"),
    ],
)
def test_the_sum_of_what_was_worked_off(tally: Tally, text: str) -> None:
    assert tally.text == text
