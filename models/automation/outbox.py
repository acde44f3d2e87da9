"""From recorded changes to queued runs: what is not dispatched yet lies here.

A change whose `verdicts` are NULL has not been dispatched; that, and the PENDING job
results, are the whole queue. Nothing is queued anywhere else, so nothing can be lost
between two queues.
"""

from __future__ import annotations

import logging
import time
from sqlite3 import IntegrityError
from typing import TYPE_CHECKING, Any

from models.automation import dispatch
from models.automation.batches import Batches
from models.history import changes
from models.history.changes import DICTIONARY_CODEC, Entry
from models.objects import types
from models.objects.fields import now_us
from models.storage.crashpoints import reach
from models.storage.store import is_owner_alive
from models.storage.verdicts import encode_verdicts

if TYPE_CHECKING:
    from models.history.context import ActiveContext
    from models.storage.store import Store

_log = logging.getLogger(__name__)

PIECE_S = 0.05
PIECE_ROWS = 200
EVERYTHING = -1  # SQLite's LIMIT without a limit

INSERT_CONTEXT = (
    "INSERT INTO change_context (id, request_id, user_id, user_name, acted_for, kind,"
    " detail, reason, result_id, cause_id, depth, owner, on_abandon, mute, opened,"
    " closed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
INSERT_CHANGE = (
    "INSERT INTO object_change (context_id, action, type_id, object_id, object_repr,"
    " related_type_id, related_id, time, codec, before, after, verdicts)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
)
UPDATE_CHANGE = (
    "UPDATE object_change SET action = ?, object_repr = ?, codec = ?, before = ?,"
    " after = ? WHERE id = ?"
)
SET_VERDICTS = "UPDATE object_change SET verdicts = ?, missed = ? WHERE id = ?"
NEXT_CHANGES = (
    "SELECT id, action, type_id, object_id, object_repr, before, after, codec"
    " FROM object_change WHERE context_id = ? AND verdicts IS NULL"
    " ORDER BY id LIMIT ?"
)


def ensure_row(active: ActiveContext) -> int:
    """Return the key of the context's row, written when the first change is.

    A row written inside somebody's own transaction may be rolled back with it; then
    the next change writes it again under the same key. A thread may go on after the
    context was closed; what it changes then goes into a row of its own.
    """
    execute = active.store.execute
    if active.row_id is not None:
        sql = "SELECT closed FROM change_context WHERE id = ?"
        found = execute(sql, [active.row_id]).fetchone()
        if found is not None and found[0] is None:
            return active.row_id
        if found is not None:
            active.row_id = None
    now = now_us()
    cursor = execute(
        INSERT_CONTEXT,
        (
            active.row_id,
            active.request_id.bytes,
            active.user.id if active.user else None,
            active.user_name,
            active.acted_for,
            active.kind.value,
            active.detail[:400],
            active.reason,
            active.result_id,
            active.cause_id,
            active.depth,
            None if active.short else active.store.owner(),
            active.on_abandon,
            active.mute,
            now,
            now if active.short else None,
        ),
    )
    active.row_id = cursor.lastrowid
    assert active.row_id is not None
    return active.row_id


def flush(active: ActiveContext) -> None:
    """Store a short context's changes with their verdicts and queued runs."""
    row_id = ensure_row(active)
    held = Batches(active.store, row_id)
    judge = dispatch.Dispatcher(active.store, dispatch.Origin.of(active), held)
    for (label, key), entries in active.pending.items():
        for entry in entries:
            change_id = _insert(active.store, row_id, label, key, entry, b"")
            subject = dispatch.Subject(
                change_id=change_id,
                label=label,
                object_id=key,
                name=entry.name,
                action=entry.action,
                before=entry.before,
                after=entry.after,
            )
            _decide(judge, subject, active.queued)
    if held.is_open:
        held.release()
    active.pending.clear()


def _decide(
    judge: dispatch.Dispatcher, subject: dispatch.Subject, queued: list[int]
) -> bytes:
    """Store a change's verdicts; return them as stored."""
    verdicts, results = judge.dispatch(subject)
    queued.extend(results)
    stored = encode_verdicts(verdicts)
    if stored:
        missed = dispatch.is_missed(verdicts)
        judge.store.execute(SET_VERDICTS, (stored, missed, subject.change_id))
    reach("dispatch.after-change")
    return stored


def _insert(  # noqa: PLR0913, PLR0917 - the columns of one row
    store: Store,
    row_id: int,
    label: str,
    key: bytes,
    entry: Entry,
    verdicts: bytes | None,
) -> int:
    before, after = changes.pack(entry)
    related_type, related_id = None, None
    if entry.related is not None:
        related_type, related_id = types.type_id(entry.related[0]), entry.related[1]
    cursor = store.execute(
        INSERT_CHANGE,
        (
            row_id,
            entry.action,
            types.type_id(label),
            key,
            entry.name[:200],
            related_type,
            related_id,
            entry.time,
            DICTIONARY_CODEC,
            before,
            after,
            verdicts,
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def upsert(active: ActiveContext, label: str, key: bytes, entry: Entry) -> None:
    """Store one change of a long context, joined to the one it has of the object."""
    store = active.store
    row_id = ensure_row(active)
    last_id, last = _last_entry(store, row_id, label, key)
    merged = changes.merge(last, entry)
    if last_id is not None and last is not None:
        if merged and merged[0] is last:
            merged = merged[1:]
        elif merged:
            before, after = changes.pack(merged[0])
            values = (merged[0].action, merged[0].name[:200], DICTIONARY_CODEC)
            store.execute(UPDATE_CHANGE, (*values, before, after, last_id))
            merged = merged[1:]
        else:
            store.execute("DELETE FROM object_change WHERE id = ?", [last_id])
    for new in merged:
        _insert(store, row_id, label, key, new, None)


def _last_entry(
    store: Store, row_id: int, label: str, key: bytes
) -> tuple[int | None, Entry | None]:
    """Return the newest change of an object, if this context made it."""
    row = store.execute(
        "SELECT id, context_id, action, object_repr, time, before, after, codec"
        " FROM object_change WHERE type_id = ? AND object_id = ?"
        " ORDER BY id DESC LIMIT 1",
        (types.type_id(label), key),
    ).fetchone()
    if row is None or row[1] != row_id:
        return None, None
    before, after = _images(row[2], row[5], row[6], row[7])
    entry = Entry(
        action=row[2],
        before=before,
        after=after,
        name=row[3],
        related=None,
        time=row[4],
    )
    return row[0], entry


def _images(action: int, before: Any, after: Any, codec: int) -> tuple[Any, Any]:
    old, new = changes.decode(before, codec), changes.decode(after, codec)
    if action == changes.UPDATE and old is not None and new is not None:
        old = {**new, **old}
    return old, new


def close(active: ActiveContext) -> None:
    """Dispatch what a long context recorded, and close its row."""
    assert active.row_id is not None
    origin = dispatch.Origin.of(active)
    active.queued.extend(dispatch_context(active.store, active.row_id, origin))


def dispatch_context(store: Store, row_id: int, origin: dispatch.Origin) -> list[int]:
    """Judge a context's changes in the order of their ids, in short transactions.

    Returns:
        The ids of the job results that were queued.
    """
    queued: list[int] = []
    more = True
    while more:
        with store.transaction():
            more = _dispatch_piece(store, row_id, origin, queued)
            if not more:
                store.execute(
                    "UPDATE change_context SET closed = ?, owner = NULL WHERE id = ?",
                    (now_us(), row_id),
                )
                Batches(store, row_id).release()
        reach("dispatch.between-pieces")
    queued = list(dict.fromkeys(queued))
    if queued:
        store.poke()
    return queued


def _dispatch_piece(
    store: Store, row_id: int, origin: dispatch.Origin, queued: list[int]
) -> bool:
    """Judge some changes; return whether there are more."""
    deadline = time.monotonic() + PIECE_S
    judge = dispatch.Dispatcher(store, origin, Batches(store, row_id))
    rows = store.execute(NEXT_CHANGES, (row_id, PIECE_ROWS)).fetchall()
    for number, row in enumerate(rows, 1):
        before, after = _images(row[1], row[5], row[6], row[7])
        subject = dispatch.Subject(
            change_id=row[0],
            label=types.type_label(row[2]),
            object_id=row[3],
            name=row[4],
            action=row[1],
            before=before,
            after=after,
        )
        if not _decide(judge, subject, queued):
            store.execute(SET_VERDICTS, (b"", None, row[0]))
        if time.monotonic() > deadline and number < len(rows):
            return True
    return len(rows) == PIECE_ROWS


def close_abandoned(store: Store, *, result_id: int | None = None) -> list[int]:
    """Close the contexts that nobody will close any more.

    Args:
        store: The store.
        result_id: A run that has ended; without it, all that belong to ended runs or
            to processes that are gone.

    Returns:
        The ids of the job results that were queued.
    """
    where, parameters = "closed IS NULL", []
    if result_id is not None:
        where, parameters = "closed IS NULL AND result_id = ?", [result_id]
    rows = store.execute(
        "SELECT id, owner, on_abandon, result_id IN (SELECT id FROM job_result"
        " WHERE status NOT IN ('PENDING', 'STARTED'))"
        f" FROM change_context WHERE {where}",
        parameters,
    ).fetchall()
    queued: list[int] = []
    for row_id, owner, on_abandon, is_over in rows:
        is_asked = result_id is not None or is_over
        if not is_asked and owner and is_owner_alive(store, owner):
            continue
        try:
            queued.extend(_close_abandoned(store, row_id, on_abandon))
        except (
            IntegrityError
        ):  # one that cannot be closed must not keep the others open
            _log.exception("the changes of context %s cannot be closed", row_id)
    return queued


def _close_abandoned(store: Store, row_id: int, on_abandon: str) -> list[int]:
    if on_abandon == "revert":
        revert_context(store, row_id)
        return []
    return dispatch_context(store, row_id, dispatch.Origin.read(store, row_id))


def revert_context(store: Store, row_id: int) -> int:
    """Take back everything that an undispatched context wrote, newest first.

    A load that failed or died leaves neither objects nor changes. An object that
    somebody changed since keeps their change.

    Returns:
        How many changes were taken back.
    """
    reverted, limit = 0, PIECE_ROWS
    while True:
        try:
            with store.transaction():
                found = _revert_piece(store, row_id, limit)
                if not found:
                    store.execute("DELETE FROM change_context WHERE id = ?", [row_id])
        except IntegrityError:
            if limit == EVERYTHING:
                raise
            limit = EVERYTHING  # rows of two pieces point at each other
            continue
        reverted += found
        if not found:
            return reverted


def _revert_piece(store: Store, row_id: int, limit: int) -> int:
    """Take back deletes first, then updates, then creates; return how many."""
    from models.history import undo

    store.execute("PRAGMA defer_foreign_keys = ON")
    rows = store.execute(
        "SELECT id, action, type_id, object_id, before, after, codec"
        " FROM object_change WHERE context_id = ?"
        " ORDER BY action DESC, id DESC LIMIT ?",
        (row_id, limit),
    ).fetchall()
    for row in rows:
        before, after = _images(row[1], row[4], row[5], row[6])
        undo.restore_row(types.type_label(row[2]), row[3], before, after)
        store.execute("DELETE FROM object_change WHERE id = ?", [row[0]])
    return len(rows)
