"""Who keeps everybody from writing, and is told to stop."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from typing import TYPE_CHECKING

from receivers.processes import kernel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from models.storage.store import Store
    from receivers.processes.crew import Crew
    from receivers.queueing.running import Run

HOG_S = 1.0
"""How long a receiver may hold the store's write lock."""


class HogWatch:
    """Looks whether a child holds the write lock, and says when to ask for it.

    Only a hog lets nobody in between, so asking for a turn is the test. A runner that
    has nothing to write has to ask for this reason, or it would not notice.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self.is_asking = False
        self._store = store
        self._look_at = 0.0

    def look(self, now: float, children: Collection[int]) -> None:
        """Ask for a turn from now on, if anybody has the lock while there are children.

        Who it is can be asked of the kernel, but that takes 10 ms (it waits for a grace
        period of all processors), so nobody asks before the lock was kept for long.
        """
        if children and now >= self._look_at:
            self._look_at = now + HOG_S / 4
            self.is_asking = self.is_asking or not self._is_free()

    def _is_free(self) -> bool:
        """Take the write lock for a moment, without waiting for a turn."""
        gate = os.open(self._store.run_folder / "write.lock", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._store.execute("BEGIN IMMEDIATE")
            self._store.execute("ROLLBACK")
        except (BlockingIOError, sqlite3.OperationalError):
            return False
        else:
            return True
        finally:
            os.close(gate)

    def warn(self, runs: Mapping[int, Run], crew: Crew) -> None:
        """Send the soft limit to a receiver that keeps everybody from writing."""
        holder = self._writer()
        run = runs.get(holder)
        if run is None:
            crew.end_idle(holder)  # its last run left the lock behind
        elif not run.was_warned:
            run.was_warned = True
            crew.warn(holder)

    def _writer(self) -> int:
        """Return the process that has the lock, through the gate or past it; or 0."""
        holder = kernel.lock_holder(self._store.run_folder / "write.lock")
        if holder is None or holder == os.getpid():
            shared = self._store.db_path.with_name("store.db-shm")
            holder = kernel.wal_writer(shared)
        return holder or 0
