"""One run from start to finish, in the child process that runs it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import time
import uuid
import weakref
from typing import TYPE_CHECKING, Any

from models.errors import HooklineError, NotFoundError
from models.history.context import CAUSE_VARIABLE, change_context
from models.objects import types
from models.runs import uploads
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from receivers.authors.arguments import deserialise
from receivers.authors.errors import JobDefinitionError, RunJobTaskFailed
from receivers.authors.failures import author_traceback, one_line
from receivers.authors.job import (
    JobButtonReceiver,
    JobHookReceiver,
    TaskRequest,
    check_definition,
)
from receivers.authors.limits import RunEnded
from receivers.authors.logger import LEVELS, RunLog, recording
from receivers.authors.sanitiser import Sanitiser
from receivers.discovery.loader import (
    current_hash,
    is_from_jobs_folder,
    load_job,
    loaded_hash,
)
from receivers.execution import files, lifecycle
from receivers.execution.assignment import (
    object_statement,
    read_assignment,
    read_changes,
)
from receivers.execution.lifecycle import FAILED, Outcome, Task, perform
from receivers.execution.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from models.history.changes import ObjectChange
    from models.storage.store import Store
    from receivers.authors.job import BaseJob
    from receivers.authors.logger import Emit
    from receivers.execution.assignment import Assignment

PROGRESS_SECONDS = 0.05

INFO, WARNING, ERROR = 20, 30, 40


def run_result(
    store: Store,
    result_id: int,
    token: int,
    emit: Emit,
    *,
    arguments: str | None = None,
) -> Outcome:
    """Run a job result that this process has begun.

    Args:
        store: The open store.
        result_id: Which one.
        token: The fence it was claimed under.
        emit: Takes the messages for the runner.
        arguments: The JSON text of its sensitive arguments.

    Returns:
        How it ended; the caller writes it down.
    """
    log = RunLog(result_id, emit, sanitiser_for(store))
    try:
        return _run(store, read_assignment(store, result_id), token, log, arguments)
    except RunEnded:
        raise
    except BaseException as error:  # the border of the run
        return _outcome_of(error, log)
    finally:
        lifecycle.roll_back_open(store)
        log.close()


def prepare(store: Store) -> None:
    """Do what the first run of a process would do, but for the author's import.

    It opens the connection, and fills the caches of statements and patterns, which
    forked children inherit: 4 ms that no first line has to wait for.
    """
    with contextlib.suppress(NotFoundError):
        read_assignment(store, 0)
    every: Iterable[Any] = types.object_types().values()
    for model in every:
        object_statement(model)
    sanitiser_for(store).clean("")


def sanitiser_for(store: Store) -> Sanitiser:
    """Return a sanitiser with the patterns of the store's settings."""
    settings = store.settings.log
    return Sanitiser(settings.redact, max_bytes=settings.max_message_bytes)


def _run(
    store: Store, work: Assignment, token: int, log: RunLog, sensitive: str | None
) -> Outcome:
    job_class = _load(store, work, log)
    services = Services(store, work, log)
    job = job_class()
    job.user = work.user
    job.request = TaskRequest(id=str(work.result_id))
    job._services = services  # noqa: SLF001 - the run is the other half of the job
    stored = json.loads(sensitive) if sensitive else work.arguments
    task = Task(
        job=job,
        task_id=job.request.id,
        stored=stored,
        prepare=lambda: _arguments(job_class, work, stored),
        context=lambda: _context(job_class, work, token),
        store=store,
        log=log,
    )
    with recording(log, job.logger):
        _announce(job_class, work, log)
        with services.profiled():
            outcome = perform(task)
    services.store_files()
    _note_source(store, work, job_class.__module__)
    outcome = _with_retry(outcome, work, log, is_sensitive=sensitive is not None)
    if outcome.retry_after_s is None and uploads.in_arguments(stored):
        uploads.forget(work.result_id)
    return outcome


