"""How long changes, results and logs are kept, and removing what is older.

Rows go in small pieces, oldest first, each a transaction of its own of some 10 ms, so
that people's saves get their turns in between. What is still needed stays: runs that
are not over, the changes that they are for, and changes that are not dispatched.
"""

from __future__ import annotations

import collections
import contextlib
import time
from typing import TYPE_CHECKING, Any

import peewee

from models.history.changes import ObjectChange
from models.objects.base import StoreModel
from models.objects.fields import TimestampField, now_us
from models.people.access import require
from models.people.grants import permitted
from models.runs.openness import open_ids
from models.runs.results import FINAL, JobResult
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from models.people.access import User
    from models.storage.store import Store

KINDS = ("changes", "results", "logs")
MODELS: dict[str, Any] = {
    "changes": ObjectChange,
    "results": JobResult,
    "logs": JobResult,
}
"""Whose delete permission is needed; log entries belong to their results."""

WINDOW = 2000
"""Rows that are looked at in one go, without the write lock."""
PIECE_S = 0.01
"""How long one transaction removes rows; what has begun is finished."""
AT_ONCE = 250
"""Rows that one statement removes: 2 ms of the longest ones."""
DAY_US = 86_400_000_000

_WINDOWS = {
    "changes": "SELECT id, time, verdicts IS NOT NULL FROM object_change",
    "results": "SELECT id, created, done, status FROM job_result",
    "logs": "SELECT id, time, result_id FROM job_log_entry",
}

Counts = collections.Counter[str]
"""How many rows went, by table: changes, contexts, results, log entries, files."""


class Pruned(StoreModel):
    """Up to which number rows of a kind may be gone on purpose."""

    kind = peewee.TextField(primary_key=True)
    up_to = peewee.IntegerField()
    rows = peewee.IntegerField(default=0)
    time = TimestampField()


@frozen
class Plan:
    """What is to be removed of one kind.

    Attributes:
        kind: changes, results or logs.
        before: What is older goes, in µs.
        allowed: peewee's expression for what the user may delete; None for all.
    """

    kind: str
    before: int
    allowed: Any = None


def settings_days(store: Store, kind: str) -> float:
    """Return for how many days the settings keep a kind; 0 means for ever."""
    return float(getattr(store.settings.retention, f"{kind}_days"))


def settings_plans(store: Store) -> list[Plan]:
    """Return what the settings say is to be removed, as the runner does it."""
    now = now_us()
    days = {kind: settings_days(store, kind) for kind in KINDS}
    return [
        Plan(kind=kind, before=now - int(days[kind] * DAY_US))
        for kind in KINDS
        if days[kind]
    ]


def user_plan(kind: str, user: User | None, days: float) -> Plan:
    """Return what a user asks to be removed; an age of 0 is everything so far.

    Raises:
        RefusedError: The user may not delete rows of this kind.
    """
    model = MODELS[kind]
    require(user, "delete", model, what=kind)
    return Plan(
        kind=kind,
        before=now_us() - int(days * DAY_US),
        allowed=permitted(user, model, "delete").resolve(model),
    )


def count(store: Store, plan: Plan) -> Counts:
    """Return what would be removed, with what depends on it; takes no lock."""
    counts: Counts = collections.Counter()
    for ids in _found(store, plan):
        for part in _parts(ids):
            counts += _count_part(store, plan.kind, part)
    return counts


def prune(store: Store, plan: Plan) -> Iterator[Counts]:
    """Remove what a plan says, and yield what each committed piece has removed.

    Raises:
        StoreError: The store cannot be written now; what is committed stays so.
    """
    remover = _REMOVERS[plan.kind]
    for ids in _found(store, plan):
        left = list(ids)
        while left:
            counts: Counts = collections.Counter()
            files: list[str] = []
            with store.transaction():
                end = time.monotonic() + PIECE_S
                while True:
                    done = remover(store, left[:AT_ONCE], counts, files)
                    left = left[done:]
                    if not left or time.monotonic() >= end:
                        break
                _note(store, plan.kind, max(ids), counts[plan.kind])
            _remove_files(store, files)
            yield counts


def vacuum(store: Store) -> int:
    """Give the room of removed rows back to the disk; return how many bytes it was.

    Nobody can write meanwhile: some seconds for each gigabyte.
    """
    before = store.db_path.stat().st_size
    store.gate.acquire()
    try:
        with store.translated():
            store.execute("VACUUM")
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.gate.release()
    return before - store.db_path.stat().st_size


# Finding


def _found(store: Store, plan: Plan) -> Iterator[list[int]]:
    """Yield the numbers of rows to remove, window by window, oldest first.

    It ends where nothing in a whole window is old: numbers follow time.
    """
    choose = _CHOOSERS[plan.kind]
    last = 0
    while True:
        rows = store.execute(
            f"{_WINDOWS[plan.kind]} WHERE id > ? ORDER BY id LIMIT {WINDOW}", [last]
        ).fetchall()
        if not any(row[1] < plan.before for row in rows):
            return
        last = rows[-1][0]
        ids = _permitted(plan, choose(store, rows, plan.before))
        if ids:
            yield ids


def _permitted(plan: Plan, found: dict[int, int]) -> list[int]:
    """Return the numbers that the user may remove; `found` tells whose they are."""
    if plan.allowed is None or not found:
        return list(found)
    model = MODELS[plan.kind]
    allowed: set[int] = set()
    owners = list(set(found.values()))
    for start in range(0, len(owners), AT_ONCE):
        part = model.id.in_(owners[start : start + AT_ONCE])
        query = model.select(model.id).where(part, plan.allowed)
        allowed.update(row[0] for row in query.tuples())
    return [number for number, owner in found.items() if owner in allowed]


