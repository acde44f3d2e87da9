"""What people do with hooks, buttons, jobs, users, groups and permissions.

These rows are no objects: their changes are not recorded, so they are not saved in a
change context. Both front ends save, switch and delete them here, where the permissions
are checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation.ascode import refuse_managed
from models.errors import RefusedError
from models.objects.inputs import save_values
from models.people.access import User, require
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.automation.hooks import JobHook
    from models.runs.jobs import JobRecord


def save(row: Any, values: Mapping[str, Any], user: User) -> bool:
    """Give a row new values, check and save it; return whether anything differed.

    Args:
        row: A new row, or a stored one.
        values: Raw values by field name.
        user: Who does it.

    Raises:
        RefusedError: The user may not.
        ValidationError: With messages by field.
    """
    is_new = not row.present_in_database
    with current_store().transaction():
        require_save(row, user)
        changed = save_values(row, values)
        require(user, "add" if is_new else "change", row, what=_words(row))
        _refuse_superuser(row, user)
    return changed or is_new


def require_save(row: Any, user: User) -> None:
    """Refuse what `save()` would, before the values are known.

    Raises:
        RefusedError: The user may not, or the row is managed by a file.
    """
    is_new = not row.present_in_database
    action, target = ("add", type(row)) if is_new else ("change", row)
    require(user, action, target, what=_words(row))
    refuse_managed(row)
    _refuse_superuser(row, user)


def _words(row: Any) -> str:
    words = row._meta.verbose_name
    return f"the {words} {row}" if row.present_in_database else f"a {words}"


def _refuse_superuser(row: Any, user: User) -> None:
    """Keep others than superusers from making, changing and deleting one."""
    if isinstance(row, User) and row.is_superuser and not user.is_superuser:
        raise RefusedError(
            f"{user} may not make, change or delete a superuser: only one may.",
            on=str(row),
        )


def delete(row: Any, user: User) -> None:
    """Delete a row.

    Raises:
        RefusedError: The user may not, or the row is managed by a file.
        ValidationError: It is the last superuser.
    """
    require_delete(row, user)
    with current_store().transaction():
        row.delete_instance()


def require_delete(row: Any, user: User) -> None:
    """Refuse what `delete()` would, before anybody is asked.

    Raises:
        RefusedError: The user may not, or the row is managed by a file.
    """
    require(user, "delete", row, what=_words(row))
    refuse_managed(row)
    _refuse_superuser(row, user)


def switch(*rows: Any, user: User, on: bool, enable_job: bool = False) -> None:
    """Turn rows on or off, all or none.

    Args:
        rows: Hooks, buttons, schedules, users or permissions.
        user: Who does it.
        on: Whether they are to be on.
        enable_job: Enable their jobs too.

    Raises:
        RefusedError: The user may not, or a row is managed by a file.
        ValidationError: A job cannot run, or it is the last superuser.
    """
    with current_store().transaction():
        for row in rows:
            require_save(row, user)
            if enable_job:
                enable(row.job, user)
            save(row, {getattr(row, "switch", "enabled"): on}, user)


def enable(record: JobRecord, user: User) -> bool:
    """Trust a job's code as it is now; return whether it was not trusted before.

    Raises:
        RefusedError: The user may not, or the code cannot be loaded.
    """
    require(user, "change", record, what=record.class_path)
    if record.error or not record.installed:
        record.require_runnable()
    if record.runnable and record.approved_hash == record.source_hash:
        return False
    with current_store().transaction():
        record.enable()
    return True


def disable(record: JobRecord, user: User) -> None:
    """Keep a job from running.

    Raises:
        RefusedError: The user may not.
    """
    require(user, "change", record, what=record.class_path)
    with current_store().transaction():
        record.disable()


def mute(hooks: Sequence[JobHook], user: User, *, until: int, reason: str = "") -> None:
    """Keep hooks from firing for a while.

    Args:
        hooks: The hooks.
        user: Who does it.
        until: When they fire again, in µs.
        reason: Why.

    Raises:
        RefusedError: The user may not change one of them; none is muted.
    """
    with current_store().transaction():
        for hook in hooks:
            require(user, "change", hook)
            hook.mute(until=until, by=user.username, reason=reason)


def unmute(hooks: Sequence[JobHook], user: User) -> None:
    """Let hooks fire again.

    Raises:
        RefusedError: The user may not change one of them; none fires then.
    """
    with current_store().transaction():
        for hook in hooks:
            require(user, "change", hook)
            hook.unmute()


def reset_breakers(hooks: Sequence[JobHook], user: User) -> None:
    """Close the breakers of hooks.

    Raises:
        RefusedError: The user may not change one of them; none is closed then.
    """
    with current_store().transaction():
        for hook in hooks:
            require(user, "change", hook)
            hook.reset_breaker()
