"""Cancelling runs for people: who may, and what becomes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import RequestError
from models.people.access import require
from models.runs.jobs import JobRecord
from models.runs.results import FINAL
from models.storage.store import current_store
from receivers.queueing import queue

if TYPE_CHECKING:
    from models.people.access import User
    from models.runs.results import JobResult


def require_cancellable(row: JobResult, user: User) -> None:
    """Refuse to cancel what is over, or what this user may not.

    Raises:
        RequestError: It is over.
        RefusedError: It is somebody else's, and the user may not cancel it.
    """
    if row.status in FINAL:
        raise RequestError(f"Job result {row.id} is over already: {row.status}.")
    if row.user_id != user.id:
        require(user, "cancel", row.job or JobRecord, what=row.job_path)


def cancel(row: JobResult, user: User) -> str:
    """Take a run off the queue, or ask its runner to stop it; return its status.

    Raises:
        HooklineError: As for `require_cancellable()`.
    """
    require_cancellable(row, user)
    return queue.cancel(current_store(), row.id, by=user.username)
