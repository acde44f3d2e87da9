"""Measure what a run costs, from the save to the durable result.

    python -m tests.benchmarks.runs [--quick] [--json]

Makes a store with a device and hook receivers in a temporary folder, starts a runner as
a process of its own, and prints what design.md section 9 asks for about runs. Not a
test: it asserts nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure, report

ROOT = Path(__file__).resolve().parents[2]

# One object is saved again and again here, which is what the breaker is to stop.
os.environ["HOOKLINE_HOOKS_BREAKER_RUNS"] = "0"

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store

RECEIVERS = """
    import time

    from receivers import Job, JobHookReceiver, register_jobs

    class FirstLine(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            self.logger.info("first line")

    class Noop(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            pass

    class Wait(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            time.sleep(5)

    class Hello(Job):
        def run(self):
            self.logger.info("hello")

    register_jobs(FirstLine, Noop, Wait, Hello)
"""


def make_store(folder: Path) -> Store:
    """Make a store with a device, and a hook for each receiver."""
    from models.automation.hooks import JobHook
    from models.runs.jobs import JobRecord
    from models.storage.store import open_store
    from receivers.discovery import catalogue
    from tests import factories

    store = open_store(folder, create=True, durable=False)
    (store.jobs_root / "bench.py").write_text(textwrap.dedent(RECEIVERS))
    catalogue.refresh(store)
    for record in JobRecord.select().where(JobRecord.module_name == "bench"):
        record.enable()
        if record.is_job_hook_receiver:
            event = "update" if record.job_class_name == "FirstLine" else "delete"
            JobHook(
                name=record.name,
                object_types=["dcim.device"],
                job=record,
                **{f"type_{event}": True},
            ).save()
    factories.device("core-01")
    return store


@contextlib.contextmanager
def runner(store: Store) -> Iterator[subprocess.Popen[bytes]]:
    """Have a runner work on the store over the block."""
    from receivers.processes.launch import python_command
    from receivers.queueing.locks import is_runner_alive

    process = subprocess.Popen(
        python_command("receivers.service.runner", str(store.folder))
    )
    while not is_runner_alive(store):
        time.sleep(0.01)
    time.sleep(0.5)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def drain(store: Store, pause_s: float = 0.05) -> None:
    """Wait until every run is over."""
    from receivers.queueing.locks import is_runner_alive
    from receivers.queueing.queue import is_work_left

    while is_work_left(store):
        time.sleep(pause_s)
        if not is_runner_alive(store):
            raise RuntimeError("The runner has ended.")


def save_to_first_line(store: Store, count: int) -> Iterator[Figure]:
    """Save a device when nothing else goes on, again and again."""
    from models.inventory.dcim import Device

    device = Device.objects.get(name="core-01")
    saved: list[int] = []
    took: list[float] = []
    for number in range(count + 20):
        device.serial = f"S{number}"
        began = time.perf_counter()
        device.save()
        took.append((time.perf_counter() - began) * 1000)
        saved.append(time.time_ns() // 1000)
        drain(store, 0.002)
        time.sleep(0.02)
    lines = [
        row[0]
        for row in store.execute(
            "SELECT time FROM job_log_entry WHERE message = 'first line' ORDER BY id"
        )
    ]
    waits = sorted(
        (line - save) / 1000 for line, save in list(zip(lines, saved, strict=True))[20:]
    )
    yield Figure("save, one hook, p50", statistics.median(took[20:]), "ms", "<= 0.35")
    yield Figure("save -> first line, p50", statistics.median(waits), "ms", "<= 1")
    p99 = waits[int(len(waits) * 0.99)]
    yield Figure("save -> first line, p99", p99, "ms", "<= 4")


def copies(store: Store, class_name: str, count: int) -> None:
    """Queue a run many times at once."""
    from models.automation.hooks import JobHook
    from models.runs.jobs import JobFacts, JobRecord
    from models.runs.results import JobResult, NewResult, insert_pending

    record = JobRecord.get(JobRecord.job_class_name == class_name)
    hook = JobHook.get(JobHook.job == record)
    change = store.execute("SELECT max(id) FROM object_change").fetchone()[0]
    model = JobResult.select().where(JobResult.change_id == change).first()
    new = NewResult(
        job=JobFacts.of(record),
        user_id=1,
        user_name="bench",
        change_id=change,
        hook_id=hook.id,
        object_type=model.object_type if model else None,
        object_id=bytes(model.object_id) if model else None,
        object_name="core-01",
    )
    with store.transaction():
        for _ in range(count):
            insert_pending(store, new)
    store.poke()


def span(store: Store, after: int) -> tuple[int, float]:
    """Return how many runs followed a result, and from first start to last end."""
    row = store.execute(
        "SELECT count(*), min(started), max(done) FROM job_result WHERE id > ?"
        " AND status = 'SUCCESS'",
        [after],
    ).fetchone()
    return row[0], (row[2] - row[1]) / 1e6


def last_result(store: Store) -> int:
    """Return the id of the newest result."""
    row = store.execute("SELECT coalesce(max(id), 0) FROM job_result").fetchone()
    return int(row[0])


def rate(store: Store, count: int) -> Iterator[Figure]:
    """Work off many runs that do nothing, each with its two log lines."""
    copies(store, "Noop", 500)
    drain(store)
    before = last_result(store)
    copies(store, "Noop", count)
    drain(store)
    runs, seconds = span(store, before)
    yield Figure("no-op hook runs", runs / seconds, "/s", ">= 5000")


def waiting(store: Store) -> Iterator[Figure]:
    """Run 50 receivers that wait 5 s each."""
    before = last_result(store)
    copies(store, "Wait", 50)
    drain(store)
    yield Figure("50 receivers that wait 5 s", span(store, before)[1], "s", "<= 35")


def idle(process: subprocess.Popen[bytes]) -> Iterator[Figure]:
    """Weigh everything that must run for hooks to work."""
    time.sleep(7)  # the children of the burst are let go
    pids = descendants(process.pid)
    cpu = sum(map(cpu_s, pids))
    time.sleep(5)
    spent = sum(map(cpu_s, pids)) - cpu
    pss = sum(pss_mb(pid) for pid in pids)
    yield Figure("idle memory (PSS)", pss, "MB", "<= 100")
    yield Figure("idle processes", len(pids), "", "<= 4")
    yield Figure("idle CPU", spent / 5 * 100, "%", "<= 0.5")


def descendants(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += descendants(int(child))
    return found


def pss_mb(pid: int) -> float:
    """Return a process's share of memory."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.split("\nPss:")[1].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cold(store: Store, count: int) -> Iterator[Figure]:
    """Run a job from the command line, each time in a new interpreter."""
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1));"
        " from tui.__main__ import main; main()"
    )
    command = [
        *(sys.executable, "-c", code),
        *(str(ROOT), "--store", str(store.folder), "--run", "bench.Hello"),
    ]
    took: list[float] = []
    peak = 0
    for _ in range(count + 2):
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        took.append((time.perf_counter() - began) * 1000)
        peak = max(peak, usage.ru_maxrss)
        if status:
            sys.stderr.write(said.decode())
            return
    yield Figure("--run JOB, cold, p50", statistics.median(took[2:]), "ms", "<= 150")
    yield Figure("--run JOB, memory", peak / 1024, "MB", "<= 45")


def measure(*, quick: bool) -> Iterator[Figure]:
    """Measure everything, on a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder) / "store")
        with runner(store) as process:
            yield from save_to_first_line(store, 50 if quick else 500)
            yield from rate(store, 2_000 if quick else 20_000)
            yield from idle(process)
            if not quick:
                yield from waiting(store)
        yield from cold(store, 5 if quick else 20)
        store.close()


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer of everything")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report(measure(quick=arguments.quick), as_json=arguments.json)


if __name__ == "__main__":
    main()
