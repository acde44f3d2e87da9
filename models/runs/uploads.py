"""Files that somebody gives a run: kept with it until it has ended, then deleted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import peewee

from models.objects.base import StoreModel
from models.objects.fields import BytesField, SequenceField, TimestampField, now_us
from models.runs.results import JobResult
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Mapping

ORPHAN_US = 3600 * 1_000_000
"""How long a file may wait for the run that it was given for."""


class JobUpload(StoreModel):
    """The content of a file, until the run that gets it has ended."""

    id = SequenceField()
    result = peewee.ForeignKeyField(
        JobResult, null=True, backref="+", on_delete="CASCADE"
    )
    name = peewee.TextField()
    content = BytesField()
    created = TimestampField(default=now_us)


class UploadedFile(io.BytesIO):
    """A given file, opened for reading bytes; it knows its name."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.getvalue())


def keep(file: UploadedFile) -> dict[str, Any]:
    """Store a file that no run has yet; return what stands for it in arguments."""
    store = current_store()
    with store.transaction():
        orphans = JobUpload.result.is_null() & (
            JobUpload.created < now_us() - ORPHAN_US
        )
        JobUpload.delete().where(orphans).execute()
        row = JobUpload(name=file.name, content=file.getvalue())
        row.save()
    return {"upload": row.id, "name": file.name}


def give(result_id: int, arguments: Mapping[str, Any]) -> None:
    """Tie the files in a run's arguments to it, inside the caller's transaction."""
    ids = in_arguments(arguments)
    if ids:
        query = JobUpload.update(result=result_id).where(
            JobUpload.id.in_(ids), JobUpload.result.is_null()
        )
        query.execute()


def in_arguments(arguments: Mapping[str, Any]) -> list[int]:
    """Return the files that stand in a run's arguments."""
    return [
        value["upload"]
        for value in arguments.values()
        if isinstance(value, dict) and "upload" in value
    ]


def opened(value: Mapping[str, Any]) -> UploadedFile | None:
    """Return the file that stands in a run's arguments; None once it is deleted."""
    row = JobUpload.get_or_none(JobUpload.id == value.get("upload"))
    return None if row is None else UploadedFile(row.name, bytes(row.content))


def forget(result_id: int) -> None:
    """Delete the files that a run was given."""
    with current_store().transaction():
        JobUpload.delete().where(JobUpload.result == result_id).execute()
