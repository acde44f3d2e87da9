"""Hooks: object types + events + a hook receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import peewee

from models.automation import conditions
from models.errors import ValidationError
from models.objects import types
from models.objects.base import StoreModel
from models.objects.fields import (
    LinesField,
    ListField,
    NameField,
    SequenceField,
    TextField,
    TimestampField,
    from_us,
    now_us,
)
from models.objects.specs import FieldKind, FieldSpec
from models.runs import queues
from models.runs.jobs import JobFacts, JobRecord
from models.runs.queues import Placed, QueueField
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENTS = ("create", "update", "delete")
FOREVER = 253_370_764_800_000_000
"""The year 9999, in microseconds: as long as nobody unmutes it."""


class JobHook(Placed, StoreModel):
    """Runs a receiver when objects of some types are created, updated or deleted."""

    id = SequenceField()
    name = NameField(unique=True, max_length=255)
    object_types = ListField(default=list, help_text="The types whose changes count.")
    enabled = peewee.BooleanField(default=True)
    job = peewee.ForeignKeyField(
        JobRecord,
        backref="hooks",
        on_delete="CASCADE",
        help_text="A hook receiver.",
    )
    type_create = peewee.BooleanField(default=False)
    type_update = peewee.BooleanField(default=False)
    type_delete = peewee.BooleanField(default=False)
    accept_chained = peewee.BooleanField(
        default=False, help_text="Fires for changes that other receivers made, too."
    )
    conditions = LinesField(
        default="", help_text="All must hold, as in: changed serial; mtu > 9000"
    )
    queue = QueueField(default="", help_text="Where its runs wait; its job's, if none.")
    priority = peewee.IntegerField(
        null=True, help_text="Lower runs first; its queue's, if none."
    )
    created = TimestampField(default=now_us)
    muted_until = TimestampField(null=True)
    mute_reason = TextField(default="")
    breaker_reset = TimestampField(null=True)
    managed = TextField(default="")

    class Meta:
        app_label = "extras"

    form_fields = (
        "name",
        "object_types",
        "events",
        "job",
        "enabled",
        "conditions",
        "accept_chained",
        "queue",
        "priority",
    )
    virtual_fields: ClassVar[dict[str, FieldSpec]] = {
        "events": FieldSpec(
            name="events",
            label="Events",
            kind=FieldKind.LIST,
            required=True,
            choices=tuple((event, event) for event in EVENTS),
            help="What must happen to an object.",
        )
    }

    @property
    def events(self) -> list[str]:
        """The events that count, in the order create, update, delete."""
        return [event for event in EVENTS if getattr(self, f"type_{event}")]

    @events.setter
    def events(self, names: list[str]) -> None:
        unknown = [name for name in names if name not in EVENTS]
        if unknown:
            raise ValidationError(
                {"events": [f"{unknown[0]!r} is none of {', '.join(EVENTS)}"]}
            )
        for event in EVENTS:
            setattr(self, f"type_{event}", event in names)

    def mute(self, *, until: int = FOREVER, by: str, reason: str = "") -> None:
        """Keep it from firing for a while; its verdicts stay, to be caught up.

        Args:
            until: When it fires again by itself, in microseconds.
            by: Who mutes it.
            reason: Why.
        """
        words = f"by {by}"
        if until < FOREVER:
            words += f" until {from_us(until):%Y-%m-%d %H:%M}Z"
        self.muted_until = until
        self.mute_reason = f"{words}: {reason}" if reason else words
        self.save()

    def unmute(self) -> None:
        """Let it fire again."""
        self.muted_until, self.mute_reason = None, ""
        self.save()

    @property
    def is_muted(self) -> bool:
        """Whether it is muted just now."""
        return now_us() < _us(self.muted_until)

    def reset_breaker(self) -> None:
        """Close its breaker: runs until now do not count."""
        self.breaker_reset = now_us()
        self.save()

    def clean(self) -> None:
        """Check the rules of hooks.

        Raises:
            ValidationError: No event, no type, no such queue, a job that is no hook
                receiver, an enabled hook whose job cannot run, or another hook for the
                same job, type and event.
        """
        problems: dict[str, list[str]] = {}
        self._clean_types(problems)
        if not self.events:
            problems["events"] = ["choose at least one of create, update, delete"]
        self._clean_job(problems)
        self._clean_conditions(problems)
        problems |= self.queue_problems()
        if not problems:
            self._clean_conflicts(problems)
        if problems:
            raise ValidationError(problems, on=self.name)

    def _clean_types(self, problems: dict[str, list[str]]) -> None:
        known = types.object_types()
        unknown = [label for label in self.object_types if label not in known]
        if unknown:
            problems["object_types"] = [f"there is no object type {unknown[0]!r}"]
        elif not self.object_types:
            problems["object_types"] = ["choose at least one object type"]

    def _clean_conditions(self, problems: dict[str, list[str]]) -> None:
        try:
            conditions.parse(self.conditions)
        except ValidationError as error:
            problems.update(error.fields)
            return
        known = types.object_types()
        for label in self.object_types if "object_types" not in problems else ():
            meta = known[label]._meta
            has = {*meta.fields, *meta.members, "custom_fields"}
            for name in sorted(conditions.fields_named(self.conditions) - has):
                problems.setdefault("conditions", []).append(
                    f"a {meta.verbose_name} has no field {name!r}"
                )

    def _clean_job(self, problems: dict[str, list[str]]) -> None:
        if self.job_id is None:
            return
        job = self.job
        if not job.is_job_hook_receiver:
            problems["job"] = [f"{job.class_path} is no hook receiver"]
        elif self.enabled and not job.runnable and not self.managed:
            problems["enabled"] = [cannot_run(job, "hook")]

    def _clean_conflicts(self, problems: dict[str, list[str]]) -> None:
        others = JobHook.select().where(JobHook.job == self.job, JobHook.id != self.id)
        for other in others:
            shared = sorted(set(other.object_types) & set(self.object_types))
            for event in set(other.events) & set(self.events) if shared else ():
                problems.setdefault(f"type_{event}", []).append(
                    f"the hook {other.name!r} already runs {self.job.class_path}"
                    f" when a {shared[0]} is {event}d"
                )


def cannot_run(job: JobRecord, what: str) -> str:
    """Return why an enabled hook or button is refused."""
    how = f" (`hookline job enable {job.class_path}`)" if job.installed else ""
    return (
        f"{job.class_path} cannot run ({job.why_not}): enable the job first{how},"
        f" or leave the {what} off"
    )


@frozen
class HookRule:
    """A hook as it is held in memory."""

    id: int
    name: str
    enabled: bool
    events: frozenset[int]
    accept_chained: bool
    conditions: tuple[conditions.Condition, ...]
    job: JobFacts
    muted_until_us: int = 0
    mute_reason: str = ""
    breaker_reset_us: int = 0
    queue: str = ""
    priority: int | None = None

    @classmethod
    def of(
        cls,
        hook: Any,
        job: JobFacts | None = None,
        priorities: Mapping[str, int] | None = None,
    ) -> HookRule:
        """Return the rule of a row; its job's facts and queues may be at hand."""
        return cls(
            id=hook.id or 0,
            name=hook.name,
            enabled=hook.enabled,
            events=frozenset(EVENTS.index(event) for event in hook.events),
            accept_chained=hook.accept_chained,
            conditions=conditions.load(hook.conditions),
            job=job or JobFacts.of(hook.job),
            muted_until_us=_us(hook.muted_until),
            mute_reason=hook.mute_reason,
            breaker_reset_us=_us(hook.breaker_reset),
            queue=hook.queue,
            priority=_priority(hook, priorities),
        )

    def mute_at(self, now: int) -> str:
        """Return why the hook is muted at a time in microseconds; empty if not."""
        return self.mute_reason if now < self.muted_until_us else ""


