"""Queues: which runs go first, how many go at once, and which are paused."""

from __future__ import annotations

from tui.commands import Argument, Command, Scope, Situation
from tui.vocabulary.configured import listed
from tui.vocabulary.words import REASON, VALUES

QUEUE = Argument(name="QUEUE", help="The name of a queue.", completes="queue")
ONE_OR_ALL = Argument(
    name="QUEUE",
    help="The name of a queue; all without it.",
    optional=True,
    completes="queue",
)


def is_paused(situation: Situation) -> str | None:
    """Say that it is paused already."""
    return "it is paused already" if situation.row.paused else None


def is_working(situation: Situation) -> str | None:
    """Say that it is not paused."""
    return None if situation.row.paused else "it is not paused"


COMMANDS = (
    listed(
        "queue",
        "Queues",
        "List the queues, with how many runs wait and go, and say who takes them.",
        "hookline queue list",
    ),
    Command(
        id="queue.show",
        title="Runs",
        help="List the runs of a queue that wait or go, oldest first.",
        keys=("enter",),
        scopes=(Scope.QUEUES,),
        needs_row=True,
        noun="queue",
        verb="show",
        arguments=(QUEUE,),
        handler="tui.nouns.queues:show_queue",
        examples=("hookline queue show default",),
    ),
    Command(
        id="queue.add",
        title="Add",
        help="Make a queue.",
        keys=("a",),
        scopes=(Scope.QUEUES,),
        writes=True,
        noun="queue",
        verb="add",
        arguments=(VALUES,),
        handler="tui.nouns.queues:add_queue",
        examples=("hookline queue add name=slow priority=10 run_limit=2",),
    ),
    Command(
        id="queue.set",
        title="Edit",
        help="Change a queue; what waits in it takes on its priority.",
        keys=("e",),
        scopes=(Scope.QUEUES,),
        writes=True,
        needs_row=True,
        noun="queue",
        verb="set",
        arguments=(QUEUE, VALUES),
        handler="tui.nouns.queues:set_queue",
    ),
    Command(
        id="queue.delete",
        title="Delete",
        help="Delete a queue that no job uses and that holds no runs.",
        keys=("D",),
        scopes=(Scope.QUEUES,),
        dangerous=True,
        writes=True,
        needs_row=True,
        noun="queue",
        verb="delete",
        arguments=(QUEUE,),
        handler="tui.nouns.queues:delete_queue",
    ),
    Command(
        id="queue.pause",
        title="Pause",
        help="Begin no more runs of a queue, or of all; those that go, go on.",
        keys=("minus",),
        scopes=(Scope.QUEUES,),
        writes=True,
        needs_row=True,
        available=is_paused,
        noun="queue",
        verb="pause",
        arguments=(ONE_OR_ALL,),
        options=(REASON,),
        handler="tui.nouns.queues:pause_queue",
    ),
    Command(
        id="queue.resume",
        title="Resume",
        help="Begin runs of a queue, or of all, again.",
        keys=("plus",),
        scopes=(Scope.QUEUES,),
        writes=True,
        needs_row=True,
        available=is_working,
        noun="queue",
        verb="resume",
        arguments=(ONE_OR_ALL,),
        handler="tui.nouns.queues:resume_queue",
    ),
)