def _note_source(store: Store, work: Assignment, module: str) -> None:
    """Write down which code ran, when it is not what the run was queued with."""
    ran = loaded_hash(store.jobs_root, module)
    if ran is not None and ran != work.result["source_hash"]:
        with store.transaction():
            store.execute(
                "UPDATE job_result SET source_hash = ? WHERE id = ?",
                [ran, work.result_id],
            )


def _load(store: Store, work: Assignment, log: RunLog) -> type[BaseJob]:
    """Return the job's class, unless it may not or cannot run.

    Raises:
        RunJobTaskFailed: It is off, missing, broken, or changed since it was enabled.
    """
    path = work.result["job_path"]
    if work.job["id"] is None:
        raise _refused(log, f"The record of the job {path} was deleted.")
    if not work.job["enabled"]:
        raise _refused(
            log, f"The job {path} is not enabled. Look at its code, then enable it."
        )
    try:
        job = load_job(store.jobs_root, path)
        _check_once(job)
    except (LookupError, JobDefinitionError) as error:
        raise _refused(log, str(error.args[0])) from error
    except Exception as error:
        text = f"The module of the job {path} cannot be imported: {one_line(error)}"
        raise _refused(log, text) from error
    if store.settings.jobs.require_reapproval:
        _require_approval(store, work, log)
    return job


_sound: weakref.WeakSet[type[BaseJob]] = weakref.WeakSet()


def _check_once(job: type[BaseJob]) -> None:
    if job not in _sound:
        check_definition(job)
        _sound.add(job)


def _require_approval(store: Store, work: Assignment, log: RunLog) -> None:
    path = work.result["job_path"]
    module = path.rpartition(".")[0]
    if current_hash(store.jobs_root, module) != work.job["approved_hash"]:
        raise _refused(
            log,
            f"The code of the job {path} has changed since it was enabled, and"
            " jobs.require_reapproval is on. Look at it, then enable it again.",
        )


def _refused(log: RunLog, message: str) -> RunJobTaskFailed:
    log.add(ERROR, message, grouping="initialization")
    return RunJobTaskFailed(message)


def _announce(job: type[BaseJob], work: Assignment, log: RunLog) -> None:
    log.add(
        INFO,
        f"Running job (source version: {source_version(job.__module__)})",
        grouping="initialization",
    )
    soft, hard = work.result["soft_time_limit"], work.result["time_limit"]
    if soft and hard and hard <= soft:
        log.add(
            WARNING,
            f"The hard time limit ({hard:g} s) is not above the soft one ({soft:g} s),"
            " so the run gets no chance to tidy up.",
            grouping="initialization",
        )


def source_version(module: str) -> str:
    """Return the version of an installed job's package; `unknown` for a file's."""
    if is_from_jobs_folder(module):
        return "unknown"
    return _package_version(module.partition(".")[0])


@functools.cache
def _package_version(package: str) -> str:
    from importlib import metadata  # 10 ms that runs of the store's own jobs spare

    try:
        return metadata.version("hookline" if package == "receivers" else package)
    except metadata.PackageNotFoundError:
        return "unknown"


def _arguments(
    job: type[BaseJob], work: Assignment, stored: Mapping[str, Any]
) -> dict[str, Any]:
    arguments = deserialise(job, stored)
    if issubclass(job, JobHookReceiver):
        if work.change is None:
            raise HooklineError(
                f"{job.__name__} is a hook receiver and needs a change. Name one with"
                " --change."
            )
        arguments["object_change"] = work.change
    elif issubclass(job, JobButtonReceiver):
        if work.result["object_id"] is None:
            raise HooklineError(
                f"{job.__name__} is a button receiver and needs an object. Name one"
                " with --object."
            )
        arguments["object_pk"] = str(uuid.UUID(bytes=bytes(work.result["object_id"])))
        arguments["object_model_name"] = work.result["object_type"]
    return arguments


@contextlib.contextmanager
def _context(job: type[BaseJob], work: Assignment, token: int) -> Iterator[None]:
    """Open the change context of the run, for its threads and subprocesses too."""
    with (
        change_context(
            work.user,
            kind="job-hook" if issubclass(job, JobHookReceiver) else "job",
            detail=job.class_path,
            reason=work.result["reason"],
            result_id=work.result_id,
            depth=work.result["depth"],
            process_wide=True,
        ),
        # Inside: the context would look for a cause of its own in the environment.
        _cause_for_programs(f"{work.result_id}:{token}"),
    ):
        yield


