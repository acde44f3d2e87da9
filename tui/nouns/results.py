"""`hookline result …`: runs, their logs, and what can be done about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import NotFoundError, RequestError
from models.objects.names import Finder, not_found
from models.objects.queries import Q
from models.objects.types import labels
from models.runs import attention
from models.runs.queues import find
from models.runs.results import FINAL, JobResult
from tui.actions import results as result_actions
from tui.commandline.exits import Exit
from tui.commandline.output import Form
from tui.commandline.runs import (
    after_change,
    follow,
    report_run,
    run_documents,
    write_result,
)
from tui.lists.documents import result_document, result_documents
from tui.lists.listing import (
    Listing,
    by_number,
    is_number,
    read_filter,
    where_words,
    write_list,
)
from tui.words.filters import read_boolean
from tui.words.grammar import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.people.access import User
    from tui.actions.results import Deed
    from tui.commandline.call import Call
    from tui.lists.documents import Document
    from tui.words.grammar import Term

COLUMNS = ("id", "status", "job", "object", "user", "created", "duration_s", "error")


def _documents(rows: Any, _user: User) -> Iterator[Document]:
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
    from models.objects.types import get_type

    return get_type(label)


def _hook(term: Term) -> Q:
    from models.automation.hooks import JobHook

    return Q(hook_id__in=[Finder().find(JobHook, value).id for value in term.values])


def _button(term: Term) -> Q:
    from models.automation.buttons import JobButton

    rows = [Finder().find(JobButton, value) for value in term.values]
    return Q(button_id__in=[row.id for row in rows])


def _schedule(term: Term) -> Q:
    from models.timing.schedules import JobSchedule

    rows = [Finder().find(JobSchedule, value) for value in term.values]
    return Q(schedule_id__in=[row.id for row in rows])


def _status(term: Term) -> Q:
    return Q(status__in=[value.upper() for value in term.values])


def _acknowledged(term: Term, user: User) -> Q:
    if not term.values:
        raise RequestError(f"{term.key} is yes or no", on=term.key)
    condition = attention.unseen_condition(user)
    return ~condition if read_boolean(term.values[0], term.key) else condition


LISTING = Listing(
    model=JobResult,
    columns=COLUMNS,
    documents=_documents,
    sort=("-id",),
    search=("name", "job_path", "object_name", "error"),
    aliases={"job": "job_path", "user": "user_name", "change": "change_id"},
    special={
        "object": _object,
        "hook": _hook,
        "button": _button,
        "schedule": _schedule,
        "status": _status,
    },
    personal={"acknowledged": _acknowledged},
    internal=(
        *("user_name", "job_path", "change_id", "hook_id", "button_id", "schedule_id"),
        *("object_id", "arguments", "owner", "token", "order_key", "blocked"),
        *("source_hash", "root_change_id", "cancel_requested", "result"),
    ),
)


def list_results(call: Call) -> int:
    """List job results, newest first."""
    assert call.store
    rows = JobResult.objects.all()
    if call.given.has("unseen"):
        rows = rows.filter(attention.unseen_condition(call.user))
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
        call.output.record(result_document(row, call.user))
    return Exit.OK


def follow_result(call: Call) -> int:
    """Show a log as it comes, until the run is over."""
    row = find_result(call, call.given.word("RESULT"))
    return follow(call, [row.id], seconds=call.given.number("wait"), show=True)


def chosen_ids(call: Call) -> list[int]:
    """Return the numbers of the job results that the words name, oldest first.

    Words are numbers, or else together a filter.

    Raises:
        RequestError: There are none, or a filter is wrong.
        NotFoundError: There is no result of a number.
    """
    user = call.user  # before anything is looked up: it opens the store
    words = call.given.all("RESULT")
    if not words and not call.given.has("where"):
        raise RequestError(
            f"`hookline {call.command.words}` wants numbers of job results, or a"
            f" filter. Usage: {call.command.usage}"
        )
    if call.given.has("where"):
        numbers = [word for word in words if is_number(word)]
        if numbers:
            raise RequestError(
                f"Either numbers or a filter: {numbers[0]} goes without --where.",
                on=numbers[0],
            )
        words = (*words, *where_words(call.given))
    elif all(is_number(word) for word in words):
        return sorted({find_result(call, word).id for word in words})
    rows = JobResult.objects.restrict(user, "view")
    rows = rows.filter(read_filter(LISTING, words, user)).order_by("id")
    return [row[0] for row in rows.values_list("id")]


def _is_one(call: Call) -> bool:
    words = call.given.all("RESULT")
    return len(words) == 1 and is_number(words[0]) and not call.given.has("where")


def rerun_result(call: Call) -> int:
    """Queue the same run again, with other inputs if given, or each of many."""
    first, *inputs = call.given.all("RESULT") or ("",)
    is_alone = not call.given.has("where")
    if is_alone and is_number(first) and all("=" in word for word in inputs):
        return _rerun_one(call, first, inputs)
    ids = chosen_ids(call)
    _confirm(call, ids, "Run {} again?")
    named = is_alone and all(is_number(word) for word in call.given.all("RESULT"))
    deed = result_actions.rerun_all(
        ids,
        call.user,
        interrupted=named or call.given.has("interrupted"),
        **_options(call),
    )
    call.queued += deed.done
    return _report(call, deed, f"{len(deed.done):,} queued again")


def _rerun_one(call: Call, number: str, inputs: list[str]) -> int:
    row = find_result(call, number)
    arguments = None
    if inputs and row.job is not None:
        from tui.words.jobs import read_arguments

        arguments = read_arguments(row.job, inputs, row.arguments)
    result = result_actions.rerun(row, call.user, arguments, **_options(call))
    call.queued.append(result.id)
    return report_run(call, result.id)


def _options(call: Call) -> dict[str, Any]:
    """Return how the runs go, where the call says so."""
    queue = call.given.option("queue")
    options: dict[str, Any] = {} if queue is None else {"queue": find(queue).name}
    return options | ({"profile": True} if call.given.has("profile") else {})


def _confirm(call: Call, ids: list[int], question: str) -> None:
    """Count first, by status, and ask."""
    if not ids:
        return
    counts = dict.fromkeys(("PENDING", "STARTED", *sorted(FINAL)), 0)
    for start in range(0, len(ids), attention.PIECE):
        piece = JobResult.id.in_(ids[start : start + attention.PIECE])
        for row in JobResult.select(JobResult.status).where(piece):
            counts[row.status] += 1
    parts = ", ".join(
        f"{count:,} {status}" for status, count in counts.items() if count
    )
    runs = "1 run" if len(ids) == 1 else f"{len(ids):,} runs"
    call.confirm(question.format(f"{runs} ({parts})"))


def _report(call: Call, deed: Deed, said: str) -> int:
    """Say what was done and what was refused, and why; 5 if anything was."""
    output = call.output
    output.say(f"{said}, {len(deed.refused):,} refused.")
    for reason in deed.reasons():
        output.say(reason)
    code = after_change(call)
    if output.is_for_people:
        for number in deed.done:
            output.line(str(number))
    else:
        refused = [{"id": number, "reason": why} for number, why in deed.refused]
        output.record({"runs": run_documents(deed.done), "refused": refused})
    return code or (Exit.REFUSED if deed.refused else Exit.OK)


def cancel_result(call: Call) -> int:
    """Take a run off the queue, or stop it; or each of many."""
    if not _is_one(call):
        ids = chosen_ids(call)
        _confirm(call, ids, "Cancel {}?")
        deed = result_actions.cancel_all(ids, call.user)
        return _report(call, deed, f"{len(deed.done):,} cancelled or being stopped")
    row = find_result(call, call.given.word("RESULT"))
    from receivers.queueing import cancelling

    cancelling.require_cancellable(row, call.user)
    call.confirm(f"Cancel {row}?")
    status = cancelling.cancel(row, call.user)
    call.output.say(
        f"{row} is cancelled." if status == "REVOKED" else f"{row} is being stopped."
    )
    return Exit.OK


def export_result(call: Call) -> int:
    """Write a run's log to a file, or to stdout."""
    from pathlib import Path

    from tui.actions import export as result_export

    row = find_result(call, call.given.word("RESULT"))
    entries = result_export.chosen_entries(
        row,
        call.user,
        level=call.given.option("level") or "",
        grouping=call.given.option("grouping"),
    )
    form, target = call.given.option("form") or "", call.given.option("output")
    if target is not None:
        path = result_export.write_export(row, entries, Path(target), call.user, form)
        call.output.say(f"{row}: {entries.count():,} log entries in {path}.")
        return Exit.OK
    for piece in result_export.export(row, entries, form or _form(call), call.user):
        for line in piece.splitlines():
            call.output.line(line)
    return Exit.OK


def _form(call: Call) -> str:
    return {Form.JSON: "json", Form.CSV: "csv"}.get(call.output.form, "text")


def save_result_file(call: Call) -> int:
    """Copy a file that a run made out of the store."""
    from pathlib import Path

    from tui.actions import export as result_export

    row = find_result(call, call.given.word("RESULT"))
    file = result_export.find_file(row, call.given.maybe("NAME"))
    target = call.given.option("output")
    if target is None:
        call.output.raw(result_export.stored_path(file).read_bytes())
        return Exit.OK
    path = result_export.save_file(file, Path(target))
    call.output.say(f"{file.name} is saved as {path}.")
    return Exit.OK


def ack_results(call: Call) -> int:
    """Mark failed and interrupted runs as seen by the user."""
    if call.given.has("all"):
        if call.given.all("RESULT") or call.given.has("where"):
            raise RequestError("--all acknowledges everything; leave the filter out")
        count = attention.acknowledge(call.user)
    else:
        count = attention.acknowledge(call.user, chosen_ids(call))
    call.output.say(f"{count:,} acknowledged.")
    return Exit.OK
