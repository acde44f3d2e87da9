"""Whether a store is whole: the file, and what must hold between its rows.

Each check says in one sentence what it found; `hookline check` prints them, and the
tests of faults ask them after every fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.history import changes, images
from models.objects import types
from models.storage.store import is_owner_alive
from models.storage.verdicts import decode_verdicts
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store

SHOWN_AT_MOST = 20
CHUNK = 500


@frozen
class Finding:
    """Something that does not hold.

    Attributes:
        what: The part of the store: database, relations, contexts, results, …
        detail: What is wrong, on which row.
        is_damage: Whether something is lost or wrong; else the runner will mend it.
    """

    what: str
    detail: str
    is_damage: bool = True


def findings(store: Store, *, deep: bool = False) -> Iterator[Finding]:
    """Yield what does not hold; nothing for a store that is whole.

    Args:
        store: The store.
        deep: Compare every object's row with its last change, too.
    """
    yield from _database(store)
    yield from _relations(store)
    yield from _contexts(store)
    yield from _verdicts(store)
    yield from _results(store)
    yield from _queue(store)
    if deep:
        yield from _rows(store)


def _database(store: Store) -> Iterator[Finding]:
    for (text,) in store.execute(f"PRAGMA integrity_check({SHOWN_AT_MOST})"):
        if text != "ok":
            yield Finding(what="database", detail=str(text))


def _relations(store: Store) -> Iterator[Finding]:
    for table, row_id, other, _ in store.execute("PRAGMA foreign_key_check").fetchmany(
        SHOWN_AT_MOST
    ):
        detail = f"row {row_id} of {table} points at nothing in {other}"
        yield Finding(what="relations", detail=detail)


def _contexts(store: Store) -> Iterator[Finding]:
    rows = store.execute(
        "SELECT c.id, count(*) FROM object_change o JOIN change_context c"
        " ON c.id = o.context_id WHERE o.verdicts IS NULL AND c.closed IS NOT NULL"
        " GROUP BY c.id"
    )
    for row_id, count in rows.fetchmany(SHOWN_AT_MOST):
        detail = f"{count} changes of the closed context {row_id} were never dispatched"
        yield Finding(what="contexts", detail=detail)
    rows = store.execute("SELECT id, owner FROM change_context WHERE closed IS NULL")
    for row_id, owner in rows.fetchall():
        if not owner or not is_owner_alive(store, owner):
            detail = f"context {row_id} is open, and its process is gone"
            yield Finding(what="contexts", detail=detail, is_damage=False)


def _verdicts(store: Store) -> Iterator[Finding]:
    """Every run that a hook fired has a verdict, and every such verdict its run."""
    results = dict(
        store.execute(
            "SELECT id, change_id FROM job_result WHERE hook_id IS NOT NULL"
            " AND change_id IS NOT NULL AND rerun_of IS NULL"
        ).fetchall()
    )
    pruned = _pruned_up_to(store, "results")
    batched = set(store.execute("SELECT result_id, change_id FROM batch_change"))
    fired: set[int] = set()
    rows = store.execute(
        "SELECT id, verdicts FROM object_change WHERE length(verdicts) > 0"
    )
    for change_id, stored in rows:
        for hook_id, reason, _, result_id in decode_verdicts(stored):
            if reason != "fired":
                continue
            fired.add(result_id)
            found = results.get(result_id)
            is_pruned = found is None and result_id <= pruned
            is_whole = found == change_id or (result_id, change_id) in batched
            if not (is_whole or is_pruned):
                detail = (
                    f"change {change_id} says that hook {hook_id} fired run"
                    f" {result_id}, which is not there"
                )
                yield Finding(what="verdicts", detail=detail)
    known = store.execute("SELECT id FROM object_change").fetchall()
    changes_kept = {row[0] for row in known}
    for result_id, change_id in results.items():
        if result_id not in fired and change_id in changes_kept:
            detail = f"run {result_id} has no verdict on change {change_id}"
            yield Finding(what="verdicts", detail=detail)


def _pruned_up_to(store: Store, kind: str) -> int:
    """Return up to which number rows of a kind may be gone on purpose."""
    row = store.execute("SELECT up_to FROM pruned WHERE kind = ?", [kind]).fetchone()
    return 0 if row is None else int(row[0])


def _results(store: Store) -> Iterator[Finding]:
    rows = store.execute(
        "SELECT id, status, owner, started, done FROM job_result"
        " WHERE status IN ('PENDING', 'STARTED') OR owner IS NOT NULL OR done IS NULL"
    )
    for result_id, status, owner, started, done in rows.fetchall():
        if status == "STARTED" and owner is None:
            yield Finding(what="results", detail=f"run {result_id} is going nowhere")
        elif status == "STARTED" and started is None:
            yield Finding(what="results", detail=f"run {result_id} began at no time")
        elif owner is not None and not is_owner_alive(store, owner):
            detail = f"run {result_id} is held by a process that is gone"
            yield Finding(what="results", detail=detail, is_damage=False)
        elif status not in ("PENDING", "STARTED") and done is None:
            yield Finding(what="results", detail=f"run {result_id} ended at no time")


_STUCK = (
    "SELECT r.id FROM job_result r WHERE r.status = 'PENDING' AND r.blocked"
    " AND NOT EXISTS (SELECT 1 FROM job_result o WHERE o.order_key = r.order_key"
    " AND o.status IN ('PENDING', 'STARTED') AND o.id < r.id)"
    # A batch is held until the context that fills it is closed.
    " AND NOT EXISTS (SELECT 1 FROM change_context c WHERE c.closed IS NULL"
    " AND r.order_key = 'batch:' || c.id)"
)
_TOGETHER = (
    "SELECT order_key, count(*) FROM job_result"
    " WHERE status = 'STARTED' AND order_key IS NOT NULL"
    " GROUP BY order_key HAVING count(*) > 1"
)
_LEFT_ARGUMENTS = (
    "SELECT a.result_id FROM job_arguments a JOIN job_result r ON r.id = a.result_id"
    " WHERE r.status NOT IN ('PENDING', 'STARTED')"
)
_ENDED_BUT_HELD = (
    "SELECT id FROM job_result"
    " WHERE owner IS NOT NULL AND status NOT IN ('PENDING', 'STARTED')"
)


def _queue(store: Store) -> Iterator[Finding]:
    """Yield runs that wait for nothing, go on together, or left something behind."""
    for (result_id,) in store.execute(_STUCK).fetchmany(SHOWN_AT_MOST):
        yield Finding(what="queue", detail=f"run {result_id} waits for no other run")
    for key, count in store.execute(_TOGETHER).fetchmany(SHOWN_AT_MOST):
        detail = f"{count} runs go on at once that must follow each other ({key})"
        yield Finding(what="queue", detail=detail)
    for (result_id,) in store.execute(_LEFT_ARGUMENTS).fetchmany(SHOWN_AT_MOST):
        detail = f"run {result_id} is over, and its sensitive arguments are still there"
        yield Finding(what="queue", detail=detail)
    for (result_id,) in store.execute(_ENDED_BUT_HELD).fetchmany(SHOWN_AT_MOST):
        detail = f"run {result_id} is over, and still held by a process"
        yield Finding(what="queue", detail=detail)


def _rows(store: Store) -> Iterator[Finding]:
    """Yield objects whose rows are not what their last change left."""
    for label, model in types.object_types().items():
        keys = [
            row[0]
            for row in store.execute(f'SELECT id FROM "{model._meta.table_name}"')
        ]
        number = types.type_id(label)
        pruned = _pruned_up_to(store, "changes")
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            for key, (row, image) in images.full_images(model, part).items():
                last = _last_image(store, number, key, pruned)
                if last is not None and _differs(image, last):
                    detail = f"{label} {row.name} is not what its last change left"
                    yield Finding(what="objects", detail=detail)


def _last_image(
    store: Store, number: int, key: bytes, pruned: int
) -> images.Image | None:
    """Return what the last change left; None where later ones may be gone."""
    row = store.execute(
        "SELECT after, codec FROM object_change WHERE type_id = ? AND object_id = ?"
        " AND id > ? ORDER BY id DESC LIMIT 1",
        (number, key, pruned),
    ).fetchone()
    return None if row is None else changes.decode(row[0], row[1])


def _differs(image: images.Image, last: images.Image) -> bool:
    """Compare two images by what the row itself holds.

    Names of relations may have changed since, members are recorded on one side only,
    and a field that is newer than the change is not in its image.
    """
    return any(
        name in image and _own(image[name]) != _own(value)
        for name, value in last.items()
        if not isinstance(value, list) or _is_relation(value)
    )


def _is_relation(value: list[Any]) -> bool:
    return len(value) == 2 and all(isinstance(part, str) for part in value)


def _own(value: Any) -> Any:
    return value[0] if isinstance(value, list) and _is_relation(value) else value
