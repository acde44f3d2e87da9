"""Receivers that misbehave: each ends in a clear result, and no neighbour notices."""

from __future__ import annotations

import dataclasses
import json
import os
import textwrap
import time
from typing import TYPE_CHECKING, Any

import pytest

from models.inventory.extras import Tag
from models.objects.fields import now_us
from models.people.access import os_user
from models.runs.jobs import JobRecord
from models.runs.results import enqueue
from models.upkeep.integrity import findings
from receivers.discovery import catalogue, loader
from receivers.processes import hogs
from receivers.processes.crowds import CrowdWatch
from receivers.queueing import running
from receivers.service.station import open_station
from tests.faults.world import is_gone
from tests.patience import PATIENCE_S
from tests.receivers.queued import messages, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from models.storage.store import Store
    from receivers.queueing.claims import Claim, Finish
    from receivers.service.dispatcher import Dispatcher

MEMORY_MB = 700
SMALL_ROOM = 300_000

RECEIVERS = r"""
    import os
    import signal
    import sqlite3
    import sys
    import threading
    import time

    from models import Tag
    from models.storage.store import current_store
    from receivers import Job, StringVar, register_jobs


    def nothing(job):
        return os.getpid()


    def wait(job):
        while not os.path.exists(os.environ["GO"]):
            time.sleep(0.005)


    def eat_memory(job):
        kept = []
        while True:
            kept.append(bytearray(16 * 1024 * 1024))


    def fork_like_a_bomb(job):
        # Bounded, for the sake of the machine: 3 generations of 4 each.
        for _ in range(3):
            for _ in range(4):
                if os.fork() == 0:
                    break
        while True:
            time.sleep(60)


    def read_input(job):
        return sys.stdin.read()


    def close_standard_files(job):
        for number in (0, 1, 2):
            os.close(number)
        return os.getpid()


    def leak_files(job):
        for _ in range(200):
            os.open("/dev/null", os.O_RDONLY)
        return os.getpid()


    def leave_thread(job):
        threading.Thread(target=time.sleep, args=[600], daemon=True).start()
        return os.getpid()


    def leave_umask(job):
        os.umask(0o777)
        return os.getpid()


    def leave_folder(job):
        os.chdir("/")
        return os.getpid()


    def leave_locale(job):
        import locale
        locale.setlocale(locale.LC_ALL, "C")
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        locale.setlocale(locale.LC_NUMERIC, "C.UTF-8")
        return os.getpid()


    def block_signals(job):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM, signal.SIGTERM])
        return os.getpid()


    def leave_transaction(job):
        store = current_store()
        job.kept = store.database.atomic()
        job.kept.__enter__()
        Tag.objects.create(name="half done")


    def hold_the_lock(job):
        with current_store().transaction():
            Tag.objects.create(name="held")
            job.logger.info("has the lock")
            time.sleep(600)


    def hold_the_lock_past_the_gate(job):
        other = sqlite3.connect(current_store().db_path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        job.logger.info("has the lock")
        time.sleep(600)


    def leave_the_lock_past_the_gate(job):
        global kept
        kept = sqlite3.connect(current_store().db_path, isolation_level=None)
        kept.execute("BEGIN IMMEDIATE")


    def log_a_long_line(job):
        job.logger.info("x" * 10_000_000)
        print("y" * 10_000_000)


    def print_without_end(job):
        while True:
            sys.stdout.write("z" * 10_000)


    def log_without_end(job):
        while True:
            job.logger.info("line")


    def print_bytes(job):
        sys.stdout.buffer.write(b"bad \xff\xfe byte\n")


    def log_controls(job):
        job.logger.info("nul \0 escape \x1b[2J bell \a lone \ud800 </script>")
        return "\x1b]0;title\a \ud800 \0"


    def return_a_thread(job):
        return threading.current_thread()


    def return_much(job):
        return "r" * 100_000_000


    def raise_much(job):
        raise ValueError("e" * 10_000_000)


    def exit_politely(job):
        sys.exit(3)


    def interrupt(job):
        raise KeyboardInterrupt


    def recurse(job):
        return recurse(job)


    class Bad(Job):
        class Meta:
            has_sensitive_variables = False

        what = StringVar()

        def run(self, what):
            return globals()[what](self)


    register_jobs(Bad)
"""


