"""Every table of a store: the system's own, and one for each object type."""

from __future__ import annotations

from typing import Any

from models import (
    access,
    ascode,
    attention,
    batches,
    buttons,
    changes,
    hooks,
    inventory,
    jobs,
    notices,
    queues,
    results,
    schedules,
    types,
)
from models.fields import now_us, uuid7
from models.inventory.ipam import GLOBAL

__all__ = ["add_first_rows", "create", "system_models"]


def system_models() -> list[Any]:
    """Return the classes of the tables that are not object types."""
    return [
        access.User,
        access.Group,
        access.GroupMember,
        access.ObjectPermission,
        changes.ObjectType,
        changes.ImageCodec,
        changes.ChangeContext,
        changes.ObjectChange,
        jobs.JobRecord,
        jobs.JobImportError,
        hooks.JobHook,
        buttons.JobButton,
        schedules.JobSchedule,
        queues.JobQueue,
        ascode.AppliedConfig,
        results.JobResult,
        batches.BatchChange,
        results.JobArguments,
        results.RunAttempt,
        results.JobLogEntry,
        results.JobFile,
        attention.SeenUpTo,
        attention.SeenResult,
        notices.NoticeWindow,
        notices.HeldNotice,
    ]


def create(database: Any) -> None:
    """Create every table that ships, with its indices."""
    assert inventory.SHIPPED, "importing the package registers the types"
    shipped = [m for m in types.object_types().values() if m in inventory.SHIPPED]
    links = [f.through for m in shipped for f in m._meta.members.values()]
    wanted = [*system_models(), *shipped, *links, *inventory.LINKS]
    database.create_tables(list(dict.fromkeys(wanted)))


def add_first_rows(database: Any) -> None:
    """Add the person who makes the store, its superuser, the queue, and a namespace."""
    database.execute_sql(
        'INSERT INTO "user" (username, is_superuser, is_active, created)'
        " VALUES (?, 1, 1, ?)",
        (access.os_user_name(), now_us()),
    )
    database.execute_sql(
        "INSERT INTO job_queue (name, priority, run_limit, paused, paused_by, reason)"
        f" VALUES ('{queues.DEFAULT_QUEUE}', 0, 0, 0, '', '')"
    )
    database.execute_sql(
        "INSERT INTO namespace (id, created, last_updated, custom_field_data, name,"
        " description) VALUES (?, ?, ?, '{}', ?, '')",
        (uuid7().bytes, now_us(), now_us(), GLOBAL),
    )
