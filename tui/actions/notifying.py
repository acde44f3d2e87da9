"""Notifications for every front end: who is told, and trying it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.people.access import require
from models.runs.notices import MODULE, notification_record
from models.runs.results import JobResult, enqueue
from models.settings.targets import STATUSES, read_targets
from tui.commands import not_found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.people.access import User
    from models.settings.targets import Target
    from models.storage.store import Store
    from tui.lists.documents import Document

FILTERS = ("hooks", "buttons", "jobs")


def chosen_targets(store: Store, names: Sequence[str]) -> list[Target]:
    """Return the targets of the setting `notify` by name; all of them without names.

    Raises:
        RequestError: The setting names nobody.
        NotFoundError: It does not name one of these.
    """
    known = {target.name: target for target in read_targets(store.settings.notify)}
    if not known:
        raise RequestError(
            "The setting notify names nobody. Add a webhook, a command or a mail"
            f" address to {store.folder / 'config.yaml'}.",
            on="notify",
        )
    for name in names:
        if name not in known:
            raise not_found("target", name, known)
    return [known[name] for name in names] if names else list(known.values())


def listed_targets(store: Store, user: User) -> list[Document]:
    """Return all targets as lists show them.

    Raises:
        RefusedError: The user may not see the shipped job.
    """
    require(user, "view", notification_record(), what="who is told of failed runs")
    return [_document(store, one) for one in read_targets(store.settings.notify)]


def _document(store: Store, target: Target) -> Document:
    filters = {key: list(getattr(target, key)) for key in FILTERS}
    return {
        "name": target.name,
        "kind": target.kind,
        "place": target.place,
        "statuses": list(target.statuses),
        "filter": " ".join(
            f"{key}={','.join(names)}" for key, names in filters.items() if names
        ),
        "problem": "; ".join(problems(store, target)) or None,
    }


def problems(store: Store, target: Target) -> Iterator[str]:
    """Yield what in the setting names nothing."""
    from models.automation.buttons import JobButton
    from models.automation.hooks import JobHook
    from models.runs.jobs import JobRecord

    for secret in target.secrets():
        if secret not in store.settings.secrets:
            yield f"the settings name no secret {secret!r}"
    for kind, names, model in (
        ("hook", target.hooks, JobHook),
        ("button", target.buttons, JobButton),
    ):
        known = {row.name for row in model.select(model.name)} if names else set()
        yield from (
            f"there is no {kind} {name!r}" for name in names if name not in known
        )
    if target.jobs:
        records = list(JobRecord.select())
        jobs = {name for r in records for name in (r.class_path, r.name)}
        yield from (
            f"there is no job {name!r}" for name in target.jobs if name not in jobs
        )


def test_arguments(target: Target) -> dict[str, Any]:
    """Return what the shipped job takes for a test."""
    return {"target": target.name}


def queue_tests(store: Store, user: User) -> list[int]:
    """Queue a test of every target; return the numbers of the runs.

    Raises:
        RequestError: The setting names nobody.
        RefusedError: The user may not run the shipped job.
    """
    record = notification_record()
    return [
        enqueue(record, user, arguments=test_arguments(target)).id
        for target in chosen_targets(store, ())
    ]


def deliver_here(store: Store, result: JobResult) -> int:
    """Make one attempt to tell of a run that ended here, where no runner would.

    Returns:
        How many targets were tried.
    """
    from receivers.queueing import queue
    from receivers.queueing.locks import is_runner_alive
    from receivers.service.alone import run_in_child
    from tui.commandline.runs import is_private

    if result.status not in STATUSES or not store.settings.notify:
        return 0
    if is_runner_alive(store) or not is_private(store):
        return 0
    waiting = JobResult.select().where(
        JobResult.id > result.id,
        JobResult.job_path.startswith(MODULE),
        JobResult.status == "PENDING",
    )
    tried = 0
    for row in list(waiting):
        if row.arguments.get("result") != result.id:
            continue
        try:
            claim = queue.begin(store, row.id, store.owner())
        except LookupError:  # a runner has come meanwhile
            continue
        run_in_child(store, claim)
        tried += 1
    return tried
