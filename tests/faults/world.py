"""A small world for faults: a store, hooks of every delivery class, and their effects.

What a receiver did to the world outside stands in a file beside the store, one line for
each time it did it; what a saver was told is saved stands in another. After any fault
`World.settle()` has a clean runner work off what is left, and `World.wrongs()` says in
sentences what does not hold.
"""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.history.changes import ObjectChange
from models.storage.crashpoints import VARIABLE
from models.storage.store import open_store
from models.upkeep.integrity import findings
from receivers.discovery import catalogue
from receivers.processes.launch import python_command
from receivers.queueing.claims import MOST_CRASHES
from receivers.queueing.rescue import rescue
from receivers.service.follow import work_until_done
from tests.faults import saver
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store

ROOT = Path(__file__).resolve().parents[2]
EFFECTS = "FAULTS_EFFECTS"

RECEIVERS = """
    import os

    from models import Tag
    from receivers import Job, JobHookReceiver, register_jobs


    def act(job):
        path = os.environ["FAULTS_EFFECTS"]
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, f"{job.request.id}\\n".encode())
        os.close(file)


    class Mail(JobHookReceiver):
        class Meta:
            delivery = "once"

        def receive_job_hook(self, change, action, changed_object):
            self.logger.info("mailing")
            act(self)
            self.logger.info("mailed")


    class Push(JobHookReceiver):
        class Meta:
            delivery = "idempotent"

        def receive_job_hook(self, change, action, changed_object):
            act(self)


    class Label(JobHookReceiver):
        class Meta:
            delivery = "idempotent"

        def receive_job_hook(self, change, action, changed_object):
            for number in range(3):
                name = f"{changed_object.name} {number}"
                tag, _ = Tag.objects.get_or_create(name=name)
                tag.description = f"labelled by {self.request.id}"
                tag.save()
            act(self)


    class Told(JobHookReceiver):
        class Meta:
            delivery = "once"

        def receive_job_hook(self, change, action, changed_object):
            act(self)


    class Alone(Job):
        class Meta:
            delivery = "once"

        def run(self):
            act(self)


    class Planned(Job):
        class Meta:
            delivery = "once"
            has_sensitive_variables = False

        def run(self):
            act(self)


    register_jobs(Mail, Push, Label, Told, Alone, Planned)
"""
HOOKS = {
    "Mail": ("dcim.manufacturer", False),
    "Push": ("dcim.manufacturer", False),
    "Label": ("dcim.manufacturer", False),
    "Told": ("extras.tag", True),
}
"""Each receiver's type, and whether it is called for what receivers change."""


def build(folder: Path) -> None:
    """Make a store whose hooks call each receiver."""
    from models.automation.hooks import JobHook
    from models.runs.jobs import JobRecord

    with open_store(folder, create=True, durable=False) as store:
        text = textwrap.dedent(RECEIVERS)
        (store.jobs_root / "faults.py").write_text(text, encoding="utf-8")
        assert not catalogue.refresh(store).broken
        for record in JobRecord.select().where(JobRecord.module_name == "faults"):
            record.enable()
        for name, (label, is_chained) in HOOKS.items():
            job = JobRecord.get(JobRecord.job_class_name == name)
            hook = JobHook(name=name, object_types=[label], job=job)
            hook.events = ["create", "update"]
            hook.accept_chained = is_chained
            hook.save()


