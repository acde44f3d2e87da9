"""What happens around the program: the machine sleeps, a line drops, a file is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from models.inventory.dcim import Manufacturer
from models.storage.store import open_store
from models.upkeep.integrity import findings
from receivers.processes.kernel import child_processes, is_stopped
from receivers.queueing import locks
from receivers.queueing.locks import is_runner_alive
from tests.faults.world import ROOT, World, is_gone
from tests.patience import PATIENCE_S, wait_until
from tests.receivers.queued import WORK, messages, queue_run, row, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.storage.store import Store

NOBODY = 65534
NAMES = "SELECT name FROM manufacturer"


@pytest.fixture
def crowd(store: Store, tmp_path: Path) -> Iterator[World]:
    """Processes on the store, all ended in the end."""
    world = World(tmp_path)
    yield world
    world.close()


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    return [pid, *(one for child in child_processes(pid) for one in family(child))]


def test_a_machine_that_was_suspended_goes_on_where_it_was(
    store: Store, crowd: World
) -> None:
    runner = crowd.start_runner("--work", WORK)
    go = store.folder / "go"
    running = queue_run(store, f"wait_for_file:{go}", time_limit=600)
    wait_until(lambda: messages(store, running))
    everybody = family(runner.pid)
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: all(map(is_stopped, everybody)))
    waiting = queue_run(store)
    go.touch()
    for pid in everybody:
        os.kill(pid, signal.SIGCONT)
    both = (running, waiting)
    wait_until(lambda: {status(store, number) for number in both} == {"SUCCESS"})
    assert {row(store, number)["attempt"] for number in both} == {1}
    assert runner.poll() is None


SCREEN = """
import sys, time
from models.storage.store import open_store
from receivers.queueing.locks import open_screen
from receivers.service.runner import start_in_background
with open_store(sys.argv[1]) as store, open_screen(store):
    start_in_background(store)
    print("open", flush=True)
    time.sleep(600)
"""


def test_a_dropped_line_takes_the_screen_and_leaves_the_runner(store: Store) -> None:
    screen = subprocess.Popen(
        [sys.executable, "-c", SCREEN, str(store.folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert screen.stdout is not None
    with screen.stdout:
        screen.stdout.readline()
    wait_until(lambda: is_runner_alive(store))
    pid = int((store.run_folder / locks.RUNNER_LOCK).read_text())
    try:
        os.killpg(screen.pid, signal.SIGHUP)
        assert screen.wait(PATIENCE_S) == -signal.SIGHUP
        assert not locks.is_screen_open(store)
        assert is_runner_alive(store)
        number = queue_run(store, job_path="no.Such")
        wait_until(lambda: row(store, number)["done"] is not None)
        assert not is_gone(pid)
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: is_gone(pid))


def test_a_log_that_was_deleted_beneath_a_program_leaves_whole_saves(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "store"
    with open_store(folder, create=True, durable=False):
        Manufacturer(name="before").save()
        (folder / "store.db-wal").unlink()
        Manufacturer(name="after").save()
    with sqlite3.connect(folder / "store.db") as connection:
        names = {
            name for (name,) in connection.execute("SELECT name FROM manufacturer")
        }
    connection.close()
    assert names in ({"before", "after"}, {"before"}, set())
    with open_store(folder) as again:
        assert list(findings(again, deep=True)) == []


LOST = """
import os, sys
import models.inventory, models.schema.versions, playhouse.migrations
from models.errors import HooklineError
from models.inventory.dcim import Manufacturer
from models.storage.store import open_store
os.setuid(int(sys.argv[2]))
try:
    with open_store(sys.argv[1]) as store:
        Manufacturer(name="stranger").save()
except HooklineError as error:
    print(type(error).__name__, error.exit_code, error.message)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_who_lost_the_permissions_is_told_and_the_others_go_on(store: Store) -> None:
    Manufacturer(name="before").save()
    told = subprocess.run(
        [sys.executable, "-c", LOST, str(store.folder), str(NOBODY)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert told.stdout, told.stderr
    kind, code, message = told.stdout.split(" ", 2)
    assert (kind, code) == ("ReadOnlyStoreError", "3"), told.stdout + told.stderr
    assert "Check who owns" in message
    Manufacturer(name="after").save()
    assert Manufacturer.objects.count() == 2
    assert list(findings(store, deep=True)) == []
