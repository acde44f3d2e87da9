"""What is done to a store from outside: locks, full disks, other files, clocks."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from models.automation.hooks import JobHook
from models.errors import (
    FullDiskError,
    LockedStoreError,
    ReadOnlyStoreError,
    ReplacedStoreError,
)
from models.inventory.dcim import Manufacturer
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from models.storage.store import open_store, using_store
from models.upkeep.integrity import findings
from receivers.queueing import locks, queue
from receivers.queueing.rescue import rescue, sweep_locks
from receivers.service.dispatcher import RETRY_S
from receivers.service.station import open_station
from tests.faults.world import ROOT
from tests.patience import PATIENCE_S, wait_until
from tests.receivers.queued import WORK, messages, queue_run, row, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from models.storage.store import Store
    from receivers.queueing.claims import Claim, Finish
    from receivers.service.dispatcher import Dispatcher

DAY_S = 86_400
DISK_MB = 24


def add_hook() -> None:
    job = JobRecord(
        module_name="m", job_class_name="J", name="J", is_job_hook_receiver=True
    )
    job.enable()
    hook = JobHook(name="h", object_types=["dcim.manufacturer"], job=job)
    hook.events = ["create"]
    hook.save()


def makers(store: Store) -> int:
    return int(store.execute("SELECT count(*) FROM manufacturer").fetchone()[0])


# Locks

HOG = """
import sys, time
from models.storage.store import open_store, using_store
with open_store(sys.argv[1], durable=False) as store:
    while True:
        with store.transaction():
            store.execute("UPDATE hog SET turns = turns + 1")
            time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize("hold_ms", [2, 20])
def test_who_is_next_waits_for_one_turn_of_a_hog_at_most(
    store: Store, monkeypatch: pytest.MonkeyPatch, hold_ms: int
) -> None:
    store.execute("CREATE TABLE hog (turns INTEGER)")
    store.execute("INSERT INTO hog VALUES (0)")
    seen: list[int] = []
    lock = store.gate._lock

    def turns() -> int:
        return int(store.execute("SELECT turns FROM hog").fetchone()[0])

    def lock_and_look(file: int, deadline: float) -> None:
        lock(file, deadline)
        if file == store.gate._next:
            seen.append(turns())

    monkeypatch.setattr(store.gate, "_lock", lock_and_look)
    words = [sys.executable, "-c", HOG, str(store.folder), str(hold_ms / 1000)]
    hog = subprocess.Popen(words, cwd=ROOT)
    try:
        wait_until(lambda: turns() > 3)
        waited = []
        for _ in range(15):
            with store.transaction():
                waited.append(turns() - seen[-1])
        assert max(waited) <= 1, waited
    finally:
        hog.kill()
        hog.wait()


def test_a_lock_that_is_held_for_long_is_told_and_nothing_is_half_done(
    store: Store,
) -> None:
    add_hook()
    store.gate.timeout_s = 0.05
    before = JobResult.select().count(), makers(store)
    with open_store(store.folder) as other, other.transaction(), using_store(store):
        with pytest.raises(LockedStoreError, match="busy"):
            Manufacturer(name="a").save()
        assert (JobResult.select().count(), makers(store)) == before
    with using_store(store):
        Manufacturer(name="a").save()
        assert (JobResult.select().count(), makers(store)) == (1, 1)
        assert list(findings(store, deep=True)) == []


def test_a_program_that_passes_the_gate_by_is_told_too(store: Store) -> None:
    store.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(store.db_path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedStoreError, match="another program"):
            Manufacturer(name="a").save()
        other.execute("ROLLBACK")
    finally:
        other.close()
    Manufacturer(name="a").save()
    assert makers(store) == 1


# A runner in this process, stepped by hand


