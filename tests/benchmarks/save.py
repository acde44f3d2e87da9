"""Measure what a save costs, on an empty store and on one with a long history.

    python -m tests.benchmarks.save [--changes 1000000] [--objects 20000] [--json]

Makes stores in a temporary folder and prints what design.md section 9 asks for about
saves: latency with one and with 100 matching hooks, bytes on disk for a change, the
rate of a bulk load, and a person's save behind that load. Not a test: it asserts
nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure, report

ROOT = Path(__file__).resolve().parents[2]

# One object is saved again and again here, which is what the breaker is to stop.
os.environ["HOOKLINE_HOOKS_BREAKER_RUNS"] = "0"

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.inventory.dcim import Device
    from models.storage.store import Store

DEVICES = 100
SAVES = 1500
SAVES_OF_MANY = 300
CHANGES_FOR_DISK = 5000
PERSONS_PAUSE_S = 0.02
PIECE = 100_000
MAKE_CHANGES = (
    "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number"
    " WHERE n < :piece)"
    " INSERT INTO object_change (context_id, action, type_id, object_id, object_repr,"
    " time, codec, before, after, verdicts)"
    " SELECT c.context_id, 1, c.type_id, randomblob(16), c.object_repr, c.time,"
    " c.codec, c.before, c.after, c.verdicts FROM number, (SELECT * FROM object_change"
    " ORDER BY id DESC LIMIT 1) AS c"
)


@contextlib.contextmanager
def opened(folder: Path, *, durable: bool) -> Iterator[Store]:
    """Open a store with devices in it."""
    from models.storage.store import open_store

    with open_store(folder, create=True, durable=durable) as store:
        add_devices()
        yield store


def add_devices() -> None:
    """Make the devices that are saved."""
    from models.inventory.dcim import Device
    from tests import factories

    first = factories.device("core-000")
    names = ("device_type", "role", "status", "location")
    shared = {name: getattr(first, name) for name in names}
    Device.objects.bulk_create(
        [Device(name=f"core-{number:03}", **shared) for number in range(1, DEVICES)]
    )


def add_hooks(count: int, *, event: str) -> None:
    """Let devices have this many hooks, all of them for one receiver."""
    from models.automation.hooks import JobHook
    from models.runs.jobs import JobRecord

    record = JobRecord.get_or_none(JobRecord.job_class_name == "Receiver")
    if record is None:
        record = JobRecord(
            module_name="benchmark",
            job_class_name="Receiver",
            name="Receiver",
            is_job_hook_receiver=True,
        )
        record.enable()
    JobHook.delete().execute()
    for number in range(count):
        hook = JobHook(
            name=f"hook {number:03}", object_types=["dcim.device"], job=record
        )
        hook.events = [event]
        hook.save()


def devices() -> list[Device]:
    """Return the store's devices."""
    from models.inventory.dcim import Device

    return list(Device.objects.order_by("name")[:DEVICES])


def times_of_saves(count: int) -> list[float]:
    """Save one device after the other, again and again; return each time in ms.

    Devices take turns, since hooks that fire too often for one are held back.
    """
    rows, times = devices(), []
    for number in range(count):
        row = rows[number % len(rows)]
        row.serial = f"S{number}-{time.time_ns()}"
        begun = time.perf_counter()
        row.save()
        times.append((time.perf_counter() - begun) * 1000)
    return times


def latency(folder: Path, what: str, hold: float) -> Iterator[Figure]:
    """Measure saves with one and with 100 matching hooks."""
    durable = what.endswith("full")
    with opened(folder, durable=durable):
        for hooks, count, limit in ((1, SAVES, hold), (100, SAVES_OF_MANY, 4)):
            add_hooks(hooks, event="update")
            times_of_saves(50)
            times = times_of_saves(count)
            name = f"save, {hooks} matching hook{'s' * (hooks > 1)}, {what}"
            hold_to = f"<= {limit}" if hooks == 1 or not durable else ""
            yield Figure(f"{name}: p50", statistics.median(times), "ms", hold_to)
            yield Figure(f"{name}: p99", percentile(times, 99), "ms", "")


def percentile(times: list[float], which: int) -> float:
    """Return the time that so many percent do not exceed."""
    return statistics.quantiles(times, n=100)[which - 1]


def disk(folder: Path) -> Iterator[Figure]:
    """Measure how much the database grows by one change of a device with ten hooks."""
    with opened(folder, durable=False) as store:
        add_hooks(10, event="delete")
        times_of_saves(100)
        before = size(store)
        times_of_saves(CHANGES_FOR_DISK)
        grown = size(store) - before
        yield Figure(
            "disk for one change, 10 hooks, indices in",
            grown / CHANGES_FOR_DISK,
            "bytes",
            "<= 1200",
        )


