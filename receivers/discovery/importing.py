"""Import one file of the authors' after the other, and describe the jobs in each.

The process that does it may hang or die on the way: `describing.py` watches it.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from models.automation.batches import MOST_CHANGES
from models.values import frozen
from receivers.authors.arguments import describe, variables_of
from receivers.authors.failures import author_line, one_line
from receivers.authors.job import (
    JobButtonReceiver,
    JobHookReceiver,
    check_definition,
    takes_batches,
)
from receivers.authors.meta import meta_value, overlap, queue
from receivers.authors.sanitiser import make_safe
from receivers.authors.variables import DryRunVar
from receivers.discovery import loader, registry
from receivers.discovery.descriptions import BrokenFile, JobDescription
from receivers.discovery.hints import hint_for
from receivers.discovery.sources import SourceHashes, file_hash
from receivers.processes import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.storage.store import Store
    from receivers.authors.job import BaseJob

MESSAGE_LENGTH = 2000

Said = dict[str, Any]  # JSON: `begin`, `job` or `broken`


class ImportTookTooLong(BaseException):
    """The import of a file is over its time."""


@frozen
class Source:
    """A module to import: where it lies, as people are told, and its name."""

    module: str
    path: str


class Worker:
    """Imports files in a forked process and writes what it finds to a pipe."""

    def __init__(
        self, root: Path, pipe: int, seconds: float, store: Store | None
    ) -> None:
        self._root = root
        self._pipe = pipe
        self._seconds = seconds
        self._store = store
        self._described: set[str] = set()

    def live(self, sources: Sequence[Source], parent: int) -> NoReturn:
        """Import all of them, then end without the authors' exit handlers."""
        status = 1
        try:
            os.setpgid(0, 0)
            kernel.die_with_parent(parent)
            if self._store is not None:
                self._store.after_fork()
            signal.signal(signal.SIGALRM, _raise_too_long)
            loader.install(self._root)
            self._hashes = SourceHashes(self._root)
            for source in sources:
                self._say({"begin": source.module})
                self._import(source)
            for job, error in registry.unregistered([s.module for s in sources]):
                self._say_broken(self._broken_class(job, error))
            status = 0
        finally:
            os._exit(status)

    def _import(self, source: Source) -> None:
        try:
            signal.setitimer(signal.ITIMER_REAL, self._seconds)
            try:
                importlib.import_module(source.module)
                self._say_new_jobs()
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except BaseException as error:  # whatever an author's file raises
            self._say_broken(self._broken(source, error))

    def _say_new_jobs(self) -> None:
        for path, job in list(registry.get_jobs().items()):
            if path in self._described:
                continue
            self._described.add(path)
            try:
                check_definition(job)
                description = self._describe(job)
            except Exception as error:  # this class only; the file's others are fine
                self._say_broken(self._broken_class(job, error))
            else:
                self._say({"job": dataclasses.asdict(description)})

    def _say(self, said: Said) -> None:
        os.write(self._pipe, json.dumps(said).encode() + b"\n")

    def _say_broken(self, file: BrokenFile) -> None:
        message = make_safe(file.message)[:MESSAGE_LENGTH]
        self._say({"broken": dataclasses.asdict(file) | {"message": message}})

    def _broken(self, source: Source, error: BaseException) -> BrokenFile:
        inner = author_line(error, self._root)
        line, message = 1, one_line(error)
        if inner is not None:
            where = relative(Path(inner[0]), self._root)
            own = [
                frame.lineno or 1
                for frame in traceback.extract_tb(error.__traceback__)
                if relative(Path(frame.filename), self._root) == source.path
            ]
            line = inner[1] if where == source.path else (own or [1])[-1]
            if where != source.path:
                message += f" ({where}:{inner[1]})"
        return BrokenFile(
            path=source.path,
            line=line,
            message=message,
            hint=hint_for(error, self._root),
            module=source.module,
        )

    def _broken_class(self, job: type[BaseJob], error: Exception) -> BrokenFile:
        path, line = _place(job, self._root)
        return BrokenFile(
            path=path,
            line=line,
            message=one_line(error),
            module=job.__module__,
            job_class_name=job.__name__,
        )

    def _describe(self, job: type[BaseJob]) -> JobDescription:
        path, line = _place(job, self._root)
        file = str(sys.modules[job.__module__].__file__)
        in_folder = loader.is_from_jobs_folder(job.__module__)
        variables = variables_of(job).values()
        return JobDescription(
            module_name=job.__module__,
            job_class_name=job.__name__,
            name=make_safe(job.name),
            grouping=make_safe(registry.grouping(job)),
            description=make_safe(job.description),
            is_job_hook_receiver=issubclass(job, JobHookReceiver),
            is_job_button_receiver=issubclass(job, JobButtonReceiver),
            supports_dryrun=any(isinstance(v, DryRunVar) for v in variables),
            overlap=overlap(job),
            batch=batch(job),
            variables=describe(job),
            queue=queue(job),
            source_path=path,
            source_line=line,
            source_hash=(
                self._hashes.of(job.__module__) if in_folder else file_hash(file)
            ),
            **{
                name: meta_value(job, name)
                for name in (
                    *("read_only", "hidden", "has_sensitive_variables"),
                    *("soft_time_limit", "time_limit"),
                    *("delivery", "retries", "dryrun_default"),
                )
            },
        )


def batch(job: type[BaseJob]) -> int:
    """Return how many changes one run takes; 0 for a receiver of single ones."""
    return (meta_value(job, "batch") or MOST_CHANGES) if takes_batches(job) else 0


def _raise_too_long(_number: int, _frame: object) -> None:
    raise ImportTookTooLong("the import took too long and was stopped")


def _place(job: type[BaseJob], root: Path) -> tuple[str, int]:
    path = relative(Path(str(sys.modules[job.__module__].__file__)), root)
    try:
        return path, inspect.getsourcelines(job)[1]
    except (OSError, TypeError):
        return path, 1


def relative(path: Path, root: Path) -> str:
    """Return a path as people are told it: inside the jobs folder, or whole."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
