"""One schedule: when it fires, what it runs, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.people.grants import visible
from models.runs.results import JobResult
from models.timing.schedules import MISSED, JobSchedule
from tui.actions.scheduling import is_late, next_fires, on_the_wall, when
from tui.commands import Scope
from tui.looks.cells import cell
from tui.looks.times import local
from tui.screens.hook import add_job
from tui.screens.schedules import STATES, ScheduleCommands
from tui.screens.sheet import Link, Sheet, SheetScreen, Styled, text_column
from tui.screens.sheet_parts import RESULT_COLUMNS, add_results

if TYPE_CHECKING:
    from models.people.access import User

TIME_COLUMNS = (
    text_column("here", 28, grows=True),
    text_column("utc", 20, grows=True),
)
MISSED_WORDS = dict(MISSED)


def schedule_sheet(schedule_id: int, user: User, *, is_ascii: bool = False) -> Sheet:
    """Return the page of a schedule; it says so when there is none."""
    row = JobSchedule.get_or_none(
        JobSchedule.id == schedule_id, visible(user, JobSchedule)
    )
    if row is None:
        sheet = Sheet(f"Schedule {schedule_id}", is_ascii=is_ascii)
        sheet.say("There is no such schedule; it was deleted.")
        return sheet
    sheet = Sheet(f"Schedule {row.name}", row, is_ascii=is_ascii)
    sheet.fact("schedule is", Styled(row.state, STATES[row.state]))
    if row.error:
        sheet.fact("error", Styled(row.error, "error"), text=row.error)
    if is_late(row):
        late = "its time has come, and no runner was there: `hookline --run`"
        sheet.fact("", Styled(late, "warning"))
    sheet.fact("when", f"{when(row)}, {row.timezone}")
    sheet.fact("not before", row.start)
    add_job(sheet, row.job)
    sheet.fact("object", row.object)
    if row.inputs:
        sheet.fact("inputs", cell(row.inputs))
    sheet.fact("runs as", row.owner_name)
    sheet.fact("missed", MISSED_WORDS.get(row.missed, row.missed))
    if row.skipped:
        sheet.fact("skipped", f"{row.skipped:,} missed times")
    sheet.fact("last time", local(row.last_fire))
    _add_times(sheet, row)
    sheet.begin("Latest results", RESULT_COLUMNS)
    add_results(sheet, JobResult.schedule_id == row.id, user)
    sheet.begin("")
    link = Link("results", (f"schedule={row.id}",))
    sheet.add("", "all its results", link=link, name="results")
    return sheet


def _add_times(sheet: Sheet, row: Any) -> None:
    sheet.begin("Next times", TIME_COLUMNS)
    times = next_fires(row)
    for moment in times:
        sheet.add(
            on_the_wall(moment, row),
            f"{moment:%Y-%m-%d %H:%M:%SZ}",
            name=f"time {moment.timestamp()}",
        )
    if not times:
        sheet.say("None: + lets it go on." if row.state == "paused" else "None.")


class ScheduleScreen(ScheduleCommands, SheetScreen):
    """The screen of a schedule.

    Args:
        schedule_id: The schedule.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SCHEDULE,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "schedule.set",
        "schedule.enable",
        "schedule.disable",
        "schedule.run",
        "schedule.delete",
    )
    ABOUT = (
        "One schedule, with its next times in its own time zone and in UTC. Enter opens"
        " its job, or a result. Whoever saves a schedule is who it runs as."
    )

    def __init__(self, schedule_id: int) -> None:
        super().__init__()
        self.schedule_id = schedule_id

    def read(self) -> Sheet:
        """Put the page together."""
        return schedule_sheet(self.schedule_id, self.user, is_ascii=self.is_ascii)

    def do_schedule_delete(self) -> None:
        """Delete the schedule, and leave."""
        self.delete_row(then=lambda: self.dismiss(None))
