"""The runner as a process: real signals, real deaths, real take-overs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.objects.fields import now_us
from models.runs.jobs import JobRecord
from receivers.processes.launch import python_command
from receivers.queueing import locks
from receivers.queueing.locks import is_runner_alive, open_screen
from receivers.service.runner import start_in_background
from tests import factories
from tests.patience import PATIENCE_S, wait_until
from tests.receivers.queued import WORK, messages, queue_run, row, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store
    from tests.receivers.conftest import Jobs

RunnerProcess = subprocess.Popen[str]
HOUR_US = 3_600_000_000


class Runners:
    """Starts runner processes, and ends what is left of them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.started: list[RunnerProcess] = []

    def start(self, *arguments: str, work: str = WORK) -> RunnerProcess:
        process = subprocess.Popen(
            python_command(
                "receivers.service.runner",
                str(self.store.folder),
                *(["--work", work] if work else []),
                *arguments,
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def start_working(self, *arguments: str, work: str = WORK) -> RunnerProcess:
        process = self.start(*arguments, work=work)
        wait_until(lambda: self.holder() == process.pid)
        return process

    def holder(self) -> int:
        """Return the id of the process that is the runner; 0 when none is."""
        if not is_runner_alive(self.store):
            return 0
        text = (self.store.run_folder / locks.RUNNER_LOCK).read_text()
        return int(text or 0)

    def close(self) -> None:
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            sys.stderr.write(process.communicate()[1])  # shown when a test has failed


@pytest.fixture
def runners(store: Store) -> Iterator[Runners]:
    runners = Runners(store)
    yield runners
    runners.close()


def finish(process: RunnerProcess) -> int:
    process.communicate(timeout=PATIENCE_S)
    return process.returncode


def is_gone(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return text.rpartition(")")[2].split()[0] in "ZX"


def test_a_runner_works_until_it_is_told_to_stop(
    store: Store, runners: Runners
) -> None:
    process = runners.start_working()
    number = queue_run(store)
    wait_until(lambda: status(store, number) == "SUCCESS")
    process.terminate()
    assert finish(process) == 128 + signal.SIGTERM
    assert not is_runner_alive(store)


def test_a_runner_writes_nothing_to_stdout(store: Store, runners: Runners) -> None:
    queue_run(store, "shout")
    out, err = runners.start("--until-empty").communicate(timeout=PATIENCE_S)
    assert out == ""
    assert "works on" in err
    assert "printed by a receiver" in err


@pytest.mark.parametrize(
    ("action", "expected"), [("nothing", 0), ("fail:no", 1), ("segfault", 1)]
)
def test_a_runner_until_empty_tells_whether_all_succeeded(
    store: Store, runners: Runners, action: str, expected: int
) -> None:
    number = queue_run(store, action)
    later = queue_run(store, due=now_us() + HOUR_US)
    assert finish(runners.start("--until-empty")) == expected
    assert status(store, number) not in ("PENDING", "STARTED")
    assert status(store, later) == "PENDING"


def test_an_empty_queue_is_done_at_once(store: Store, runners: Runners) -> None:
    assert finish(runners.start("--until-empty")) == 0


def test_the_first_signal_waits_for_what_runs(store: Store, runners: Runners) -> None:
    process = runners.start_working()
    running = queue_run(store, f"wait_for_file:{store.folder}/go")
    wait_until(lambda: messages(store, running))
    process.terminate()
    (store.folder / "go").touch()
    assert finish(process) == 128 + signal.SIGTERM
    assert status(store, running) == "SUCCESS"


def test_the_second_signal_ends_what_runs(store: Store, runners: Runners) -> None:
    process = runners.start_working()
    running = queue_run(store, "stubborn")
    wait_until(lambda: messages(store, running))
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert finish(process) in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    assert status(store, running) == "INTERRUPTED"


def test_a_second_runner_takes_over_from_a_dead_one(
    store: Store, runners: Runners
) -> None:
    first = runners.start_working()
    once = queue_run(store, "pid_then_hang")
    wait_until(lambda: len(messages(store, once)) == 2)
    child = int(messages(store, once)[1])
    second = runners.start()
    first.kill()
    first.wait()
    wait_until(lambda: runners.holder() == second.pid)
    wait_until(lambda: status(store, once) == "INTERRUPTED")
    assert is_gone(child)
    number = queue_run(store)
    wait_until(lambda: status(store, number) == "SUCCESS")


def test_an_idempotent_run_of_a_dead_runner_is_run_again(
    store: Store, runners: Runners
) -> None:
    (store.folder / "default").write_text(f"wait_for_file:{store.folder}/go")
    number = queue_run(store, delivery="idempotent")
    store.execute("DELETE FROM job_arguments")
    first = runners.start_working()
    wait_until(lambda: messages(store, number))
    first.kill()
    first.wait()
    (store.folder / "go").touch()
    runners.start_working()
    wait_until(lambda: status(store, number) == "SUCCESS")
    found = row(store, number)
    assert (found["crashes"], found["attempt"]) == (1, 2)


def test_runs_that_had_not_begun_survive_their_runner(
    store: Store, runners: Runners
) -> None:
    first = runners.start_working()
    numbers = [queue_run(store, "pause") for _ in range(40)]
    wait_until(lambda: status(store, numbers[0]) != "PENDING")
    first.kill()
    first.wait()
    runners.start_working()
    wait_until(lambda: all(status(store, n) not in OPEN for n in numbers))
    ended = [row(store, n) for n in numbers]
    assert all(e["attempt"] == 1 for e in ended)
    assert sum(e["status"] == "INTERRUPTED" for e in ended) <= 8


OPEN = ("PENDING", "STARTED")


def test_of_two_runners_one_works(store: Store, runners: Runners) -> None:
    first = runners.start_working()
    second = runners.start()
    assert second.stderr is not None
    assert "waiting to take over" in second.stderr.readline()
    for _ in range(20):
        queue_run(store)
    last = queue_run(store, "parent")
    wait_until(lambda: status(store, last) == "SUCCESS")
    nursery = int(row(store, last)["result"])
    stat = Path(f"/proc/{nursery}/stat").read_text().rpartition(")")[2].split()
    assert int(stat[1]) == first.pid


def test_a_waiting_runner_can_be_stopped(store: Store, runners: Runners) -> None:
    runners.start_working()
    second = runners.start()
    assert second.stderr is not None
    second.stderr.readline()
    second.terminate()
    assert finish(second) == 128 + signal.SIGTERM


def test_until_empty_waits_for_the_runner_that_works(
    store: Store, runners: Runners
) -> None:
    runners.start_working()
    running = queue_run(store, f"wait_for_file:{store.folder}/go")
    wait_until(lambda: messages(store, running))
    second = runners.start("--until-empty")
    assert second.stderr is not None
    second.stderr.readline()
    (store.folder / "go").touch()
    assert finish(second) == 0
    assert status(store, running) == "SUCCESS"


def test_a_runner_for_screens_goes_when_nobody_looks(
    store: Store, runners: Runners
) -> None:
    (store.folder / "config.yaml").write_text("runner: {idle_exit_s: 0.1}\n")
    with open_screen(store):
        process = runners.start_working("--for-screens")
        number = queue_run(store)
        wait_until(lambda: status(store, number) == "SUCCESS")
        assert process.poll() is None
    assert finish(process) == 0


def test_a_runner_for_screens_does_not_wait_for_another(
    store: Store, runners: Runners
) -> None:
    runners.start_working()
    assert finish(runners.start("--for-screens")) == 0


def test_screens_start_a_runner_in_the_background(
    store: Store, runners: Runners
) -> None:
    (store.folder / "config.yaml").write_text("runner: {idle_exit_s: 0}\n")
    with open_screen(store):
        assert start_in_background(store)
        pid = wait_until(runners.holder)
        assert not start_in_background(store)
    os.waitpid(pid, 0)
    assert "works on" in (store.run_folder / "runner.log").read_text()


def test_nothing_is_left_of_a_runner_that_was_killed(
    store: Store, runners: Runners
) -> None:
    process = runners.start_working()
    file = store.folder / "daemon.pid"
    queue_run(store, f"daemon_and_hang:{file}")
    stray = int(wait_until(lambda: file.exists() and file.read_text()))
    process.kill()
    process.wait()
    wait_until(lambda: is_gone(stray))


GUARD = """
    from receivers import JobHookReceiver, register_jobs

    class Guard(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            self.logger.info("{text} %s", changed_object)

    register_jobs(Guard)
"""


def test_a_save_runs_its_receiver_in_the_runner(
    store: Store, runners: Runners, jobs: Jobs
) -> None:
    from models.automation.hooks import JobHook

    jobs.install(GUARD.format(text="saw"), "Guard")
    job = JobRecord.get(job_class_name="Guard")
    JobHook(name="h", object_types=["dcim.device"], type_create=True, job=job).save()
    runners.start_working(work="")
    factories.device("core-01")
    wait_until(lambda: status(store, 1) == "SUCCESS")
    assert "saw core-01" in messages(store, 1)


def test_a_saved_file_is_used_from_the_next_run_on(
    store: Store, runners: Runners, jobs: Jobs
) -> None:
    from models.automation.hooks import JobHook

    jobs.install(GUARD.format(text="old"), "Guard")
    job = JobRecord.get(job_class_name="Guard")
    JobHook(name="h", object_types=["dcim.device"], type_create=True, job=job).save()
    runners.start_working(work="")
    factories.device("core-01")
    wait_until(lambda: status(store, 1) == "SUCCESS")
    jobs.write("guards.py", GUARD.format(text="new"))
    factories.device("core-02")
    wait_until(lambda: status(store, 2) not in OPEN)
    assert status(store, 2) == "SUCCESS", str(row(store, 2))
    assert "new core-02" in messages(store, 2)
    old = job.source_hash
    wait_until(lambda: JobRecord.get_by_id(job.id).source_hash != old)


def test_a_file_that_broke_shows_while_the_runner_works(
    store: Store, runners: Runners, jobs: Jobs
) -> None:
    jobs.install(GUARD.format(text="fine"), "Guard")
    runners.start_working(work="")
    jobs.write("guards.py", "def broken(:\n")
    wait_until(lambda: JobRecord.get(job_class_name="Guard").error)
