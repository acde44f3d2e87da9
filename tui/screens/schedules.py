"""The list of schedules, and what is done with one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from models.errors import ValidationError
from models.objects.fields import from_us
from models.runs.results import JobResult
from models.timing.schedules import JobSchedule, run_now
from tui.actions.scheduling import clean_up, stale_count
from tui.commands import Scope
from tui.lists.spec import ListColumn, ListSpec
from tui.lists.sql import literal
from tui.looks.statuses import status_style
from tui.looks.times import local
from tui.nouns.schedules import LISTING
from tui.screens.configured import ConfiguredCommands, ConfiguredForm
from tui.screens.dialogs import ConfirmDialog
from tui.screens.hooks import job_columns
from tui.screens.listing import ListScreen
from tui.screens.schedules_form import ScheduleForm
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from models.people.access import User

STATES = {
    "active": "success",
    "paused": "muted",
    "completed": "muted",
    "errored": "error",
}
STATE_SQL = (
    "CASE WHEN \"t1\".enabled THEN 'active' WHEN \"t1\".error <> '' THEN 'errored'"
    " WHEN \"t1\".kind = 'at' AND \"t1\".last_fire IS NOT NULL THEN 'completed'"
    " ELSE 'paused' END"
)
WHEN_SQL = (
    "CASE \"t1\".kind WHEN 'interval' THEN 'every' ELSE \"t1\".kind END"
    " || ' ' || \"t1\".words"
)
LAST_SQL = (
    '(SELECT r.status FROM job_result AS r WHERE r.schedule_id = "t1".id'
    " AND r.fire_time IS NOT NULL{seen} ORDER BY r.fire_time DESC LIMIT 1)"
)
SEEN_SQL = (
    ' AND EXISTS (SELECT 1 FROM job_result AS "t1" WHERE "t1".id = r.id AND ({}))'
)


def _state_style(word: str) -> str:
    return STATES.get(word, "")


def _moment(us: Any) -> str:
    return "" if us is None else local(from_us(us))


def _last_style(status: Any) -> str:
    return status_style(status or "")


SPEC = ListSpec(
    model=JobSchedule,
    title="Schedules",
    columns=(
        ListColumn(column=Column(id="name", title="Name", width=14, grows=True)),
        ListColumn(
            column=Column(
                id="state",
                title="State",
                width=9,
                style=_state_style,
                sortable=False,
            ),
            sql=STATE_SQL,
        ),
        ListColumn(
            column=Column(
                id="when", title="When", width=14, grows=True, sortable=False
            ),
            sql=WHEN_SQL,
        ),
        ListColumn(column=Column(id="next_fire", title="Next", width=16, text=_moment)),
        ListColumn(
            column=Column(
                id="last",
                title="Last",
                width=11,
                style=_last_style,
                sortable=False,
            ),
            sql=LAST_SQL.format(seen=""),
        ),
        *job_columns(),
        ListColumn(column=Column(id="timezone", title="Time zone", width=18)),
        ListColumn(column=Column(id="owner_name", title="Runs as", width=12)),
        ListColumn(column=Column(id="error", title="Error", width=20, grows=True)),
    ),
    sort=("name",),
    empty="There are no schedules yet. Press a to have a job run by itself, at times.",
    listing=LISTING,
)


def spec_for(user: User) -> ListSpec:
    """Return the list as a user may see it: the last status of runs that they see."""
    condition = literal(JobResult.objects.restrict(user, "view"))
    if not condition:
        return SPEC
    sql = LAST_SQL.format(seen=SEEN_SQL.format(condition))
    columns = tuple(
        dataclasses.replace(column, sql=sql) if column.id == "last" else column
        for column in SPEC.columns
    )
    return dataclasses.replace(SPEC, columns=columns)


class ScheduleCommands(ConfiguredCommands):
    """The commands of a schedule."""

    FORM: ClassVar[type[ConfiguredForm]] = ScheduleForm

    def do_schedule_set(self) -> None:
        """Change the schedule."""
        self.edit_row()

    def do_schedule_enable(self) -> None:
        """Let the schedule fire."""
        self.switch_on()

    def do_schedule_disable(self) -> None:
        """Pause the schedule."""
        self.switch_off()

    def do_schedule_run(self) -> None:
        """Run the job now, and show its result."""
        row, user = self.row, self.user

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self.ask(
                    lambda: run_now(row, user),
                    lambda result: self.hookline.open_place("result", result.id),
                )

        dialog = ConfirmDialog(f"Run {row} now?", row.job.class_path, yes="Run it")
        self.app.push_screen(dialog, answered)

    def _switch_refused(self, row: Any, error: Exception) -> None:
        """Offer to enable the job where that stands in the way, else say what does."""
        if isinstance(error, ValidationError) and row.job.runnable:
            self.hookline.say_error(error)
        else:
            super()._switch_refused(row, error)


class SchedulesScreen(ScheduleCommands, ListScreen):
    """All schedules, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SCHEDULES,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "schedule.show",
        "schedule.add",
        "schedule.enable",
        "schedule.disable",
        "schedule.run",
    )
    ABOUT = (
        "A schedule runs a job by itself: by a cron text, every so often, or once at a"
        " time. + and - let it go on and pause it, r runs it now, C deletes those of"
        " one time that are over. Next times stand in this terminal's time zone."
    )

    def make_spec(self) -> ListSpec:
        """Return the list of schedules."""
        return spec_for(self.user)

    def open_row(self, key: Any) -> None:
        """Open a schedule."""
        self.hookline.open_place("schedule", key)

    def do_schedule_show(self) -> None:
        """Open the schedule under the cursor."""
        if self.table is not None:
            self.table.action_open()

    def do_schedule_add(self) -> None:
        """Make a schedule."""
        self.add_row()

    def do_schedule_delete(self) -> None:
        """Delete the schedule under the cursor."""
        self.delete_row()

    def do_schedule_clean(self) -> None:
        """Ask, then delete the one-off schedules that are over."""
        user = self.user

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self.ask(lambda: clean_up(user), self.said)

        def counted(count: int) -> None:
            if not count:
                self.hookline.say("No one-off schedule is over.")
                return
            text = "Their results stay."
            title = f"Delete {count:,} one-off schedules that are over?"
            self.app.push_screen(ConfirmDialog(title, text), answered)

        self.ask(lambda: stale_count(user), counted)
