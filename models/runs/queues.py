"""Queues of job results: which go first, how many run at once, and which are paused.

A job's record names its queue; a result keeps the name, and the priority that the queue
has when it is queued. A paused queue keeps what is queued and begins nothing.
"""

from __future__ import annotations

from typing import Any

import peewee

from models.errors import NotFoundError, RefusedError, ValidationError
from models.objects.base import StoreModel
from models.objects.fields import (
    ChoiceField,
    NameField,
    SequenceField,
    TimestampField,
    now_us,
)
from models.storage.store import current_store

DEFAULT_QUEUE = "default"


class JobQueue(StoreModel):
    """A queue of job results."""

    id = SequenceField()
    name = NameField(unique=True, max_length=100)
    priority = peewee.IntegerField(
        default=0, help_text="Its runs begin before those of a higher number."
    )
    run_limit = peewee.IntegerField(
        default=0, help_text="How many of its runs go on at once; 0 for no limit."
    )
    paused = peewee.BooleanField(default=False)
    paused_by = peewee.TextField(default="")
    paused_at = TimestampField(null=True)
    reason = peewee.TextField(default="")

    class Meta:
        app_label = "extras"
        natural_name = ("name",)

    form_fields = ("name", "priority", "run_limit")

    def __str__(self) -> str:
        return str(self.name)

    def clean(self) -> None:
        """Check the rules of queues.

        Raises:
            ValidationError: A negative limit, or another name for the default queue.
        """
        if self.run_limit < 0:
            raise ValidationError({"run_limit": ["must be 0 or more"]}, on=self.name)
        before = JobQueue.get_or_none(JobQueue.id == self.id) if self.id else None
        if before is not None and before.name != self.name:
            raise ValidationError({"name": ["a queue keeps its name"]}, on=self.name)


class QueueField(ChoiceField):
    """The name of a queue; empty for that of the job, where a row may say so."""

    def choose(self) -> list[str]:
        """Return what can be chosen."""
        return sorted(priorities())


class Placed:
    """A hook or a button, whose runs may wait elsewhere than its job's others."""

    queue: Any
    priority: Any

    def queue_problems(self) -> dict[str, list[str]]:
        """Return what is wrong with its queue, by field."""
        return no_queue(self.queue) if self.queue else {}

    def placement(self) -> dict[str, Any]:
        """Return what its runs have in place of what their job says."""
        found = {"queue": self.queue} if self.queue else {}
        return found | ({} if self.priority is None else {"priority": self.priority})

    @property
    def placement_words(self) -> str:
        """What its runs have of their own, for people; empty for nothing."""
        words = [str(self.queue)] if self.queue else []
        if self.priority is not None:
            words.append(f"priority {self.priority}")
        return ", ".join(words)


def no_queue(name: str) -> dict[str, list[str]]:
    """Return what is wrong with a name in a field `queue`: that there is none."""
    known = sorted(priorities())
    if name in known:
        return {}
    return {"queue": [f"there is no queue {name!r}; there are: {', '.join(known)}"]}


def priorities() -> dict[str, int]:
    """Return the priority of each queue by its name."""
    rows = current_store().execute("SELECT name, priority FROM job_queue")
    return dict(rows.fetchall())


def placed(name: str | None) -> dict[str, Any]:
    """Return what a new result has in the queue of a name; nothing without one.

    Raises:
        NotFoundError: There is none; the others are named.
    """
    if not name:
        return {}
    found = find(name)
    return {"queue": str(found.name), "priority": int(found.priority)}


def save(queue: JobQueue) -> None:
    """Check and save a queue; what waits in it takes on its priority.

    Runs of hooks and buttons with a priority of their own keep it.

    Raises:
        ValidationError: With messages by field.
    """
    store = current_store()
    with store.transaction():
        queue.full_clean()
        queue.save()
        store.execute(
            "UPDATE job_result SET priority = ?"
            " WHERE status = 'PENDING' AND owner IS NULL AND queue = ?"
            " AND coalesce(hook_id NOT IN"
            " (SELECT id FROM job_hook WHERE priority IS NOT NULL), 1)"
            " AND coalesce(button_id NOT IN"
            " (SELECT id FROM job_button WHERE priority IS NOT NULL), 1)",
            [queue.priority, queue.name],
        )
    store.poke()


def delete(queue: JobQueue) -> None:
    """Delete a queue that nothing uses.

    Raises:
        RefusedError: It is the default one, that of a job, a hook or a button, or
            holds runs.
    """
    from models.automation.buttons import JobButton
    from models.automation.hooks import JobHook
    from models.runs.jobs import JobRecord

    if queue.name == DEFAULT_QUEUE:
        raise RefusedError("The default queue stays; every store has it.", on="default")
    models: tuple[tuple[str, Any], ...] = (
        *(("job", JobRecord), ("hook", JobHook), ("button", JobButton)),
    )
    for noun, model in models:
        user = model.get_or_none(model.queue == queue.name)
        if user is not None:
            name = getattr(user, "class_path", user.name)
            raise RefusedError(
                f"The queue {queue.name} is that of the {noun} {name}. Give the {noun}"
                f" another: `hookline {noun} set {name!r} queue=default`.",
                on=queue.name,
            )
    store = current_store()
    with store.transaction():
        waiting = store.execute(
            "SELECT count(*) FROM job_result"
            " WHERE status IN ('PENDING', 'STARTED') AND queue = ?",
            [queue.name],
        ).fetchone()[0]
        if waiting:
            raise RefusedError(
                f"{waiting:,} runs wait or go on in the queue {queue.name}. Let them"
                " end, or cancel them.",
                on=queue.name,
            )
        queue.delete_instance()


def pause(*, by: str, reason: str = "", name: str | None = None) -> None:
    """Begin no more runs of a queue, or of all; what runs goes on.

    Raises:
        NotFoundError: There is no queue of that name.
    """
    _set(name, paused=True, by=by, reason=reason)


def resume(*, name: str | None = None) -> None:
    """Begin runs of a queue, or of all, again.

    Raises:
        NotFoundError: There is no queue of that name.
    """
    _set(name, paused=False, by="", reason="")


def _set(name: str | None, *, paused: bool, by: str, reason: str) -> None:
    store = current_store()
    with store.transaction():
        query = JobQueue.update(
            paused=paused,
            paused_by=by,
            paused_at=now_us() if paused else None,
            reason=reason,
        )
        if name is not None:
            query = query.where(JobQueue.name == find(name).name)
        query.execute()
    store.poke()


def find(name: str) -> JobQueue:
    """Return the queue of a name.

    Raises:
        NotFoundError: There is none; the others are named.
    """
    found: JobQueue | None = JobQueue.get_or_none(JobQueue.name == name)
    if found is None:
        names = sorted(priorities())
        raise NotFoundError(
            f"There is no queue {name!r}; there are: {', '.join(names)}."
            f" `hookline queue add name={name}` makes it.",
            on=name,
            candidates=names,
        )
    return found
