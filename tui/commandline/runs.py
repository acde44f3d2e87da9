"""Runs that a command caused: saying who takes them, and following them to their end.

What goes wrong in a run is the run's affair; here it only decides the exit code.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from models.errors import RequestError, TimedOutError
from models.runs.results import FINAL, JobResult
from tui.commandline.exits import Exit
from tui.commandline.output import Form
from tui.lists.documents import entries_seen, log_document, result_document
from tui.looks.cells import cell, moment

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Sequence

    from tui.commandline.call import Call
    from tui.lists.documents import Document

LOOK_S = 0.05
LEVEL_WIDTH = 8
ENTRY_COLUMNS = ("time", "level", "grouping", "message", "object_name", "object_url")


def report(call: Call, document: Document, said: str, answer: str) -> int:
    """Write what a command did, with the runs that it caused; return the exit code.

    Args:
        call: The call that did it.
        document: What it made or changed, for JSON; `runs` is added to it.
        said: One sentence for people.
        answer: What people's scripts want of it, such as the new id.
    """
    if call.output.is_for_people:
        call.output.say(said)
        call.output.line(answer)
        return after_change(call)
    code = after_change(call)
    call.output.record({**document, "runs": run_documents(call.queued)})
    return code


def run_documents(ids: Sequence[int]) -> list[Document]:
    """Return the runs that a command queued, in short."""
    rows = JobResult.select().where(JobResult.id.in_(list(ids))).order_by(JobResult.id)
    return [{"id": r.id, "job": r.job_path, "status": r.status} for r in rows]


def after_change(call: Call) -> int:
    """Say how many runs were queued and who takes them; wait for them if asked."""
    if not call.queued:
        return Exit.OK
    say_who(call)
    if not call.given.has("wait"):
        return Exit.OK
    return follow(call, call.queued, seconds=call.given.number("wait"))


def report_run(call: Call, result_id: int) -> int:
    """Write the one run that a command queued; with --wait, how it ended."""
    say_who(call)
    code = int(Exit.OK)
    if call.given.has("wait"):
        seconds = call.given.number("wait")
        code = follow(call, [result_id], seconds=seconds, show=True)
    elif call.output.is_for_people:
        call.output.line(str(result_id))
    if call.output.form in {Form.JSON, Form.CSV}:
        call.output.record(result_document(JobResult.get_by_id(result_id), call.user))
    elif call.output.form is Form.JSON_LINES and not call.given.has("wait"):
        call.output.document(result_document(JobResult.get_by_id(result_id), call.user))
    return code


def say_who(call: Call) -> None:
    """Tell how many runs were queued, and who will take them."""
    from receivers.queueing.locks import is_runner_alive

    count = len(call.queued)
    runs = f"{count:,} run{'s' * (count != 1)} queued"
    if is_runner_alive(call.store):
        call.output.say(f"{runs}; the runner takes them.")
    elif call.given.has("wait"):
        call.output.say(f"{runs}.")
    else:
        call.output.say(
            f"{runs}, and no runner is alive. `hookline --run --until-empty` works them"
            " off."
        )


def follow(
    call: Call,
    ids: Sequence[int],
    *,
    seconds: float | None = None,
    show: bool = False,
) -> int:
    """Follow runs, and all that they cause, until every one has ended.

    Args:
        call: The call that waits.
        ids: The job results.
        seconds: How long to wait; for ever without it.
        show: Whether the log is this command's result, or talk beside it.

    Returns:
        0 if every run ended SUCCESS, else 1.

    Raises:
        TimedOutError: They did not end in time; they go on.
    """
    follower = Follower(call, ids, show=show)
    worker = Worker(call, may_block=seconds is None)
    call.closing.callback(worker.stop)
    deadline = None if seconds is None else time.monotonic() + seconds
    while not follower.look():
        if deadline is not None and time.monotonic() >= deadline:
            raise TimedOutError(
                f"{follower.going} of {len(follower.ids)} runs had not ended after"
                f" {seconds:g} s. They go on; `hookline result list` shows them.",
            )
        if worker is not None and worker.work():
            follower.forget()
        else:
            time.sleep(LOOK_S)
    return Exit.OK if follower.has_succeeded else Exit.FAILED


def is_private(store: Any) -> bool:
    """Tell whether a store's folder belongs to this user alone."""
    import os

    status = store.folder.stat()
    return bool(status.st_uid == os.getuid() and not status.st_mode & 0o077)


