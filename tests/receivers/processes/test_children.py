"""The nursery and its children, driven by hand over their sockets."""

from __future__ import annotations

import os
import selectors
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from receivers.processes import kernel
from receivers.processes.pool import Pool, PoolOptions, Worker, adopt
from tests.patience import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Keeper:
    """Speaks with one nursery and waits for what it says."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.pool = Pool(
            PoolOptions(
                folder=str(folder),
                work="fake_work:FakeWork",
                **{"memory_mb": 0, **options},
            )
        )
        self.notices: list[dict[str, Any]] = []
        self._workers: list[Worker] = []
        self._seen: list[Worker] = []
        self._runs = 0

    def spawn(self, *, is_ready: bool = True) -> Worker:
        self.pool.order(op="spawn")
        self.until(lambda: self._workers)
        worker = self._workers.pop()
        if is_ready:
            self.hear(worker, lambda said: said[0]["op"] == "ready")
        return worker

    def until(self, condition: Callable[[], Any]) -> Any:
        """Read the nursery's notices until the condition holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            assert time.monotonic() < deadline, "waited in vain"
            _wait_readable(self.pool.control, 0.05)
            for notice, files in self.pool.notices() or []:
                if notice["op"] == "spawned":
                    self._workers.append(adopt(notice["pid"], files))
                    self._seen.append(self._workers[-1])
                else:
                    self.notices.append(notice)
        return found

    def start(self, worker: Worker, action: str, **values: Any) -> int:
        self._runs += 1
        message = {
            "op": "run",
            "result": self._runs,
            "token": 7,
            "soft": 0,
            "arguments": action,
        }
        assert worker.send(message | values)
        return self._runs

    def run(self, worker: Worker, action: str, **values: Any) -> list[dict[str, Any]]:
        """Run an action and return everything the child said, `done` last."""
        self.start(worker, action, **values)
        return self.hear(worker, lambda said: said[-1]["op"] in ("done", "stale"))

    def hear(
        self, worker: Worker, condition: Callable[[list[dict[str, Any]]], bool]
    ) -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = []
        deadline = time.monotonic() + PATIENCE_S
        while not said or not condition(said):
            assert time.monotonic() < deadline, f"heard only {said}"
            _wait_readable(worker.channel, 0.05)
            messages, is_open = worker.read(100)
            said += messages
            if not is_open:
                break
        return said

    def close(self) -> None:
        self.pool.close()
        for worker in self._seen:
            worker.channel.close()

    def end_of(self, worker: Worker) -> int:
        """Wait for a child's end and return the status that `waitpid` gave."""
        notice = self.until(
            lambda: next((n for n in self.notices if n["pid"] == worker.pid), None)
        )
        return int(notice["status"])


