"""When the store is looked at unasked: the net below pokes that were lost.

A look costs a runner's thread a wake-up, so at rest there are few of them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from receivers.queueing import queue

if TYPE_CHECKING:
    from models.storage.store import Store

BUSY_S = 0.05
"""Between two looks while anything goes on."""
REST_S = 0.2
"""Between two looks when nothing has gone on for `AWAKE_S`."""
AWAKE_S = 5.0


class Lookout:
    """Looks whether anybody wrote to a store, and whether a waiting run is due.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self.look_at = 0.0
        self._store = store
        self._version = -1
        self._is_changed = False
        self._due_at = float("inf")  # on the wall clock
        self._rest_at = 0.0

    def expect(self) -> None:
        """Take the store for changed: one's own writes show in no version."""
        self._is_changed = True
        self.look_at = 0.0

    def has_news(self, now: float, *, is_busy: bool) -> bool:
        """Return whether something has changed; False before the time of a look.

        Args:
            now: The time, on the monotonic clock.
            is_busy: Whether runs go on.

        Raises:
            sqlite3.Error: The store cannot be read; the next look asks again.
        """
        if now < self.look_at:
            return False
        self.look_at = now + BUSY_S
        before, self._version = self._version, self._store.data_version()
        is_written, is_changed = self._version != before, self._is_changed
        self._is_changed = False
        wait = self._due_at - time.time()
        if is_busy or is_written:
            self._rest_at = now + AWAKE_S
        elif now >= self._rest_at and wait > 0:
            self.look_at = now + min(REST_S, wait)
        return is_written or is_changed or wait <= 0

    def note_next_due(self) -> None:
        """Ask when the next run that waits for its time is due."""
        with queue.reading():
            due = queue.next_due(self._store)
            self._due_at = float("inf") if due is None else due / 1e6
