"""Schedules: a job, and when it runs by itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

import peewee

from models.automation.hooks import cannot_run
from models.errors import HooklineError, ValidationError
from models.objects import types
from models.objects.base import StoreModel
from models.objects.fields import (
    BooleanField,
    BytesField,
    ChoiceField,
    JSONField,
    NameField,
    SequenceField,
    TextField,
    TimestampField,
    from_us,
    now_us,
    to_us,
)
from models.objects.specs import FieldKind, FieldSpec
from models.people.access import User
from models.people.grants import permission_label
from models.runs.jobs import JobRecord
from models.storage.store import current_store
from models.timing.firetimes import KINDS, FireTimes, read_times
from models.timing.walls import local_zone_name, read_moment, zone_named

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from models.runs.results import JobResult

MISSED = (
    ("skip", "skip them"),
    ("once", "run once for all of them"),
    ("all", "run once for each"),
)
FIELD_OF_KIND = {"cron": "cron", "interval": "every", "at": "at"}
TIMING = frozenset({"enabled", "kind", "words", "timezone", "start"})
"""The columns from which the next fire time follows."""


def default_zone() -> str:
    """Return the time zone of a new schedule: the setting's, or this machine's."""
    return current_store().settings.schedules.timezone or local_zone_name()


def _words_spec(name: str, help_text: str) -> FieldSpec:
    return FieldSpec(
        name=name,
        label=name.capitalize(),
        kind=FieldKind.NAME,
        default="",
        help=help_text,
    )


class JobSchedule(StoreModel):
    """Runs a job at times, as the user who saved it last.

    Of `cron`, `every` and `at` one says when. `next_fire` is kept beside the words: it
    is when the row must be looked at, and empty while the schedule is off.
    """

    id = SequenceField()
    name = NameField(unique=True, max_length=255)
    job = peewee.ForeignKeyField(
        JobRecord,
        backref="schedules",
        on_delete="CASCADE",
        help_text="A job, or a button receiver with an object.",
    )
    owner = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="SET NULL")
    owner_name = TextField(default="")
    enabled = BooleanField(default=True)
    kind = ChoiceField(choices=tuple((kind, kind) for kind in KINDS), default="cron")
    words = NameField(default="", max_length=255)
    timezone = NameField(
        default=default_zone, max_length=64, help_text="As in Europe/Amsterdam."
    )
    start = NameField(
        default="",
        max_length=64,
        help_text="Not before this time; an interval counts from it.",
    )
    anchor = TimestampField(default=lambda: _whole_second(now_us()))
    missed = ChoiceField(
        choices=MISSED,
        default="once",
        help_text="What becomes of times at which no runner was alive.",
    )
    inputs = JSONField(default=dict, help_text="What the job asks for, as JSON.")
    object_type = TextField(null=True)
    object_id = BytesField(null=True)
    object_name = TextField(null=True)
    next_fire = TimestampField(null=True)
    last_fire = TimestampField(null=True)
    skipped = peewee.IntegerField(default=0)
    error = TextField(default="")
    created = TimestampField(default=now_us)

    class Meta:
        app_label = "extras"
        indexes = (
            peewee.SQL(
                "CREATE INDEX IF NOT EXISTS job_schedule_due ON job_schedule(next_fire)"
                " WHERE enabled AND next_fire IS NOT NULL"
            ),
        )

    form_fields = (
        *("name", "job", "cron", "every", "at", "timezone", "start", "missed"),
        *("object", "inputs", "enabled"),
    )
    virtual_fields: ClassVar[dict[str, FieldSpec]] = {
        "cron": _words_spec("cron", "minute hour day month weekday: 0 3 * * mon-fri"),
        "every": _words_spec("every", "30s, 15m, 1h30m, 1d (same time each day), 2w"),
        "at": _words_spec("at", "Once, at a time: 2026-12-01T03:00"),
        "object": _words_spec("object", "TYPE:NAME, for a button receiver."),
    }

    def __init__(self, *args: Any, **values: Any) -> None:
        self._named: set[str] = set()
        super().__init__(*args, **values)

    # -- the words

    @property
    def cron(self) -> str:
        """The five fields; empty for another kind."""
        return self._words_of("cron")

    @cron.setter
    def cron(self, text: str) -> None:
        self._say("cron", text)

    @property
    def every(self) -> str:
        """The interval; empty for another kind."""
        return self._words_of("interval")

    @every.setter
    def every(self, text: str) -> None:
        self._say("interval", text)

    @property
    def at(self) -> str:
        """The one time; empty for another kind."""
        return self._words_of("at")

    @at.setter
    def at(self, text: str) -> None:
        self._say("at", text)

    def _words_of(self, kind: str) -> str:
        return str(self.words) if self.kind == kind else ""

    def _say(self, kind: str, text: str | None) -> None:
        words = " ".join((text or "").split())
        if words:
            self._named.add(kind)
            self.kind, self.words = kind, words
        elif self.kind == kind:
            self.words = ""

    def _read_object(self) -> str:
        return f"{self.object_type}:{self.object_name}" if self.object_type else ""

    def _name_object(self, text: str) -> None:
        if not text:
            self.object_type = self.object_id = self.object_name = None
            return
        from models.objects.names import Finder

        label, _, rest = str(text).partition(":")
        try:
            found = Finder().find(types.get_type(label), rest)
        except HooklineError as error:
            raise ValidationError({"object": [str(error)]}, on=str(self)) from error
        self.object_type = found._meta.label_lower
        self.object_id = found.pk.bytes
        self.object_name = str(found)

    object = property(_read_object, _name_object)
    """The object that a button receiver gets, as TYPE:NAME; mostly empty."""

    # -- the times

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone.

        Raises:
            ValueError: There is none of that name here.
        """
        return zone_named(self.timezone)

    def times(self) -> FireTimes:
        """Return its fire times.

        Raises:
            ValueError: Its words mean none.
        """
        anchor = self.anchor if isinstance(self.anchor, int) else to_us(self.anchor)
        return read_times(
            self.kind,
            self.words,
            self.zone,
            anchor=from_us(anchor),
            start="" if self.kind == "at" else self.start,
        )

    @property
    def state(self) -> str:
        """Return active, paused, completed or errored."""
        if self.enabled:
            return "active"
        if self.error:
            return "errored"
        is_over = self.kind == "at" and self.last_fire is not None
        return "completed" if is_over else "paused"

    # -- checking and saving

    def clean(self) -> None:
        """Check the rules of schedules.

        Raises:
            ValidationError: Times that are none or past, a job that cannot be run by
                a schedule or not by its owner, or an object that does not fit.
        """
        problems = self.time_problems()
        if self.job_id is not None:
            self._clean_job(problems)
            self._clean_object(problems)
        if not isinstance(self.inputs, dict):
            problems["inputs"] = ["must be names with values, as in {}"]
        if problems:
            raise ValidationError(problems, on=self.name)

    def time_problems(self) -> dict[str, list[str]]:
        """Return what is wrong with its times, by field; empty when nothing is."""
        field = FIELD_OF_KIND.get(self.kind, "cron")
        if len(self._named) > 1:
            return {field: ["give one of cron, every and at, not several"]}
        if not self.words:
            return {field: ["give one of cron, every and at"]}
        wrong = "timezone"
        try:
            zone = self.zone
            wrong = "start"
            if self.start:
                read_moment(self.start, zone)
            wrong = field
            following = self.times().after(dt.datetime.now(dt.UTC))
        except ValueError as error:
            return {wrong: [str(error)]}
        if self.kind == "at" and self.start:
            return {"start": ["does not go with at, which is one time"]}
        if following is None and self.enabled and self.has_new_times:
            return {field: [f"{self.words} has passed; give a time to come"]}
        return {}

    @property
    def has_new_times(self) -> bool:
        """Whether it was changed so that its next fire time must be found anew."""
        dirty = {field.name for field in self.dirty_fields}
        return not self.present_in_database or bool(dirty & TIMING)

    def _clean_job(self, problems: dict[str, list[str]]) -> None:
        job = self.job
        if job.has_sensitive_variables:
            text = (
                f"{job.class_path} has sensitive arguments, which are not kept, so it"
                " cannot be scheduled; set Meta.has_sensitive_variables = False"
            )
            problems["job"] = [text]
        elif job.is_job_hook_receiver:
            problems["job"] = [
                f"{job.class_path} is a hook receiver; add a hook for it"
            ]
        elif self.enabled and not job.runnable:
            problems["enabled"] = [cannot_run(job, "schedule")]
        elif self.owner is None or not self.owner.is_active:
            if self.enabled:
                problems["enabled"] = [self._without_owner()]
        elif not self.owner.has_perm("extras.run_job", job):
            problems["job"] = [f"{self.owner} may not run {job.class_path}"]

    def _without_owner(self) -> str:
        return (
            f"its owner {self.owner_name or 'nobody'} is gone or not active; whoever"
            " saves it becomes"
            f" its owner: `hookline schedule set {self.name!r} enabled=true`"
        )

    def _clean_object(self, problems: dict[str, list[str]]) -> None:
        if not self.job.is_job_button_receiver:
            if self.object_type:
                problems["object"] = [f"{self.job.class_path} takes no object"]
            return
        if not self.object_type:
            problems["object"] = ["a button receiver needs one, as TYPE:NAME"]
        elif self.owner is not None and self.enabled:
            found = self.target()
            app, name = permission_label(type(found)).split(".") if found else ("", "")
            if found is None:
                problems["object"] = [f"{self.object} is gone"]
            elif not self.owner.has_perm(f"{app}.view_{name}", found):
                problems["object"] = [f"{self.owner} may not view {self.object}"]

    def target(self) -> Any:
        """Return the object that a button receiver gets; None when it is gone."""
        if self.object_type is None:
            return None
        model = types.object_types().get(self.object_type)
        if model is None:
            return None
        return model.get_or_none(model._meta.primary_key == bytes(self.object_id))

    def save(self, force_insert: bool = False, only: Any = None) -> Any:  # noqa: FBT001, FBT002 - peewee's signature
        """Write the row, with the next fire time when its times were changed.

        Raises:
            ValueError: Its words mean no time; `full_clean()` says so by field.
        """
        if self.has_new_times:
            now = now_us()
            dirty = {field.name for field in self.dirty_fields}
            if dirty & {"kind", "words"}:
                self.anchor = _whole_second(now)
            self.next_fire = self._after(now) if self.enabled else None
            if self.enabled:
                self.error = ""
        if self.owner is not None:
            self.owner_name = self.owner.username
        self._named.clear()
        return super().save(force_insert=force_insert, only=only)

    def _after(self, moment: int) -> int | None:
        found = self.times().after(from_us(moment))
        return None if found is None else to_us(found)


def _whole_second(moment: int) -> int:
    return moment // 1_000_000 * 1_000_000


def run_now(row: JobSchedule, user: User) -> JobResult:
    """Queue a run of a schedule's job out of its turn, as the user who asks.

    Raises:
        RefusedError: The job is off or missing, or the user may not run it.
        ValidationError: The object that it was for is gone.
    """
    from models.runs.results import enqueue

    target = row.target()
    if row.object_type is not None and target is None:
        raise ValidationError({"object": [f"{row.object} is gone"]}, on=row.name)
    return enqueue(row.job, user, arguments=row.inputs, obj=target, schedule_id=row.id)


def stale(*, days: float = 0) -> Any:
    """Return the query of one-off schedules that are over.

    Args:
        days: Only those whose time passed at least so long ago.
    """
    until = now_us() - int(days * 86_400_000_000)
    return JobSchedule.select().where(
        JobSchedule.kind == "at",
        ~JobSchedule.enabled,
        JobSchedule.last_fire.is_null(is_null=False),
        JobSchedule.last_fire <= until,
    )
