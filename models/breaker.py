"""The breaker of storms: a hook that fires again and again for one object is held.

What a receiver changes fires no hook, but a storm can come back from outside: the
receiver calls a system, and that system changes the object. Nothing in the store tells
such a change from a person's; its pace does. The breaker closes by itself once the
object has rested, and what it held back can be caught up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import changes, types
from models.fields import now_us

if TYPE_CHECKING:
    from models.store import Store

BREAKER = "breaker"
"""Its verdict, which holds it open while the storm goes on."""

_TIME_BEFORE = (
    "SELECT time FROM object_change WHERE type_id = ? AND object_id = ?"
    " ORDER BY id DESC LIMIT 1 OFFSET ?"
)
_LAST_VERDICTS = (
    "SELECT verdicts FROM object_change WHERE type_id = ? AND object_id = ? AND id < ?"
    " ORDER BY id DESC LIMIT 1"
)
_FIRED = (
    "SELECT hook_id, count(*) FROM (SELECT hook_id, created FROM job_result"
    " WHERE object_id = ? AND hook_id IS NOT NULL AND rerun_of IS NULL"
    " ORDER BY id DESC LIMIT ?) WHERE created BETWEEN ? AND ? GROUP BY hook_id"
)
_MOST_ROWS = 5000


class Breaker:
    """Counts how often hooks have fired for one object.

    A hook fires once for a change at most. So one look at the object's changes tells,
    for all hooks, that none of them is in a storm; runs are counted only if not.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._limit = store.settings.hooks.breaker_runs
        self._window_us = int(store.settings.hooks.breaker_s * 1_000_000)
        self._change: int | None = None
        self._held: dict[int, str] = {}

    def held(self, hook_id: int, change_id: int, label: str, key: bytes) -> str:
        """Return why a hook must not fire for a change now; empty if it may."""
        if not self._limit:
            return ""
        if self._change != change_id:
            self._change = change_id
            self._held = self._look(change_id, types.type_id(label), key)
        return self._held.get(hook_id, "")

    def _look(self, change_id: int, type_id: int, key: bytes) -> dict[int, str]:
        execute = self._store.execute
        row = execute(_TIME_BEFORE, (type_id, key, self._limit)).fetchone()
        now = now_us()
        since = now - self._window_us
        if row is None or not since <= row[0] <= now:
            return {}
        seconds = self._window_us / 1_000_000
        rows = execute(_FIRED, (key, _MOST_ROWS, since, now)).fetchall()
        held = {
            hook_id: f"{count} runs for this object in {seconds:g} s"
            for hook_id, count in rows
            if count >= self._limit
        }
        last = execute(_LAST_VERDICTS, (type_id, key, change_id)).fetchone()
        for hook_id, reason, *_ in changes.decode_verdicts(last[0]) if last else ():
            if reason == BREAKER:
                held.setdefault(hook_id, f"no rest for {seconds:g} s yet")
        return held
