"""Which queued runs may begin now: those whose queue is not paused and has room.

Most stores have one queue without a limit; then this costs one look at the version of
the configuration.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

from models.objects.fields import now_us
from models.storage.cached import cached

if TYPE_CHECKING:
    from models.storage.store import Store

_DUE = (
    "SELECT priority, due, id FROM job_result"
    " WHERE status = 'PENDING' AND owner IS NULL AND blocked = 0"
    # Due at once is due at once, though the clock went back since.
    " AND (due <= :now OR due <= created)"
)
_ORDER = " ORDER BY priority, due, id LIMIT :limit"
_GOING = (
    "SELECT count(*) FROM job_result"
    " WHERE owner IS NOT NULL AND status = 'STARTED' AND queue = ?"
)


def ready(store: Store, most: int) -> list[int]:
    """Return the results that may begin now, in their order, `most` at most."""
    special = cached(store, "queues", lambda: _special(store))
    named = {f"queue{number}": name for number, (name, *_) in enumerate(special)}
    without = ", ".join(f":{key}" for key in named)
    rest = f" AND queue NOT IN ({without})" if named else ""
    found = [_select(store, rest, named, most)]
    for name, run_limit, paused in special:
        room = 0 if paused else run_limit - _going(store, name)
        if room > 0:
            here = {"queue": name}
            found.append(_select(store, " AND queue = :queue", here, min(room, most)))
    return [row[2] for row in list(heapq.merge(*found))[:most]]


def _special(store: Store) -> list[tuple[str, int, bool]]:
    """Return the queues that are paused or limited: name, limit, paused."""
    rows = store.execute(
        "SELECT name, run_limit, paused FROM job_queue WHERE paused OR run_limit > 0"
    )
    return [(name, limit, bool(paused)) for name, limit, paused in rows]


def _select(
    store: Store, where: str, names: dict[str, Any], most: int
) -> list[tuple[int, int, int]]:
    given = {"now": now_us(), "limit": most, **names}
    return store.execute(_DUE + where + _ORDER, given).fetchall()


def _going(store: Store, name: str) -> int:
    return int(store.execute(_GOING, [name]).fetchone()[0])
