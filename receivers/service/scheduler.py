"""APScheduler as the runner uses it: the clock beside the queue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.background import BackgroundScheduler

from receivers.queueing.rescue import rescue, sweep_locks

if TYPE_CHECKING:
    from models.storage.store import Store
    from receivers.service.executor import HooklineExecutor

RESCUE_S = 1.0
SWEEP_S = 3600.0
EXECUTOR = "hookline"
HOUSEKEEPING = "housekeeping:"


def make_scheduler(store: Store, executor: HooklineExecutor) -> Any:
    """Return a scheduler whose jobs all go through the executor.

    Its job store is in memory: schedules come from the store's own table, and runs are
    never its jobs. Nothing is dropped for being late, and what was missed several times
    fires once.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC,
        job_defaults={
            "misfire_grace_time": None,
            "coalesce": True,
            "max_instances": 1,
        },
    )
    scheduler.add_executor(executor, EXECUTOR)
    for name, function, seconds in (
        ("rescue", rescue, RESCUE_S),
        ("sweep-locks", sweep_locks, SWEEP_S),
    ):
        scheduler.add_job(
            function,
            "interval",
            seconds=seconds,
            args=[store],
            id=f"{HOUSEKEEPING}{name}",
            executor=EXECUTOR,
        )
    return scheduler


def begin_housekeeping_anew(scheduler: Any) -> None:
    """Let the housekeeping be due now, and go on from here."""
    for job in scheduler.get_jobs():
        if job.id.startswith(HOUSEKEEPING):
            job.modify(next_run_time=datetime.now(UTC))
