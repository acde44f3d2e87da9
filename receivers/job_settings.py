"""What people do with a job's settings, for every front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.access import require
from models.store import current_store
from receivers.overrides import override, reset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.access import User
    from models.jobs import JobRecord


def override_job(record: JobRecord, user: User, values: Mapping[str, Any]) -> str:
    """Say something else of a job than its class does; return what was done.

    Raises:
        RefusedError: The user may not.
        ValidationError: With messages by field.
    """
    require(user, "change", record, what=record.class_path)
    override(current_store(), record, values)
    return f"{record.class_path} is changed."


def reset_job(record: JobRecord, user: User) -> str:
    """Take a job's settings back to what its class says; return what was done.

    Raises:
        RefusedError: The user may not.
    """
    require(user, "change", record, what=record.class_path)
    names = ", ".join(reset(current_store(), record))
    return f"{names} of {record.class_path} as in its class."


def delete_job(record: JobRecord, user: User) -> str:
    """Delete a job's record with its hooks and buttons; return what was done.

    Raises:
        RefusedError: The user may not, or it came with Hookline.
    """
    require(user, "delete", record, what=record.class_path)
    with current_store().transaction():
        record.delete_record()
    return f"{record.class_path} is deleted."
