"""What the first screen says: read in one go, and without Textual."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from models.automation.ascode import pending
from models.automation.buttons import JobButton
from models.automation.catchup import count_missed
from models.automation.dispatch import Reason
from models.automation.hooks import JobHook
from models.history.changes import ChangeContext, ObjectChange
from models.inventory import SHIPPED
from models.objects.fields import now_us
from models.objects.types import object_types
from models.people.access import may
from models.people.grants import visible
from models.runs.attention import count_unseen
from models.runs.jobs import JobImportError, JobRecord
from models.runs.openness import count_open
from models.runs.queues import DEFAULT_QUEUE, JobQueue
from models.runs.results import JobResult
from models.timing.schedules import JobSchedule
from models.values import frozen
from receivers.queueing.locks import is_runner_alive
from tui.actions.hooks import tripped
from tui.actions.scheduling import LATE_S
from tui.looks.statuses import status_style
from tui.looks.times import brief

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.people.access import User
    from models.storage.store import Store

UNSEEN = "acknowledged=no"
MOST_BROKEN = 3
MOST_MISSED = 1_000
UNWANTED = frozenset({Reason.JOB_MISSING, Reason.BREAKER, Reason.FAILED})


@frozen
class Line:
    """One row: what it says, how it looks, and what it opens.

    Attributes:
        place: A name of `tui.pages.places`; None for a row that opens nothing.
        arguments: What that screen takes.
    """

    values: tuple[Any, ...]
    style: str = ""
    place: str | None = None
    arguments: tuple[Any, ...] = ()


@frozen
class Overview:
    """Everything the first screen says."""

    is_runner_alive: bool
    attention: tuple[Line, ...]
    types: tuple[Line, ...]
    automation: tuple[Line, ...]
    results: tuple[Line, ...]
    changes: tuple[Line, ...]


def read_overview(store: Store, user: User, *, last: int = 5) -> Overview:
    """Read what the first screen says.

    Args:
        store: The store.
        user: Who looks.
        last: How many results and changes to show.
    """
    is_alive = is_runner_alive(store)
    known = object_types()
    order = sorted(known, key=lambda label: (known[label] not in SHIPPED, label))
    types = [_type_line(label, known[label], user) for label in order]
    types.sort(key=lambda line: bool(line.style))  # those without objects come last
    return Overview(
        is_runner_alive=is_alive,
        attention=(
            *_unseen(user),
            *_broken(user),
            *_held(store, user),
            *_waiting(user, is_alive=is_alive),
        ),
        types=tuple(types),
        automation=_automation(user),
        results=_results(last, user),
        changes=_changes(last, user),
    )


# -- what needs a person


def _unseen(user: User) -> list[Line]:
    """Say how many runs failed or were interrupted that this user has not seen."""
    counts = count_unseen(user)
    return [
        Line(
            values=(f"! {_runs(counts[status])} {words}; A marks all as seen",),
            style=status_style(status),
            place="results",
            arguments=(f"status={status} {UNSEEN}",),
        )
        for status, words in (("FAILURE", "failed"), ("INTERRUPTED", "interrupted"))
        if counts.get(status)
    ]


def _broken(user: User) -> list[Line]:
    """Say which job files cannot be loaded."""
    if not may(user, "view", JobRecord):
        return []
    rows = list(JobImportError.select().limit(MOST_BROKEN + 1))
    lines = [
        Line(values=(f"! {row.whole}",), style="error", place="jobs")
        for row in rows[:MOST_BROKEN]
    ]
    if len(rows) > MOST_BROKEN:
        text = (
            f"! and {JobImportError.select().count() - MOST_BROKEN} more broken files"
        )
        lines.append(Line(values=(text,), style="error", place="jobs"))
    return lines


def _held(store: Store, user: User) -> list[Line]:
    """Say which hooks the breaker holds, what hooks missed, and what is not applied."""
    seen = JobHook.select(JobHook.id, JobHook.name).where(visible(user, JobHook))
    names = {row.id: row.name for row in seen}
    lines = [
        Line(
            values=(
                (
                    f"! the hook {names[one.hook_id]} is held for {one.object_name}"
                    f" since {brief(one.since)}: {one.why}"
                ),
            ),
            style="error",
            place="hook",
            arguments=(one.hook_id,),
        )
        for one in tripped(store, user)[:MOST_BROKEN]
    ]
    lines += _missed(store, names)
    waiting = pending(store) if may(user, "view", JobHook) else ""
    if waiting:
        lines.append(Line(values=(f"! {waiting}",), style="warning", place="hooks"))
    return lines


def _missed(store: Store, names: Mapping[int, str]) -> list[Line]:
    """Say what hooks missed because something is wrong, not because it was wanted."""
    by_hook: Counter[int] = Counter()
    why: dict[int, str] = {}
    for (hook_id, reason), count in count_missed(store, most=MOST_MISSED).items():
        if reason in UNWANTED and hook_id in names:
            by_hook[hook_id] += count
            why.setdefault(hook_id, reason)
    return [
        Line(
            values=(
                (
                    f"! the hook {names[number]} missed {_runs(count)} ({why[number]});"
                    " C there runs them"
                ),
            ),
            style="warning",
            place="hook",
            arguments=(number,),
        )
        for number, count in by_hook.most_common(MOST_BROKEN)
    ]


def _waiting(user: User, *, is_alive: bool) -> list[Line]:
    """Say that runs wait which nobody takes: no runner, or a paused queue."""
    waiting = count_open(user).get("PENDING", 0)
    every = JobQueue.select().where(JobQueue.paused).order_by(JobQueue.id)
    paused = list(every.where(visible(user, JobQueue)))
    if not paused and waiting and every.exists():
        text = f"! a queue is paused; {_runs(waiting)} waiting"
    elif paused:
        why = f" ({paused[0].reason})" if paused[0].reason else ""
        text = f"! {_paused_words(paused)} paused{why}; {_runs(waiting)} waiting"
    elif waiting and not is_alive:
        text = f"! no runner is alive; {_runs(waiting)} waiting"
    else:
        return [] if is_alive else _late(user)
    arguments = ("status=PENDING",)
    return [Line(values=(text,), style="warning", place="results", arguments=arguments)]


def _paused_words(paused: list[Any]) -> str:
    if len(paused) == 1 and paused[0].name == DEFAULT_QUEUE:
        return "the queue is"
    names = ", ".join(row.name for row in paused)
    return f"the queue {names} is" if len(paused) == 1 else f"the queues {names} are"


def _late(user: User) -> list[Line]:
    """Say that the time of schedules has come, and nobody was there for it."""
    is_late = JobSchedule.next_fire < now_us() - int(LATE_S * 1e6)
    rows = JobSchedule.select().where(JobSchedule.enabled, is_late)
    count = rows.where(visible(user, JobSchedule)).count()
    if not count:
        return []
    words = "1 schedule waits" if count == 1 else f"{count:,} schedules wait"
    text = f"! no runner is alive; {words}"
    return [Line(values=(text,), style="warning", place="schedules")]


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


# -- what there is


def _type_line(label: str, model: Any, user: User) -> Line:
    words = model._meta.verbose_name_plural
    count = model.objects.restrict(user, "view").count()
    return Line(
        values=(words[:1].upper() + words[1:], f"{count:,}"),
        style="" if count else "muted",
        place="objects",
        arguments=(label,),
    )


def _automation(user: User) -> tuple[Line, ...]:
    return (
        _counted("hooks", "Hooks", JobHook, user, _off(JobHook, user)),
        _counted("buttons", "Buttons", JobButton, user, _off(JobButton, user)),
        _counted("jobs", "Jobs", JobRecord, user, _off(JobRecord, user)),
        _counted("schedules", "Schedules", JobSchedule, user, _off(JobSchedule, user)),
        _counted("results", "Results", JobResult, user, _going(user)),
        _counted("changes", "Changes", ObjectChange, user, ""),
    )


def _counted(place: str, title: str, model: Any, user: User, note: str) -> Line:
    count = model.objects.restrict(user, "view").count()
    return Line(values=(title, f"{count:,}", note), place=place)


def _off(model: Any, user: User) -> str:
    count = model.select().where(~model.enabled, visible(user, model)).count()
    return f"{count:,} off" if count else ""


def _going(user: User) -> str:
    counts = count_open(user)
    words = {"STARTED": "running", "PENDING": "waiting"}
    return ", ".join(f"{counts[k]:,} {words[k]}" for k in words if counts.get(k))


# -- what happened last


def _results(last: int, user: User) -> tuple[Line, ...]:
    rows = JobResult.select().where(visible(user, JobResult))
    rows = rows.order_by(JobResult.id.desc()).limit(last)
    return tuple(
        Line(
            values=(
                brief(row.created),
                row.status,
                " ".join(filter(None, (row.name, row.object_name))),
            ),
            place="result",
            arguments=(row.id,),
        )
        for row in rows
    )


def _changes(last: int, user: User) -> tuple[Line, ...]:
    query = ObjectChange.select(ObjectChange, ChangeContext).join(ChangeContext)
    query = query.where(visible(user, ObjectChange))
    return tuple(
        Line(
            values=(
                brief(row.time),
                row.action.value,
                f"{row.type_words} {row.object_repr}",
            ),
            place="change",
            arguments=(row.id,),
        )
        for row in query.order_by(ObjectChange.id.desc()).limit(last)
    )