def _priority(hook: Any, priorities: Mapping[str, int] | None) -> int | None:
    """Return the priority of a hook's runs; None for their job's."""
    if hook.priority is not None or not hook.queue:
        return None if hook.priority is None else int(hook.priority)
    return (queues.priorities() if priorities is None else priorities).get(hook.queue)


def _us(moment: Any) -> int:
    """Return a stored time in microseconds; 0 without one."""
    return TimestampField().db_value(moment) or 0


def load_rules() -> dict[str, tuple[HookRule, ...]]:
    """Return the hooks of each object type, in name order."""
    priorities = queues.priorities()
    records: Any = JobRecord.select()
    jobs = {record.id: JobFacts.of(record, priorities) for record in records}
    by_type: dict[str, list[HookRule]] = {}
    for hook in JobHook.select().order_by(JobHook.name):
        rule = HookRule.of(hook, jobs[hook.job_id], priorities)
        for label in hook.object_types:
            by_type.setdefault(label, []).append(rule)
    return {label: tuple(rules) for label, rules in by_type.items()}


def names_of(hook_ids: list[int]) -> dict[int, str]:
    """Return the names of hooks; those deleted since are left out."""
    rows: Any = JobHook.select(JobHook.id, JobHook.name).where(JobHook.id.in_(hook_ids))
    return {row.id: row.name for row in rows}
