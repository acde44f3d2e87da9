"""What people do with runs: run again, cancel, acknowledge; for every front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.access import require
from models.errors import NotFoundError, RefusedError, RequestError
from models.results import FINAL, JobResult, enqueue
from models.store import current_store
from models.types import get_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.access import User

UNSEEN = ("FAILURE", "INTERRUPTED")
"""The statuses that somebody should look at."""


def rerun(row: JobResult, user: User) -> JobResult:
    """Queue the same run again, for the same change or object.

    Raises:
        RequestError: It is not over, or what it was for or its job is gone.
        RefusedError: Its arguments were not kept, the job is off, or the user may
            not run it.
    """
    if row.status not in FINAL:
        raise RequestError(f"Job result {row.id} is not over yet.", on=str(row.id))
    if row.job is None:
        raise RequestError(
            f"Job result {row.id} cannot be run again: the record of {row.job_path}"
            " is gone.",
            on=str(row.id),
        )
    _refuse_sensitive(row)
    return enqueue(
        row.job, user, arguments=row.arguments, rerun_of=row.id, **_target(row)
    )


def _refuse_sensitive(row: Any) -> None:
    asked = [entry for entry in row.job.variables or [] if entry.get("required")]
    if row.job.has_sensitive_variables and asked and not row.arguments:
        raise RefusedError(
            f"Job result {row.id} cannot be run again: the arguments of {row.job_path}"
            " are sensitive and were not kept. Run the job with new ones.",
            on=str(row.id),
        )


def _target(row: Any) -> dict[str, Any]:
    """Return what the run was for, the change or the object, as it is now."""
    from models.changes import ObjectChange

    if row.change_id is not None:
        change = ObjectChange.get_or_none(ObjectChange.id == row.change_id)
        return {"change": change, "hook_id": row.hook_id}
    if row.object_id is None:
        return {}
    found = list(get_type(row.object_type).objects.filter(id=row.object_id)[:1])
    if not found:
        raise NotFoundError(
            f"The {row.object_type} {row.object_name} is gone, so the run cannot be"
            " repeated.",
            on=row.object_name,
        )
    return {"obj": found[0], "button_id": row.button_id}


def require_cancellable(row: JobResult, user: User) -> None:
    """Refuse to cancel what is over, or what this user may not.

    Raises:
        RequestError: It is over.
        RefusedError: It is somebody else's, and the user may not cancel it.
    """
    if row.status in FINAL:
        raise RequestError(f"Job result {row.id} is over already: {row.status}.")
    if row.user_id != user.id:
        require(user, "cancel", row.job or JobResult, what=row.job_path)


def cancel(row: JobResult, user: User) -> str:
    """Take a run off the queue, or ask its runner to stop it; return its status.

    Raises:
        HooklineError: As for `require_cancellable()`.
    """
    from receivers import queue

    require_cancellable(row, user)
    return queue.cancel(current_store(), row.id)


def acknowledge(ids: Iterable[int] | None = None) -> int:
    """Mark failed and interrupted runs as seen; return how many were not yet.

    Args:
        ids: Which; all of them without it.
    """
    chosen = ~JobResult.acknowledged & JobResult.status.in_(UNSEEN)
    if ids is not None:
        chosen &= JobResult.id.in_(list(ids))
    with current_store().transaction():
        return int(JobResult.update(acknowledged=True).where(chosen).execute())
