"""Queues of job results: which go first, how many run at once, and which are paused.

A job's record names its queue; a result keeps the name, and the priority that the queue
has when it is queued. A paused queue keeps what is queued and begins nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from models.people import guard
from models.people.access import require
from models.storage.store import current_store

if TYPE_CHECKING:
    from models.people.access import User

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


def save(queue: JobQueue, user: User) -> None:
    """Check and save a queue; what waits in it takes on its priority.

    Runs of hooks and buttons with a priority of their own keep it.

    Raises:
        RefusedError: The user may not.
        ValidationError: With messages by field.
    """
    store = current_store()
    action = "change" if queue.present_in_database else "add"
    require(user, action, queue if queue.id else JobQueue, what="a queue")
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


def require_delete(queue: JobQueue, user: User) -> None:
    """Refuse what `delete()` would for lack of permission, before anybody is asked.

    Raises:
        RefusedError: The user may not.
    """
    require(user, "delete", queue, what=f"the queue {queue}")


def delete(queue: JobQueue, user: User) -> None:
    """Delete a queue that nothing uses.

    Raises:
        RefusedError: The user may not, or it is the default one, that of a job, a
            hook or a button, or holds runs.
    """
    from models.automation.buttons import JobButton
    from models.automation.hooks import JobHook
    from models.runs.jobs import JobRecord

    require_delete(queue, user)
    if queue.name == DEFAULT_QUEUE:
        raise RefusedError("The default queue stays; every store has it.", on="default")
    models: tuple[tuple[str, Any], ...] = (
        *(("job", JobRecord), ("hook", JobHook), ("button", JobButton)),
    )
    for noun, model in models:
        holder = model.get_or_none(model.queue == queue.name)
        if holder is not None:
            name = getattr(holder, "class_path", holder.name)
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


def pause(user: User, *, reason: str = "", name: str | None = None) -> None:
    """Begin no more runs of a queue, or of all; what runs goes on.

    Raises:
        NotFoundError: There is no queue of that name.
        RefusedError: The user may not change it, or one of them.
    """
    rows = _changeable(user, name)
    _set(rows, paused=True, by=user.username, reason=reason)


def resume(user: User, *, name: str | None = None) -> None:
    """Begin runs of a queue, or of all, again.

    Raises:
        NotFoundError: There is no queue of that name.
        RefusedError: The user may not change it, or one of them.
    """
    _set(_changeable(user, name), paused=False, by="", reason="")


def pause_restored(*, by: str, reason: str) -> None:
    """Pause all queues of a store that has just come out of a backup.

    Nobody is asked for a permission: it is no store of anybody's yet.

    Args:
        by: The operating system's name of whoever restores it.
        reason: Why.
    """
    _set(list(JobQueue.select()), paused=True, by=by, reason=reason)


def _changeable(user: User, name: str | None) -> list[JobQueue]:
    if name is not None:
        row = find(name)
        require(user, "change", row, what=f"the queue {row}")
        return [row]
    rows = list(JobQueue.select().order_by(JobQueue.id))
    guard.require_all(user, "change", rows)
    return rows


def _set(rows: list[JobQueue], *, paused: bool, by: str, reason: str) -> None:
    store = current_store()
    with store.transaction():
        JobQueue.update(
            paused=paused,
            paused_by=by,
            paused_at=now_us() if paused else None,
            reason=reason,
        ).where(JobQueue.id.in_([row.id for row in rows])).execute()
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
