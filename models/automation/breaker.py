"""The breaker of storms: a hook that fires again and again for one object is held.

What a receiver changes fires no hook, but a storm can come back from outside: the
receiver calls a system, and that system changes the object. Nothing in the store tells
such a change from a person's; its pace does. The breaker closes by itself once the
object has rested, or when somebody resets it, and what it held back can be caught up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.objects import types
from models.objects.fields import from_us, now_us
from models.storage.verdicts import decode_verdicts
from models.values import frozen

if TYPE_CHECKING:
    import datetime as dt

    from models.storage.store import Store

BREAKER = "breaker"
"""Its verdict, which holds it open while the storm goes on."""

_TIME_BEFORE = (
    "SELECT time FROM object_change WHERE type_id = ? AND object_id = ?"
    " ORDER BY id DESC LIMIT 1 OFFSET ?"
)
_LAST_VERDICTS = (
    "SELECT verdicts, time FROM object_change"
    " WHERE type_id = ? AND object_id = ? AND id < ? ORDER BY id DESC LIMIT 1"
)
_FIRED = (
    "SELECT hook_id, count(*) FROM (SELECT hook_id, created FROM job_result"
    " WHERE object_id = ? AND hook_id IS NOT NULL AND rerun_of IS NULL"
    " ORDER BY id DESC LIMIT ?) WHERE created BETWEEN ? AND ? GROUP BY hook_id"
)
_LATELY_MISSED = (
    "SELECT type_id, object_id, object_repr, verdicts, time, id FROM object_change"
    " WHERE missed ORDER BY id DESC LIMIT ?"
)
_BEFORE = (
    "SELECT verdicts, time FROM object_change"
    " WHERE type_id = ? AND object_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
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

    def held(
        self, hook_id: int, change_id: int, of: tuple[str, bytes], *, since: int = 0
    ) -> str:
        """Return why a hook must not fire for a change now; empty if it may.

        Args:
            hook_id: The hook.
            change_id: The change.
            of: The type's label and the object's key.
            since: When somebody reset the breaker; what was before does not count.
        """
        if not self._limit:
            return ""
        if self._change != change_id:
            self._change = change_id
            self._held = self._look(change_id, types.type_id(of[0]), of[1], 0)
        held = self._held.get(hook_id, "")
        if held and since > now_us() - self._window_us:
            anew = self._look(change_id, types.type_id(of[0]), of[1], since)
            return anew.get(hook_id, "")
        return held

    def _look(
        self, change_id: int, type_id: int, key: bytes, reset: int
    ) -> dict[int, str]:
        execute = self._store.execute
        row = execute(_TIME_BEFORE, (type_id, key, self._limit)).fetchone()
        now = now_us()
        since = now - self._window_us
        if row is None or not since <= row[0] <= now:
            return {}
        since = max(since, reset)
        seconds = self._window_us / 1_000_000
        rows = execute(_FIRED, (key, _MOST_ROWS, since, now)).fetchall()
        held = {
            hook_id: f"{count} runs for this object in {seconds:g} s"
            for hook_id, count in rows
            if count >= self._limit
        }
        last = execute(_LAST_VERDICTS, (type_id, key, change_id)).fetchone()
        if last is not None and last[1] >= reset:
            for hook_id in _breaking(last[0]):
                held.setdefault(hook_id, f"no rest for {seconds:g} s yet")
        return held

    def tripped(self, resets: dict[int, int]) -> list[Tripped]:
        """Return the hooks and objects that are held just now, the newest first.

        Args:
            resets: When each hook's breaker was reset, in microseconds, by hook.
        """
        if not self._limit:
            return []
        now, found = now_us(), []
        seen: set[tuple[int, bytes]] = set()
        rows = self._store.execute(_LATELY_MISSED, [_MOST_ROWS]).fetchall()
        for type_id, key, name, stored, time, change_id in rows:
            if (type_id, key) in seen or not now - self._window_us <= time <= now:
                continue
            seen.add((type_id, key))
            hooks = [h for h in _breaking(stored) if resets.get(h, now) < time]
            if not hooks or self._has_rested(type_id, key, now):
                continue
            for hook_id in hooks:
                since, why = self._began(hook_id, type_id, key, change_id)
                found.append(
                    Tripped(
                        hook_id=hook_id,
                        object_type=types.type_label(type_id),
                        object_id=bytes(key),
                        object_name=name,
                        since=from_us(since or time),
                        why=why,
                    )
                )
        return found

    def _has_rested(self, type_id: int, key: bytes, now: int) -> bool:
        """Tell whether a change made now would find the breaker closed."""
        parameters = (type_id, key, self._limit - 1)
        row = self._store.execute(_TIME_BEFORE, parameters).fetchone()
        return row is None or not now - self._window_us <= row[0] <= now

    def _began(
        self, hook_id: int, type_id: int, key: bytes, change_id: int
    ) -> tuple[int, str]:
        """Return when the breaker opened for an object, and why it did."""
        since, why = 0, ""
        parameters = (type_id, key, change_id + 1, _MOST_ROWS)
        for stored, time in self._store.execute(_BEFORE, parameters):
            held = _breaking(stored).get(hook_id)
            if held is None:
                break
            since, why = time, held
        return since, why


@frozen
class Tripped:
    """A hook that is held for an object.

    Attributes:
        since: When it was held first.
        why: What tripped it.
    """

    hook_id: int
    object_type: str
    object_id: bytes
    object_name: str
    since: dt.datetime
    why: str


def _breaking(stored: bytes | None) -> dict[int, str]:
    """Return the details of the hooks that a change's verdicts say are held."""
    return {
        hook: detail
        for hook, reason, detail, _ in decode_verdicts(stored)
        if reason == BREAKER
    }
