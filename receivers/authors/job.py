"""The classes that authors derive their jobs and receivers from.

A job's instance is its interface to the run that goes on: logger, user, files,
progress. How a run proceeds stands in `run.py`.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, Self

from models.objects import types
from models.values import frozen
from receivers.authors.errors import JobDefinitionError
from receivers.authors.logger import RunLogger
from receivers.authors.meta import FromMeta, meta_value
from receivers.authors.objectvars import ObjectVar
from receivers.authors.variables import StringVar
from receivers.execution.assignment import fetch

if TYPE_CHECKING:
    from models.history.changes import ObjectChange
    from models.people.access import User
    from models.runs.jobs import JobRecord
    from models.runs.results import JobResult

    class RunServices(Protocol):
        """What a run does for the job's instance."""

        result_id: int | None

        def load_result(self) -> JobResult | None:
            """Read the run's job result."""

        def load_record(self) -> JobRecord | None:
            """Read the job's record."""

        def load_changes(self) -> list[ObjectChange]:
            """Read the changes that the run is for, oldest first."""

        def attach_file(self, name: str, content: bytes) -> None:
            """Keep a file with the result."""

        def report_progress(self, done: int, total: int) -> None:
            """Show how far the run is."""

        def read_secret(self, name: str) -> str:
            """Return a secret of the store's settings."""


OLD_METHODS: Final = frozenset(
    f"log{suffix}"
    for suffix in ("", "_debug", "_info", "_success", "_warning", "_failure")
)


@frozen
class TaskRequest:
    """What Nautobot's authors find under `self.request`."""

    id: str = ""


