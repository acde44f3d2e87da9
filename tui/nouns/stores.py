"""`hookline init`, `check`, `config show` and `info`: the store as a whole."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.automation import configuring
from models.errors import RequestError
from models.people.access import os_user, require_superuser
from models.storage.sharing import group_id, share
from tui.commandline.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.people.access import User
    from models.storage.store import Store
    from tui.commandline.call import Call
    from tui.lists.documents import Document

CHECK_COLUMNS = ("what", "state", "detail")


def init_store(call: Call) -> int:
    """Make a store, or say that it is there."""
    folder = call.given.maybe("FOLDER")
    path = Path(folder).expanduser() if folder else call.folder
    is_new = not (path / "store.db").exists()
    group, owner = call.given.option("group"), call.given.option("owner")
    number = None if group is None else group_id(group)
    if owner is not None and not is_new:
        raise RequestError(
            f"The store {path} is there already, with its superusers. --owner is for a"
            " new one; `hookline user set NAME is_superuser=yes` makes another.",
            on="--owner",
        )
    store = call.open_store(create=True, folder=path)
    if owner is not None:
        configuring.save(os_user(), {"username": owner}, os_user())
    if number is not None:
        share(store.folder, number)
    call.output.say(_made(store.folder, group) if is_new else _there(store, group))
    call.output.line(str(store.folder))
    return Exit.OK


def _made(folder: Path, group: str | None) -> str:
    who = f"you and the group {group}" if group else "only you"
    return f"The store {folder} is made; {who} can read it."


def _there(store: Store, group: str | None) -> str:
    shared = f", and the group {group} can write to it now" if group else ""
    return f"The store {store.folder} is there already{shared}."


def show_config(call: Call) -> int:
    """Show every setting and where it was decided; the store need not be there."""
    from models.settings.layers import load_settings

    config = call.given.option("config")
    settings = load_settings(call.folder, config=Path(config) if config else None)
    rows = [
        {"setting": key, "value": value, "from": origin}
        for key, value, origin in settings.items()
    ]
    call.output.rows(("setting", "value", "from"), rows)
    return Exit.OK


def apply_config(call: Call) -> int:
    """Make, change and delete the hooks and buttons that config.yaml names."""
    from models.automation import ascode
    from receivers.discovery.catalogue import ensure_fresh

    user = call.user
    ensure_fresh(call.store)
    done = ascode.apply(call.store, user)
    call.output.say(f"{ascode.CONFIG} applied: {done}.")
    if not call.output.is_for_people:
        call.output.record(dataclasses.asdict(done))
    return Exit.OK


def show_info(call: Call) -> int:
    """Say where the store is, what is in it, and who works it off."""
    from models.runs.attention import count_unseen
    from models.runs.jobs import JobImportError
    from tui.cli import VERSION
    from tui.pages import health

    state = health.read_queue(call.store)
    runner = health.runner_document(call.store)
    document = {
        "store": str(call.store.folder),
        "version": VERSION,
        "user": str(call.user),
        **health.sizes(call.store),
        "durability": call.store.settings.durability,
        "jobs_folder": str(call.store.jobs_root),
        "objects": _count_objects(call.user),
        **_counts(call.user),
        "runs_due": state.due,
        "runs_later": state.later,
        "runs_going": state.going,
        "runs_unseen": sum(count_unseen(call.user).values()),
        "broken_job_files": JobImportError.select().count(),
        "runner": runner["detail"],
        "runner_pid": runner["pid"],
        "runner_since": runner["since"],
        "queue_paused": state.paused,
        "last_failures": health.last_failures(call.user),
    }
    if call.output.is_for_people:
        failures = document.pop("last_failures")
        call.output.record(document)
        for row in failures:
            said = f"run {row['id']} of {row['job']}: {row['status']}"
            call.output.line(f"{said}: {row['error']}" if row["error"] else said)
    else:
        call.output.record(document)
    return Exit.OK


def _count_objects(user: User) -> int:
    from models.objects.types import object_types

    types: Any = object_types().values()
    return sum(model.objects.restrict(user, "view").count() for model in types)


def _counts(user: User) -> Document:
    from models.automation.buttons import JobButton
    from models.automation.hooks import JobHook
    from models.history.changes import ObjectChange
    from models.runs.jobs import JobRecord
    from models.runs.results import JobResult
    from models.timing.schedules import JobSchedule

    counted: dict[str, Any] = {
        "changes": ObjectChange,
        "hooks": JobHook,
        "buttons": JobButton,
        "schedules": JobSchedule,
        "jobs": JobRecord,
        "results": JobResult,
    }
    return {
        name: model.objects.restrict(user, "view").count()
        for name, model in counted.items()
    }


def check_store(call: Call) -> int:
    """Look for damage in the store and what is in it; or look at its runner."""
    if call.given.has("runner"):
        return _check_runner(call)
    rows = [
        {"what": what, "state": state, "detail": detail}
        for what, state, detail in _checks(call)
    ]
    call.output.rows(CHECK_COLUMNS, rows)
    is_damaged = any(row["state"] == "damaged" for row in rows)
    return Exit.STORE if is_damaged else Exit.OK


def _check_runner(call: Call) -> int:
    """Say in one line whether a runner works, for monitoring; 1 if none does."""
    from tui.pages.health import DUE_LIMIT_S, runner_document

    limit = call.given.number("max_due")
    document = runner_document(
        call.store, limit_s=DUE_LIMIT_S if limit is None else limit
    )
    if call.output.is_for_people:
        call.output.line(
            f"{'ok' if document['ok'] else 'problem'}: {document['detail']}"
        )
    else:
        call.output.record(document)
    return Exit.OK if document["ok"] else Exit.FAILED


def _checks(call: Call) -> Iterator[tuple[str, str, str]]:
    from models.upkeep.integrity import findings

    store = call.store
    damages = 0
    for found in findings(store, deep=call.given.has("deep")):
        damages += found.is_damage
        yield found.what, "damaged" if found.is_damage else "warning", found.detail
    if not damages:
        yield "database", "ok", str(store.db_path)
    if store.settings.object_types:
        from models.objects.owntypes import own_types

        for broken in own_types(store).broken:
            yield "object types", "warning", str(broken)
    yield from _check_jobs(store)
    yield from _check_switches()
    yield from _check_targets(store)


def migrate(call: Call) -> int:
    """Bring the tables up to date, and make those of own types fit, after a backup."""
    from models.objects import owntypes
    from models.objects.fields import from_us, now_us
    from models.schema import versions as schema
    from models.storage import holders
    from models.upkeep import backup

    store = call.open_store(migrating=True)
    require_superuser(call.user, "migrate the store")
    pending, steps = schema.pending(store), owntypes.plan(store)
    rows = [{"step": f"schema {name}", "safe": True} for name in pending]
    rows += [{"step": str(step), "safe": step.safe} for step in steps]
    call.output.rows(("step", "safe"), rows)
    if not rows or call.given.has("plan"):
        call.output.say(f"{len(rows)} steps to do." if rows else "All tables fit.")
        return Exit.OK
    holders.refuse_others(store, "Nothing was migrated.")
    call.confirm(f"Back up {store.folder} and do these {len(rows)} steps?")
    stamp = from_us(now_us()).strftime("%Y%m%dT%H%M%SZ")
    named = call.given.option("backup")
    target = Path(named) if named else store.folder / f"before-{stamp}.tar.gz"
    backup.backup(store, target, call.user)
    if pending:
        schema.migrate(store)
    owntypes.migrate(store, call.user, None)
    call.output.say(
        f"Done. {target} holds the store as it was. Programs that work with this store"
        " have to be started again."
    )
    return Exit.OK


def back_up(call: Call) -> int:
    """Write a copy of the store to a new file."""
    from models.upkeep.backup import backup

    user = call.user
    target = Path(call.given.word("FILE"))
    size = backup(call.store, target, user)
    call.output.say(f"{target} holds the whole store ({size:,} bytes).")
    return Exit.OK


def restore(call: Call) -> int:
    """Make a store out of a backup; its queue is paused."""
    from models.upkeep.backup import restore as restore_backup

    source = Path(call.given.word("FILE"))
    with restore_backup(source, call.folder) as store:
        call.output.say(
            f"{store.folder} holds the store of {source}. Nothing runs in it until"
            " `hookline queue resume`."
        )
    return Exit.OK


def _check_jobs(store: Any) -> Iterator[tuple[str, str, str]]:
    from models.runs.jobs import JobImportError, JobRecord
    from receivers.discovery.catalogue import ensure_fresh

    ensure_fresh(store)
    count = JobRecord.select().where(JobRecord.installed).count()
    yield "jobs", "ok", f"{count} found in {store.jobs_root}"
    for error in JobImportError.select():
        yield "job file", "warning", error.whole


def _check_targets(store: Any) -> Iterator[tuple[str, str, str]]:
    from models.settings.targets import read_targets
    from tui.actions.notifying import problems

    for target in read_targets(store.settings.notify):
        for problem in problems(store, target):
            yield "notify", "warning", f"{target.name}: {problem}"


def _check_switches() -> Iterator[tuple[str, str, str]]:
    from models.automation.buttons import JobButton
    from models.automation.hooks import JobHook
    from models.timing.schedules import JobSchedule

    for model in (JobHook, JobButton, JobSchedule):
        words = model._meta.verbose_name
        for row in model.select().where(model.enabled):
            if not row.job.runnable:
                yield words, "warning", f"{row} does nothing: {row.job.why_not}"
