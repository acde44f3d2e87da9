"""`hookline queue …`: what waits, what goes, and whether anything may begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import queues
from models.access import require
from models.queues import JobQueue
from models.results import JobResult
from receivers.locks import is_runner_alive
from tui.exits import Exit
from tui.listing import write_list
from tui.nouns.results import LISTING

if TYPE_CHECKING:
    from tui.call import Call


def list_queue(call: Call) -> int:
    """List the runs that wait or go, oldest first."""
    import dataclasses

    user = call.user
    rows = JobResult.objects.restrict(user, "view")
    rows = rows.filter(status__in=["PENDING", "STARTED"])
    code = write_list(call, dataclasses.replace(LISTING, sort=("id",)), rows)
    call.output.say(describe_runner(call))
    return code


def describe_runner(call: Call) -> str:
    """Say in one sentence who works the queue off."""
    paused = JobQueue.get_or_none(JobQueue.paused)
    if paused is not None:
        why = f" ({paused.reason})" if paused.reason else ""
        by = paused.paused_by or "somebody"
        return f"The queue was paused by {by}{why}; `hookline queue resume` goes on."
    if is_runner_alive(call.store):
        return "A runner is alive."
    return "No runner is alive; `hookline --run` starts one."


def pause_queue(call: Call) -> int:
    """Begin no more runs."""
    require(call.user, "change", JobQueue, what="the queue")
    queues.pause(by=call.user.username, reason=call.given.option("reason") or "")
    call.output.say("The queue is paused.")
    return Exit.OK


def resume_queue(call: Call) -> int:
    """Begin runs again."""
    require(call.user, "change", JobQueue, what="the queue")
    queues.resume()
    call.output.say("The queue is going.")
    return Exit.OK