class BaseJob:
    """A piece of work with a `run()` method; variables are attributes of the class."""

    name: FromMeta[str] = FromMeta()
    description: FromMeta[str] = FromMeta()
    console_log_default: FromMeta[bool] = FromMeta()
    dryrun_default: FromMeta[bool] = FromMeta()
    field_order: FromMeta[list[str]] = FromMeta()
    has_sensitive_variables: FromMeta[bool] = FromMeta()
    hidden: FromMeta[bool] = FromMeta()
    is_singleton: FromMeta[bool] = FromMeta()
    read_only: FromMeta[bool] = FromMeta()
    soft_time_limit: FromMeta[float] = FromMeta()
    time_limit: FromMeta[float] = FromMeta()
    task_queues: FromMeta[list[str]] = FromMeta()
    template_name: FromMeta[str] = FromMeta()
    class_path: FromMeta[str] = FromMeta(
        lambda job, _: f"{job.__module__}.{job.__name__}"
    )
    class_path_dotted = class_path

    given_variables: ClassVar[frozenset[str]] = frozenset()
    """Variables that a hook or button fills in, and nobody is asked for."""

    logger: RunLogger
    user: User | None
    request: TaskRequest
    _services: RunServices | None
    _failures: list[str]

    def __new__(cls, *_args: object, **_options: object) -> Self:
        """Prepare the instance here, for authors whose `__init__` calls no other."""
        job = super().__new__(cls)
        job.logger = RunLogger(cls.__module__)
        job.user = None
        job.request = TaskRequest()
        job._services = None
        job._failures = []
        return job

    def __init__(self, *args: object, **options: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name in OLD_METHODS:
            level = name.partition("_")[2] or "info"
            raise AttributeError(
                f"self.{name}() is from Nautobot 1.x. Write self.logger.{level}("
                'message, extra={"object": obj}) instead.'
            )
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def run(self, *args: Any, **arguments: Any) -> Any:
        """Do the work; what it returns is the result, if JSON can hold it."""
        raise NotImplementedError(
            f"{type(self).__name__} has no run() method; write one."
        )

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> Any:
        """Run before `run()`; after `self.fail()` here, `run()` is left out."""

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        """Run after a `run()` that went well."""

    def on_failure(
        self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any
    ) -> None:
        """Run after a failure: with the exception, or with what `run()` returned."""

    def after_return(  # noqa: PLR0913, PLR0917 - Celery's signature
        self, status: str, retval: Any, task_id: str, args: Any, kwargs: Any, einfo: Any
    ) -> None:
        """Run at the very end, however it went."""

    @property
    def job_result(self) -> JobResult | None:
        """The job result of this run."""
        return self._services.load_result() if self._services else None

    @property
    def job_model(self) -> JobRecord | None:
        """The job's record."""
        return self._services.load_record() if self._services else None

    @property
    def celery_kwargs(self) -> dict[str, Any]:
        """How the run was queued, as Nautobot tells it: its queue's name."""
        result = self.job_result
        return {} if result is None else {"queue": result.queue}

    def fail(self, message: object, *args: object, **options: Any) -> None:
        """Mark the run as failed, with a log line, and go on."""
        options["stacklevel"] = options.get("stacklevel", 1) + 1
        self.logger.failure(message, *args, **options)
        with contextlib.suppress(TypeError, ValueError):  # logging has told of it
            message = str(message) % args if args else message
        self._failures.append(str(message))

    def create_file(self, filename: str, content: str | bytes) -> None:
        """Attach a file to the job result.

        Raises:
            ValueError: It is larger than the setting `files.max_bytes`, or its name
                is a path.
        """
        body = content.encode() if isinstance(content, str) else bytes(content)
        self._running("create_file").attach_file(filename, body)

    def progress(self, done: int, total: int) -> None:
        """Show how far the run is: `done` of `total`."""
        self._running("progress").report_progress(done, total)

    def secret(self, name: str) -> str:
        """Return a secret of the setting `secrets`; it is redacted from now on.

        Raises:
            ConfigError: The settings name no such secret, or it cannot be read.
        """
        return self._running("secret").read_secret(name)

    def load_json(self, filename: str) -> Any:
        """Return what a JSON file beside the job's own file holds."""
        return json.loads(self._beside(filename).read_text(encoding="utf-8"))

    def load_yaml(self, filename: str) -> Any:
        """Return what a YAML file beside the job's own file holds."""
        import yaml

        return yaml.safe_load(self._beside(filename).read_text(encoding="utf-8"))

    @classmethod
    def _beside(cls, filename: str) -> Path:
        return Path(str(sys.modules[cls.__module__].__file__)).parent / filename

    def _running(self, method: str) -> RunServices:
        if self._services is None:
            raise RuntimeError(
                f"self.{method}() works only while the job runs. In a test, use"
                " run_receiver()."
            )
        return self._services


class Job(BaseJob):
    """A piece of work that people and schedules start."""


class JobHookReceiver(Job):
    """A job that a hook runs for each change; write `receive_job_hook()`.

    One that has `receive_job_hooks(self, changes)` instead is given the changes of one
    context in one run, up to `Meta.batch` of them.
    """

    given_variables = frozenset({"object_change"})

    object_change = ObjectVar(model="changes.objectchange")

    def run(self, object_change: ObjectChange) -> Any:
        """Call `receive_job_hook()` and return its value.

        A receiver of batches is given all changes of the run at once.
        """
        if takes_batches(type(self)):
            return self.receive_job_hooks(changes=self._running("run").load_changes())
        return self.receive_job_hook(
            change=object_change,
            action=str(object_change.action),
            changed_object=live_object(object_change),
        )

    def receive_job_hook(
        self, change: ObjectChange, action: str, changed_object: Any
    ) -> Any:
        """Receive a change; override it.

        Args:
            change: The record of the change.
            action: `create`, `update` or `delete`.
            changed_object: The object as it is now; None when it is gone.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no receive_job_hook(self, change, action,"
            " changed_object) method; write one."
        )

    def receive_job_hooks(self, changes: list[ObjectChange]) -> Any:
        """Receive several changes of one context; override it to get them together.

        Args:
            changes: Oldest first. Each knows its `action`, and its `changed_object` as
                it is now.
        """
        raise NotImplementedError


def takes_batches(job: type[BaseJob]) -> bool:
    """Return whether a class is a hook receiver of several changes at once."""
    return (
        issubclass(job, JobHookReceiver)
        and job.receive_job_hooks is not JobHookReceiver.receive_job_hooks
    )


def live_object(change: ObjectChange) -> Any:
    """Return the changed object as it is now; None when it or its type is gone."""
    return None if change.model is None else fetch(change.model, change.object_id)


class JobButtonReceiver(Job):
    """A job that a button runs for one object; write `receive_job_button()`.

    Further variables are asked for when the button is pressed.
    """

    given_variables = frozenset({"object_pk", "object_model_name"})

    object_pk = StringVar()
    object_model_name = StringVar()

    def run(self, object_pk: str, object_model_name: str, **inputs: Any) -> Any:
        """Fetch the object, call `receive_job_button()` and return its value."""
        model = types.get_type(object_model_name)
        found = fetch(model, object_pk)
        if found is None:
            raise model.DoesNotExist(
                f"The {model._meta.verbose_name} {object_pk} is gone."
            )
        return self.receive_job_button(obj=found, **inputs)

    def receive_job_button(self, obj: Any, *args: Any, **inputs: Any) -> Any:
        """Receive the press of a button; override it.

        Args:
            obj: The object that the button was pressed on.
            args: Never given; receivers are called with keywords.
            inputs: The values of the receiver's variables.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no receive_job_button(self, obj) method;"
            " write one."
        )


def check_definition(job: type[BaseJob]) -> None:
    """Refuse a class that cannot work as it is written.

    Raises:
        JobDefinitionError: Saying what to change.
    """
    from receivers.authors.arguments import variables_of

    if {JobHookReceiver, JobButtonReceiver} <= set(job.__mro__):
        raise JobDefinitionError(
            f"{job.__name__} is a hook receiver and a button receiver at once. Make"
            " two classes; what they share can go into a mixin."
        )
    if meta_value(job, "batch") and not takes_batches(job):
        raise JobDefinitionError(
            f"{job.__name__} has Meta.batch, but no receive_job_hooks(self, changes)"
            " method. Write one, or leave Meta.batch out."
        )
    own = {"logger", "user", "request", *dir(BaseJob)}
    for name in variables_of(job):
        if name in own:
            raise JobDefinitionError(
                f"The variable {name!r} of {job.__name__} has a name that Hookline"
                " needs; choose another."
            )
    if list(inspect.signature(job.run).parameters)[1:] == ["data", "commit"]:
        raise JobDefinitionError(
            f"{job.__name__}.run(self, data, commit) is from Nautobot 1.x. Take the"
            " variables by name instead: def run(self, *, device, dryrun)."
        )
