"""Logging through a job result, as Nautobot's authors do: `self.job_result.log(…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.fields import now_us
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Callable

LEVEL_NAMES = ("debug", "info", "success", "warning", "failure", "error", "critical")
NAME_LENGTH = 200


class Logs:
    """Gives a job result its `log()`."""

    id: Any
    write_log: Callable[[str, str, str, Any], None] | None = None
    """The run's own way to log, in the run; it redacts, and survives a rollback."""

    def log(
        self,
        message: str,
        obj: Any = None,
        level_choice: str = "info",
        grouping: str = "main",
    ) -> None:
        """Add an entry to the result's log.

        Raises:
            ValueError: There is no such level.
        """
        if level_choice not in LEVEL_NAMES:
            raise ValueError(
                f"There is no level {level_choice!r}; there are:"
                f" {', '.join(LEVEL_NAMES)}."
            )
        if self.write_log is not None:
            self.write_log(message, level_choice, grouping, obj)
            return
        store = current_store()
        about = "" if obj is None else str(obj)[:NAME_LENGTH]
        with store.transaction():
            store.execute(
                "INSERT INTO job_log_entry (result_id, time, level, grouping, message,"
                " object_name, object_url) VALUES (?, ?, ?, ?, ?, ?, '')",
                (self.id, now_us(), str(level_choice), grouping, message, about),
            )
