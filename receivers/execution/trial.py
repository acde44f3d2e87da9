"""Run a receiver in an author's own test: no queue, no child, the same life cycle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.history.context import change_context
from models.people.access import os_user
from models.storage.store import current_store
from models.values import frozen
from receivers.authors.arguments import validate
from receivers.authors.job import JobHookReceiver, check_definition
from receivers.authors.logger import (
    RunLog,
    recording,
    route_module_logger,
    unroute_module_logger,
)
from receivers.execution import files
from receivers.execution.lifecycle import Task, perform
from receivers.execution.run import sanitiser_for
from receivers.execution.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.history.changes import ObjectChange
    from models.people.access import User
    from receivers.authors.job import BaseJob


@frozen
class LogLine:
    """One line that the receiver logged."""

    level: str
    grouping: str
    message: str
    object_name: str


@frozen
class Trial:
    """How a receiver did.

    Attributes:
        status: SUCCESS or FAILURE.
        result: What it returned, as JSON gives it back.
        exception: What it raised.
        traceback: The author's frames of it.
        log: The lines it logged.
        files: The contents it attached, by name.
    """

    status: str
    result: Any
    exception: BaseException | None
    traceback: str | None
    log: list[LogLine]
    files: dict[str, bytes]

    @property
    def messages(self) -> list[str]:
        """The logged texts, without the levels."""
        return [line.message for line in self.log]


class TrialServices:
    """Keeps in memory what a run would send or store."""

    result_id: int | None = None

    def __init__(self, log: RunLog, changes: Sequence[ObjectChange]) -> None:
        self.files: dict[str, bytes] = {}
        self._changes = list(changes)
        self._log = log

    def load_result(self) -> None:
        """Return None: a trial has no job result."""

    def load_record(self) -> None:
        """Return None: a trial needs no record."""

    def load_changes(self) -> list[ObjectChange]:
        """Return the changes that the trial is for."""
        return self._changes

    def attach_file(self, name: str, content: bytes) -> None:
        """Keep the content."""
        files.check(current_store(), name, content)
        self.files[name] = content

    def report_progress(self, done: int, total: int) -> None:
        """Do nothing."""

    def read_secret(self, name: str) -> str:
        """Read a secret of the open store's settings."""
        value = read_secret(current_store().settings.secrets, name)
        self._log.sanitiser.add_secret(value)
        return value


def run_receiver(
    cls: type[BaseJob],
    *,
    change: ObjectChange | None = None,
    changes: Sequence[ObjectChange] = (),
    obj: Any = None,
    user: User | None = None,
    **inputs: Any,
) -> Trial:
    """Run a receiver here and now, on the open store, and return how it did.

    Args:
        cls: The receiver's class; it need not be registered.
        change: The change, for a hook receiver.
        changes: The changes, for one that takes several at once.
        obj: The object, for a button receiver.
        user: Who runs it; the operating system's user by default.
        inputs: Values of the receiver's variables.

    Raises:
        RequestError: Neither a change nor an object was given, or not the fitting one.
        ValidationError: The inputs do not fit the variables.
        JobDefinitionError: The class cannot work as it is written.
    """
    check_definition(cls)
    given = _given(cls, change or next(iter(changes), None), obj)
    arguments = validate(cls, inputs) | given
    sent: list[dict[str, Any]] = []
    log = RunLog(0, sent.append, sanitiser_for(current_store()))
    one = [] if change is None else [change]
    services = TrialServices(log, changes or one)
    job = cls()
    job.user = user or os_user()
    job._services = services
    task = Task(
        job=job,
        task_id="0",
        stored={},
        prepare=lambda: arguments,
        context=lambda: change_context(
            job.user, kind=_kind(cls), detail=cls.class_path, depth=_depth(cls)
        ),
        store=current_store(),
        log=log,
    )
    route_module_logger(cls.__module__)
    try:
        with recording(log, job.logger):
            outcome = perform(task)
    finally:
        log.close()
        unroute_module_logger(cls.__module__)
    return Trial(
        status=outcome.status,
        result=None if outcome.result is None else json.loads(outcome.result),
        exception=outcome.exception,
        traceback=outcome.traceback,
        log=[_line(entry) for message in sent for entry in message.get("entries", ())],
        files=services.files,
    )


def _given(cls: type[BaseJob], change: ObjectChange | None, obj: Any) -> dict[str, Any]:
    if "object_change" in cls.given_variables:
        if change is None:
            raise RequestError(f"{cls.__name__} is a hook receiver; give change=….")
        return {"object_change": change}
    if "object_pk" in cls.given_variables:
        if obj is None:
            raise RequestError(f"{cls.__name__} is a button receiver; give obj=….")
        label = obj._meta.label_lower
        return {"object_pk": str(obj.pk), "object_model_name": label}
    return {}


def _kind(cls: type[BaseJob]) -> str:
    return "job-hook" if issubclass(cls, JobHookReceiver) else "job"


def _depth(cls: type[BaseJob]) -> int:
    return int(issubclass(cls, JobHookReceiver))


def _line(entry: Any) -> LogLine:
    _, level, grouping, message, name, _ = entry
    return LogLine(level=level, grouping=grouping, message=message, object_name=name)