def size(store: Store) -> int:
    """Return the bytes of the database's pages in use."""
    pages, free, page_size = (
        int(store.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * page_size


def long_history(folder: Path, changes: int) -> Iterator[Figure]:
    """Measure saves on a store with many changes of other objects, beside an empty one.

    The two stores take turns, so that whatever else the machine does meets both.
    """
    from models.storage.store import using_store

    with (
        opened(folder / "long", durable=False) as long,
        opened(folder / "short", durable=False) as short,
    ):
        times: dict[str, list[float]] = {"long": [], "short": []}
        prepare_long(long, short, changes)
        for _ in range(30):
            for name, store in (("long", long), ("short", short)):
                with using_store(store):
                    times[name] += times_of_saves(50)
        p50 = {name: statistics.median(values) for name, values in times.items()}
        what = f"save on {changes:,} changes"
        yield Figure(f"{what}: p50", p50["long"], "ms", "")
        yield Figure(
            f"{what}: against empty", p50["long"] / p50["short"], "x", "<= 1.15"
        )
        yield page_of_changes(long)


def prepare_long(long: Store, short: Store, changes: int) -> None:
    """Give both stores a hook, and one of them a history."""
    from models.storage.store import using_store

    for store in (long, short):
        with using_store(store):
            add_hooks(1, event="update")
            times_of_saves(60)
    for _ in range(changes // PIECE):
        with long.transaction():
            long.execute(MAKE_CHANGES, {"piece": PIECE})
    long.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def page_of_changes(store: Store) -> Figure:
    """Measure the first page of an object's change list."""
    from models.history.changes import ObjectChange
    from models.objects.types import type_id
    from models.storage.store import using_store

    times = []
    with using_store(store):
        core = devices()[0]
        kind = type_id("dcim.device")
        for _ in range(50):
            begun = time.perf_counter()
            list(
                ObjectChange.select()
                .where(
                    ObjectChange.type_id == kind,
                    ObjectChange.object_id == core.pk.bytes,
                )
                .order_by(ObjectChange.id.desc())
                .limit(40)
            )
            times.append((time.perf_counter() - begun) * 1000)
    name = "an object's changes, first page there: p50"
    return Figure(name, statistics.median(times), "ms", "<= 2")


def load(folder: Path, objects: int) -> Iterator[Figure]:
    """Load a CSV file of devices with one hook, and save beside it as a person."""
    path = folder / "devices.csv"
    write_csv(path, objects)
    with opened(folder / "store", durable=True) as store:
        add_hooks(1, event="create")
        command = [sys.executable, "-m", "tui", "load", str(path)]
        begun = time.perf_counter()
        loading = subprocess.Popen(
            [*command, "--type", "dcim.device", "--hooks", "fire", "--quiet"],
            cwd=ROOT,
            env={**os.environ, "HOOKLINE_STORE": str(store.folder)},
            stdout=subprocess.DEVNULL,
        )
        person: list[float] = []
        ended = 0
        while not ended:
            person += times_of_saves(1)
            time.sleep(PERSONS_PAUSE_S)
            ended, status, usage = os.wait4(loading.pid, os.WNOHANG)
        took = time.perf_counter() - begun
        loading.returncode = os.waitstatus_to_exitcode(status)
        if loading.returncode != 0:
            yield Figure("bulk load failed", loading.returncode, "exit", "0")
            return
        name = f"bulk load of {objects:,}, one hook"
        yield Figure(name, objects / took, "objects/s", ">= 5000")
        yield Figure(f"{name}: memory", usage.ru_maxrss / 1024, "MB", "")
        behind = "a person's save behind it"
        yield Figure(f"{behind}: p50", statistics.median(person), "ms", "")
        yield Figure(f"{behind}: p99", percentile(person, 99), "ms", "<= 60")


def flush(folder: Path) -> Figure:
    """Measure the disk itself, which a durable save cannot be faster than."""
    times = []
    with (folder / "flushed").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begun) * 1000)
    return Figure("this disk's flush of 4 kB: p50", statistics.median(times), "ms", "")


def write_csv(path: Path, objects: int) -> None:
    """Write a file of devices."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "device_type", "role", "status", "location", "serial"])
        for number in range(objects):
            name = f"device-{number:06}"
            rows.writerow([name, "X1", "Core", "Active", "HQ", f"SN{number:08}"])


def measure(*, changes: int = 1_000_000, objects: int = 20_000) -> Iterator[Figure]:
    """Yield every figure."""
    with tempfile.TemporaryDirectory(prefix="hookline-save-") as name:
        folder = Path(name)
        yield from latency(folder / "normal", "durability normal", 0.35)
        yield flush(folder)
        yield from latency(folder / "full", "durability full", 0.5)
        yield from disk(folder / "disk")
        yield from long_history(folder, changes)
        (folder / "load").mkdir()
        yield from load(folder / "load", objects)


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report(
        measure(changes=options.changes, objects=options.objects), as_json=options.json
    )


if __name__ == "__main__":
    main()