class Bench:
    """A runner in this process that works off a queue of bad receivers."""

    def __init__(self, store: Store, runner: Dispatcher, go: Path) -> None:
        self.store = store
        self.runner = runner
        self.go = go
        self._record: JobRecord = JobRecord.get(JobRecord.job_class_name == "Bad")

    def queue(self, what: str, **limits: float) -> int:
        result = enqueue(self._record, os_user(self.store), arguments={"what": what})
        for column, seconds in limits.items():
            self.store.execute(f"UPDATE job_result SET {column} = {seconds}")
        self.runner.poke()
        return int(result.id)

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            self.runner.step(0.02)

    def run(self, what: str, **limits: float) -> dict[str, Any]:
        number = self.queue(what, **limits)
        self.until(lambda: row(self.store, number)["done"] is not None)
        return row(self.store, number)


class Silent:
    """Listens to nothing."""

    def begun(self, claim: Claim) -> None:
        """Do nothing."""

    def ended(self, finish: Finish) -> None:
        """Do nothing."""


@pytest.fixture(scope="module")
def jobs_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with the bad receivers."""
    from models.storage.store import open_store

    folder = tmp_path_factory.mktemp("bad")
    with open_store(folder / "store", create=True, durable=False) as store:
        (store.jobs_root / "bad.py").write_text(textwrap.dedent(RECEIVERS))
        assert not catalogue.refresh(store).broken
        record: JobRecord = JobRecord.get(JobRecord.job_class_name == "Bad")
        record.enable()
        small = dataclasses.replace(store.settings.runner, memory_mb=MEMORY_MB)
        store.settings = dataclasses.replace(store.settings, runner=small)
        yield store
    if (finder := loader.installed()) is not None:
        loader.uninstall(finder)


@pytest.fixture(scope="module")
def bench(
    jobs_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """A bench with a neighbour that runs from the first test to the last."""
    go = tmp_path_factory.mktemp("go") / "go"
    os.environ["GO"] = str(go)
    with open_station(jobs_store, Silent()) as runner:
        bench = Bench(jobs_store, runner, go)
        neighbour = bench.queue("wait")
        bench.until(lambda: row(jobs_store, neighbour)["status"] == "STARTED")
        yield bench
        go.touch()
        bench.until(lambda: row(jobs_store, neighbour)["done"] is not None)
    found = row(jobs_store, neighbour)
    assert (found["status"], found["attempt"], found["crashes"]) == ("SUCCESS", 1, 0)
    assert list(findings(jobs_store, deep=True)) == []
    del os.environ["GO"]


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("eat_memory", "MemoryError"),
        ("return_a_thread", "TypeError: "),
        ("raise_much", "ValueError: eeee"),
        ("exit_politely", "SystemExit: 3"),
        ("interrupt", "KeyboardInterrupt"),
        ("recurse", "RecursionError: "),
        ("leave_transaction", "RunJobTaskFailed: The run left a transaction open"),
    ],
)
def test_a_receiver_that_fails_says_why(bench: Bench, what: str, error: str) -> None:
    found = bench.run(what)
    assert found["status"] == "FAILURE"
    assert found["error"].startswith(error)
    assert len(found["error"]) <= 4096 + 100
    assert bench.run("nothing")["status"] == "SUCCESS"


def test_what_an_open_transaction_held_is_rolled_back(bench: Bench) -> None:
    bench.run("leave_transaction")
    assert not Tag.objects.filter(name="half done").exists()


@pytest.mark.parametrize(
    "what",
    [
        "leave_thread",
        "leave_umask",
        "leave_folder",
        "leave_locale",
        "block_signals",
        "leak_files",
        "close_standard_files",
    ],
)
def test_the_next_run_does_not_meet_what_one_left(bench: Bench, what: str) -> None:
    left_by = int(bench.run(what)["result"])
    bench.until(lambda: is_gone(left_by))
    assert bench.run("nothing")["status"] == "SUCCESS"


def test_a_receiver_reads_nothing(bench: Bench) -> None:
    assert json.loads(bench.run("read_input")["result"]) == ""


def test_a_fork_bomb_is_gone_at_the_time_limit(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.runner, "_crowds", CrowdWatch(0))
    found = bench.run("fork_like_a_bomb", time_limit=0.7)
    assert found["error"].startswith("TimeLimitExceeded")
    assert bench.run("nothing")["status"] == "SUCCESS"


def test_a_fork_bomb_ends_at_the_limit_of_processes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.runner, "_crowds", CrowdWatch(5))
    found = bench.run("fork_like_a_bomb")
    assert found["status"] == "FAILURE"
    assert found["error"].startswith("ProcessLimitExceeded")
    assert bench.run("nothing")["status"] == "SUCCESS"


@pytest.mark.parametrize("what", ["hold_the_lock", "hold_the_lock_past_the_gate"])
def test_who_keeps_the_write_lock_gets_the_soft_limit(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(hogs, "HOG_S", 0.3)
    found = bench.run(what)
    assert found["error"].startswith("SoftTimeLimitExceeded")
    assert not Tag.objects.filter(name="held").exists()


def test_a_child_that_keeps_the_write_lock_after_its_run_is_ended(bench: Bench) -> None:
    assert bench.run("leave_the_lock_past_the_gate")["status"] == "SUCCESS"
    assert bench.run("nothing")["status"] == "SUCCESS"


def test_long_lines_are_cut_with_a_note(bench: Bench) -> None:
    found = bench.run("log_a_long_line")
    assert found["status"] == "SUCCESS"
    texts = [text for text in messages(bench.store, found["id"]) if len(text) > 1000]
    assert {text[0] for text in texts} == {"x", "y"}
    for text in texts:
        assert len(text.encode()) <= 65536
        assert "… cut here" in text


@pytest.mark.parametrize("what", ["print_without_end", "log_without_end"])
def test_endless_output_is_cut_and_ends_at_the_limits(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(running, "MOST_OUTPUT", SMALL_ROOM)
    number = bench.queue(what)
    bench.until(lambda: running.CUT in messages(bench.store, number))
    for pid, run in bench.runner._runs.items():
        if run.claim.result_id == number:
            bench.runner._crew.warn(pid)  # as the soft limit would
    bench.until(lambda: row(bench.store, number)["done"] is not None)
    found = row(bench.store, number)
    assert found["error"].startswith("SoftTimeLimitExceeded")
    texts = messages(bench.store, number)
    assert sum(len(text) for text in texts) < 4 * SMALL_ROOM
    assert texts.count(running.CUT) == 1
    if what == "log_without_end":
        assert found["info_log_count"] > len(texts)


def test_text_that_could_steer_a_terminal_is_written_out(bench: Bench) -> None:
    found = bench.run("log_controls")
    texts = [*messages(bench.store, found["id"]), json.loads(found["result"])]
    assert any("\\x1b[2J" in text for text in texts)
    for text in texts:
        assert text.replace("\n", "").isprintable()
        text.encode()


def test_bytes_that_are_no_text_are_written_out(bench: Bench) -> None:
    found = bench.run("print_bytes")
    assert "bad \\xff\\xfe byte" in messages(bench.store, found["id"])


def test_a_value_that_is_too_long_is_cut(bench: Bench) -> None:
    found = bench.run("return_much")
    assert found["status"] in ("SUCCESS", "FAILURE"), found["error"]
    if found["status"] == "SUCCESS":
        assert len(found["result"]) <= 65536
    else:
        assert found["error"].startswith("MemoryError")


def test_a_job_that_was_removed_after_it_was_queued_says_so(bench: Bench) -> None:
    source = bench.store.jobs_root / "bad.py"
    text = source.read_text()
    later = now_us() + 3_600_000_000
    number = bench.queue("nothing")
    bench.store.execute(f"UPDATE job_result SET due = {later} WHERE id = {number}")
    try:
        source.write_text(
            text.replace("class Bad(", "class Renamed(").replace(
                "register_jobs(Bad)", "register_jobs(Renamed)"
            )
        )
        bench.store.execute(f"UPDATE job_result SET due = created WHERE id = {number}")
        bench.runner.poke()
        bench.until(lambda: row(bench.store, number)["done"] is not None)
        found = row(bench.store, number)
        assert found["status"] == "FAILURE"
        assert found["error"].endswith("bad.py has no job class Bad.")
    finally:
        source.write_text(text)
    assert bench.run("nothing")["status"] == "SUCCESS"