def is_gone(pid: int) -> bool:
    """Return whether a process has ended, reaped or not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return text.rpartition(")")[2].split()[0] in "ZX"


@contextlib.contextmanager
def other_program(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Have another process hold a store open."""
    code = (
        "import sys; from models.storage.store import open_store;"
        "store = open_store(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield process
    process.communicate()


class World:
    """A store, the processes that work on it, and what became of it all.

    Args:
        folder: Where everything lies; the store is `folder/store`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.effects = folder / "effects"
        self.saved = folder / "saved"
        self.ticket = folder / "ticket"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def store_folder(self) -> Path:
        """The store's folder."""
        return self.folder / "store"

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store over the block."""
        with open_store(self.store_folder, durable=False) as store:
            yield store

    def environment(self, crash_at: str = "") -> dict[str, str]:
        """Return the environment of a process, which may be told where to die."""
        values = dict(os.environ)
        if crash_at:
            self.ticket.touch()
            values[VARIABLE] = f"{crash_at}@{self.ticket}"
        return values

    def start(self, *command: str, crash_at: str = "") -> subprocess.Popen[bytes]:
        """Start a process of this world."""
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(
                command,
                env=self.environment(crash_at),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.processes.append(process)
        return process

    def start_runner(
        self, *arguments: str, crash_at: str = ""
    ) -> subprocess.Popen[bytes]:
        """Start a runner."""
        command = python_command(
            "receivers.service.runner", str(self.store_folder), *arguments
        )
        return self.start(*command, crash_at=crash_at)

    def save(self, first: int, count: int) -> None:
        """Save objects in this process, and note them."""
        saver.main(str(self.store_folder), str(self.saved), first, count)

    def start_saver(
        self, first: int, count: int, crash_at: str = ""
    ) -> subprocess.Popen[bytes]:
        """Start a process that saves objects and notes what it was told is saved."""
        words = (str(self.store_folder), str(self.saved), str(first), str(count))
        return self.start(
            sys.executable, "-m", "tests.faults.saver", *words, crash_at=crash_at
        )

    def settle(self) -> None:
        """Work off everything that is left, as a clean runner does."""
        for process in self.processes:
            process.wait(PATIENCE_S)
        with self.store() as store:
            rescue(store)
            while left := self._open(store):
                work_until_done(store, left, timeout_s=PATIENCE_S)
            rescue(store)

    @staticmethod
    def _open(store: Store) -> list[int]:
        rows = store.execute(
            "SELECT id FROM job_result WHERE status IN ('PENDING', 'STARTED')"
        )
        return [row[0] for row in rows]

    def output(self) -> str:
        """Return what the processes wrote."""
        return (self.folder / "output").read_text(errors="replace")

    def close(self) -> None:
        """End what still goes on."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()

    def wrongs(self) -> list[str]:
        """Return what does not hold, once everything has settled."""
        with self.store() as store:
            return [
                *(
                    f"{finding.what}: {finding.detail}"
                    for finding in self._found(store)
                ),
                *self._stuck(store),
                *self._delivered(store),
                *self._kept(store),
                *self._left_behind(store),
            ]

    def _found(self, store: Store) -> Any:
        return findings(store, deep=True)

    def _stuck(self, store: Store) -> Iterator[str]:
        rows = store.execute(
            "SELECT id, status FROM job_result WHERE status IN ('PENDING', 'STARTED')"
        )
        for result_id, status in rows:
            yield f"stuck: run {result_id} is still {status}"
        sql = "SELECT count(*) FROM job_arguments"
        if store.execute(sql).fetchone()[0]:
            yield "stuck: sensitive arguments outlived their runs"

    def times_acted(self) -> collections.Counter[int]:
        """Return how often each run had its effect."""
        if not self.effects.exists():
            return collections.Counter()
        return collections.Counter(map(int, self.effects.read_text().split()))

    def _delivered(self, store: Store) -> Iterator[str]:
        """Yield what breaks the rules of the delivery classes."""
        acted = self.times_acted()
        rows = store.execute(
            "SELECT id, status, delivery, attempt, crashes FROM job_result"
        ).fetchall()
        for result_id, status, delivery, attempt, crashes in rows:
            times = acted[result_id]
            run = f"run {result_id} ({delivery}, {status}) acted {times} times"
            if delivery == "once" and times > 1:
                yield f"doubled: {run}"
            if status == "SUCCESS" and not times:
                yield f"lost: {run}"
            is_over = status in ("SUCCESS", "REVOKED") or crashes >= MOST_CRASHES
            if delivery == "idempotent" and not is_over:
                yield f"lost: {run}"
            if delivery == "once" and attempt > 1:
                yield f"doubled: {run} in {attempt} attempts"
            if status == "INTERRUPTED" and delivery != "once":
                yield f"lost: {run}"
        known = {row[0] for row in rows}
        yield from (f"run {n} acted and is not there" for n in acted if n not in known)

    def _kept(self, store: Store) -> Iterator[str]:
        """Yield saves that were acknowledged and are not there with their runs."""
        if not self.saved.exists():
            return
        rows = store.execute(
            "SELECT m.name, count(r.id) FROM manufacturer m"
            " LEFT JOIN job_result r ON r.object_id = m.id AND r.caused_by IS NULL"
            " GROUP BY m.id"
        )
        runs = dict(rows.fetchall())
        for name in self.saved.read_text().split():
            if runs.get(name) != 3:
                changes = ObjectChange.select().where(ObjectChange.object_repr == name)
                verdicts = [change.read_verdicts() for change in changes]
                yield (
                    f"lost: {name} was saved, and has {runs.get(name)} runs of 3;"
                    f" the hooks' verdicts are {verdicts}"
                )

    def _left_behind(self, store: Store) -> Iterator[str]:
        words = str(self.folder).encode()
        for path in Path("/proc").iterdir():
            if not path.name.isdigit() or int(path.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                if words in (path / "cmdline").read_bytes() and not is_gone(
                    int(path.name)
                ):
                    yield f"left behind: process {path.name}"
        yield from (f"left behind: {path}" for path in self.temporary.iterdir())
        if (store.run_folder / "runner.sock").exists():
            yield "left behind: the runner's socket"

    def interrupted(self) -> int:
        """Return how many runs ended without anybody knowing how."""
        with self.store() as store:
            sql = "SELECT count(*) FROM job_result WHERE status = 'INTERRUPTED'"
            return int(store.execute(sql).fetchone()[0])