class Ends:
    """Remembers which runs have ended."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def begun(self, claim: Claim) -> None:
        """Do nothing."""

    def ended(self, finish: Finish) -> None:
        self.ids.append(finish.claim.result_id)


def step_until(runner: Dispatcher, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        runner.step(0.02)


# A full disk


class Disk:
    """A small file system, and what fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def make_room(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(words, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    yield Disk(folder)
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small(disk: Disk) -> Iterator[Store]:
    """A store on a small disk."""
    with open_store(disk.folder / "store", create=True, durable=False) as store:
        yield store


def save_until_full(store: Store) -> int:
    """Save until the disk says no; return how many saves were acknowledged."""
    for number in range(10_000):
        try:
            Manufacturer(name=f"m{number}", description="x" * 2000).save()
        except FullDiskError:
            assert not store.database.in_transaction()
            return number
    raise AssertionError("the disk never was full")


def test_saves_on_a_full_disk_leave_nothing_half_done(disk: Disk, small: Store) -> None:
    add_hook()
    disk.fill()
    saved = save_until_full(small)
    assert (makers(small), JobResult.select().count()) == (saved, saved)
    disk.make_room()
    Manufacturer(name="after").save()
    assert makers(small) == saved + 1
    assert list(findings(small, deep=True)) == []


def test_F38_ends_and_logs_wait_for_room_on_the_disk(disk: Disk, small: Store) -> None:
    ends = Ends()
    with open_station(small, ends, work=WORK) as runner:
        going = queue_run(small, "chat:3000", delivery="once")
        waiting = [queue_run(small, "long_value:200000") for _ in range(8)]
        disk.fill()
        step_until(runner, lambda: runner._failing_since)
        step_until(runner, lambda: runner._retry_s == RETRY_S[1])
        assert not (set(waiting) <= set(ends.ids))
        disk.make_room()
        step_until(runner, lambda: set(ends.ids) >= {going, *waiting})
    assert {row(small, n)["attempt"] for n in (going, *waiting)} == {1}
    assert {status(small, n) for n in (going, *waiting)} == {"SUCCESS"}
    assert len(messages(small, going)) == 3001
    assert list(findings(small, deep=True)) == []


def test_nothing_is_claimed_that_cannot_be_written_down(
    disk: Disk, small: Store
) -> None:
    ends = Ends()
    with open_station(small, ends, work=WORK) as runner:
        step_until(runner, lambda: runner.is_idle)
        small.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        numbers = [queue_run(small) for _ in range(3)]
        small.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        disk.fill()
        runner.poke()
        step_until(runner, lambda: runner._failing_since)
        assert [status(small, n) for n in numbers] == ["PENDING"] * 3
        disk.make_room()
        step_until(runner, lambda: set(ends.ids) == set(numbers))
    assert {row(small, n)["attempt"] for n in numbers} == {1}


def test_a_full_temporary_folder_fails_only_who_writes_there(
    store: Store, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    ends = Ends()
    with open_station(store, ends, work=WORK) as runner:
        disk.fill()
        writes, reads = queue_run(store, "leave_temporary"), queue_run(store)
        step_until(runner, lambda: set(ends.ids) >= {writes, reads})
        assert (status(store, writes), status(store, reads)) == ("FAILURE", "SUCCESS")
        assert "No space left on device" in row(store, writes)["error"]
        disk.make_room()
        again = queue_run(store, "leave_temporary")
        runner.poke()  # its own connection queued it
        step_until(runner, lambda: again in ends.ids)
        assert status(store, again) == "SUCCESS"


def test_a_read_only_disk_is_named(disk: Disk) -> None:
    open_store(disk.folder / "store", create=True).close()
    words = ["mount", "-o", "remount,ro", str(disk.folder)]
    subprocess.run(words, check=True)
    with pytest.raises(ReadOnlyStoreError):
        open_store(disk.folder / "store")


def test_a_file_that_turned_read_only_is_named(store: Store) -> None:
    store.execute("PRAGMA query_only = 1")
    with pytest.raises(ReadOnlyStoreError, match="Nothing was saved"):
        Manufacturer(name="a").save()
    store.execute("PRAGMA query_only = 0")
    Manufacturer(name="a").save()
    assert makers(store) == 1


# Another file in the database's place


def replace_database(store: Store, other: Path) -> None:
    open_store(other, create=True).close()
    os.replace(other / "store.db", store.db_path)  # noqa: PTH105  # the fault itself


def test_nothing_is_written_to_a_database_that_was_replaced(
    store: Store, tmp_path: Path
) -> None:
    Manufacturer(name="a").save()
    replace_database(store, tmp_path / "other")
    match = "Start the program again"
    with using_store(store), pytest.raises(ReplacedStoreError, match=match):
        Manufacturer(name="b").save()


def test_nothing_is_written_to_a_database_that_was_removed(store: Store) -> None:
    store.db_path.unlink()
    with pytest.raises(ReplacedStoreError, match="Start the program again"):
        Manufacturer(name="b").save()
    assert not store.db_path.exists()


def test_a_runner_ends_when_its_database_was_replaced(
    store: Store, tmp_path: Path
) -> None:
    with (
        pytest.raises(ReplacedStoreError),
        open_station(store, Ends(), work=WORK) as runner,
    ):
        queue_run(store, f"wait_for_file:{tmp_path}/go")
        step_until(runner, lambda: runner.running)
        replace_database(store, tmp_path / "other")
        (tmp_path / "go").touch()
        step_until(runner, lambda: False)


# The clock


@pytest.fixture(params=[-DAY_S, DAY_S])
def jump(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the wall clock be a day off, in this process, from the call on."""
    real, real_ns = time.time, time.time_ns
    off = request.param
    monkeypatch.setattr(time, "time", lambda: real() + off)
    monkeypatch.setattr(time, "time_ns", lambda: real_ns() + off * 10**9)


@pytest.fixture
def living(store: Store) -> Iterator[int]:
    """A run that goes on in another process."""
    code = (
        "import sys; from models.storage.store import open_store;"
        "from receivers.queueing import queue;"
        "s = open_store(sys.argv[1]); c = queue.claim(s, s.owner(), 1);"
        "print(c[0].result_id, flush=True); sys.stdin.read()"
    )
    number = queue_run(store)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store.folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert int(process.stdout.readline()) == number
    yield number
    process.communicate()


def test_a_clock_that_jumps_steals_no_live_run(
    store: Store, living: int, jump: None
) -> None:
    owner = row(store, living)["owner"]
    assert rescue(store).living == (owner,)
    sweep_locks(store)
    assert rescue(store).living == (owner,)
    assert queue.claim(store, "me", 5) == []
    assert status(store, living) == "STARTED"


def test_what_is_due_at_once_is_run_whatever_the_clock_does(
    store: Store, request: pytest.FixtureRequest
) -> None:
    ends = Ends()
    number = queue_run(store)
    store.execute("UPDATE job_result SET due = created")
    monkeypatch = request.getfixturevalue("monkeypatch")
    real, real_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: real() - DAY_S)
    monkeypatch.setattr(time, "time_ns", lambda: real_ns() - DAY_S * 10**9)
    assert queue.is_work_due(store)
    assert queue.next_due(store) is None
    with open_station(store, ends, work=WORK) as runner:
        step_until(runner, lambda: ends.ids)
    assert status(store, number) == "SUCCESS"


# A power cut

FRAME_BYTES = 4096 + 24
HEADER_BYTES = 32
SAVES = 12


@pytest.fixture
def torn(store: Store, tmp_path: Path) -> Path:
    """The files of a store whose log holds a dozen saves with their runs."""
    add_hook()
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(SAVES):
        Manufacturer(name=f"m{number}").save()
    folder = tmp_path / "cut"
    folder.mkdir()
    for name in ("store.db", "store.db-wal"):
        shutil.copy(store.folder / name, folder / name)
    return folder


def saves_that_are_whole(torn: Path, log: bytes, folder: Path) -> int:
    """Open a copy with this log; return how many saves it has, all of them whole."""
    folder.mkdir()
    shutil.copy(torn / "store.db", folder / "store.db")
    (folder / "store.db-wal").write_bytes(log)
    with open_store(folder, durable=False) as cut:
        assert list(findings(cut, deep=True)) == []
        found = makers(cut)
        assert JobResult.select().count() == found
    shutil.rmtree(folder)
    return found


def test_a_log_that_is_cut_anywhere_leaves_whole_saves(
    torn: Path, tmp_path: Path
) -> None:
    log = (torn / "store.db-wal").read_bytes()
    ends = range(HEADER_BYTES, len(log) + 1, FRAME_BYTES)
    step = max(1, len(ends) // 14)
    cuts = [end + off for end in ends[::step] for off in (-1, 0, 1)]
    found = [saves_that_are_whole(torn, log[:cut], tmp_path / "copy") for cut in cuts]
    assert found == sorted(found)
    assert saves_that_are_whole(torn, log, tmp_path / "copy") == SAVES
    assert saves_that_are_whole(torn, b"", tmp_path / "copy") == 0


def test_a_log_that_was_scribbled_on_leaves_whole_saves(
    torn: Path, tmp_path: Path
) -> None:
    log = (torn / "store.db-wal").read_bytes()
    dice = random.Random(3)
    for _ in range(12):
        place = dice.randrange(len(log) - 64)
        scribbled = log[:place] + dice.randbytes(64) + log[place + 64 :]
        assert saves_that_are_whole(torn, scribbled, tmp_path / "copy") <= SAVES


# A store whose run folder was emptied by somebody who tidied up


def test_a_runner_whose_claims_were_taken_over_loses_by_its_token(
    store: Store, tmp_path: Path
) -> None:
    number = queue_run(store, f"wait_for_file:{tmp_path}/go")
    ends = Ends()
    with open_station(store, ends, work=WORK) as runner:
        step_until(runner, lambda: messages(store, number))
        store.owner_path(store.owner()).unlink()
        with open_store(store.folder) as other:
            assert rescue(other).ended == (number,)
        (tmp_path / "go").touch()
        step_until(runner, lambda: ends.ids)
    found = row(store, number)
    assert (found["status"], found["owner"]) == ("INTERRUPTED", None)


def test_the_runners_lock_file_holds_no_more_than_its_number(store: Store) -> None:
    lock = locks.RunnerLock(store)
    assert lock.try_acquire()
    assert (store.run_folder / locks.RUNNER_LOCK).read_text() == f"{os.getpid()}\n"
    assert not lock.is_holder_stopped()
    lock.release()
