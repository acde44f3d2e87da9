"""The shipped job that tells a target of failed runs.

Its runs are queued by `models.runs.notices`, are idempotent, and never notify about
themselves. An attempt that fails is made again, later and later, for four hours.
"""

from __future__ import annotations

import socket
import uuid
from typing import TYPE_CHECKING, Any

from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.objects.fields import from_us, now_us
from models.runs.notices import RETRIES, HeldNotice
from models.runs.results import JobLogEntry, JobResult
from models.settings.layers import load_settings
from models.settings.targets import read_targets
from models.storage.store import current_store
from receivers import (
    BooleanVar,
    GiveUp,
    IntegerVar,
    Job,
    RetryLater,
    StringVar,
    register_jobs,
)
from receivers.system.delivery import Delivery, UndeliveredError

if TYPE_CHECKING:
    import datetime as dt

    from models.settings.targets import Target

name = "Hookline"
WAITS_S = (5, 30, 120, 600, 1800, 3600, 3600, 3600)
"""How long to wait before each further attempt: four hours in all."""
LAST_ENTRIES = 20
MOST_HELD = 20


class Notify(Job):
    """Tells one target of the setting `notify` of a failed run."""

    class Meta:
        name = "Notification"
        description = """
        Tells a target of the setting `notify` of a run that failed or was interrupted.

        It is queued by itself. Without a run it says that it is a test.
        """
        hidden = True
        delivery = "idempotent"
        retries = RETRIES
        has_sensitive_variables = False

    target = StringVar(description="The name of a target of the setting notify.")
    result = IntegerVar(required=False, description="The run to tell of.")
    held = BooleanVar(
        default=False, required=False, description="Tell what was held back."
    )

    def run(self, target: str, result: int | None = None, held: bool = False) -> str:  # noqa: FBT001, FBT002 - called by keywords
        """Deliver; ask for another attempt where that may help."""
        found = find_target(target)
        ended = self.job_result
        number = ended.id if ended else 0
        message: dict[str, Any] | None
        if held:
            message = held_message(number)
        elif result is None:
            message = frame("test", f"A test of the target {target!r}.")
        else:
            message = run_message(result)
        if message is None:
            raise GiveUp(f"There is no run {result} to tell of; it is no longer kept.")
        delivery = Delivery(
            target=found,
            message=message,
            key=f"hookline-{number}-{int(ended.created.timestamp()) if ended else 0}",
            read_secret=self.secret,
        )
        try:
            said = delivery.make()
        except UndeliveredError as error:
            is_test = result is None and not held  # somebody waits for the answer
            if error.is_final or is_test:
                raise GiveUp(str(error)) from None
            attempt = ended.attempt if ended else 1
            wait = max(WAITS_S[min(attempt, len(WAITS_S)) - 1], error.after_s)
            raise RetryLater(wait, str(error)) from None
        self.logger.success("%s", said)
        return said


def find_target(name: str) -> Target:
    """Return a target by its name, from the settings as they are now.

    Raises:
        GiveUp: The settings name none like it.
    """
    targets = read_targets(load_settings(current_store().folder).notify)
    for target in targets:
        if target.name == name:
            return target
    known = ", ".join(target.name for target in targets) or "none"
    raise GiveUp(f"The setting notify has no target {name!r}; it has: {known}.")


def frame(event: str, text: str, **more: Any) -> dict[str, Any]:
    """Return a message: what happened, one line for people, and where."""
    store = current_store()
    return {
        "event": event,
        "text": f"Hookline {store.folder.name}: {text}",
        "store": str(store.folder),
        "host": socket.gethostname(),
        "time": _time(from_us(now_us())),
        **more,
    }


def run_message(result_id: int) -> dict[str, Any] | None:
    """Return the message about one run; None when it is no longer kept."""
    row = JobResult.get_or_none(JobResult.id == result_id)
    if row is None:
        return None
    return frame("run-failed", summary(row), run=run_document(row))


def held_message(summary_id: int) -> dict[str, Any]:
    """Return the message about what was held back."""
    held = HeldNotice.select(HeldNotice.result_id).where(
        HeldNotice.summary == summary_id
    )
    count = held.count()
    rows = JobResult.select().where(JobResult.id.in_(held)).order_by(JobResult.id)
    runs = [
        {"id": row.id, "job": row.job_path, "status": row.status, "error": row.error}
        for row in rows.limit(MOST_HELD)
    ]
    of = f" of {runs[0]['job']}" if runs else ""
    words = "1 more run" if count == 1 else f"{count:,} more runs"
    text = f"{words}{of} failed, and nobody was told of each."
    return frame("runs-held", text, count=count, runs=runs)


def summary(row: Any) -> str:
    """Return how a run ended, in one line."""
    about = f" for {row.object_name}" if row.object_name else ""
    why = f": {row.error}" if row.error else ""
    return f"run {row.id} of {row.job_path}{about} ended as {row.status}{why}"


def run_document(row: Any) -> dict[str, Any]:
    """Return a run as JSON has it elsewhere, with the end of its log."""
    entries = JobLogEntry.select().where(JobLogEntry.result == row.id)
    last = list(entries.order_by(JobLogEntry.id.desc()).limit(LAST_ENTRIES))
    key = None if row.object_id is None else str(uuid.UUID(bytes=bytes(row.object_id)))
    return {
        "id": row.id,
        "name": row.name,
        "job": row.job_path,
        "status": row.status,
        "user": row.user_name,
        "created": _time(row.created),
        "started": _time(row.started),
        "done": _time(row.done),
        "duration_s": row.duration_s,
        "error": row.error,
        "traceback": row.traceback,
        "change": row.change_id,
        "hook": _name_of(JobHook, row.hook_id),
        "button": _name_of(JobButton, row.button_id),
        "object": None
        if key is None
        else {"id": key, "type": row.object_type, "name": row.object_name},
        "attempt": row.attempt,
        "log": [
            {"time": _time(e.time), "level": e.level, "message": e.message}
            for e in reversed(last)
        ],
    }


def _name_of(model: Any, key: int | None) -> str | None:
    row = None if key is None else model.get_or_none(model.id == key)
    return None if row is None else str(row.name)


def _time(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


register_jobs(Notify)
