"""What a store says of a job in place of its class: a name, limits, a queue.

An overridden field keeps its value when the file is read again; a reset one takes the
class's own value from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.inputs import assign
from receivers.discovery.catalogue import refresh

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.runs.jobs import JobRecord
    from models.storage.store import Store


def override(store: Store, record: JobRecord, values: Mapping[str, Any]) -> None:
    """Give a job's record values of its own.

    Args:
        store: The open store.
        record: The job.
        values: Raw values by field, as people type them.

    Raises:
        ValidationError: With messages by field.
        RequestError: A field is no setting of jobs.
    """
    with store.transaction():
        assign(record, values)
        record.overrides = sorted({*record.overrides, *values})
        record.full_clean()
        record.save()


def reset(store: Store, record: JobRecord, names: Iterable[str] = ()) -> list[str]:
    """Take overridden fields back to what the class says; return which.

    Args:
        store: The open store.
        record: The job.
        names: Which fields; all of the overridden ones without it.
    """
    gone = sorted({*names} or {*record.overrides})
    with store.transaction():
        record.overrides = [name for name in record.overrides if name not in gone]
        record.save()
    refresh(store)
    return gone
