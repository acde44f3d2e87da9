"""Buttons, jobs, their results, and the queue."""

from __future__ import annotations

from tui.commands import Argument, Command, Option, Scope, Situation
from tui.vocabulary.configured import configured, listed, shown, switched
from tui.vocabulary.words import (
    BUTTON,
    JOB,
    OBJECTS,
    REASON,
    RESULT,
    WAIT,
    WHERE,
)

FINAL = frozenset({"SUCCESS", "FAILURE", "REVOKED", "INTERRUPTED"})

SOME_VALUES = Argument(
    name="KEY=VALUE",
    help="What the job asks for: key=text, key:=JSON, key=@FILE.",
    optional=True,
    many=True,
    completes="variable",
)


def is_going(situation: Situation) -> str | None:
    """Say that there is nothing left to cancel."""
    return "it is over" if situation.row.status in FINAL else None


def is_over(situation: Situation) -> str | None:
    """Say that it must end before it can be run again."""
    return None if situation.row.status in FINAL else "it is not over yet"


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
    switched(Scope.JOBS, JOB, "enable", "Trust a job's code, so that it may run."),
    switched(Scope.JOBS, JOB, "disable", "Keep a job from running."),
    Command(
        id="job.run",
        title="Run",
        help="Work off the queue, or run one job and wait for it.",
        keys=("r",),
        scopes=(Scope.JOBS, Scope.JOB),
        writes=True,
        needs_row=True,
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
                help="Work off what is due, then exit; 1 if any did not succeed.",
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
            ),
        ),
        handler="tui.nouns.run:run",
        examples=(
            "hookline --run --until-empty",
            "hookline --run power.Reboot --object dcim.device:core-01",
        ),
    ),
)

RESULTS = (
    listed(
        "result",
        "Job results",
        "List job results, newest first.",
        "hookline result list status=FAILURE --limit 20",
    ),
    shown("result", Scope.RESULTS, RESULT, "Show one job result with its log."),
    Command(
        id="result.follow",
        title="Follow",
        help="Show a job result's log as it comes, until the run is over.",
        keys=("f",),
        scopes=(Scope.RESULTS, Scope.RESULT),
        needs_row=True,
        noun="result",
        verb="follow",
        arguments=(RESULT,),
        options=(
            Option(name="--wait", value="SECONDS", help="Give up after this long."),
        ),
        handler="tui.nouns.results:follow_result",
        examples=("hookline result follow 1",),
    ),
    Command(
        id="result.rerun",
        title="Run again",
        help="Queue the same run again, with the same arguments.",
        keys=("r",),
        scopes=(Scope.RESULTS, Scope.RESULT),
        writes=True,
        needs_row=True,
        available=is_over,
        noun="result",
        verb="rerun",
        arguments=(RESULT,),
        options=(WAIT,),
        handler="tui.nouns.results:rerun_result",
    ),
    Command(
        id="result.cancel",
        title="Cancel",
        help="Cancel a run: take it off the queue, or stop it.",
        keys=("x",),
        scopes=(Scope.RESULTS, Scope.RESULT),
        dangerous=True,
        writes=True,
        needs_row=True,
        available=is_going,
        noun="result",
        verb="cancel",
        arguments=(RESULT,),
        handler="tui.nouns.results:cancel_result",
    ),
    Command(
        id="result.ack",
        title="Acknowledge",
        help="Mark failed or interrupted runs as seen.",
        keys=("A",),
        scopes=(Scope.RESULTS, Scope.RESULT),
        writes=True,
        needs_row=True,
        available=is_over,
        noun="result",
        verb="ack",
        arguments=(
            Argument(
                name="RESULT",
                help="Numbers of job results; none for all that wait to be seen.",
                optional=True,
                many=True,
                completes="result",
            ),
        ),
        handler="tui.nouns.results:ack_results",
    ),
)

COMMANDS = (*BUTTONS, *JOBS, *RESULTS)
