"""What the command line and the screens share about schedules. No Textual."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from models.automation import configuring
from models.errors import ValidationError
from models.objects.fields import now_us, to_us
from models.objects.inputs import ListChange
from models.objects.lists import split_list
from models.people.grants import visible
from models.runs.results import JobResult
from models.storage.store import current_store
from models.timing.firetimes import next_times
from models.timing.schedules import JobSchedule, stale
from receivers.authors.arguments import serialise, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.people.access import User
    from tui.lists.documents import Document

INPUT = "inputs."
NEXT = 5
LATE_S = 5.0
LIST_VARIABLES = frozenset({"multi_choice", "multi_object"})
NO_FILES = "is a file, which goes with one run; a schedule has none to give"


def take_inputs(row: Any, values: dict[str, Any]) -> None:
    """Put `inputs.NAME` words among raw values into one checked value of `inputs`.

    Args:
        row: The schedule; what it has stays where nothing else is given, but another
            job begins with nothing.
        values: Raw values by field name, changed in place.

    Raises:
        ValidationError: An input is wrong, beside `inputs.NAME`.
    """
    named = {key: values.pop(key) for key in list(values) if key.startswith(INPUT)}
    job = values.get("job") or (row.job if row.job_id else None)
    if job is None or not hasattr(job, "variables"):
        return
    is_other = not row.present_in_database or job.id != row.job_id
    if not (named or "inputs" in values or is_other):
        return
    schema = job.variables or []
    if "inputs" in values:
        given = _given(values["inputs"])
    else:
        known = set() if is_other else {entry["name"] for entry in schema}
        given = {n: value for n, value in (row.inputs or {}).items() if n in known}
    lists = {v["name"] for v in schema if v["kind"] in LIST_VARIABLES}
    for key, value in named.items():
        if isinstance(value, ListChange):
            raise ValidationError({key: [f"write {key}=VALUE, with all of them"]})
        name = key.removeprefix(INPUT)
        is_text_list = name in lists and isinstance(value, str)
        given[name] = split_list(value) if is_text_list else value
    values["inputs"] = checked_inputs(job, given)


def _given(raw: Any) -> dict[str, Any]:
    import json

    if isinstance(raw, str):
        try:
            raw = json.loads(raw or "{}")
        except ValueError as error:
            raise ValidationError({"inputs": [f"is no JSON: {error}"]}) from error
    if not isinstance(raw or {}, dict):
        raise ValidationError({"inputs": ["must be names with values, as in {}"]})
    return dict(raw or {})


def checked_inputs(job: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a job as they are stored with its schedule.

    Raises:
        ValidationError: One is wrong, missing or unknown, or a file, which goes with
            one run; beside `inputs.NAME`.
    """
    schema = job.variables or []
    files = [entry for entry in schema if entry["kind"] == "file"]
    problems = {
        INPUT + entry["name"]: [NO_FILES]
        for entry in files
        if entry["required"] or given.get(entry["name"])
    }
    if problems:
        raise ValidationError(problems)
    try:
        return serialise(validate(schema, given))
    except ValidationError as error:
        raise ValidationError(
            {INPUT + name: texts for name, texts in error.message_dict.items()}
        ) from error


def following(row: Any, most: int = NEXT) -> list[dt.datetime]:
    """Return the next fire times of a schedule that may not be saved yet, in UTC.

    Raises:
        ValueError: Its words mean none.
    """
    return list(next_times(row.times(), dt.datetime.now(dt.UTC), most))


def next_fires(row: Any) -> list[dt.datetime]:
    """Return the next fire times of a saved schedule; none while it is off."""
    if not row.enabled or row.next_fire is None:
        return []
    first = row.next_fire
    try:
        return [first, *next_times(row.times(), first, NEXT - 1)]
    except ValueError:  # its zone is not known on this machine; its time tells
        return [first]


def on_the_wall(moment: dt.datetime, row: Any) -> str:
    """Return a moment as the schedule's zone has it: `Sat 2026-11-21 03:00 CET`."""
    try:
        here = moment.astimezone(row.zone)
    except ValueError:
        here = moment
    seconds = ":%S" if here.second else ""
    return here.strftime(f"%a %Y-%m-%d %H:%M{seconds} %Z")


def last_result(schedule_id: int, user: User | None) -> Any:
    """Return the result of the newest fire time that a user may see; None without."""
    return (
        JobResult.select()
        .where(
            JobResult.schedule_id == schedule_id,
            JobResult.fire_time.is_null(is_null=False),
            visible(user, JobResult),
        )
        .order_by(JobResult.fire_time.desc())
        .first()
    )


def latest_results(schedule_id: int, user: User, most: int = NEXT) -> list[Any]:
    """Return a schedule's latest results that a user may see, runs by hand, too."""
    query = JobResult.select().where(
        JobResult.schedule_id == schedule_id, visible(user, JobResult)
    )
    return list(query.order_by(JobResult.id.desc()).limit(most))


def when(row: Any) -> str:
    """Return when a schedule fires in its own words: `cron 0 3 * * *`."""
    verb = "every" if row.kind == "interval" else row.kind
    return f"{verb} {row.words}"


def is_late(row: Any) -> bool:
    """Return whether a schedule's time came and nobody was there for it."""
    if not row.enabled or row.next_fire is None:
        return False
    due = row.next_fire if isinstance(row.next_fire, int) else to_us(row.next_fire)
    return bool(due < now_us() - LATE_S * 1e6)


def stale_count(user: User, *, days: float = 0) -> int:
    """Return how many one-off schedules are over, of those that a user may see."""
    return int(stale(days=days).where(visible(user, JobSchedule)).count())


def clean_up(user: User, *, days: float = 0) -> str:
    """Delete the one-off schedules that are over; return what was done.

    Args:
        user: Who asks; what they may not see stays.
        days: Only those whose time passed at least so long ago.

    Raises:
        RefusedError: The user may not delete one of them; none is deleted.
    """
    rows = list(stale(days=days).where(visible(user, JobSchedule)))
    with current_store().transaction():
        for row in rows:
            configuring.delete(row, user)
    return f"{len(rows):,} deleted."


def schedule_document(row: Any, user: User | None) -> Document:
    """Return a schedule as lists show it, with its last result if a user may see it."""
    from tui.lists.documents import own_value

    last = last_result(row.id, user)
    times = ("next_fire", "last_fire", "created")
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "enabled": row.enabled,
        "job": row.job.class_path,
        "job_enabled": row.job.enabled,
        "owner": row.owner_name,
        "kind": row.kind,
        "when": when(row),
        "timezone": row.timezone,
        "start": row.start,
        "missed": row.missed,
        "object": row.object,
        "inputs": row.inputs,
        **{name: own_value(row, row._meta.fields[name]) for name in times},
        "last_status": None if last is None else last.status,
        "last_result": None if last is None else last.id,
        "skipped": row.skipped,
        "error": row.error,
    }


def whole_document(row: Any, user: User) -> Document:
    """Return a schedule with its next fire times and its latest results."""
    row = JobSchedule.get_by_id(row.id)  # its times as they are stored
    return {
        **schedule_document(row, user),
        "next": [
            {"local": on_the_wall(moment, row), "utc": moment}
            for moment in next_fires(row)
        ],
        "results": [
            {
                "id": result.id,
                "status": result.status,
                "fire_time": result.fire_time,
                "created": result.created,
            }
            for result in latest_results(row.id, user)
        ],
    }
