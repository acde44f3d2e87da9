"""Jobs, hooks, buttons and runs for the tests of screens; nothing is really run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.objects.fields import now_us
from models.runs.jobs import JobRecord

if TYPE_CHECKING:
    from models.storage.store import Store


def job(name: str = "Guard", **values: Any) -> JobRecord:
    """Return an enabled job."""
    made = JobRecord(
        module_name="acts",
        job_class_name=name.replace(" ", ""),
        name=name,
        **{"enabled": True, **values},
    )
    made.save()
    return made


def hook(name: str = "Serial guard", **values: Any) -> JobHook:
    """Return a hook on updates of devices."""
    record = values.pop("job", None) or job(name, is_job_hook_receiver=True)
    given: dict[str, Any] = {
        "object_types": ["dcim.device"],
        "type_update": True,
        **values,
    }
    made = JobHook(name=name, job=record, **given)
    made.validated_save()
    return made


def button(name: str = "Reboot", *, variables: Any = (), **values: Any) -> JobButton:
    """Return a button on devices."""
    record = values.pop("job", None) or job(
        name,
        is_job_button_receiver=True,
        variables=list(variables),
        has_sensitive_variables=False,
    )
    given: dict[str, Any] = {"object_types": ["dcim.device"], "text": name, **values}
    made = JobButton(name=name, job=record, **given)
    made.validated_save()
    return made


def runs(store: Store) -> list[dict[str, Any]]:
    """Return the queued runs, oldest first."""
    cursor = store.execute("SELECT * FROM job_result ORDER BY id")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def set_status(
    store: Store, status: str, *, result: int = 1, took_s: float = 2
) -> None:
    """Let a run begin, or end, as the runner would write it."""
    now = now_us()
    done = None if status in {"PENDING", "STARTED"} else now
    with store.transaction():
        store.execute(
            "UPDATE job_result SET status = ?, started = ?, done = ? WHERE id = ?",
            (status, now - int(took_s * 1_000_000), done, result),
        )


def log(store: Store, message: str, *, result: int = 1) -> None:
    """Add a line to a run's log."""
    with store.transaction():
        store.execute(
            "INSERT INTO job_log_entry"
            " (result_id, time, level, grouping, message, object_name, object_url)"
            " VALUES (?, ?, 'info', '', ?, '', '')",
            (result, now_us(), message),
        )