def _wait_readable(channel: Any, seconds: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(channel, selectors.EVENT_READ)
        selector.select(seconds)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@pytest.fixture(autouse=True)
def search_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    keeper = Keeper(tmp_path)
    yield keeper
    keeper.close()


@pytest.fixture
def worker(keeper: Keeper) -> Worker:
    return keeper.spawn()


def test_a_child_runs_and_says_so(keeper: Keeper, worker: Worker) -> None:
    said = keeper.run(worker, "nothing:else")
    assert said[0]["entries"][0][3] == f"nothing begins in {worker.pid}"
    assert said[-1] == {
        "op": "done",
        "result": 1,
        "token": 7,
        "entries": [],
        "status": "SUCCESS",
        "value": "else",
        "error": None,
        "traceback": None,
        "retire": False,
    }


def test_a_child_serves_run_after_run(keeper: Keeper, worker: Worker) -> None:
    for _ in range(20):
        assert keeper.run(worker, "nothing")[-1]["retire"] is False


def test_a_child_has_a_session_and_the_stores_folder(
    keeper: Keeper, worker: Worker
) -> None:
    value = keeper.run(worker, "describe")[-1]["value"]
    assert value == f"{worker.pid} {worker.pid} {keeper.folder} 1"


def test_a_child_reads_nothing_from_stdin(keeper: Keeper, worker: Worker) -> None:
    assert keeper.run(worker, "read_input")[-1]["value"] == ""


def test_what_the_run_lets_through_is_a_failure(keeper: Keeper, worker: Worker) -> None:
    done = keeper.run(worker, "fail:no good")[-1]
    assert (done["status"], done["error"]) == ("FAILURE", "ValueError: no good")
    assert "fake_work.py" in done["traceback"]


def test_the_soft_limit_is_raised_in_the_run(keeper: Keeper, worker: Worker) -> None:
    done = keeper.run(worker, "hang", soft=0.05)[-1]
    assert done["status"] == "FAILURE"
    assert done["error"].startswith("SoftTimeLimitExceeded")
    assert keeper.run(worker, "nothing")[-1]["status"] == "SUCCESS"


def test_an_ordered_soft_limit_is_raised_in_the_run(
    keeper: Keeper, worker: Worker
) -> None:
    keeper.start(worker, "hang")
    keeper.hear(worker, lambda said: said[-1]["op"] == "log")
    keeper.pool.order(op="soft", pid=worker.pid)
    done = keeper.hear(worker, lambda said: said[-1]["op"] == "done")[-1]
    assert done["error"].startswith("SoftTimeLimitExceeded")


def test_a_soft_limit_between_runs_means_nothing(
    keeper: Keeper, worker: Worker
) -> None:
    keeper.pool.order(op="soft", pid=worker.pid)
    keeper.spawn()  # orders are obeyed in turn: the alarm has been sent before
    assert keeper.run(worker, "nothing")[-1]["status"] == "SUCCESS"


@pytest.mark.parametrize(
    "action", ["hang", "stubborn", "hold_interpreter", "close_everything"]
)
def test_a_child_that_does_not_end_is_killed(
    keeper: Keeper, worker: Worker, action: str
) -> None:
    keeper.start(worker, action)
    keeper.hear(worker, lambda said: said[-1]["op"] == "log")
    keeper.pool.order(op="kill", pid=worker.pid, grace=0.05)
    keeper.end_of(worker)
    assert not is_alive(worker.pid)


def test_a_child_may_tidy_up_before_it_is_killed(
    keeper: Keeper, worker: Worker
) -> None:
    keeper.start(worker, "tidy")
    keeper.hear(worker, lambda said: len(said) == 2)
    keeper.pool.order(op="kill", pid=worker.pid, grace=30)
    said = keeper.hear(worker, lambda said: said[-1]["op"] == "done")
    assert said[0]["entries"][0][3] == "tidied up"
    assert said[-1]["error"].startswith("RunEnded")


@pytest.mark.parametrize(
    ("action", "signal_number"),
    [("segfault", signal.SIGSEGV), ("kill_myself", signal.SIGKILL)],
)
def test_a_child_that_crashes_is_reported(
    keeper: Keeper, worker: Worker, action: str, signal_number: int
) -> None:
    keeper.start(worker, action)
    assert os.WTERMSIG(keeper.end_of(worker)) == signal_number


def test_a_child_that_exits_is_reported(keeper: Keeper, worker: Worker) -> None:
    keeper.start(worker, "exit_at_once:3")
    assert os.WEXITSTATUS(keeper.end_of(worker)) == 3


def test_neighbours_of_a_crash_go_on(keeper: Keeper, worker: Worker) -> None:
    neighbour = keeper.spawn()
    keeper.start(neighbour, f"wait_for_file:{keeper.folder}/go")
    keeper.start(worker, "segfault")
    keeper.end_of(worker)
    (keeper.folder / "go").touch()
    said = keeper.hear(neighbour, lambda said: said[-1]["op"] == "done")
    assert said[-1]["status"] == "SUCCESS"


@pytest.mark.parametrize(
    "action",
    [
        "leave_process",
        "leave_thread",
        "leave_folder",
        "leave_variable",
        "leave_handler",
    ],
)
def test_a_child_that_was_changed_by_a_run_retires(
    keeper: Keeper, worker: Worker, action: str
) -> None:
    assert keeper.run(worker, action)[-1]["retire"] is True
    assert keeper.end_of(worker) == 0


def test_a_process_that_was_left_behind_is_ended(
    keeper: Keeper, worker: Worker
) -> None:
    stray = keeper.run(worker, "leave_process")[-1]["value"]
    keeper.end_of(worker)
    wait_until(lambda: not is_alive(stray))


def test_a_process_that_left_its_session_is_ended(
    keeper: Keeper, worker: Worker
) -> None:
    file = keeper.folder / "daemon.pid"
    assert keeper.run(worker, f"daemon:{file}")[-1]["retire"] is True
    stray = int(file.read_text())
    keeper.end_of(worker)
    wait_until(lambda: not is_alive(stray))


def test_a_receiver_that_forks_and_returns_says_done_once(
    keeper: Keeper, worker: Worker
) -> None:
    keeper.run(worker, "fork_and_return")
    worker.send({"op": "quit"})  # the fork may be over before the child looks for it
    keeper.end_of(worker)
    assert worker.read(10)[0] == []


def test_temporary_files_are_gone_for_the_next_run(
    keeper: Keeper, worker: Worker
) -> None:
    folder = keeper.run(worker, "leave_temporary")[-1]["value"]
    assert keeper.run(worker, "list_temporary")[-1]["value"] == ""
    worker.send({"op": "quit"})
    keeper.end_of(worker)
    assert not Path(folder).exists()


def test_temporary_files_of_a_killed_child_are_removed(
    keeper: Keeper, worker: Worker
) -> None:
    folder = keeper.run(worker, "leave_temporary")[-1]["value"]
    (Path(folder) / "late").touch()
    keeper.pool.order(op="kill", pid=worker.pid, grace=0)
    keeper.end_of(worker)
    wait_until(lambda: not Path(folder).exists())


def test_memory_is_limited(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, memory_mb=512)
    try:
        done = keeper.run(keeper.spawn(), "eat:600")[-1]
        assert done["error"].startswith("MemoryError")
    finally:
        keeper.close()


def test_a_long_value_arrives_whole(keeper: Keeper, worker: Worker) -> None:
    assert len(keeper.run(worker, "long_value:10000000")[-1]["value"]) == 10_000_000


def test_many_lines_arrive_in_order(keeper: Keeper, worker: Worker) -> None:
    said = keeper.run(worker, "chat:3000")
    texts = [message["entries"][0][3] for message in said[1:-1]]
    assert texts == [f"line {number}" for number in range(3000)]


def test_a_child_with_old_code_gives_the_run_back(
    keeper: Keeper, worker: Worker
) -> None:
    (keeper.folder / f"stale-{worker.pid}").touch()
    said = keeper.run(worker, "nothing")
    assert (said[-1]["op"], said[-1]["token"]) == ("stale", 7)
    assert keeper.end_of(worker) == 0


def test_a_child_that_cannot_get_ready_is_reported(keeper: Keeper) -> None:
    (keeper.folder / "broken").touch()
    assert os.WEXITSTATUS(keeper.end_of(keeper.spawn(is_ready=False))) == 1


def test_everything_ends_when_the_runners_socket_closes(
    keeper: Keeper, worker: Worker
) -> None:
    file = keeper.folder / "daemon.pid"
    hanging = keeper.spawn()
    keeper.start(hanging, "stubborn")
    keeper.hear(hanging, lambda said: said[-1]["op"] == "log")
    keeper.start(worker, f"daemon:{file}")
    wait_until(file.exists)
    stray = int(file.read_text())
    keeper.pool.control.close()
    wait_until(lambda: not any(map(is_alive, (worker.pid, hanging.pid, stray))))
    wait_until(lambda: not is_alive(keeper.pool.pid))


def test_children_die_with_the_nursery(keeper: Keeper, worker: Worker) -> None:
    os.kill(keeper.pool.pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(worker.pid))


def test_the_children_of_a_process_are_listed() -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    try:
        assert pid in kernel.child_processes()
        assert pid in kernel._children_by_parent(os.getpid())
    finally:
        os.close(write)
        os.waitpid(pid, 0)
        os.close(read)