def _old_changes(store: Store, rows: Sequence[Any], before: int) -> dict[int, int]:
    needed: set[int] = set()
    for number in open_ids(store):
        needed.update(
            row[0]
            for row in store.execute(
                "SELECT change_id FROM job_result WHERE id = ?1"
                " AND change_id IS NOT NULL UNION ALL"
                " SELECT change_id FROM batch_change WHERE result_id = ?1",
                [number],
            )
        )
    return {
        number: number
        for number, moment, is_dispatched in rows
        if moment < before and is_dispatched and number not in needed
    }


def _old_results(_store: Store, rows: Sequence[Any], before: int) -> dict[int, int]:
    return {
        number: number
        for number, _, done, status in rows
        if status in FINAL and done is not None and done < before
    }


def _old_entries(store: Store, rows: Sequence[Any], before: int) -> dict[int, int]:
    going = open_ids(store)
    return {
        number: result_id
        for number, moment, result_id in rows
        if moment < before and result_id not in going
    }


_CHOOSERS: dict[str, Callable[[Store, Sequence[Any], int], dict[int, int]]] = {
    "changes": _old_changes,
    "results": _old_results,
    "logs": _old_entries,
}


# Removing, inside a transaction: each returns how many of the rows are done with


def _marks(ids: Sequence[int]) -> str:
    return ",".join("?" * len(ids))


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _remove_changes(
    store: Store, ids: Sequence[int], counts: Counts, _files: list[str]
) -> int:
    contexts = {
        row[0]
        for row in store.execute(
            f"DELETE FROM object_change WHERE id IN ({_marks(ids)})"
            " AND verdicts IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job_result"
            " WHERE change_id = object_change.id AND status IN ('PENDING', 'STARTED'))"
            " RETURNING context_id",
            ids,
        ).fetchall()
    }
    counts["changes"] += _changed(store)
    for context in contexts:
        counts["contexts"] += store.execute(
            "DELETE FROM change_context WHERE id = ?1 AND closed IS NOT NULL AND NOT"
            " EXISTS (SELECT 1 FROM object_change WHERE context_id = ?1)",
            [context],
        ).rowcount
    return len(ids)


def _changed(store: Store) -> int:
    return int(store.execute("SELECT changes()").fetchone()[0])


def _remove_results(
    store: Store, ids: Sequence[int], counts: Counts, files: list[str]
) -> int:
    """Remove results with their logs, as many as have few log entries together."""
    sizes = _log_sizes(store, ids)
    part: list[int] = []
    entries = 0
    for number in ids:
        entries += sizes.get(number, 0)
        if part and entries > AT_ONCE:
            break
        part.append(number)
    if len(part) == 1 and sizes.get(part[0], 0) > AT_ONCE:
        counts["log entries"] += store.execute(
            "DELETE FROM job_log_entry WHERE id IN (SELECT id FROM job_log_entry"
            f" WHERE result_id = ? ORDER BY id LIMIT {AT_ONCE})",
            part,
        ).rowcount
        return 0  # it goes once its log is gone
    marks = _marks(part)
    counts["log entries"] += store.execute(
        f"DELETE FROM job_log_entry WHERE result_id IN ({marks})", part
    ).rowcount
    names = store.execute(
        f"SELECT path FROM job_file WHERE result_id IN ({marks})", part
    )
    files += [row[0] for row in names.fetchall()]
    counts["results"] += store.execute(
        f"DELETE FROM job_result WHERE id IN ({marks})"
        " AND status NOT IN ('PENDING', 'STARTED')",
        part,
    ).rowcount
    return len(part)


def _log_sizes(store: Store, ids: Sequence[int]) -> dict[int, int]:
    return dict(
        store.execute(
            "SELECT result_id, count(*) FROM job_log_entry"
            f" WHERE result_id IN ({_marks(ids)}) GROUP BY result_id",
            ids,
        ).fetchall()
    )


def _remove_entries(
    store: Store, ids: Sequence[int], counts: Counts, _files: list[str]
) -> int:
    cursor = store.execute(
        f"DELETE FROM job_log_entry WHERE id IN ({_marks(ids)})", ids
    )
    counts["logs"] += cursor.rowcount
    return len(ids)


_REMOVERS: dict[str, Callable[[Store, Sequence[int], Counts, list[str]], int]] = {
    "changes": _remove_changes,
    "results": _remove_results,
    "logs": _remove_entries,
}


def _count_part(store: Store, kind: str, ids: Sequence[int]) -> Counts:
    counts: Counts = collections.Counter({kind: len(ids)})
    if kind == "results":
        counts["log entries"] = sum(_log_sizes(store, ids).values())
    return counts


def _note(store: Store, kind: str, up_to: int, rows: int) -> None:
    store.execute(
        "INSERT INTO pruned (kind, up_to, rows, time) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (kind) DO UPDATE SET up_to = max(up_to, excluded.up_to),"
        " rows = rows + excluded.rows, time = excluded.time",
        (kind, up_to, rows, now_us()),
    )


def _remove_files(store: Store, paths: Sequence[str]) -> None:
    for path in paths:
        file = store.files_folder / path
        file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others lie there, or it is gone
            file.parent.rmdir()
