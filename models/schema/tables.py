"""Every table of a store: the system's own, and one for each object type."""

from __future__ import annotations

from typing import Any

import peewee

from models import inventory
from models.automation import ascode, batches, buttons, hooks
from models.history import changes
from models.objects import types
from models.people import access
from models.runs import attention, jobs, notices, queues, results, uploads
from models.storage import cached
from models.timing import schedules
from models.upkeep import retention

__all__ = ["statements", "system_models"]


def system_models() -> list[Any]:
    """Return the classes of the tables that are not object types."""
    return [
        access.User,
        access.Group,
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
        uploads.JobUpload,
        results.JobArguments,
        results.RunAttempt,
        results.JobLogEntry,
        results.JobFile,
        attention.SeenUpTo,
        attention.SeenResult,
        notices.NoticeWindow,
        notices.HeldNotice,
        retention.Pruned,
    ]


def statements() -> list[str]:
    """Return the SQL of every table, index and trigger as the classes are today.

    Stores are made by the migrations; this is what those must come to, and what the
    first of them is written down from (`python -m tests.faults.make_stored_copy`).
    """
    assert inventory.SHIPPED, "importing the package registers the types"
    shipped = [m for m in types.object_types().values() if m in inventory.SHIPPED]
    links = [f.through for m in shipped for f in m._meta.members.values()]
    wanted = [*system_models(), *shipped, *links, *inventory.LINKS]
    database = peewee.SqliteDatabase(":memory:")
    for model in dict.fromkeys(wanted):
        peewee.SchemaManager(model, database).create_all(safe=False)
    for statement in cached.trigger_statements():
        database.execute_sql(statement)
    found = database.execute_sql(
        "SELECT sql FROM sqlite_master"
        " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        " ORDER BY type = 'trigger', type = 'index', tbl_name, name"
    ).fetchall()
    database.close()
    return [" ".join(sql.split()) for (sql,) in found]
