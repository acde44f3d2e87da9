"""Job records: what the catalogue found in `jobs/`, and whether it is enabled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peewee

from models.errors import NotFoundError, RefusedError, ValidationError
from models.objects.base import StoreModel
from models.objects.fields import (
    ChoiceField,
    JSONField,
    ListField,
    NameField,
    SequenceField,
    TimestampField,
)
from models.runs import queues
from models.runs.overlap import PARALLEL, POLICIES, SINGLE
from models.runs.queues import DEFAULT_QUEUE, QueueField
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from models.runs.results import JobResult
    from models.storage.store import Store


SYSTEM_JOBS = "receivers.system."
"""Where the modules of the jobs that Hookline itself needs lie; they are enabled."""


LIMITS = ("soft_time_limit", "time_limit")


class JobRecord(StoreModel):
    """One job class, as people see it; new ones are disabled."""

    id = SequenceField()
    module_name = NameField(max_length=100)
    job_class_name = NameField(max_length=100)
    name = NameField(unique=True, max_length=100)
    grouping = NameField(default="", max_length=255)
    description = peewee.TextField(default="")
    installed = peewee.BooleanField(default=True)
    enabled = peewee.BooleanField(default=False)
    is_job_hook_receiver = peewee.BooleanField(default=False)
    is_job_button_receiver = peewee.BooleanField(default=False)
    read_only = peewee.BooleanField(default=False)
    supports_dryrun = peewee.BooleanField(default=False)
    hidden = peewee.BooleanField(
        default=False, help_text="Lists leave it out unless asked."
    )
    has_sensitive_variables = peewee.BooleanField(
        default=True, help_text="Its inputs are not kept once it runs."
    )
    soft_time_limit = peewee.FloatField(
        default=0,
        help_text="Seconds until it is asked to stop; 0: the setting's; empty: its"
        " class's.",
    )
    time_limit = peewee.FloatField(
        default=0,
        help_text="Seconds until it is stopped; 0: the setting's; empty: its class's.",
    )
    delivery = peewee.TextField(default="once")
    overlap = ChoiceField(
        choices=[(word, word) for word in POLICIES],
        default=PARALLEL,
        help_text="What a second run does while one goes on.",
    )
    retries = peewee.IntegerField(default=0)
    batch = peewee.IntegerField(default=0)
    queue = QueueField(default=DEFAULT_QUEUE, help_text="Where its runs wait.")
    dryrun_default = peewee.BooleanField(default=False)
    variables = JSONField(default=list)
    overrides = ListField(default=list)
    source_path = peewee.TextField(default="")
    source_line = peewee.IntegerField(default=0)
    source_hash = peewee.TextField(default="")
    approved_hash = peewee.TextField(default="")
    error = peewee.TextField(null=True)

    form_fields = (
        *("name", "grouping", "description", "hidden", "queue", "overlap"),
        *(*LIMITS, "has_sensitive_variables", "dryrun_default"),
    )

    class Meta:
        app_label = "extras"
        permission_label = "extras.job"
        indexes = ((("module_name", "job_class_name"), True),)

    def clean(self) -> None:
        """Check the rules of jobs' settings.

        Raises:
            ValidationError: No such queue, or a negative limit.
        """
        problems: dict[str, list[str]] = {}
        problems |= queues.no_queue(self.queue)
        for name in LIMITS:
            if getattr(self, name) < 0:
                problems[name] = ["must be 0 or more"]
        if problems:
            raise ValidationError(problems, on=self.class_path)

    @property
    def is_shipped(self) -> bool:
        """Whether it came with Hookline, and cannot be deleted."""
        return str(self.module_name).startswith("receivers.")

    @property
    def class_path(self) -> str:
        """Return `module.Class`, the job's identity."""
        return f"{self.module_name}.{self.job_class_name}"

    @property
    def place(self) -> str:
        """Where its code stands, as `guards.py:12`; empty when that is not known."""
        if not self.source_path:
            return ""
        return f"{self.source_path}:{self.source_line or 1}"

    @property
    def runnable(self) -> bool:
        """Whether it is enabled and its code can be loaded."""
        return bool(self.enabled and self.installed and not self.error)

    @property
    def latest_result(self) -> JobResult | None:
        """The newest of its results; None without any."""
        from models.runs.results import JobResult

        newest = JobResult.select().where(JobResult.job == self)
        found: JobResult | None = newest.order_by(JobResult.id.desc()).first()
        return found

    @property
    def is_system(self) -> bool:
        """Whether it ships with Hookline and is enabled from the start."""
        return f"{self.module_name}.".startswith(SYSTEM_JOBS)

    @property
    def is_changed(self) -> bool:
        """Whether its code is another than what was enabled."""
        return bool(self.enabled and self.approved_hash != self.source_hash)

    @property
    def kind(self) -> str:
        """Return hook, button, job, or system for those that Hookline itself needs."""
        if self.is_system:
            return "system"
        if self.is_job_hook_receiver:
            return "hook"
        return "button" if self.is_job_button_receiver else "job"

    @property
    def is_singleton(self) -> bool:
        """Whether at most one run goes on, and a second is refused."""
        return bool(self.overlap == SINGLE)

    @property
    def why_not(self) -> str:
        """Why it cannot run just now; empty when it can."""
        if self.error or not self.installed:
            return f"job missing: {self.error or self.class_path}"
        return "" if self.enabled else "job off"

    def enable(self) -> None:
        """Allow it to run, with the code that it has now."""
        self.enabled = True
        self.approved_hash = self.source_hash
        self.save()

    def disable(self) -> None:
        """Stop it from running; hooks say so in their verdicts."""
        self.enabled = False
        self.save()

    def delete_record(self) -> None:
        """Delete the record with its hooks and buttons; its results stay.

        Raises:
            RefusedError: It came with Hookline.
        """
        if self.is_shipped:
            raise RefusedError(
                f"The job {self.class_path} came with Hookline and cannot be deleted."
                f" `hookline job set {self.class_path} hidden=yes` leaves it out of"
                " lists.",
                on=self.class_path,
            )
        self.delete_instance()

    def require_runnable(self) -> None:
        """Refuse a job that cannot run.

        Raises:
            RefusedError: It is off, or its code is missing; the message says which.
        """
        if self.runnable:
            return
        if self.error or not self.installed:
            raise RefusedError(
                f"The job {self.class_path} cannot be loaded:"
                f" {self.error or 'its file is gone'}. Mend the file; a saved file is"
                " read again by itself.",
                on=self.class_path,
            )
        raise RefusedError(
            f"The job {self.class_path} is not enabled. Look at its code, then"
            f" `hookline job enable {self.class_path}`.",
            on=self.class_path,
        )


