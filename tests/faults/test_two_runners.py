"""Several runners on one store: one works, the next takes over at once."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from receivers.processes.kernel import is_stopped, lock_holder
from receivers.queueing import locks
from receivers.queueing.locks import is_runner_alive, open_screen
from tests.faults.world import ROOT, World, is_gone
from tests.patience import PATIENCE_S, wait_until
from tests.receivers.queued import WORK, messages, queue_run, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.storage.store import Store

OPEN = ("PENDING", "STARTED")


@pytest.fixture
def crowd(store: Store, tmp_path: Path) -> Iterator[World]:
    """Processes on the store, all ended in the end."""
    world = World(tmp_path)
    yield world
    world.close()


def start(world: World, *arguments: str) -> subprocess.Popen[bytes]:
    return world.start_runner("--work", WORK, *arguments)


def holder(store: Store) -> int | None:
    path = store.run_folder / locks.RUNNER_LOCK
    return lock_holder(path) if path.exists() else None


def start_working(world: World, store: Store) -> subprocess.Popen[bytes]:
    runner = start(world)
    wait_until(lambda: holder(store) == runner.pid)
    return runner


def test_who_stands_still_is_ended_by_who_waits(store: Store, crowd: World) -> None:
    first = start_working(crowd, store)
    hanging = queue_run(store, "hang")
    wait_until(lambda: messages(store, hanging))
    first.send_signal(signal.SIGSTOP)
    wait_until(lambda: is_stopped(first.pid))
    assert not is_runner_alive(store)
    after = queue_run(store)
    second = start_working(crowd, store)
    wait_until(lambda: status(store, hanging) == "INTERRUPTED")
    wait_until(lambda: status(store, after) == "SUCCESS")
    assert first.wait() == -signal.SIGKILL
    assert holder(store) == second.pid


def test_who_stood_still_alone_goes_on_where_it_was(store: Store, crowd: World) -> None:
    runner = start_working(crowd, store)
    go = store.folder / "go"
    running = queue_run(store, f"wait_for_file:{go}")
    wait_until(lambda: messages(store, running))
    runner.send_signal(signal.SIGSTOP)
    wait_until(lambda: is_stopped(runner.pid))
    go.touch()
    runner.send_signal(signal.SIGCONT)
    wait_until(lambda: status(store, running) == "SUCCESS")
    assert holder(store) == runner.pid


def are_over(store: Store, numbers: list[int]) -> bool:
    return all(status(store, number) not in OPEN for number in numbers)


def test_of_four_runners_each_takes_its_turn(store: Store, crowd: World) -> None:
    runners = [start(crowd) for _ in range(4)]
    numbers: list[int] = []
    while runners:
        pid = wait_until(lambda: holder(store))
        new = [queue_run(store, "pause") for _ in range(5)]
        wait_until(functools.partial(are_over, store, new))
        numbers += new
        (working,) = [runner for runner in runners if runner.pid == pid]
        runners.remove(working)
        working.kill()
        working.wait()
    assert {status(store, number) for number in numbers} == {"SUCCESS"}


def test_screens_that_come_and_go_keep_one_runner(store: Store, crowd: World) -> None:
    (store.folder / "config.yaml").write_text("runner: {idle_exit_s: 0.3}\n")

    def come_and_go() -> None:
        for _ in range(20):
            with open_screen(store):
                pass

    with open_screen(store):
        runner = start(crowd, "--for-screens")
        wait_until(lambda: holder(store) == runner.pid)
        visitors = [threading.Thread(target=come_and_go) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        others = [start(crowd, "--for-screens") for _ in range(3)]
        assert [other.wait(PATIENCE_S) for other in others] == [0, 0, 0]
        for visitor in visitors:
            visitor.join()
        assert holder(store) == runner.pid
    assert runner.wait(PATIENCE_S) == 0


SCREEN = """
import sys, time
from models.storage.store import open_store
from receivers.queueing.locks import open_screen
with open_store(sys.argv[1]) as store, open_screen(store):
    print("open", flush=True)
    time.sleep(600)
"""


def test_a_screen_whose_line_dropped_counts_no_more(store: Store, crowd: World) -> None:
    screen = subprocess.Popen(
        [sys.executable, "-c", SCREEN, str(store.folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert screen.stdout is not None
    screen.stdout.readline()
    assert locks.is_screen_open(store)
    os.killpg(screen.pid, signal.SIGHUP)
    screen.wait()
    screen.stdout.close()
    assert is_gone(screen.pid)
    assert not locks.is_screen_open(store)
