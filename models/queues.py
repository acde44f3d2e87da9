"""Whether the queue is worked: a paused one keeps what is queued and starts nothing."""

from __future__ import annotations

import peewee

from models.base import StoreModel
from models.fields import NameField, SequenceField, TimestampField, now_us
from models.store import current_store


class JobQueue(StoreModel):
    """A queue of job results; while any is paused, no run is started."""

    id = SequenceField()
    name = NameField(unique=True, max_length=100)
    paused = peewee.BooleanField(default=False)
    paused_by = peewee.TextField(default="")
    paused_at = TimestampField(null=True)
    reason = peewee.TextField(default="")

    class Meta:
        app_label = "extras"


def pause(*, by: str, reason: str = "") -> None:
    """Begin no more runs; what is queued stays, and what runs goes on."""
    _set(paused=True, by=by, reason=reason)


def resume() -> None:
    """Begin runs again."""
    _set(paused=False, by="", reason="")


def _set(*, paused: bool, by: str, reason: str) -> None:
    store = current_store()
    with store.transaction():
        JobQueue.update(
            paused=paused,
            paused_by=by,
            paused_at=now_us() if paused else None,
            reason=reason,
        ).execute()
    store.poke()
