"""The loop that works off the queue, stepped by hand, with real children."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import HooklineError
from models.objects.fields import now_us
from models.runs.queues import JobQueue
from models.storage.store import open_store, using_store
from receivers.processes import crew, hogs
from receivers.processes.pool import PoolOptions
from receivers.queueing import queue
from receivers.service import dispatcher
from receivers.service.dispatcher import Dispatcher, DispatchOptions
from tests.patience import PATIENCE_S
from tests.receivers.queued import WORK, messages, queue_run, row, status, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.storage.store import Store
    from receivers.queueing.claims import Claim, Finish

HOUR_US = 3_600_000_000


class Listener:
    def __init__(self) -> None:
        self.begun_ids: list[int] = []
        self.ended_ids: list[int] = []

    def begun(self, claim: Claim) -> None:
        self.begun_ids.append(claim.result_id)

    def ended(self, finish: Finish) -> None:
        self.ended_ids.append(finish.claim.result_id)


def until(work: Dispatcher, condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        work.step(0.05)
    return found


class Bench:
    """A dispatcher on a store, and its listener."""

    def __init__(self, store: Store, **options: Any) -> None:
        self.store = store
        self.listener = Listener()
        self.work = Dispatcher(
            store,
            self.listener,
            DispatchOptions(**{"concurrency": 4, "warm": 1, "grace_s": 0.1, **options}),
            PoolOptions(
                folder=str(store.folder),
                memory_mb=1024,
                keep=(store.owner_file(),),
                work=WORK,
            ),
        )

    def until(self, condition: Callable[[], Any]) -> Any:
        return until(self.work, condition)

    def until_status(self, result_id: int, wanted: str) -> dict[str, Any]:
        self.until(lambda: status(self.store, result_id) == wanted)
        return row(self.store, result_id)

    def queue(self, action: str, **columns: Any) -> int:
        self.work.poke()
        return queue_run(self.store, action, **columns)

    def make_overdue(self) -> None:
        """Let the hard limits of all that runs be over."""
        for run in self.work._runs.values():
            run.began -= run.claim.hard

    def run(self, action: str, **columns: Any) -> dict[str, Any]:
        """Queue an action, work until it has ended, and return its row."""
        number = self.queue(action, **columns)
        self.until(lambda: number in self.listener.ended_ids)
        return row(self.store, number)


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    bench = Bench(store)
    yield bench
    bench.work.close()


def test_a_run_goes_from_the_queue_to_its_end(bench: Bench) -> None:
    number = bench.queue("nothing:else")
    found = bench.until_status(number, "SUCCESS")
    assert found["result"] == "else"
    assert found["info_log_count"] == 1
    assert messages(bench.store, number)[0].startswith("nothing begins")
    assert bench.listener.begun_ids == bench.listener.ended_ids == [number]
    bench.until(lambda: bench.work.is_idle)


@pytest.mark.parametrize("action", ["hang", "stubborn", "hold_interpreter"])
def test_a_run_that_must_be_ended_has_failed(bench: Bench, action: str) -> None:
    found = bench.run(action, time_limit=0.2)
    error = "TimeLimitExceeded: it ran for 0.2 s and was ended."
    assert (found["status"], found["error"]) == ("FAILURE", error)
    assert bench.run("nothing")["status"] == "SUCCESS"


def test_a_run_that_raises_has_failed(bench: Bench) -> None:
    found = bench.run("fail:no")
    assert (found["status"], found["error"]) == ("FAILURE", "ValueError: no")


@pytest.mark.parametrize(
    ("action", "how"),
    [
        ("segfault", "was ended by SIGSEGV"),
        ("kill_myself", "was ended by SIGKILL"),
        ("exit_at_once:3", "ended itself with status 3"),
        ("close_everything", "was ended by SIGKILL"),
    ],
)
def test_a_run_whose_process_died_is_interrupted(
    bench: Bench, action: str, how: str
) -> None:
    found = bench.run(action)
    assert found["status"] == "INTERRUPTED"
    assert found["error"] == f"ProcessDied: the process that ran it {how}."
    assert bench.run("nothing")["status"] == "SUCCESS"


def test_neighbours_of_a_run_that_is_ended_go_on(bench: Bench) -> None:
    file = bench.store.folder / "go"
    neighbour = bench.queue(f"wait_for_file:{file}")
    bench.until_status(neighbour, "STARTED")
    for action in ("segfault", "stubborn"):
        bench.run(action, time_limit=0.1)
    file.touch()
    assert bench.until_status(neighbour, "SUCCESS")["attempt"] == 1


def test_a_receiver_may_tidy_up_at_the_hard_limit(store: Store) -> None:
    bench = Bench(store, grace_s=PATIENCE_S)
    try:
        number = bench.queue("tidy", time_limit=600)
        bench.until(lambda: "has begun" in messages(store, number))
        bench.make_overdue()
        found = bench.until_status(number, "FAILURE")
    finally:
        bench.work.close()
    assert found["error"].startswith("TimeLimitExceeded")
    assert "in tidy" in found["traceback"]
    assert messages(store, number)[-1] == "tidied up"


def test_the_soft_limit_comes_before_the_hard_one(bench: Bench) -> None:
    found = bench.run("hang", soft_time_limit=0.1, time_limit=600)
    assert found["error"].startswith("SoftTimeLimitExceeded")


def test_an_idempotent_run_is_tried_three_times(bench: Bench) -> None:
    number = queue_run(bench.store, "segfault", delivery="idempotent")
    bench.store.execute("DELETE FROM job_arguments")
    bench.store.execute("UPDATE job_result SET arguments = '{}'")
    (bench.store.folder / "default").write_text("segfault")
    bench.work.poke()
    found = bench.until_status(number, "FAILURE")
    assert (found["crashes"], found["attempt"]) == (3, 3)
    assert found["error"].endswith("It did so 3 times, so it is not run again.")
    assert found["info_log_count"] == 3


def test_lines_are_seen_while_the_run_goes_on(bench: Bench) -> None:
    number = bench.queue(f"chat_and_wait:{bench.store.folder}/go")
    with open_store(bench.store.folder) as other:
        bench.until(lambda: len(messages(other, number)) == 4)
        assert status(other, number) == "STARTED"
    (bench.store.folder / "go").touch()
    bench.until_status(number, "SUCCESS")


def test_progress_is_seen_while_the_run_goes_on(bench: Bench) -> None:
    number = bench.queue(f"progress_and_wait:{bench.store.folder}/go")
    bench.until(lambda: row(bench.store, number)["progress_done"] == 3)
    assert row(bench.store, number)["progress_total"] == 7
    (bench.store.folder / "go").touch()
    bench.until_status(number, "SUCCESS")


def test_text_that_cannot_be_stored_is_escaped(bench: Bench) -> None:
    found = bench.run("surrogates")
    assert messages(bench.store, found["id"])[1] == "a lone \\ud800 and a \\x00"


def test_a_running_run_can_be_cancelled(bench: Bench) -> None:
    number = bench.queue("hang")
    bench.until(lambda: messages(bench.store, number))
    with open_store(bench.store.folder) as other:
        queue.cancel(other, number)
    found = bench.until_status(number, "REVOKED")
    assert found["error"].startswith("Cancelled")


def test_no_more_runs_than_allowed_go_on_at_once(store: Store) -> None:
    bench = Bench(store, concurrency=2)
    try:
        numbers = [bench.queue(f"wait_for_file:{store.folder}/go") for _ in range(5)]
        bench.until(lambda: bench.work.running == 2)
        bench.until(lambda: all(messages(store, n) for n in numbers[:2]))
        assert [status(store, n) for n in numbers[2:]] == ["PENDING"] * 3
        (store.folder / "go").touch()
        bench.until(lambda: bench.work.is_idle)
        assert {status(store, n) for n in numbers} == {"SUCCESS"}
    finally:
        bench.work.close()


def test_a_writer_who_does_not_poke_is_noticed(bench: Bench) -> None:
    bench.until(lambda: bench.work.is_idle)
    with open_store(bench.store.folder) as other:
        number = queue_run(other)
    bench.until_status(number, "SUCCESS")


def test_a_run_starts_when_it_is_due(bench: Bench) -> None:
    bench.until(lambda: bench.work.is_idle)
    number = bench.queue("nothing", due=now_us() + 200_000)
    later = bench.queue("nothing", due=now_us() + HOUR_US)
    bench.until_status(number, "SUCCESS")
    assert row(bench.store, number)["started"] >= row(bench.store, number)["due"]
    assert status(bench.store, later) == "PENDING"


def test_a_resumed_queue_is_worked(bench: Bench) -> None:
    JobQueue.update(paused=True).execute()
    number = bench.queue("nothing")
    bench.until(lambda: bench.work.is_idle)
    assert status(bench.store, number) == "PENDING"
    with open_store(bench.store.folder) as other, using_store(other):
        JobQueue.update(paused=False).execute()
    bench.until_status(number, "SUCCESS")


def test_a_child_with_old_code_hands_its_run_on(bench: Bench) -> None:
    first = value_pid(bench, bench.run("describe"))
    (bench.store.folder / f"stale-{first}").touch()
    again = bench.run("describe")
    assert again["status"] == "SUCCESS"
    assert again["attempt"] == 1
    assert value_pid(bench, again) != first


def value_pid(bench: Bench, found: dict[str, Any]) -> int:
    return int(found["result"].split()[0])


def test_runs_wait_until_children_can_start(bench: Bench) -> None:
    broken = bench.store.folder / "broken"
    broken.touch()
    number = bench.queue("nothing")
    bench.until(lambda: bench.work._crew._spawn_wait_s > crew.SPAWN_RETRY_S[0])
    assert status(bench.store, number) == "PENDING"
    broken.unlink()
    bench.until_status(number, "SUCCESS")


def test_the_loss_of_the_nursery_is_survived(bench: Bench) -> None:
    number = bench.queue("hang")
    bench.until(lambda: messages(bench.store, number))
    os.kill(bench.work._crew._pool.pid, signal.SIGKILL)
    bench.until_status(number, "INTERRUPTED")
    assert bench.run("nothing")["status"] == "SUCCESS"


def test_a_nursery_that_cannot_start_is_an_error(store: Store) -> None:
    pool = PoolOptions(folder=str(store.folder), memory_mb=0, work="no_such_module:x")
    options = DispatchOptions(concurrency=1, warm=1, grace_s=0)
    work = Dispatcher(store, Listener(), options, pool)
    with pytest.raises(HooklineError, match="No child process can be started"):
        until(work, lambda: False)
    work.close()


def test_children_above_the_warm_ones_are_let_go(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "SURPLUS_S", 0.0)
    file = bench.store.folder / "go"
    for _ in range(4):
        bench.queue(f"wait_for_file:{file}")
    bench.until(lambda: bench.work.running == 4)
    file.touch()
    bench.until(lambda: bench.work._crew.size == 1)


def test_ends_are_kept_while_the_store_is_locked(bench: Bench) -> None:
    number = bench.queue(f"wait_for_file:{bench.store.folder}/go")
    bench.until(lambda: messages(bench.store, number))
    with open_store(bench.store.folder) as other, other.transaction():
        (bench.store.folder / "go").touch()
        bench.until(lambda: bench.work._failing_since)
        assert status(bench.store, number) == "STARTED"
    assert bench.until_status(number, "SUCCESS")["attempt"] == 1


def test_limits_are_kept_while_the_store_is_locked(bench: Bench) -> None:
    number = bench.queue("stubborn", time_limit=600)
    bench.until(lambda: messages(bench.store, number))
    with open_store(bench.store.folder) as other, other.transaction():
        bench.make_overdue()
        bench.until(lambda: not bench.work.running)
    bench.until_status(number, "FAILURE")


def test_a_receiver_that_keeps_the_write_lock_gets_its_soft_limit(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hogs, "HOG_S", 0.1)
    found = bench.run(f"hog:{bench.store.folder}")
    assert found["error"].startswith("SoftTimeLimitExceeded")


def test_children_wait_when_too_much_is_unsaved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "MOST_UNSAVED", 50)
    number = bench.queue("chat:3000")
    bench.until(lambda: messages(bench.store, number))
    with open_store(bench.store.folder) as other, other.transaction():
        bench.until(lambda: not bench.work._crew._is_listening)
        for _ in range(10):
            bench.work.step(0.01)
        assert len(bench.work._batch.entries) < 500
    bench.until_status(number, "SUCCESS")
    assert len(messages(bench.store, number)) == 3001


def test_runs_claimed_ahead_do_not_wait_behind_one_that_hangs(store: Store) -> None:
    bench = Bench(store, concurrency=1)
    try:
        for _ in range(60):
            bench.work._reserve.note_duration(0.0001)
        hanging = bench.queue("hang")
        waiting = [bench.queue("nothing") for _ in range(3)]
        bench.until(lambda: status(store, waiting[0]) == "STARTED")
        bench.until(lambda: all(status(store, n) == "PENDING" for n in waiting))
        assert {row(store, n)["attempt"] for n in waiting} == {0}
        queue.cancel(store, hanging)
        bench.work.recheck()
        bench.until(lambda: all(status(store, n) == "SUCCESS" for n in waiting))
    finally:
        bench.work.close()


def test_stopping_at_once_leaves_nothing_started(bench: Bench) -> None:
    once = bench.queue("hang")
    again = bench.queue("hang_by_default", delivery="idempotent")
    bench.store.execute("DELETE FROM job_arguments WHERE result_id = ?", [again])
    (bench.store.folder / "default").write_text("hang")
    waiting = bench.queue("nothing", due=now_us() + HOUR_US)
    bench.until(lambda: messages(bench.store, once) and messages(bench.store, again))
    bench.work.close()
    assert [status(bench.store, n) for n in (once, again, waiting)] == [
        "INTERRUPTED",
        "PENDING",
        "PENDING",
    ]
    assert row(bench.store, again)["crashes"] == 0


def test_the_value_of_a_run_may_be_long(bench: Bench) -> None:
    assert len(bench.run("long_value:300000")["result"]) == 300_000


def test_values_are_kept_as_the_child_wrote_them(bench: Bench) -> None:
    found = bench.run("json_value")
    assert value(bench.store, found["id"]) == {"a": [1, "é"]}
