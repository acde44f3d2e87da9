"""Job results: looking at runs, repeating, cancelling and acknowledging them."""

from __future__ import annotations

import dataclasses

from tui.commands import Argument, Command, Option, Scope, Situation
from tui.vocabulary.configured import listed, shown
from tui.vocabulary.words import (
    LIST_OPTIONS,
    LIST_WHERE,
    PROFILE,
    RESULT,
    RESULTS_OR_FILTER,
    WAIT,
)

FINAL = frozenset({"SUCCESS", "FAILURE", "REVOKED", "INTERRUPTED"})


def is_going(situation: Situation) -> str | None:
    """Say that there is nothing left to cancel."""
    return "it is over" if situation.row.status in FINAL else None


def is_over(situation: Situation) -> str | None:
    """Say that it must end before it can be run again."""
    return None if situation.row.status in FINAL else "it is not over yet"


COMMANDS = (
    dataclasses.replace(
        listed(
            "result",
            "Job results",
            "List job results, newest first.",
            "hookline result list status=FAILURE --limit 20",
        ),
        options=(
            Option(
                name="--unseen",
                help="Only failed or interrupted runs that you have not acknowledged.",
            ),
            *LIST_OPTIONS,
        ),
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
        help="Queue runs again, with the same inputs; a filter counts and asks. Behind"
        " one number, KEY=VALUE gives another input.",
        keys=("r",),
        scopes=(Scope.RESULTS, Scope.RESULT),
        writes=True,
        needs_row=True,
        available=is_over,
        noun="result",
        verb="rerun",
        arguments=(RESULTS_OR_FILTER,),
        options=(
            Option(
                name="--interrupted",
                help="Also those that a filter finds interrupted though they are to run"
                " once.",
            ),
            Option(
                name="--queue",
                value="NAME",
                help="Queue them there, not in their jobs' queues.",
                completes="queue",
            ),
            PROFILE,
            LIST_WHERE,
            WAIT,
        ),
        handler="tui.nouns.results:rerun_result",
        examples=(
            "hookline result rerun status=FAILURE created__gt=1h --yes",
            "hookline result rerun 1 minutes=5",
        ),
    ),
    Command(
        id="result.cancel",
        title="Cancel",
        help="Cancel runs: take them off the queue, or stop them.",
        keys=("x",),
        scopes=(Scope.RESULTS, Scope.RESULT),
        dangerous=True,
        writes=True,
        needs_row=True,
        available=is_going,
        noun="result",
        verb="cancel",
        arguments=(RESULTS_OR_FILTER,),
        options=(LIST_WHERE,),
        handler="tui.nouns.results:cancel_result",
        examples=("hookline result cancel status=PENDING job~guards --yes",),
    ),
    Command(
        id="result.ack",
        title="Acknowledge",
        help="Mark failed or interrupted runs as seen by you.",
        keys=("A",),
        scopes=(Scope.RESULTS, Scope.RESULT, Scope.HOME),
        writes=True,
        needs_row=True,
        available=is_over,
        noun="result",
        verb="ack",
        arguments=(RESULTS_OR_FILTER,),
        options=(
            Option(name="--all", help="All that you have not seen."),
            LIST_WHERE,
        ),
        handler="tui.nouns.results:ack_results",
        examples=("hookline result ack --all",),
    ),
    Command(
        id="notify.list",
        title="Notifications",
        help="List who is told of failed runs, and what is wrong with the setting.",
        noun="notify",
        verb="list",
        handler="tui.nouns.notify:list_targets",
        examples=("hookline notify list",),
    ),
    Command(
        id="notify.test",
        title="Test notifications",
        help="Send a test to each target of the setting notify, or to some.",
        keys=("t",),
        scopes=(Scope.NOTIFICATIONS,),
        writes=True,
        noun="notify",
        verb="test",
        arguments=(
            Argument(name="TARGET", help="Names of targets.", optional=True, many=True),
        ),
        handler="tui.nouns.notify:test_targets",
    ),
)
