"""Jobs, hooks and results as rows, for the tests of the screens that show them.

Nothing runs here: a result is in whatever state a test is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.history.changes import ObjectChange
from models.objects.fields import now_us
from models.runs.jobs import JobRecord
from models.runs.results import JobLogEntry, JobResult

if TYPE_CHECKING:
    from tests.tui.driver import Screens

SECOND = 1_000_000


def job(name: str = "Serial guard", kind: str = "hook", **values: Any) -> JobRecord:
    """Return an enabled job record; its class path is `guards.SerialGuard`."""
    given = {
        "module_name": "guards",
        "job_class_name": name.title().replace(" ", ""),
        "name": name,
        "enabled": True,
        "is_job_hook_receiver": kind == "hook",
        "is_job_button_receiver": kind == "button",
        "source_path": "guards.py",
        "source_line": 3,
        **values,
    }
    record = JobRecord(**given)
    record.save()
    return record


def hook(name: str = "Check serials", record: Any = None, **values: Any) -> JobHook:
    """Return an enabled hook on updates of devices; its rules are not checked."""
    given = {"object_types": ["dcim.device"], "events": ["update"], **values}
    events = given.pop("events")
    row = JobHook(name=name, job=record or job(), **given)
    row.events = events
    row.save()
    return row


def button(name: str = "Reboot", record: Any = None, **values: Any) -> JobButton:
    """Return an enabled button of devices; its rules are not checked."""
    given = {"object_types": ["dcim.device"], "text": name, "key": "r", **values}
    row = JobButton(name=name, job=record or job("Power", "button"), **given)
    row.save()
    return row


def last_change() -> ObjectChange:
    """Return the newest change."""
    found: ObjectChange = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    return found


def last_result() -> JobResult:
    """Return the newest result."""
    found: JobResult = JobResult.select().order_by(JobResult.id.desc()).get()
    return found


def result(record: Any = None, **values: Any) -> JobResult:
    """Return a result that has succeeded."""
    record = record or JobRecord.get_or_none() or job()
    given = {
        "name": record.name,
        "job": record,
        "job_path": record.class_path,
        "status": "SUCCESS",
        "user_name": "alice",
        "started": now_us() - 2 * SECOND,
        "done": now_us(),
        **values,
    }
    row = JobResult(**given)
    row.save()
    return row


def log(row: JobResult, *messages: str, level: str = "info", **values: Any) -> None:
    """Add log entries to a result."""
    for message in messages:
        JobLogEntry(
            result=row, time=now_us(), level=level, message=message, **values
        ).save()


async def open_place(
    screens: Screens, place: str, *arguments: Any, shows: str = ""
) -> None:
    """Open a place, and wait until a text is there."""
    screens.app.open_place(place, *arguments)
    await screens.pilot.pause()
    await screens.shows(shows)


def line_with(screens: Screens, text: str) -> str:
    """Return the first line on the screen that contains a text."""
    return next(line for line in screens.lines if text in line)