class JobImportError(StoreModel):
    """A file of `jobs/` that cannot be loaded, with the line and what to do."""

    id = SequenceField()
    path = peewee.TextField()
    line = peewee.IntegerField(default=0)
    message = peewee.TextField()
    hint = peewee.TextField(default="")
    time = TimestampField()

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"

    @property
    def whole(self) -> str:
        """What is wrong, where, and what to do, in one line."""
        return f"{str(self).rstrip('.')}. {self.hint}" if self.hint else str(self)


@frozen
class JobFacts:
    """What a queued run needs to know of its job, held in memory."""

    id: int
    path: str
    name: str
    enabled: bool
    installed: bool
    error: str | None
    delivery: str
    overlap: str
    soft_time_limit: float
    time_limit: float
    batch: int
    queue: str
    priority: int
    source_hash: str

    @classmethod
    def of(cls, record: Any, priorities: Mapping[str, int] | None = None) -> JobFacts:
        """Return the facts of a record, with the priorities of queues if at hand."""
        if priorities is None:
            priorities = queues.priorities()
        return cls(
            id=record.id,
            path=record.class_path,
            name=record.name,
            enabled=record.enabled,
            installed=record.installed,
            error=record.error,
            delivery=record.delivery,
            overlap=record.overlap,
            soft_time_limit=record.soft_time_limit,
            time_limit=record.time_limit,
            batch=record.batch,
            queue=record.queue,
            priority=priorities.get(record.queue, 0),
            source_hash=record.source_hash,
        )


def effective_limits(store: Store, job: JobFacts) -> tuple[float, float]:
    """Return the soft and the hard limit in seconds; a job's 0 means the setting's."""
    runner = store.settings.runner
    soft = job.soft_time_limit or runner.soft_time_limit_s
    hard = job.time_limit or max(runner.time_limit_s, job.soft_time_limit)
    return soft, hard


_SPELLINGS: tuple[Callable[[Any], str], ...] = (
    lambda record: record.class_path,
    lambda record: record.name,
    lambda record: record.name.lower(),
    lambda record: record.job_class_name,
)


def find_job(text: str) -> JobRecord:
    """Return the record that a class path, a name, or a unique class name names.

    Raises:
        NotFoundError: None does; the near ones are named.
    """
    import difflib

    records = list(JobRecord.select())
    for spelling in _SPELLINGS:
        wanted = text.lower() if spelling is _SPELLINGS[2] else text
        found: list[JobRecord] = [r for r in records if spelling(r) == wanted]
        if len(found) == 1:
            return found[0]
    known = [name for r in records for name in (r.class_path, r.name)]
    near = difflib.get_close_matches(text, known, n=3)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise NotFoundError(
        f"There is no job {text!r}.{hint} `hookline job list` shows them all.",
        on=text,
        candidates=near,
    )