@contextlib.contextmanager
def _cause_for_programs(cause: str) -> Iterator[None]:
    """Tell programs that the receiver starts for which run they work."""
    before = os.environ.get(CAUSE_VARIABLE)
    os.environ[CAUSE_VARIABLE] = cause
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(CAUSE_VARIABLE, None)
        else:
            os.environ[CAUSE_VARIABLE] = before


def _with_retry(
    outcome: Outcome, work: Assignment, log: RunLog, *, is_sensitive: bool
) -> Outcome:
    attempt, retries = max(1, work.result["attempt"]), work.job["retries"]
    wait = lifecycle.retry_wait(
        outcome, attempt=attempt, retries=retries, sensitive=is_sensitive
    )
    if wait is not None:
        follows = f"attempt {attempt + 1} of {retries + 1} follows in {wait:g} s"
        log.add(WARNING, f"{outcome.error}; {follows}", grouping="retry")
    return dataclasses.replace(outcome, retry_after_s=wait)


def _outcome_of(error: BaseException, log: RunLog) -> Outcome:
    return Outcome(
        status=FAILED,
        error=log.sanitiser.clean(one_line(error)),
        traceback=log.sanitiser.clean(author_traceback(error)),
        exception=error,
    )


class Services:
    """What the run does for the job's instance, by the store and the runner."""

    def __init__(self, store: Store, work: Assignment, log: RunLog) -> None:
        self.result_id: int | None = work.result_id
        self._store = store
        self._work = work
        self._log = log
        self._files: list[files.Attachment] = []
        self._progress_at = 0.0

    @functools.cached_property
    def _result(self) -> JobResult:
        found: JobResult = JobResult.get_by_id(self.result_id)
        found.write_log = self._write_log
        return found

    def _write_log(self, message: str, level: str, grouping: str, obj: Any) -> None:
        numbers = {name: number for number, name in LEVELS.items()}
        self._log.add(numbers[level], message, grouping=grouping, object=obj)

    @functools.cached_property
    def _record(self) -> JobRecord:
        found: JobRecord = JobRecord.get_by_id(self._work.job["id"])
        return found

    def load_result(self) -> JobResult:
        """Read the run's job result."""
        return self._result

    def load_record(self) -> JobRecord:
        """Read the job's record."""
        return self._record

    def load_changes(self) -> list[ObjectChange]:
        """Read the changes of a batch; of another run its one change."""
        change = self._work.change
        found = read_changes(self._store, self._work.result_id)
        return found or ([] if change is None else [change])

    def attach_file(self, name: str, content: bytes) -> None:
        """Write a file now; its row waits for the end of an open transaction."""
        attachment = files.write(self._store, self._work.result_id, name, content)
        self._files.append(attachment)
        if not lifecycle.is_in_transaction(self._store):
            self.store_files()
        self._log.add(
            INFO, f"Attached the file {name} ({len(content):,} bytes)", grouping="files"
        )

    def store_files(self) -> None:
        """Insert the rows of files that have none yet."""
        waiting, self._files = self._files, []
        files.insert(self._store, self._work.result_id, waiting)

    def report_progress(self, done: int, total: int) -> None:
        """Send how far the run is, twenty times a second at most."""
        now = time.monotonic()
        if done < total and now - self._progress_at < PROGRESS_SECONDS:
            return
        self._progress_at = now
        self._log.send({"op": "progress", "done": done, "total": total})

    @contextlib.contextmanager
    def profiled(self) -> Iterator[None]:
        """Profile the block, if that was asked for."""
        if not self._work.result["profile"]:
            yield
            return
        from receivers.execution.profiling import profiled

        with profiled(self.attach_file):
            yield

    def read_secret(self, name: str) -> str:
        """Read a secret and redact it from now on."""
        value = read_secret(self._store.settings.secrets, name)
        self._log.sanitiser.add_secret(value)
        return value
