"""One run without a runner, in a child of the calling process."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import RefusedError
from models.runs.jobs import JobRecord
from models.runs.results import enqueue
from models.storage.store import open_store
from receivers.queueing import queue
from receivers.service.alone import run_in_child, run_one
from tests.patience import PATIENCE_S, wait_until
from tests.receivers.fake_work import FakeWork
from tests.receivers.queued import messages, queue_run, row, status

if TYPE_CHECKING:
    from models.people.access import User
    from models.storage.store import Store
    from tests.receivers.conftest import Jobs

JOBS = """
    from receivers import IntegerVar, Job, RetryLater, register_jobs

    class Double(Job):
        number = IntegerVar()

        def run(self, number):
            self.logger.info("doubling")
            return number * 2

    class Flaky(Job):
        class Meta:
            retries = 1
            has_sensitive_variables = False

        def run(self):
            if self.job_result.attempt == 1:
                raise RetryLater(0.01)
            return "at last"

    class Slow(Job):
        def run(self):
            import time
            self.logger.info("slow")
            time.sleep(60)

    class InTurn(Job):
        class Meta:
            overlap = "queued"

        def run(self):
            return self.job_result.id

    register_jobs(Double, Flaky, Slow, InTurn)
"""


def job(name: str) -> JobRecord:
    found: JobRecord = JobRecord.get(JobRecord.job_class_name == name)
    return found


def run_fake(store: Store, action: str, **columns: Any) -> dict[str, Any]:
    number = queue_run(store, action, owner=store.owner(), **columns)
    claim = queue.begin(store, number, store.owner())
    run_in_child(store, claim, work=FakeWork(str(store.folder)))
    return row(store, number)


def test_a_job_is_run_and_its_result_returned(
    store: Store, user: User, jobs: Jobs
) -> None:
    jobs.install(JOBS, "Double")
    heard: list[str] = []
    result = run_one(
        store,
        job("Double"),
        user,
        arguments={"number": 21},
        heard=lambda entries: heard.extend(entry[4] for entry in entries),
    )
    assert (result.status, result.result, result.info_log_count) == ("SUCCESS", 42, 2)
    assert heard == messages(store, result.id)
    assert "doubling" in heard


def test_a_job_that_is_off_is_refused(store: Store, user: User, jobs: Jobs) -> None:
    jobs.install(JOBS)
    with pytest.raises(RefusedError):
        run_one(store, job("Double"), user, arguments={"number": 1})


def test_a_retry_is_waited_for(store: Store, user: User, jobs: Jobs) -> None:
    jobs.install(JOBS, "Flaky")
    result = run_one(store, job("Flaky"), user)
    assert (result.status, result.result, result.attempt) == ("SUCCESS", "at last", 2)


@pytest.mark.parametrize(
    ("action", "expected", "error"),
    [
        ("nothing", "SUCCESS", None),
        ("fail:no", "FAILURE", "ValueError: no"),
        ("hang", "FAILURE", "TimeLimitExceeded: it ran for 0.2 s and was ended."),
        ("stubborn", "FAILURE", "TimeLimitExceeded: it ran for 0.2 s and was ended."),
        (
            "segfault",
            "INTERRUPTED",
            "ProcessDied: the process that ran it was ended by SIGSEGV.",
        ),
        (
            "exit_at_once:4",
            "INTERRUPTED",
            "ProcessDied: the process that ran it ended itself with status 4.",
        ),
    ],
)
def test_every_end_is_written_down(
    store: Store, action: str, expected: str, error: str | None
) -> None:
    limit = 0.2 if action in ("hang", "stubborn") else 600
    found = run_fake(store, action, time_limit=limit)
    assert (found["status"], found["error"]) == (expected, error)
    assert found["owner"] is None


def test_a_run_waits_its_turn(store: Store, user: User, jobs: Jobs) -> None:
    jobs.install(JOBS, "InTurn")
    first = enqueue(job("InTurn"), user)
    waited: list[list[int]] = []
    result = run_one(store, job("InTurn"), user, waits=waited.append)
    assert waited == [[first.id]]
    assert (status(store, first.id), result.status) == ("SUCCESS", "SUCCESS")
    assert row(store, first.id)["done"] <= row(store, result.id)["started"]
    assert result.result == result.id


def test_a_run_that_is_given_up_while_it_waits_is_cancelled(
    store: Store, user: User, jobs: Jobs
) -> None:
    jobs.install(JOBS, "InTurn")
    first = enqueue(job("InTurn"), user)

    def give_up(runs: list[int]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_one(store, job("InTurn"), user, waits=give_up)
    assert status(store, first.id) == "PENDING"
    assert status(store, first.id + 1) == "REVOKED"


def test_what_a_run_leaves_behind_is_ended(store: Store) -> None:
    file = store.folder / "daemon.pid"
    assert run_fake(store, f"daemon:{file}")["status"] == "SUCCESS"
    assert not Path(f"/proc/{file.read_text()}").exists()


def test_a_fork_bomb_ends_at_the_limit_of_processes(store: Store) -> None:
    small = dataclasses.replace(store.settings.runner, max_processes=3)
    store.settings = dataclasses.replace(store.settings, runner=small)
    found = run_fake(store, "start_processes:5")
    assert found["status"] == "FAILURE"
    assert found["error"].startswith("ProcessLimitExceeded")
    started = [int(text) for text in messages(store, found["id"])[1:]]
    assert len(started) > 3
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)


def test_a_receivers_folder_and_limits_are_those_of_a_child(store: Store) -> None:
    pid, group, folder, _ = run_fake(store, "describe")["result"].split()
    assert pid == group
    assert pid != str(os.getpid())
    assert folder == str(store.folder)


def test_ends_wait_for_a_store_that_is_locked(store: Store) -> None:
    store.gate.timeout_s = 0.05
    number = queue_run(store, "chat_and_unlock", owner=store.owner())
    claim = queue.begin(store, number, store.owner())
    with open_store(store.folder) as other:
        holding = other.transaction()
        holding.__enter__()

        def let_go(_signal: int, _frame: object) -> None:
            holding.__exit__(None, None, None)

        before = signal.signal(signal.SIGUSR1, let_go)
        try:
            run_in_child(store, claim, work=FakeWork(str(store.folder)))
        finally:
            signal.signal(signal.SIGUSR1, before)
    assert status(store, number) == "SUCCESS"
    assert len(messages(store, number)) == 4


def test_debugging_runs_in_this_very_process(
    store: Store, user: User, jobs: Jobs
) -> None:
    jobs.install(
        """
        import os

        from receivers import Job, register_jobs

        class Where(Job):
            def run(self):
                return os.getpid()

        register_jobs(Where)
        """,
        "Where",
    )
    result = run_one(store, job("Where"), user, debug=True)
    assert (result.status, result.result) == ("SUCCESS", os.getpid())
    assert "Job completed" in messages(store, result.id)


def test_breakpoints_reach_the_terminal(
    store: Store, user: User, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.install(
        """
        from receivers import Job, register_jobs

        class Stops(Job):
            def run(self):
                answer = 41
                breakpoint()
                return answer

        register_jobs(Stops)
        """,
        "Stops",
    )
    talk = store.folder / "talk"
    script = store.folder / "script"
    script.write_text("answer = 42\ncontinue\n")
    with script.open() as stdin, talk.open("w") as stderr:
        monkeypatch.setattr(sys, "__stdin__", stdin)
        monkeypatch.setattr(sys, "__stderr__", stderr)
        result = run_one(store, job("Stops"), user, debug=True)
    assert result.result == 42
    assert "(Pdb)" in talk.read_text()


PROGRAM = """
import sys
from models.people.access import os_user
from models.runs.jobs import find_job
from models.storage.store import open_store
from receivers.service.alone import run_one

