"""What people do with hooks, buttons and jobs, for the screens. No Textual.

The command line does the same in `tui.nouns.configured`, with the words of a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.access import require
from models.ascode import refuse_managed
from models.inputs import save_values
from models.store import current_store
from tui.hook_actions import left_off

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.access import User
    from models.jobs import JobRecord


def switch(*rows: Any, user: User, on: bool, enable_job: bool = False) -> str:
    """Turn hooks or buttons on or off, all or none; return what was done.

    Args:
        rows: The hooks or the buttons.
        user: Who does it.
        on: Whether it is to be on.
        enable_job: Enable its job too.

    Raises:
        RefusedError: The user may not.
        ValidationError: Its job cannot run.
    """
    for row in rows:
        require(user, "change", row)
        refuse_managed(row)
    with current_store().transaction():
        for row in rows:
            if enable_job:
                enable(row.job, user)
            save_values(row, {"enabled": on})
    names = f"{len(rows)} are" if len(rows) > 1 else f"{rows[0]} is"
    return f"{names} {'on' if on else 'off'}."


def delete(row: Any, user: User) -> str:
    """Delete a hook or a button; return what was done.

    Raises:
        RefusedError: The user may not.
    """
    require(user, "delete", row)
    refuse_managed(row)
    name = str(row)
    with current_store().transaction():
        row.delete_instance()
    return f"{name} is deleted."


def enable(record: JobRecord, user: User) -> str:
    """Trust a job's code as it is now; return what was done.

    Raises:
        RefusedError: The user may not, or the code cannot be loaded.
    """
    require(user, "change", record, what=record.class_path)
    if record.error or not record.installed:
        record.require_runnable()
    with current_store().transaction():
        record.enable()
    return f"{record.class_path} is enabled.{left_off(record)}"


def disable(record: JobRecord, user: User) -> str:
    """Keep a job from running; return what was done.

    Raises:
        RefusedError: The user may not.
    """
    require(user, "change", record, what=record.class_path)
    with current_store().transaction():
        record.disable()
    return f"{record.class_path} is disabled."


def override_job(record: JobRecord, user: User, values: Mapping[str, Any]) -> str:
    """Say something else of a job than its class does; return what was done.

    Raises:
        RefusedError: The user may not.
        ValidationError: With messages by field.
    """
    from receivers.overrides import override

    require(user, "change", record, what=record.class_path)
    override(current_store(), record, values)
    return f"{record.class_path} is changed."


def reset_job(record: JobRecord, user: User) -> str:
    """Take a job's settings back to what its class says; return what was done.

    Raises:
        RefusedError: The user may not.
    """
    from receivers.overrides import reset

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


def place_of(record: JobRecord) -> str:
    """Return where a job's code stands: `jobs/guards.py:12`."""
    if not record.source_path:
        return ""
    return f"{record.source_path}:{record.source_line or 1}"
