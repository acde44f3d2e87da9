"""`hookline queue …`: which runs go first, how many at once, and what is paused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.inputs import assign
from models.runs import queues
from models.runs.queues import JobQueue
from models.runs.results import JobResult
from models.storage.store import current_store
from receivers.queueing.locks import is_runner_alive
from tui.commandline.exits import Exit
from tui.lists.listing import Listing, write_list
from tui.nouns.results import LISTING as RESULTS
from tui.words.grammar import parse_assignments
from tui.words.values import raw_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from models.people.access import User
    from tui.commandline.call import Call
    from tui.lists.documents import Document

COLUMNS = ("name", "priority", "run_limit", "paused", "waiting", "going", "reason")


def _documents(rows: Iterable[Any], _user: User) -> Iterator[Document]:
    counts = open_runs()
    for row in rows:
        yield {
            "id": row.id,
            "name": row.name,
            "priority": row.priority,
            "run_limit": row.run_limit,
            "paused": row.paused,
            "paused_by": row.paused_by,
            "paused_at": row.paused_at,
            "reason": row.reason,
            "waiting": counts.get((row.name, "PENDING"), 0),
            "going": counts.get((row.name, "STARTED"), 0),
        }


def open_runs() -> dict[tuple[str, str], int]:
    """Return how many runs of each queue wait and go."""
    rows = current_store().execute(
        "SELECT queue, status, count(*) FROM job_result"
        " WHERE status IN ('PENDING', 'STARTED') GROUP BY queue, status"
    )
    return {(queue, status): count for queue, status, count in rows}


LISTING = Listing(
    model=JobQueue,
    columns=COLUMNS,
    documents=_documents,
    sort=("priority", "name"),
    search=("name",),
)


def list_queues(call: Call) -> int:
    """List the queues, and say who takes the runs."""
    assert call.store
    code = write_list(call, LISTING)
    call.output.say(describe_runner(call))
    return code


def describe_runner(call: Call) -> str:
    """Say in one sentence who works the queues off."""
    paused = list(JobQueue.select().where(JobQueue.paused).order_by(JobQueue.name))
    if paused:
        names = ", ".join(row.name for row in paused)
        why = f" ({paused[0].reason})" if paused[0].reason else ""
        by = paused[0].paused_by or "somebody"
        many = "Queues" if len(paused) > 1 else "The queue"
        were = "were" if len(paused) > 1 else "was"
        return (
            f"{many} {names} {were} paused by {by}{why}; `hookline queue resume` goes"
            " on."
        )
    if is_runner_alive(call.store):
        return "A runner is alive."
    return "No runner is alive; `hookline --run` starts one."


def show_queue(call: Call) -> int:
    """List the runs of a queue that wait or go, oldest first."""
    import dataclasses

    user = call.user
    row = queues.find(call.given.word("QUEUE"))
    rows = JobResult.objects.restrict(user, "view")
    rows = rows.filter(status__in=["PENDING", "STARTED"], queue=row.name)
    return write_list(call, dataclasses.replace(RESULTS, sort=("id",)), rows)


def add_queue(call: Call) -> int:
    """Make a queue."""
    assert call.store
    return _save(call, JobQueue())


def set_queue(call: Call) -> int:
    """Change a queue."""
    assert call.store
    return _save(call, queues.find(call.given.word("QUEUE")))


def _save(call: Call, row: JobQueue) -> int:
    verb = "changed" if row.present_in_database else "made"
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    assign(row, raw_values(JobQueue, assignments))
    queues.save(row, call.user)
    if call.output.is_for_people:
        call.output.say(f"{row} {verb}.")
    else:
        call.output.record(next(_documents([row], call.user)))
    return Exit.OK


def delete_queue(call: Call) -> int:
    """Delete a queue."""
    user = call.user
    row = queues.find(call.given.word("QUEUE"))
    queues.require_delete(row, user)
    call.confirm(f"Delete the queue {row}?")
    queues.delete(row, user)
    call.output.say(f"{row} deleted.")
    return Exit.OK


def pause_queue(call: Call) -> int:
    """Begin no more runs of a queue, or of all."""
    user, name = call.user, call.given.maybe("QUEUE")
    queues.pause(user, reason=call.given.option("reason") or "", name=name)
    which = f"The queue {name} is" if name else "All queues are"
    call.output.say(f"{which} paused.")
    return Exit.OK


def resume_queue(call: Call) -> int:
    """Begin runs of a queue, or of all, again."""
    user, name = call.user, call.given.maybe("QUEUE")
    queues.resume(user, name=name)
    call.output.say(f"{f'The queue {name} is' if name else 'All queues are'} going.")
    return Exit.OK
