"""Buttons: object types + a label + a button receiver, and what a press checks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import peewee

from models.automation import labels
from models.automation.dispatch import may_run
from models.automation.hooks import cannot_run
from models.errors import RefusedError, StoppedError, ValidationError
from models.history.pieces import Pieces
from models.objects import types
from models.objects.base import StoreModel
from models.objects.fields import (
    BooleanField,
    ChoiceField,
    IntegerField,
    ListField,
    NameField,
    SequenceField,
    TextField,
    TimestampField,
    now_us,
)
from models.people.access import require
from models.runs import results
from models.runs.jobs import JobRecord
from models.runs.queues import Placed, QueueField
from models.storage.cached import cached
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.people.access import User
    from models.runs.results import JobResult

BUTTON_CLASSES = tuple(
    (name, name.title())
    for name in ("default", "primary", "success", "info", "warning", "danger", "link")
)
KEYS = "abcdefghijklmnopqrstuvwxyz0123456789"
REPEAT_KEY = "b"


class JobButton(Placed, StoreModel):
    """Runs a receiver from the screen of an object of some types."""

    id = SequenceField()
    name = NameField(unique=True, max_length=255)
    object_types = ListField(default=list, help_text="The types whose screens show it.")
    enabled = BooleanField(default=True)
    text = NameField(
        max_length=labels.LONGEST_TEMPLATE,
        help_text="The label; {{ obj.name }} is the object's name. Empty hides it.",
    )
    key = NameField(default="", max_length=1, help_text="Pressed after b.")
    job = peewee.ForeignKeyField(
        JobRecord,
        backref="buttons",
        on_delete="CASCADE",
        help_text="A button receiver.",
    )
    weight = IntegerField(default=100)
    group_name = NameField(default="", max_length=50)
    button_class = ChoiceField(choices=BUTTON_CLASSES, default="default")
    confirmation = BooleanField(default=True)
    queue = QueueField(default="", help_text="Where its runs wait; its job's, if none.")
    priority = IntegerField(
        null=True, help_text="Lower runs first; its queue's, if none."
    )
    created = TimestampField(default=now_us)
    managed = TextField(default="")

    class Meta:
        app_label = "extras"

    form_fields = (
        "name",
        "object_types",
        "text",
        "key",
        "job",
        "enabled",
        "confirmation",
        "group_name",
        "weight",
        "button_class",
        "queue",
        "priority",
    )

    def clean(self) -> None:
        """Check the rules of buttons.

        Raises:
            ValidationError: No type, a job that is no button receiver, an enabled
                button whose job cannot run, a wrong label, or a key that is taken.
        """
        problems: dict[str, list[str]] = {}
        known = types.object_types()
        unknown = [label for label in self.object_types if label not in known]
        if unknown:
            problems["object_types"] = [f"there is no object type {unknown[0]!r}"]
        elif not self.object_types:
            problems["object_types"] = ["choose at least one object type"]
        self._clean_job(problems)
        try:
            labels.check(self.text or "")
        except ValidationError as error:
            problems.update(error.fields)
        self._clean_key(problems)
        problems |= self.queue_problems()
        if problems:
            raise ValidationError(problems, on=self.name)

    def _clean_job(self, problems: dict[str, list[str]]) -> None:
        if self.job_id is None:
            return
        if not self.job.is_job_button_receiver:
            problems["job"] = [f"{self.job.class_path} is no button receiver"]
        elif self.enabled and not self.job.runnable and not self.managed:
            problems["enabled"] = [cannot_run(self.job, "button")]

    def _clean_key(self, problems: dict[str, list[str]]) -> None:
        taken = self._taken_keys()
        if not self.key:
            self.key = propose_key(self.name or "", taken)
        elif self.key == REPEAT_KEY or self.key not in KEYS:
            problems["key"] = ["must be one of a-z or 0-9, but not b: b b repeats"]
        elif self.key in taken:
            problems["key"] = [f"{self.key!r} is the key of {taken[self.key]!r}"]

    def _taken_keys(self) -> dict[str, str]:
        mine = set(self.object_types)
        others = JobButton.select().where(JobButton.id != (self.id or 0))
        return {str(b.key): str(b.name) for b in others if mine & set(b.object_types)}


def propose_key(name: str, taken: dict[str, str]) -> str:
    """Return a free key for a button: a letter of its name if there is one."""
    letters = [sign for sign in name.lower() if sign in KEYS]
    free = (s for s in [*letters, *KEYS] if s != REPEAT_KEY and s not in taken)
    return next(free, "")


@frozen
class ShownButton:
    """A button as an object's screen shows it to a user.

    Attributes:
        button: The row.
        label: The rendered text; the button's name when it cannot be rendered.
        disabled: Why it cannot be pressed just now; empty when it can.
    """

    button: JobButton
    label: str
    disabled: str


def buttons_of(obj: Any, user: User) -> list[ShownButton]:
    """Return the buttons of an object's screen: stand-alone ones, then by group.

    A label that renders empty hides its button; one that fails shows a disabled
    button with the reason.
    """
    store = current_store()
    rows = cached(store, "buttons", _load)
    shown = [
        _shown(button, obj, user)
        for button in rows
        if button.enabled and obj._meta.label_lower in button.object_types
    ]
    return [found for found in shown if found is not None]


def _load() -> list[JobButton]:
    order = (JobButton.group_name, JobButton.weight, JobButton.name)
    query = JobButton.select(JobButton, JobRecord).join(JobRecord).order_by(*order)
    return list(query)


def _shown(button: JobButton, obj: Any, user: User) -> ShownButton | None:
    try:
        label = labels.render(button.text, obj, user)
    except ValidationError as error:
        why = _label_problem(error)
        return ShownButton(button=button, label=button.name, disabled=why)
    if not label:
        return None
    return ShownButton(button=button, label=label, disabled=_why_not(button, user))


def _label_problem(error: ValidationError) -> str:
    return "; ".join(text for texts in error.message_dict.values() for text in texts)


def _why_not(button: JobButton, user: User) -> str:
    job = button.job
    if not job.runnable:
        return str(job.why_not)
    if not may_run(current_store(), user, job.id):
        return f"{user} may not run {job.class_path}"
    return ""


def press(
    button: JobButton, obj: Any, user: User, *, arguments: dict[str, Any] | None = None
) -> JobResult:
    """Queue the button's receiver for an object.

    Everything is checked here, so that no way of pressing gets around it.

    Raises:
        RefusedError: The button is off, is not for this type, is hidden or cannot be
            shown for this object, its job is off or missing, or the user may not see
            the object or run the job.
    """
    check_press(button, obj, user)
    return _enqueue(button, obj, user, arguments)


def press_all(
    button: JobButton,
    objects: Sequence[Any],
    user: User,
    *,
    arguments: dict[str, Any] | None = None,
    watch: Callable[[int], object] | None = None,
) -> list[int]:
    """Queue the button's receiver for each of several objects.

    Args:
        button: The button.
        objects: What it is pressed on.
        user: Who presses.
        arguments: The receiver's inputs, as JSON values.
        watch: Is told how many are queued so far; by a `StoppedError` it leaves the
            others out.

    Returns:
        The ids of the job results.

    Raises:
        RefusedError: As for `press()`, on one of them; none is queued then.
    """
    for obj in objects:
        check_press(button, obj, user)
    queued: list[int] = []

    def work(piece: list[Any]) -> None:
        queued.extend(_enqueue(button, obj, user, arguments).id for obj in piece)

    with contextlib.suppress(StoppedError):
        for _ in Pieces(work).of(objects):
            if watch is not None:
                watch(len(queued))
    return queued


def _enqueue(
    button: JobButton, obj: Any, user: User, arguments: dict[str, Any] | None
) -> JobResult:
    return results.enqueue(
        button.job,
        user,
        obj=obj,
        arguments=arguments,
        button_id=button.id,
        **button.placement(),
    )


def check_press(button: JobButton, obj: Any, user: User) -> None:
    """Refuse a press that may not be.

    Raises:
        RefusedError: As for `press()`.
    """
    words = obj._meta.verbose_name
    if not button.enabled:
        raise RefusedError(
            f"The button {button.name!r} is off. Switch it on with"
            f" `hookline button enable {button.name!r}`.",
            on=button.name,
        )
    if obj._meta.label_lower not in button.object_types:
        raise RefusedError(
            f"The button {button.name!r} is not for a {words}, but for"
            f" {', '.join(button.object_types)}.",
            on=button.name,
        )
    require(user, "view", obj)
    hidden = why_hidden(button, obj, user)
    if hidden:
        raise RefusedError(
            f"The button {button.name!r} cannot be pressed on the {words} {obj}:"
            f" {hidden}.",
            on=button.name,
        )


def why_hidden(button: JobButton, obj: Any, user: User) -> str:
    """Return why an object's screen does not offer a button; empty when it does."""
    try:
        label = labels.render(button.text, obj, user)
    except ValidationError as error:
        return f"its label cannot be shown: {_label_problem(error)}"
    return "" if label else "its label comes out empty, which hides it there"
