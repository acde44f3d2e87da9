"""`hookline schedule …`: jobs that run by themselves, at times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.timing.schedules import JobSchedule, run_now
from receivers.queueing.locks import is_runner_alive
from tui.actions.scheduling import (
    clean_up,
    schedule_document,
    stale_count,
    take_inputs,
    whole_document,
)
from tui.commandline.exits import Exit
from tui.commandline.runs import report_run
from tui.lists.listing import Listing, write_list
from tui.nouns import configured

if TYPE_CHECKING:
    from tui.commandline.call import Call

COLUMNS = ("id", "name", "state", "when", "job", "next_fire", "last_status", "error")


LISTING = Listing(
    model=JobSchedule,
    columns=COLUMNS,
    documents=lambda rows, user: (schedule_document(row, user) for row in rows),
    sort=("name",),
    search=("name", "words"),
    aliases={"owner": "owner_name"},
    internal=("owner_name", "object_type", "object_id"),
)


def list_schedules(call: Call) -> int:
    """List the schedules."""
    user = call.user
    rows = JobSchedule.objects.restrict(user, "view")
    return write_list(call, LISTING, rows)


def show_schedule(call: Call) -> int:
    """Show one schedule: when it fires next, and what came of it last."""
    row = configured.find(call, JobSchedule, "SCHEDULE")
    document = whole_document(row, call.user)
    if not call.output.is_for_people:
        call.output.record(document)
        return Exit.OK
    following, results = document.pop("next"), document.pop("results")
    call.output.record(document)
    for columns, rows in (
        (("local", "utc"), following),
        (("id", "status", "fire_time", "created"), results),
    ):
        if rows:
            call.output.write("")
            call.output.rows(columns, rows)
    _say_who(call, row)
    return Exit.OK


def add_schedule(call: Call) -> int:
    """Make a schedule; it runs as the user who makes it."""
    assert call.store
    return _save(call, JobSchedule())


def set_schedule(call: Call) -> int:
    """Change a schedule; it runs as the user who changed it last."""
    row = configured.find(call, JobSchedule, "SCHEDULE")
    return _save(call, row)


def _save(call: Call, row: Any) -> int:
    row.owner = call.user
    code = configured.save(call, row, prepare=take_inputs)
    _say_who(call, row)
    return code


def _say_who(call: Call, row: Any) -> None:
    """Say that nobody is there to fire it, if so."""
    if row.enabled and not is_runner_alive(call.store):
        call.output.say(
            "No runner is alive; `hookline --run` keeps one, and it makes up for missed"
            f" times by the rule {row.missed!r}."
        )


def delete_schedule(call: Call) -> int:
    """Delete a schedule."""
    return configured.delete(call, JobSchedule, "SCHEDULE")


def enable_schedule(call: Call) -> int:
    """Let a schedule fire."""
    return configured.switch(call, JobSchedule, "SCHEDULE", on=True)


def disable_schedule(call: Call) -> int:
    """Keep a schedule from firing."""
    return configured.switch(call, JobSchedule, "SCHEDULE", on=False)


def run_schedule(call: Call) -> int:
    """Run a schedule's job now, out of its turn."""
    row = configured.find(call, JobSchedule, "SCHEDULE")
    result = run_now(row, call.user)
    call.queued.append(result.id)
    return report_run(call, result.id)


def clean_schedules(call: Call) -> int:
    """Delete the one-off schedules that are over."""
    user, days = call.user, call.given.number("days") or 0
    count = stale_count(user, days=days)
    if count:
        call.confirm(f"Delete {count:,} one-off schedules that are over?")
    call.output.say(clean_up(user, days=days))
    return Exit.OK
