"""Commands that several nouns have alike: list, show, add, set, delete, on and off."""

from __future__ import annotations

import dataclasses
from typing import Any

from tui.commands import Argument, Command, Option, Scope, Situation
from tui.vocabulary.words import FILTERS, LIST_OPTIONS, VALUES

ENABLE_JOB = Option(name="--enable-job", help="Enable the job too, so that it may run.")

ALONE = {
    Scope.HOOKS: Scope.HOOK,
    Scope.BUTTONS: Scope.BUTTON,
    Scope.SCHEDULES: Scope.SCHEDULE,
    Scope.JOBS: Scope.JOB,
    Scope.USERS: Scope.USER,
    Scope.GROUPS: Scope.GROUP,
    Scope.PERMISSIONS: Scope.PERMISSION,
}
"""The screen of one row, by the scope of the list; most commands work on both."""


def is_off(situation: Situation) -> str | None:
    """Say that there is nothing to enable, or why it cannot be."""
    error = getattr(situation.row, "error", None)
    if error and not hasattr(situation.row, "next_fire"):  # a schedule's is of the past
        return f"it cannot be loaded: {error}"
    if getattr(situation.row, "is_changed", False):
        return None  # once more, for the code as it is now
    return "it is enabled already" if _is_switched_on(situation.row) else None


def is_on(situation: Situation) -> str | None:
    """Say that there is nothing to disable."""
    return None if _is_switched_on(situation.row) else "it is disabled already"


def _is_switched_on(row: Any) -> bool:
    return bool(getattr(row, getattr(row, "switch", "enabled")))


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
        permission="change",
        available=is_off if verb == "enable" else is_on,
        noun=noun,
        verb=verb,
        arguments=(argument,),
        handler=f"tui.nouns.{noun}s:{verb}_{noun}",
    )


def configured(  # noqa: PLR0913 - what tells the nouns apart, by keyword
    noun: str,
    scope: Scope,
    argument: Argument,
    *,
    example: str,
    named: tuple[Argument, ...] = (),
    options: tuple[Option, ...] = (ENABLE_JOB,),
    stays: str = "its past results stay",
) -> tuple[Command, ...]:
    """Return add, set and delete of a configuration row.

    `named` are words before the values of a new one; `stays` is what a deletion leaves.
    """
    plural = f"tui.nouns.{noun}s"
    values = dataclasses.replace(VALUES, optional=True) if named else VALUES
    return (
        Command(
            id=f"{noun}.add",
            title="Add",
            help=f"Make a {noun}.",
            keys=("a",),
            scopes=(scope,),
            writes=True,
            permission="add",
            noun=noun,
            verb="add",
            arguments=(*named, values),
            options=options,
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
            permission="change",
            noun=noun,
            verb="set",
            arguments=(argument, VALUES),
            options=options,
            handler=f"{plural}:set_{noun}",
        ),
        _deleted(noun, scope, argument, stays),
    )


def _deleted(noun: str, scope: Scope, argument: Argument, stays: str) -> Command:
    return Command(
        id=f"{noun}.delete",
        title="Delete",
        help=f"Delete a {noun}; {stays}.",
        keys=("D",),
        scopes=(scope, ALONE[scope]),
        dangerous=True,
        writes=True,
        needs_row=True,
        permission="delete",
        noun=noun,
        verb="delete",
        arguments=(argument,),
        handler=f"tui.nouns.{noun}s:delete_{noun}",
    )
