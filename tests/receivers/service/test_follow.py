"""Waiting for results, and working them off where nobody else does."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from models.errors import TimedOutError
from receivers.queueing.locks import RunnerLock, is_runner_alive
from receivers.service import follow as follow_module
from receivers.service.follow import follow, work_until_done
from tests.patience import wait_until
from tests.receivers.queued import WORK, messages, queue_run, status

if TYPE_CHECKING:
    from models.storage.store import Store


def test_results_that_are_over_are_returned_at_once(store: Store) -> None:
    number = queue_run(store)
    store.execute("UPDATE job_result SET status = 'FAILURE'")
    assert [result.status for result in follow(store, [number])] == ["FAILURE"]


def test_waiting_has_an_end(store: Store) -> None:
    number = queue_run(store)
    with pytest.raises(TimedOutError, match=r"After 0.01 s 1 of 1 runs"):
        follow(store, [number], timeout_s=0.01)


def test_without_a_runner_the_queue_is_worked_here(store: Store) -> None:
    numbers = [queue_run(store, action) for action in ("nothing", "fail:no")]
    results = work_until_done(store, numbers, work=WORK)
    assert [result.status for result in results] == ["SUCCESS", "FAILURE"]
    assert not is_runner_alive(store)


def test_runs_of_the_dead_are_worked_off_too(store: Store) -> None:
    number = queue_run(store, owner="1-dead")
    assert work_until_done(store, [number], work=WORK)[0].status == "SUCCESS"


def test_what_still_runs_when_the_time_is_over_is_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = queue_run(store, "hang")

    class Clock:
        """Jumps over every time limit once the run has said something."""

        sleep = time.sleep

        @staticmethod
        def monotonic() -> float:
            return time.monotonic() + (1e6 if messages(store, number) else 0)

    monkeypatch.setattr(follow_module, "time", Clock)
    with pytest.raises(TimedOutError):
        work_until_done(store, [number], timeout_s=1e5, work=WORK)
    assert status(store, number) == "INTERRUPTED"


def test_beside_a_runner_it_only_waits(store: Store) -> None:
    number = queue_run(store)
    lock = RunnerLock(store)
    assert lock.try_acquire()
    try:
        with pytest.raises(TimedOutError):
            work_until_done(store, [number], timeout_s=0.1, work=WORK)
        assert status(store, number) == "PENDING"
    finally:
        lock.release()


def test_it_takes_over_from_a_runner_that_goes(store: Store) -> None:
    number = queue_run(store)
    lock = RunnerLock(store)
    assert lock.try_acquire()
    done: list[str] = []

    def work() -> None:
        done.extend(r.status for r in work_until_done(store, [number], work=WORK))
        store.database.close()

    thread = threading.Thread(target=work)
    thread.start()
    lock.release()
    thread.join()
    wait_until(lambda: done == ["SUCCESS"])
