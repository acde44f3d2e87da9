"""Buttons and jobs."""

from __future__ import annotations

from tui.commands import Argument, Command, Option, Scope, Situation
from tui.vocabulary.configured import configured, listed, shown, switched
from tui.vocabulary.words import (
    BUTTON,
    JOB,
    OBJECTS,
    PROFILE,
    REASON,
    SOME_JOBS,
    VALUES,
    WAIT,
    WHERE,
)

SOME_VALUES = Argument(
    name="KEY=VALUE",
    help="What the job asks for: key=text, key:=JSON, key=@FILE.",
    optional=True,
    many=True,
    completes="variable",
)


def is_overridden(situation: Situation) -> str | None:
    """Say that there is nothing to reset."""
    return None if situation.row.overrides else "nothing of it was set here"


BUTTONS = (
    listed(
        "button",
        "Buttons",
        "List the buttons; of one type with object_types=TYPE.",
        "hookline button list",
    ),
    shown("button", Scope.BUTTONS, BUTTON, "Show one button."),
    *configured(
        "button",
        Scope.BUTTONS,
        BUTTON,
        example='hookline button add name=Reboot text="Reboot {{ obj.name }}"'
        " object_types=dcim.device job=power.Reboot --enable-job",
    ),
    switched(Scope.BUTTONS, BUTTON, "enable", "Show a button, and let it be pressed."),
    switched(Scope.BUTTONS, BUTTON, "disable", "Keep a button from being shown."),
    Command(
        id="button.press",
        title="Press a button",
        help="Run a button's receiver on objects, a run for each.",
        keys=("b",),
        scopes=(Scope.LIST, Scope.OBJECT),
        writes=True,
        needs_row=True,
        noun="button",
        verb="press",
        arguments=(BUTTON, OBJECTS, SOME_VALUES),
        options=(WHERE, WAIT),
        handler="tui.nouns.buttons:press_button",
        examples=(
            'hookline button press "Reboot" dcim.device:core-01 --wait',
            'hookline button press "Reboot" dcim.device --where location=HQ --yes',
        ),
    ),
)

JOBS = (
    listed(
        "job",
        "Jobs",
        "List the jobs found in the store's jobs folder and in installed packages.",
        "hookline job list",
    ),
    shown(
        "job", Scope.JOBS, JOB, "Show one job: what it asks for, and where it stands."
    ),
    Command(
        id="job.new",
        title="New job file",
        help="Write a file with a receiver to start from into the jobs folder.",
        keys=("a",),
        scopes=(Scope.JOBS,),
        writes=True,
        permission="add",
        own_account=True,
        noun="job",
        verb="new",
        arguments=(
            Argument(
                name="NAME", help="module.Class, for instance guards.SerialGuard."
            ),
        ),
        options=(
            Option(
                name="--kind",
                value="KIND",
                choices=("hook", "button", "job"),
                help="What will run it; default hook.",
            ),
        ),
        handler="tui.nouns.jobs:new_job",
        examples=("hookline job new guards.SerialGuard --kind hook",),
    ),
    switched(Scope.JOBS, SOME_JOBS, "enable", "Trust jobs' code, so that it may run."),
    switched(Scope.JOBS, SOME_JOBS, "disable", "Keep jobs from running."),
    Command(
        id="job.set",
        title="Settings",
        help="Say something else of a job than its class does: limits, queue, name.",
        keys=("o",),
        scopes=(Scope.JOBS, Scope.JOB),
        writes=True,
        needs_row=True,
        noun="job",
        verb="set",
        arguments=(JOB, VALUES),
        handler="tui.nouns.jobs:set_job",
    ),
    Command(
        id="job.reset",
        title="Reset the settings",
        help="Take settings of a job back to what its class says.",
        keys=("O",),
        scopes=(Scope.JOBS, Scope.JOB),
        writes=True,
        needs_row=True,
        available=is_overridden,
        noun="job",
        verb="reset",
        arguments=(
            JOB,
            Argument(
                name="FIELD",
                help="Which; all that were set without it.",
                optional=True,
                many=True,
            ),
        ),
        handler="tui.nouns.jobs:reset_job",
    ),
    Command(
        id="job.delete",
        title="Delete",
        help="Delete a job's record with its hooks and buttons; its results stay.",
        keys=("D",),
        scopes=(Scope.JOBS, Scope.JOB),
        dangerous=True,
        writes=True,
        needs_row=True,
        noun="job",
        verb="delete",
        arguments=(JOB,),
        handler="tui.nouns.jobs:delete_job",
    ),
    Command(
        id="job.run",
        title="Run",
        help="Work off the queue, or run one job and wait for it.",
        keys=("r",),
        scopes=(Scope.JOBS, Scope.JOB),
        writes=True,
        needs_row=True,
        permission="run",
        noun="--run",
        arguments=(
            Argument(
                name="JOB",
                help="A class path or a job's name; none: work off the queue.",
                optional=True,
                completes="job",
            ),
            SOME_VALUES,
        ),
        options=(
            Option(
                name="--until-empty",
                help="Work off what is due, say how many runs, then exit; 1 if any did"
                " not succeed.",
                own_account=True,
            ),
            Option(
                name="--object",
                value="TYPE:NAME",
                help="The object that a button receiver gets.",
                completes="object",
            ),
            Option(
                name="--change",
                value="ID",
                help="The change that a hook receiver gets.",
            ),
            Option(
                name="--input",
                value="FILE",
                help="Read the job's values from a JSON or YAML file; - for stdin.",
                completes="file",
            ),
            REASON,
            WAIT,
            Option(
                name="--debug",
                help="Run in the foreground without limits: breakpoint() works.",
                own_account=True,
            ),
            PROFILE,
            Option(
                name="--queue",
                value="NAME",
                help="Queue it there for a runner, in place of running it here and"
                " now.",
                completes="queue",
            ),
        ),
        handler="tui.nouns.run:run",
        examples=(
            "hookline --run --until-empty",
            "hookline --run power.Reboot --object dcim.device:core-01",
        ),
    ),
)

COMMANDS = (*BUTTONS, *JOBS)
