"""`hookline --run`: the headless runner, or one job here and now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from tui.commandline.exits import Exit
from tui.commandline.output import Form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.storage.store import Store
    from tui.commandline.call import Call
    from tui.lists.documents import Document


OF_ONE_JOB = (
    *("object", "change", "input", "reason", "debug", "profile", "queue", "wait"),
)


def run(call: Call) -> int:
    """Work off the queue, or run one job and wait for it."""
    job = call.given.maybe("JOB")
    if job is None:
        return _work(call)
    if call.given.has("until_empty"):
        raise RequestError("--until-empty works off the queue; leave JOB out")
    store = call.open_store(create=True)
    return _run_job(call, store, job)


def _work(call: Call) -> int:
    from receivers.service.runner import RunnerOptions
    from receivers.service.runner import run as work
    from receivers.service.talk import set_up_logging

    for option in OF_ONE_JOB:
        if call.given.has(option):
            raise RequestError(f"--{option} belongs to one job: --run JOB --{option}")
    set_up_logging(call.output.talk)
    store = call.open_store(create=True, durable=False)
    options = RunnerOptions(
        until_empty=call.given.has("until_empty"), is_quiet=call.output.is_quiet
    )
    return work(store, options, call.output.talk)


def _run_job(call: Call, store: Store, job: str) -> int:
    from receivers.service.alone import run_one
    from tui.commandline.runs import follow
    from tui.words.jobs import find_job, read_arguments

    user = call.user
    record = find_job(job)
    target = _target(call, record)
    arguments = read_arguments(record, call.given.all("KEY=VALUE"), _input(call))
    target |= {
        "arguments": arguments,
        "reason": call.given.option("reason") or "",
        "profile": call.given.has("profile"),
    }
    if (queue := call.given.option("queue")) is not None:
        return _queue_job(call, record, queue, target)
    result = run_one(
        store,
        record,
        user,
        heard=Hearing(call),
        debug=call.given.has("debug"),
        waits=lambda runs: _say_waits(call, runs),
        **target,
    )
    _write(call, result)
    if store.settings.notify:
        _notify(call, store, result)
    code = Exit.OK if result.status == "SUCCESS" else Exit.FAILED
    if call.given.has("wait"):
        caused = follow(call, [result.id], seconds=call.given.number("wait"))
        code = max(code, Exit(caused))
    return code


def _notify(call: Call, store: Store, result: Any) -> None:
    from tui.actions.notifying import deliver_here

    if tried := deliver_here(store, result):
        call.output.say(f"{tried} notification{'s' * (tried != 1)} sent.")


def _queue_job(call: Call, record: Any, queue: str, target: dict[str, Any]) -> int:
    """Leave a run to a runner, in a queue of its own choice."""
    from models.runs.results import enqueue
    from tui.commandline.runs import report_run

    if call.given.has("debug"):
        raise RequestError("--debug runs the job here; leave --queue out")
    result = enqueue(record, call.user, queue=queue, **target)
    call.queued.append(result.id)
    return report_run(call, result.id)


def _target(call: Call, record: Any) -> dict[str, Any]:
    """Return what the receiver is run for: an object, a change, or nothing."""
    on, change = call.given.option("object"), call.given.option("change")
    wanted = {"button": "object", "hook": "change"}.get(record.kind)
    for name, value in (("object", on), ("change", change)):
        if value is None and name == wanted:
            raise RequestError(
                f"{record.class_path} is a {record.kind} receiver; say --{name}"
                f" {'TYPE:NAME' if name == 'object' else 'ID'}",
                on=f"--{name}",
            )
        if value is not None and name != wanted:
            raise RequestError(
                f"{record.class_path} is a {record.kind}, which takes no --{name}",
                on=f"--{name}",
            )
    if on is not None:
        from tui.words.lookup import find_object

        return {"obj": find_object(on, call.user)}
    if change is not None:
        from tui.nouns.changes import find_change

        return {"change": find_change(change, call.user)}
    return {}


def _input(call: Call) -> dict[str, Any]:
    """Return the values of --input, a JSON or YAML document of names and values."""
    name = call.given.option("input")
    if name is None:
        return {}
    from tui.loads.files import read_document

    text = sys.stdin.read() if name == "-" else _read(name)
    document = read_document(text, name)
    if not isinstance(document, dict):
        raise RequestError(f"--input {name} must hold names with values", on=name)
    return document


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"Cannot read {name}: {error}", on=name) from error


def _say_waits(call: Call, runs: list[int]) -> None:
    numbers = ", ".join(map(str, runs))
    call.output.say(f"Waits until earlier runs are over (Meta.overlap): {numbers}.")


class Hearing:
    """Shows the log of a run as it comes, as far as the user may see it."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._last = 0

    def __call__(self, entries: Sequence[Any]) -> None:
        """Show entries that were just stored."""
        from tui.commandline.runs import log_line

        output = self._call.output
        for result_id, document in self._seen(entries):
            if output.form is Form.JSON_LINES:
                output.document({"event": "log", "result": result_id, **document})
            elif output.is_for_people:
                output.line(log_line(document))
        output.flush()

    def _seen(self, entries: Sequence[Any]) -> Iterator[tuple[int, Document]]:
        from models.people.grants import permitted
        from models.runs.results import JobLogEntry
        from tui.commandline.runs import entry_document
        from tui.lists.documents import entries_seen, log_document

        user = self._call.user
        if permitted(user, JobLogEntry, "view").resolve(JobLogEntry) is None:
            yield from ((row[0], entry_document(row)) for row in entries)
            return
        results = {row[0] for row in entries}
        for entry in entries_seen(user, [*results], self._last):
            self._last = entry.id
            yield entry.result_id, log_document(entry)


def _write(call: Call, result: Any) -> None:
    from tui.commandline.runs import ending
    from tui.lists.documents import result_document

    if call.output.form is Form.JSON_LINES:
        call.output.document({"event": "end", **result_document(result, call.user)})
        return
    if not call.output.is_for_people:
        call.output.record(result_document(result, call.user))
        return
    if result.traceback:
        for line in result.traceback.splitlines():
            call.output.say(line)
    call.output.line(ending(result))
