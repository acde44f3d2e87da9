"""Import the authors' files and describe their jobs, where that can do no harm.

A supervisor forks a worker, which imports one file after the other and says what it
finds. When a file hangs, ends or crashes the worker, that file is broken, and a new
worker goes on with the rest. Run as a program by `catalogue.describe_jobs()`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import faulthandler
import importlib
import json
import os
import pkgutil
import select
import signal
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from models.storage.store import open_store
from receivers.discovery.descriptions import BrokenFile
from receivers.discovery.importing import Said, Source, Worker, relative
from receivers.discovery.sources import module_files, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.storage.store import Store

ENTRY_POINTS = "hookline.jobs"
SHIPPED = ("receivers.examples", "receivers.system")
GRACE_SECONDS = 1.0


@dataclasses.dataclass(frozen=True)
class End:
    """How a worker ended.

    Attributes:
        begun: The module that it had begun last; empty for none.
        why: What its file did to it; empty when it did all.
        line: Where in the file.
        is_struck: It was killed by somebody else: a person, or for want of memory.
    """

    begun: str
    why: str = ""
    line: int = 1
    is_struck: bool = False


class Supervisor:
    """Keeps workers going until every file was tried once.

    Args:
        root: The jobs folder.
        seconds: How long the import of one file may take.
        store: The store that authors' files may read while they are imported.
    """

    def __init__(self, root: Path, seconds: float, store: Store | None) -> None:
        self._root = root
        self._seconds = seconds
        self._store = store
        self.jobs: dict[str, Said] = {}
        self.broken: list[Said] = []

    def describe(self, sources: list[Source]) -> None:
        """Import all sources; fill `jobs` and `broken`."""
        waiting = sources
        struck = ""
        while waiting:
            end = self._run_worker(waiting)
            names = [source.module for source in waiting]
            position = names.index(end.begun) if end.begun in names else 0
            source = waiting[position]
            if end.is_struck and source.module != struck:
                struck = source.module  # says nothing of the file: once more
                waiting = waiting[position:]
                continue
            if end.why:
                file = BrokenFile(
                    path=source.path,
                    line=end.line,
                    message=end.why,
                    hint="Move what the file does out of its top level.",
                    module=source.module,
                )
                self.broken.append(dataclasses.asdict(file))
            waiting = waiting[position + 1 :]

    def _run_worker(self, sources: list[Source]) -> End:
        """Run a worker to its end."""
        reading, writing = os.pipe()
        crash = os.memfd_create("crash")
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            faulthandler.enable(crash, all_threads=False)
            Worker(self._root, writing, self._seconds, self._store).live(
                sources, parent
            )
        os.close(writing)
        try:
            begun, is_late = self._listen(pid, reading)
            _, status = os.waitpid(pid, 0)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)  # what the files started
            return self._end(begun, status, crash, is_late=is_late)
        finally:
            os.close(reading)
            os.close(crash)

    def _listen(self, pid: int, pipe: int) -> tuple[str, bool]:
        """Hear a worker out; return what it began last, and whether it was late."""
        begun, rest = "", b""
        deadline = time.monotonic() + self._seconds + GRACE_SECONDS
        while True:
            left = deadline - time.monotonic()
            ready = select.select([pipe], [], [], max(left, 0))[0]
            if not ready:
                os.kill(pid, signal.SIGKILL)
                return begun, True
            chunk = os.read(pipe, 65536)
            if not chunk:
                return begun, False
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                said = json.loads(line)
                if "begin" in said:
                    begun = said["begin"]
                    deadline = time.monotonic() + self._seconds + GRACE_SECONDS
                self._hear(said)

    def _hear(self, said: Said) -> None:
        if "job" in said:
            job = said["job"]
            self.jobs[f"{job['module_name']}.{job['job_class_name']}"] = job
        elif "broken" in said and said["broken"] not in self.broken:
            self.broken.append(said["broken"])

    def _end(self, begun: str, status: int, crash: int, *, is_late: bool) -> End:
        if status == 0:
            return End(begun)
        if not begun:
            return End(begun, "the process that was to import it died", is_struck=True)
        if os.WIFEXITED(status):
            code = os.WEXITSTATUS(status)
            why = f"it ended the process that imported it, with status {code}"
            return End(begun, why)
        name = signal.Signals(os.WTERMSIG(status)).name
        if is_late:
            return End(begun, "its import took too long and was killed")
        os.lseek(crash, 0, os.SEEK_SET)
        line = self._line(os.read(crash, 65536).decode(errors="replace"))
        why = f"it crashed the process that imported it ({name})"
        return End(begun, why, line, is_struck=name == "SIGKILL")

    def _line(self, report: str) -> int:
        """Return the innermost line inside the folder of faulthandler's report."""
        for text in report.splitlines():
            file, _, rest = text.strip().removeprefix('File "').partition('", line ')
            if rest and file.startswith(f"{self._root}/"):
                return int(rest.split()[0])
        return 1


def collect(root: Path) -> tuple[list[Source], list[BrokenFile]]:
    """Return the modules to import, and the files that are refused by their names."""
    sources = [
        Source(module=name, path=f"{name.replace('.', '/')}.py")
        for package in SHIPPED
        for _, name, _ in pkgutil.iter_modules(
            importlib.import_module(package).__path__, f"{package}."
        )
    ]
    sources += [
        Source(module=point.value.partition(":")[0], path=f"entry point {point.name}")
        for point in sorted(metadata.entry_points(group=ENTRY_POINTS))
    ]
    refused: dict[str, BrokenFile] = {}
    for name, file in module_files(root):
        path = relative(file, root)
        why = refusal(name)
        if why is None:
            sources.append(Source(module=name, path=path))
        else:
            broken = BrokenFile(
                path=path, line=1, message=why[0], hint=why[1], module=name
            )
            refused.setdefault(name.partition(".")[0] + why[0], broken)
    return sources, list(refused.values())


def main(arguments: Sequence[str]) -> None:
    """Describe the jobs of a folder and print them as JSON on the real stdout."""
    root, folder, seconds = Path(arguments[0]), arguments[1], float(arguments[2])
    out = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    store = open_store(folder) if folder else None
    sources, refused = collect(root)
    supervisor = Supervisor(root, seconds, store)
    supervisor.describe(sources)
    broken = [dataclasses.asdict(file) for file in refused] + supervisor.broken
    found = {"jobs": list(supervisor.jobs.values()), "broken": broken}
    with os.fdopen(out, "w", encoding="utf-8") as stream:
        json.dump(found, stream)
