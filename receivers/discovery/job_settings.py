"""What people do with a job's settings, for every front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.people.access import require
from models.runs.jobs import LIMITS
from models.storage.store import current_store
from receivers.discovery.overrides import override, reset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.people.access import User
    from models.runs.jobs import JobRecord


def override_job(record: JobRecord, user: User, values: Mapping[str, Any]) -> str:
    """Say something else of a job than its class does; return what was done.

    Args:
        record: The job's record.
        user: Who does it.
        values: Raw values by field; an empty limit is the class's again.

    Raises:
        RefusedError: The user may not.
        ValidationError: With messages by field.
    """
    require(user, "change", record, what=record.class_path)
    empty = [name for name in LIMITS if values.get(name, 0) in ("", None)]
    override(
        current_store(), record, {n: v for n, v in values.items() if n not in empty}
    )
    if gone := [name for name in empty if name in record.overrides]:
        reset(current_store(), record, gone)
    return f"{record.class_path} is changed."


def reset_job(record: JobRecord, user: User, names: Sequence[str] = ()) -> str:
    """Take settings of a job back to what its class says; return what was done.

    Args:
        record: The job's record.
        user: Who does it.
        names: Which; all that are its own here without them.

    Raises:
        RefusedError: The user may not.
        RequestError: A setting is its class's already.
    """
    require(user, "change", record, what=record.class_path)
    strange = [name for name in names if name not in record.overrides]
    if strange:
        known = ", ".join(record.overrides) or "none"
        raise RequestError(
            f"{record.class_path} has no {strange[0]!r} of its own here; it has:"
            f" {known}",
            on=strange[0],
            candidates=record.overrides,
        )
    gone = ", ".join(reset(current_store(), record, names)) or "Nothing"
    return f"{gone} of {record.class_path} as in its class."


def delete_job(record: JobRecord, user: User) -> str:
    """Delete a job's record with its hooks and buttons; return what was done.

    Raises:
        RefusedError: The user may not, or it came with Hookline.
    """
    require(user, "delete", record, what=record.class_path)
    with current_store().transaction():
        record.delete_record()
    return f"{record.class_path} is deleted; its results stay."
