"""Queued results for tests of the process side, and what becomes of them.

What a run does stands in its arguments and is read by `fake_work.FakeWork`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from models.objects.fields import now_us
from models.runs.results import JobResult
from models.storage.store import using_store

if TYPE_CHECKING:
    from models.storage.store import Store

WORK = "tests.receivers.fake_work:FakeWork"


def queue_run(store: Store, action: str = "nothing", **columns: Any) -> int:
    """Insert a PENDING result that does an action; return its id."""
    values = {
        "name": action,
        "job_path": "fake.Work",
        "created": now_us(),
        "due": now_us(),
        **columns,
    }
    with using_store(store), store.transaction():
        result_id: int = JobResult.insert(**values).execute()
        store.execute(
            "INSERT INTO job_arguments (result_id, arguments) VALUES (?, ?)",
            [result_id, action],
        )
    return result_id


def row(store: Store, result_id: int) -> dict[str, Any]:
    """Return the columns of a result as they are stored."""
    cursor = store.execute("SELECT * FROM job_result WHERE id = ?", [result_id])
    names = [column[0] for column in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))


def status(store: Store, result_id: int) -> str:
    """Return a result's status."""
    return str(row(store, result_id)["status"])


def messages(store: Store, result_id: int) -> list[str]:
    """Return the texts that a run logged."""
    cursor = store.execute(
        "SELECT message FROM job_log_entry WHERE result_id = ? ORDER BY id", [result_id]
    )
    return [text for (text,) in cursor]


def value(store: Store, result_id: int) -> Any:
    """Return what a run returned."""
    return json.loads(row(store, result_id)["result"])
