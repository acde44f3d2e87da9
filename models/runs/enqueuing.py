"""Queueing a run as Nautobot's authors do: `JobResult.enqueue_job(job, user, …)`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from models.history.changes import ObjectChange
from models.objects import types
from models.objects.base import StoreModel
from models.runs.jobs import JobRecord, find_job

if TYPE_CHECKING:
    from models.people.access import User
    from models.runs.results import JobResult

_log = logging.getLogger(__name__)


class Enqueues:
    """Gives job results their `enqueue_job()`, and Nautobot's name for their job."""

    job: Any

    @property
    def job_model(self) -> JobRecord | None:
        """The job's record; None when it was deleted."""
        found: JobRecord | None = self.job
        return found

    @classmethod
    def enqueue_job(
        cls,
        job_model: Any,
        user: User,
        *,
        job_kwargs: dict[str, Any] | None = None,
        job_queue: str | None = None,
        task_queue: str | None = None,
        **loose: Any,
    ) -> JobResult:
        """Queue a run of a job.

        Args:
            job_model: The job's record, its class, or its class path.
            user: Who runs it; needs run permission.
            job_kwargs: Its inputs; `{}` for none.
            job_queue: The queue, if not the job's own.
            task_queue: Nautobot's older name for it.
            loose: Inputs by keyword, as older code gives them.

        Raises:
            ValueError: No inputs were named, or two different queues.
            NotFoundError: There is no such job, or no such queue.
            RefusedError: The job is off or missing, or the user may not run it.
        """
        from models.runs.results import enqueue

        if job_kwargs is None and not loose:
            raise ValueError("enqueue_job() needs job_kwargs; give {} for no inputs.")
        if job_queue and task_queue and job_queue != task_queue:
            raise ValueError(f"Two queues were named: {job_queue} and {task_queue}.")
        if loose:
            _log.warning("enqueue_job() was given loose inputs; use job_kwargs={…}.")
        record = _record(job_model)
        inputs = {**loose, **(job_kwargs or {})}
        target = _target(record, inputs)
        if name := job_queue or task_queue:
            target["queue"] = name
        return enqueue(
            record,
            user,
            arguments={name: _stored(value) for name, value in inputs.items()},
            **target,
        )


def _record(job: Any) -> JobRecord:
    if isinstance(job, JobRecord):
        return job
    return find_job(str(getattr(job, "class_path", job)))


def _target(record: JobRecord, inputs: dict[str, Any]) -> dict[str, Any]:
    """Take out of the inputs what a receiver is run for."""
    if record.is_job_hook_receiver:
        change = inputs.pop("object_change")
        if not isinstance(change, ObjectChange):
            change = ObjectChange.get_by_id(change)
        return {"change": change}
    if record.is_job_button_receiver:
        model: Any = types.get_type(inputs.pop("object_model_name"))
        return {"obj": model.objects.get(id=inputs.pop("object_pk"))}
    return {}


def _stored(value: Any) -> Any:
    """Return an input as it is stored: objects by their keys, addresses as texts."""
    if isinstance(value, StoreModel):
        return _stored(value.pk)
    if isinstance(value, dict):
        return {str(key): _stored(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_stored(item) for item in value]
    is_plain = value is None or isinstance(value, (str, bool, int, float))
    return value if is_plain else str(value)
