"""`hookline result …`: runs, their logs, and what can be done about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import NotFoundError
from models.names import Finder, not_found
from models.queries import Q
from models.results import JobResult
from models.types import labels
from tui import result_actions
from tui.documents import result_document, result_documents
from tui.exits import Exit
from tui.grammar import parse_reference
from tui.listing import Listing, by_number, write_list
from tui.runs import follow, report_run, write_result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.call import Call
    from tui.documents import Document
    from tui.grammar import Term

COLUMNS = ("id", "status", "job", "object", "user", "created", "duration_s", "error")


def _documents(rows: Any) -> Iterator[Document]:
    return result_documents(rows.iterator())


def _object(term: Term) -> Q:
    found = Q(pk__in=[])
    for value in term.values:
        reference = parse_reference(value)
        label = labels([reference.type])[0]
        named = Q(object_type=label, object_name=reference.rest)
        model = _model(label)
        keys = [row.pk.bytes for row in Finder().matching(model, reference.rest)]
        whole = named | Q(object_id__in=keys)
        if not JobResult.objects.filter(whole).exists() and not keys:
            raise not_found(model, reference.rest)
        found = found | whole
    return found


def _model(label: str) -> Any:
    from models.types import get_type

    return get_type(label)


def _hook(term: Term) -> Q:
    from models.hooks import JobHook

    return Q(hook_id__in=[Finder().find(JobHook, value).id for value in term.values])


def _button(term: Term) -> Q:
    from models.buttons import JobButton

    rows = [Finder().find(JobButton, value) for value in term.values]
    return Q(button_id__in=[row.id for row in rows])


def _status(term: Term) -> Q:
    return Q(status__in=[value.upper() for value in term.values])


LISTING = Listing(
    model=JobResult,
    columns=COLUMNS,
    documents=_documents,
    sort=("-id",),
    search=("name", "job_path", "object_name", "error"),
    aliases={"job": "job_path", "user": "user_name", "change": "change_id"},
    special={"object": _object, "hook": _hook, "button": _button, "status": _status},
)


def list_results(call: Call) -> int:
    """List job results, newest first."""
    user = call.user
    rows = JobResult.objects.restrict(user, "view")
    return write_list(call, LISTING, rows)


def find_result(call: Call, word: str) -> Any:
    """Return the job result with a number, if the user may see it.

    Raises:
        NotFoundError: There is none.
    """
    number = by_number(word, "job result")
    user = call.user
    rows = list(JobResult.objects.restrict(user, "view").filter(id=number))
    if not rows:
        raise NotFoundError(
            f"There is no job result {number}. `hookline result list` shows them.",
            on=word,
        )
    return rows[0]


def show_result(call: Call) -> int:
    """Show one job result with its log."""
    row = find_result(call, call.given.word("RESULT"))
    if call.output.is_for_people:
        write_result(call, row)
    else:
        call.output.record(result_document(row))
    return Exit.OK


def follow_result(call: Call) -> int:
    """Show a log as it comes, until the run is over."""
    row = find_result(call, call.given.word("RESULT"))
    return follow(call, [row.id], seconds=call.given.number("wait"), show=True)


def rerun_result(call: Call) -> int:
    """Queue the same run again."""
    row = find_result(call, call.given.word("RESULT"))
    result = result_actions.rerun(row, call.user)
    call.queued.append(result.id)
    return report_run(call, result.id)


def cancel_result(call: Call) -> int:
    """Take a run off the queue, or stop it."""
    row = find_result(call, call.given.word("RESULT"))
    result_actions.require_cancellable(row, call.user)
    call.confirm(f"Cancel {row}?")
    status = result_actions.cancel(row, call.user)
    call.output.say(
        f"{row} is cancelled." if status == "REVOKED" else f"{row} is being stopped."
    )
    return Exit.OK


def ack_results(call: Call) -> int:
    """Mark failed and interrupted runs as seen."""
    assert call.user
    words = call.given.all("RESULT")
    ids = [find_result(call, word).id for word in words] if words else None
    call.output.say(f"{result_actions.acknowledge(ids)} acknowledged.")
    return Exit.OK
