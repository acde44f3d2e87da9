"""Schedules: jobs that run by themselves, at times."""

from __future__ import annotations

from tui.commands import Command, Option, Scope
from tui.vocabulary.configured import configured, listed, shown, switched
from tui.vocabulary.words import SCHEDULE, WAIT

COMMANDS = (
    listed(
        "schedule",
        "Schedules",
        "List the schedules, with their next times and last results.",
        "hookline schedule list enabled=true --sort next_fire",
    ),
    shown(
        "schedule",
        Scope.SCHEDULES,
        SCHEDULE,
        "Show one schedule with its next times and latest results.",
    ),
    *configured(
        "schedule",
        Scope.SCHEDULES,
        SCHEDULE,
        example="hookline schedule add name=Nightly job=reports.Nightly"
        ' cron="0 3 * * *"'
        " timezone=Europe/Amsterdam missed=once",
    ),
    switched(Scope.SCHEDULES, SCHEDULE, "enable", "Let a schedule fire."),
    switched(
        Scope.SCHEDULES,
        SCHEDULE,
        "disable",
        "Pause a schedule: what it misses meanwhile is not made up.",
    ),
    Command(
        id="schedule.run",
        title="Run now",
        help="Run a schedule's job now, out of its turn, as the user who asks.",
        keys=("r",),
        scopes=(Scope.SCHEDULES, Scope.SCHEDULE),
        writes=True,
        needs_row=True,
        noun="schedule",
        verb="run",
        arguments=(SCHEDULE,),
        options=(WAIT,),
        handler="tui.nouns.schedules:run_schedule",
        examples=("hookline schedule run Nightly --wait",),
    ),
    Command(
        id="schedule.clean",
        title="Clean up",
        help="Delete the one-off schedules that are over; their results stay.",
        keys=("C",),
        scopes=(Scope.SCHEDULES,),
        dangerous=True,
        writes=True,
        noun="schedule",
        verb="clean",
        options=(
            Option(
                name="--days",
                value="N",
                help="Only those whose time passed at least so many days ago.",
            ),
        ),
        handler="tui.nouns.schedules:clean_schedules",
        examples=("hookline schedule clean --days 30 --yes",),
    ),
)
