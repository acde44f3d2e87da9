"""Commands that several nouns have alike: list, show, add, set, delete, on and off."""

from __future__ import annotations

from tui.commands import Argument, Command, Option, Scope, Situation
from tui.vocabulary.words import FILTERS, LIST_OPTIONS, VALUES

ENABLE_JOB = Option(name="--enable-job", help="Enable the job too, so that it may run.")

ALONE = {
    Scope.HOOKS: Scope.HOOK,
    Scope.BUTTONS: Scope.BUTTON,
    Scope.SCHEDULES: Scope.SCHEDULE,
    Scope.JOBS: Scope.JOB,
}
"""The screen of one row, by the scope of the list; most commands work on both."""


def is_off(situation: Situation) -> str | None:
    """Say that there is nothing to enable, or why it cannot be."""
    error = getattr(situation.row, "error", None)
    if error and not hasattr(situation.row, "next_fire"):  # a schedule's is of the past
        return f"it cannot be loaded: {error}"
    if getattr(situation.row, "is_changed", False):
        return None  # once more, for the code as it is now
    return "it is enabled already" if situation.row.enabled else None


def is_on(situation: Situation) -> str | None:
    """Say that there is nothing to disable."""
    return None if situation.row.enabled else "it is disabled already"


def listed(noun: str, title: str, help_text: str, example: str) -> Command:
    """Return the command that lists what there is of a noun."""
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


def shown(noun: str, scope: Scope, argument: Argument, help_text: str) -> Command:
    """Return the command that shows one of a noun."""
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


def switched(scope: Scope, argument: Argument, verb: str, help_text: str) -> Command:
    """Return the command that turns one on or off."""
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


def configured(
    noun: str, scope: Scope, argument: Argument, *, example: str
) -> tuple[Command, ...]:
    """Return add, set and delete of what is itself an object: hooks, say."""
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
