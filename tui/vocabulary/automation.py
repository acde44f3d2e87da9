"""Hooks, buttons, jobs, their results, and the queue."""

from __future__ import annotations

from tui.commands import Argument, Command, Option, Scope, Situation
from tui.vocabulary.words import (
    BUTTON,
    FILTERS,
    HOOK,
    JOB,
    LIST_OPTIONS,
    OBJECT,
    REASON,
    RESULT,
    VALUES,
    WAIT,
)

FINAL = frozenset({"SUCCESS", "FAILURE", "REVOKED", "INTERRUPTED"})

ENABLE_JOB = Option(name="--enable-job", help="Enable the job too, so that it may run.")
SOME_VALUES = Argument(
    name="KEY=VALUE",
    help="What the job asks for: key=text, key:=JSON, key=@FILE.",
    optional=True,
    many=True,
    completes="variable",
)


ALONE = {
    Scope.HOOKS: Scope.HOOK,
    Scope.BUTTONS: Scope.BUTTON,
    Scope.JOBS: Scope.JOB,
}
"""The screen of one row, by the scope of the list; most commands work on both."""


def is_off(situation: Situation) -> str | None:
    """Say that there is nothing to enable, or why it cannot be."""
    error = getattr(situation.row, "error", None)
    if error:
        return f"it cannot be loaded: {error}"
    return "it is enabled already" if situation.row.enabled else None


def is_on(situation: Situation) -> str | None:
    """Say that there is nothing to disable."""
    return None if situation.row.enabled else "it is disabled already"


def is_going(situation: Situation) -> str | None:
    """Say that there is nothing left to cancel."""
    return "it is over" if situation.row.status in FINAL else None


def is_over(situation: Situation) -> str | None:
    """Say that it must end before it can be run again."""
    return None if situation.row.status in FINAL else "it is not over yet"


def _list(noun: str, title: str, help_text: str, example: str) -> Command:
    return Command(
        id=f"{noun}.list",
        title=title,
        help=help_text,
        noun=noun,
        verb="list",
        arguments=(FILTERS,),
        options=LIST_OPTIONS,
        handler=f"tui.nouns.{noun}s:list_{noun}s",
        examples=(example,),
    )


def _show(noun: str, scope: Scope, argument: Argument, help_text: str) -> Command:
    return Command(
        id=f"{noun}.show",
        title="Open",
        help=help_text,
        keys=("enter",),
        scopes=(scope,),
        needs_row=True,
        noun=noun,
        verb="show",
        arguments=(argument,),
        handler=f"tui.nouns.{noun}s:show_{noun}",
    )


def _switch(scope: Scope, argument: Argument, verb: str, help_text: str) -> Command:
    noun = argument.name.lower()
    return Command(
        id=f"{noun}.{verb}",
        title=verb.capitalize(),
        help=help_text,
        keys=("plus" if verb == "enable" else "minus",),
        scopes=(scope, ALONE[scope]),
        writes=True,
        needs_row=True,
        available=is_off if verb == "enable" else is_on,
        noun=noun,
        verb=verb,
        arguments=(argument,),
        handler=f"tui.nouns.{noun}s:{verb}_{noun}",
    )


def _configured(
    noun: str, scope: Scope, argument: Argument, *, example: str
) -> tuple[Command, ...]:
    """Return add, set and delete of what is itself an object: hooks and buttons."""
    plural = f"tui.nouns.{noun}s"
    return (
        Command(
            id=f"{noun}.add",
            title="Add",
            help=f"Make a {noun}.",
            keys=("a",),
            scopes=(scope,),
            writes=True,
            noun=noun,
            verb="add",
            arguments=(VALUES,),
            options=(ENABLE_JOB,),
            handler=f"{plural}:add_{noun}",
            examples=(example,),
        ),
        Command(
            id=f"{noun}.set",
            title="Edit",
            help=f"Change a {noun}.",
            keys=("e",),
            scopes=(scope, ALONE[scope]),
            writes=True,
            needs_row=True,
            noun=noun,
            verb="set",
            arguments=(argument, VALUES),
            options=(ENABLE_JOB,),
            handler=f"{plural}:set_{noun}",
        ),
        Command(
            id=f"{noun}.delete",
            title="Delete",
            help=f"Delete a {noun}; its past results stay.",
            keys=("D",),
            scopes=(scope, ALONE[scope]),
            dangerous=True,
            writes=True,
            needs_row=True,
            noun=noun,
            verb="delete",
            arguments=(argument,),
            handler=f"{plural}:delete_{noun}",
        ),
    )


HOOKS = (
    _list(
        "hook",
        "Hooks",
        "List the hooks.",
        "hookline hook list enabled=true",
    ),
    _show("hook", Scope.HOOKS, HOOK, "Show one hook."),
    *_configured(
        "hook",
        Scope.HOOKS,
        HOOK,
        example='hookline hook add name="Check serials" object_types=dcim.device'
        " events=update job=guards.SerialGuard --enable-job",
    ),
    _switch(Scope.HOOKS, HOOK, "enable", "Let a hook fire."),
    _switch(Scope.HOOKS, HOOK, "disable", "Keep a hook from firing."),
    Command(
        id="hook.test",
        title="Test a hook",
        help="Judge a hook against the newest changes of its types; nothing runs.",
        keys=("t",),
        scopes=(Scope.HOOKS, Scope.HOOK),
        needs_row=True,
        noun="hook",
        verb="test",
        arguments=(HOOK,),
        options=(
            Option(name="--last", value="N", help="How many changes; 50 by default."),
        ),
        handler="tui.nouns.hooks:test_hook",
        examples=('hookline hook test "Check serials" --last 200',),
    ),
)

BUTTONS = (
    _list(
        "button",
        "Buttons",
        "List the buttons; of one type with object_types=TYPE.",
        "hookline button list",
    ),
    _show("button", Scope.BUTTONS, BUTTON, "Show one button."),
    *_configured(
        "button",
        Scope.BUTTONS,
        BUTTON,
        example='hookline button add name=Reboot text="Reboot {{ obj.name }}"'
        " object_types=dcim.device job=power.Reboot --enable-job",
    ),
    _switch(Scope.BUTTONS, BUTTON, "enable", "Show a button, and let it be pressed."),
    _switch(Scope.BUTTONS, BUTTON, "disable", "Keep a button from being shown."),
    Command(
        id="button.press",
        title="Press a button",
        help="Run a button's receiver on an object.",
        keys=("b",),
        scopes=(Scope.LIST, Scope.OBJECT),
        writes=True,
        needs_row=True,
        noun="button",
        verb="press",
        arguments=(BUTTON, OBJECT, SOME_VALUES),
        options=(WAIT,),
        handler="tui.nouns.buttons:press_button",
        examples=('hookline button press "Reboot" dcim.device:core-01 --wait',),
    ),
)

JOBS = (
    _list(
        "job",
        "Jobs",
        "List the jobs found in the store's jobs folder and in installed packages.",
        "hookline job list",
    ),
    _show(
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
    _switch(Scope.JOBS, JOB, "enable", "Trust a job's code, so that it may run."),
    _switch(Scope.JOBS, JOB, "disable", "Keep a job from running."),
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
    _list(
        "result",
        "Job results",
        "List job results, newest first.",
        "hookline result list status=FAILURE --limit 20",
    ),
    _show("result", Scope.RESULTS, RESULT, "Show one job result with its log."),
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

COMMANDS = (*HOOKS, *BUTTONS, *JOBS, *RESULTS)