store = open_store(sys.argv[1])
run_one(store, find_job("Slow"), os_user())
"""


@pytest.mark.parametrize(
    ("number", "expected"), [(signal.SIGINT, None), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_the_run_and_its_result_says_so(
    store: Store, jobs: Jobs, number: signal.Signals, expected: int | None
) -> None:
    jobs.install(JOBS, "Slow")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(store.folder)],
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
    )
    wait_until(lambda: "slow" in messages(store, 1))
    process.send_signal(number)
    process.wait()
    assert status(store, 1) == "REVOKED"
    assert process.returncode == (-number if expected is None else expected)


def test_somebody_else_cancels_the_run(store: Store, jobs: Jobs) -> None:
    jobs.install(JOBS, "Slow")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(store.folder)],
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
    )
    wait_until(lambda: "slow" in messages(store, 1))
    assert queue.cancel(store, 1) == "STARTED"
    process.wait(PATIENCE_S)
    assert status(store, 1) == "REVOKED"


def test_a_command_that_was_killed_leaves_an_interrupted_run(
    store: Store, jobs: Jobs
) -> None:
    from receivers.queueing.rescue import rescue

    jobs.install(JOBS, "Slow")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(store.folder)],
        cwd=Path(__file__).parents[3],
    )
    wait_until(lambda: "slow" in messages(store, 1))
    process.kill()
    process.wait()

    def rescued() -> bool:
        rescue(store)
        return status(store, 1) == "INTERRUPTED"

    wait_until(rescued)
