"""`hookline job …`: the authors' classes, and whether their code is trusted."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.objects.queries import Q
from models.people.access import require
from models.runs import jobs
from models.runs.jobs import SYSTEM_JOBS, JobImportError, JobRecord
from receivers.discovery.catalogue import ensure_fresh
from tui.commandline.exits import Exit
from tui.lists.documents import job_document
from tui.lists.listing import Listing, write_list
from tui.words.grammar import parse_assignments
from tui.words.jobs import find_job, takes
from tui.words.values import raw_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.people.access import User
    from tui.commandline.call import Call
    from tui.lists.documents import Document
    from tui.words.grammar import Term

COLUMNS = ("job", "name", "kind", "enabled", "error")
VARIABLE_COLUMNS = ("name", "takes", "required", "default", "description")


def _documents(rows: Any, _user: User) -> Iterator[Document]:
    return (job_document(row) for row in rows)


def _kind(term: Term) -> Q:
    system = Q(module_name__startswith=SYSTEM_JOBS)
    hook, button = Q(is_job_hook_receiver=True), Q(is_job_button_receiver=True)
    kinds = {
        "hook": hook & ~system,
        "button": button & ~system,
        "job": ~hook & ~button & ~system,
        "system": system,
    }
    unknown = [value for value in term.values if value not in kinds]
    if unknown:
        raise RequestError(
            f"kind is one of {', '.join(kinds)}, not {unknown[0]!r}",
            on="kind",
            candidates=[*kinds],
        )
    return functools.reduce(operator.or_, (kinds[value] for value in term.values))


LISTING = Listing(
    model=JobRecord,
    columns=COLUMNS,
    documents=_documents,
    sort=("module_name", "job_class_name"),
    search=("name", "module_name", "job_class_name", "description"),
    aliases={"module": "module_name", "class": "job_class_name", "job": "name"},
    special={"kind": _kind},
    unasked={"hidden": False},
    internal=("module_name", "job_class_name", "source_hash", "approved_hash"),
)


def list_jobs(call: Call) -> int:
    """List the jobs, and say which files cannot be loaded."""
    ensure_fresh(call.store)
    code = write_list(call, LISTING)
    for broken in JobImportError.select():
        call.output.say(f"{broken}")
        if broken.hint:
            call.output.say(f"  {broken.hint}")
    return code


def show_job(call: Call) -> int:
    """Show one job: its record, and what it asks for."""
    assert call.user
    record = find_job(call.given.word("JOB"))
    require(call.user, "view", record, what=record.class_path)
    document = job_document(record)
    if not call.output.is_for_people:
        call.output.record(document)
        return Exit.OK
    variables = document.pop("variables")
    call.output.record(document)
    if variables:
        call.output.write("")
        rows = [entry | {"takes": takes(entry)} for entry in variables]
        call.output.rows(VARIABLE_COLUMNS, rows)
    return Exit.OK


def enable(record: Any, user: Any) -> list[str]:
    """Trust a job's code as it is now; return what to say once that is stored.

    Raises:
        RefusedError: The user may not change job records, or it cannot be loaded.
    """
    from models.automation import configuring
    from tui.actions.hooks import left_off

    if not configuring.enable(record, user):
        return []
    return [f"{record.class_path} is enabled.{left_off(record)}"]


def enable_job(call: Call) -> int:
    """Enable jobs."""
    for record in _find_jobs(call):
        for said in enable(record, call.user):
            call.output.say(said)
    return Exit.OK


def disable_job(call: Call) -> int:
    """Disable jobs."""
    from models.automation import configuring

    for record in _find_jobs(call):
        configuring.disable(record, call.user)
        call.output.say(f"{record.class_path} is disabled.")
    return Exit.OK


def _find_jobs(call: Call) -> list[Any]:
    """Return the records of the jobs that the call names, each once."""
    assert call.user
    ensure_fresh(call.store)
    rows = [jobs.find_job(word) for word in call.given.all("JOB")]
    return list({row.id: row for row in rows}.values())


def set_job(call: Call) -> int:
    """Override what a job's class says of it."""
    from receivers.discovery import job_settings

    user = call.user
    record = find_job(call.given.word("JOB"))
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    said = job_settings.override_job(record, user, raw_values(JobRecord, assignments))
    return _show_settings(call, record.id, said)


def reset_job(call: Call) -> int:
    """Take a job's settings back to what its class says."""
    from receivers.discovery import job_settings

    user = call.user
    record = find_job(call.given.word("JOB"))
    said = job_settings.reset_job(record, user, call.given.all("FIELD"))
    return _show_settings(call, record.id, said)


def _show_settings(call: Call, key: int, said: str) -> int:
    if call.output.is_for_people:
        call.output.say(said)
    else:
        call.output.record(job_document(JobRecord.get_by_id(key)))
    return Exit.OK


def delete_job(call: Call) -> int:
    """Delete a job's record with its hooks and buttons."""
    from receivers.discovery import job_settings

    user = call.user
    record = find_job(call.given.word("JOB"))
    require(user, "delete", record, what=record.class_path)
    call.confirm(f"Delete {record.class_path} with its hooks and buttons?")
    call.output.say(job_settings.delete_job(record, user))
    return Exit.OK


def new_job(call: Call) -> int:
    """Write a file with a receiver to start from."""
    from receivers.discovery.templates import write_template

    user = call.user
    path = write_template(
        call.store.jobs_root,
        call.given.word("NAME"),
        call.given.option("kind") or "hook",
        user,
    )
    call.output.line(str(path))
    call.output.say(f"Edit it, then `hookline job enable {call.given.word('NAME')}`.")
    return Exit.OK