class Worker:
    """Works the queue off for a command that waits: one run here, more by a runner.

    Args:
        call: The call that waits.
        may_block: Whether one run may be waited for to its end.
    """

    def __init__(self, call: Call, *, may_block: bool) -> None:
        self._store = call.store
        self._may_block = may_block
        self._runner: subprocess.Popen[bytes] | None = None

    def work(self) -> bool:
        """Do what is due, if nobody else does; return whether a run was done here.

        Raises:
            RequestError: Nobody does, and this process may not.
        """
        from receivers.queueing import queue
        from receivers.queueing.locks import is_runner_alive

        if self._runner is not None and self._runner.poll() is None:
            return False
        if is_runner_alive(self._store):
            return False
        if not is_private(self._store):
            raise RequestError(
                "No runner is alive on this shared store, so nothing can be waited"
                " for. Its owner starts one with `hookline --run`."
            )
        due = queue.count_due(self._store, 2)
        if due == 1 and self._may_block:
            return self._run_here()
        if due:
            self._start_runner()
        return False

    def _run_here(self) -> bool:
        from receivers.queueing import queue
        from receivers.service.alone import run_in_child

        claims = queue.claim(self._store, self._store.owner(), 1)
        for claim in claims:
            run_in_child(self._store, claim)
        return bool(claims)

    def _start_runner(self) -> None:
        import subprocess

        from receivers.processes.launch import python_command

        folder = str(self._store.folder)
        self._runner = subprocess.Popen(
            python_command("receivers.service.runner", folder, "--until-empty"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """End the runner that was started, once it has finished what is running."""
        if self._runner is not None and self._runner.poll() is None:
            self._runner.terminate()
            self._runner.wait()


class Follower:
    """Looks at runs again and again, and shows what is new.

    Args:
        call: The call that waits.
        ids: The job results to begin with.
        show: Whether the log goes to stdout.
    """

    def __init__(self, call: Call, ids: Sequence[int], *, show: bool) -> None:
        self.call = call
        self.ids = list(ids)
        self.going = len(self.ids)
        self.has_succeeded = False
        self._show = show
        self._last_entry = 0
        self._ended: set[int] = set()
        self._version = -1

    def look(self) -> bool:
        """Show what is new; return whether all is over."""
        version = self.call.store.data_version()
        if version == self._version:
            return self.going == 0
        self._version = version
        self._add_caused()
        rows = list(JobResult.select().where(JobResult.id.in_(self.ids)))
        self._show_entries()
        for row in rows:
            if row.status in FINAL and row.id not in self._ended:
                self._ended.add(row.id)
                self._show_end(row)
        self.going = len(rows) - len(self._ended)
        self.has_succeeded = all(row.status == "SUCCESS" for row in rows)
        return self.going == 0

    def forget(self) -> None:
        """Look again in any case: a process's own commits change no version."""
        self._version = -1

    def _add_caused(self) -> None:
        """Add the runs that the known ones have caused; newer ids are enough."""
        known = set(self.ids)
        while True:
            query = JobResult.select(JobResult.id).where(
                JobResult.id > min(known), JobResult.caused_by.in_(list(known))
            )
            new = [row.id for row in query if row.id not in known]
            if not new:
                return
            known.update(new)
            self.ids += new

    def _show_entries(self) -> None:
        for entry in entries_seen(self.call.user, self.ids, self._last_entry):
            self._last_entry = entry.id
            self._write(entry.result_id, log_document(entry))

    def _write(self, result_id: int, document: Document) -> None:
        output = self.call.output
        if output.form is Form.JSON_LINES:
            output.document({"event": "log", "result": result_id, **document})
            output.flush()
        elif output.is_for_people:
            self._tell(result_id, log_line(document))

    def _show_end(self, row: Any) -> None:
        output = self.call.output
        if output.form is Form.JSON_LINES:
            output.document({"event": "end", **result_document(row, self.call.user)})
            output.flush()
        elif output.is_for_people:
            self._tell(row.id, ending(row))

    def _tell(self, result_id: int, text: str) -> None:
        line = text if len(self.ids) == 1 else f"#{result_id} {text}"
        if self._show:
            self.call.output.line(line)
            self.call.output.flush()
        else:
            self.call.output.say(line)


def log_line(document: Document) -> str:
    """Return a log entry as one line for people."""
    at = moment(document["time"])[11:19]
    where = f"[{document['grouping']}] " if document["grouping"] else ""
    about = document["object"]
    tail = f" ({about['name']})" if about and about["name"] else ""
    level = document["level"].ljust(LEVEL_WIDTH)
    return f"{at} {level} {where}{document['message']}{tail}"


def ending(row: Any) -> str:
    """Return how a run ended, in one line."""
    took = "" if row.duration_s is None else f" in {row.duration_s:.2f} s"
    if row.status == "SUCCESS":
        value = cell(row.result)
        return f"{row.status}{took}" + (f": {value}" if value else "")
    return f"{row.status}{took}" + (f": {row.error}" if row.error else "")


def write_result(call: Call, row: Any) -> None:
    """Write one result for people: what it was, its log, its traceback."""
    document = result_document(row, call.user)
    log = document.pop("log")
    trace = document.pop("traceback")
    hidden = {"acted_for", "due", "attempt", "caused_by", "rerun_of", "progress"}
    shown = {k: v for k, v in document.items() if k not in hidden or v}
    call.output.record(shown)
    if log:
        call.output.write("")
    for entry in log:
        call.output.line(log_line(entry))
    if trace:
        call.output.write("")
        for line in trace.splitlines():
            call.output.line(line)


def entry_document(row: Iterable[Any]) -> Document:
    """Return a log entry's document from the row that a running child sent."""
    from types import SimpleNamespace

    from models.objects.fields import from_us

    _, stamp, *rest = row
    names = dict(zip(ENTRY_COLUMNS[1:], rest, strict=True))
    return log_document(SimpleNamespace(time=from_us(stamp), **names))
