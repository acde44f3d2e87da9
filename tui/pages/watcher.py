"""Notice that the store has changed, without asking the event loop to wait.

A thread with a connection of its own reads `PRAGMA data_version` several times a
second (4 µs each) and says so when it has moved. It also looks whether a runner is
alive, which no row tells.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from typing import TYPE_CHECKING

from models.errors import HooklineError
from receivers.queueing.locks import is_runner_alive

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.storage.store import Store

LOOK_EVERY_S = 0.15
RUNNER_EVERY = 7
"""Looks at the store between two looks at the runner's lock."""

logger = logging.getLogger(__name__)


class StoreWatcher:
    """A thread that calls back when the store has changed.

    Args:
        store: The store to watch.
        changed: Called in the thread when somebody has committed.
        runner: Called in the thread with whether a runner is alive, when that changes.
        every: Seconds between looks.
    """

    def __init__(
        self,
        store: Store,
        changed: Callable[[], object],
        runner: Callable[[bool], object],
        *,
        every: float = LOOK_EVERY_S,
    ) -> None:
        self._store = store
        self._changed = changed
        self._runner = runner
        self._every = every
        self._is_blind = False
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="hookline-watcher", daemon=True
        )

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Stop looking, and wait for the thread."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            self._watch()
        finally:
            self._store.database.close()

    def _watch(self) -> None:
        seen = self._version()
        alive: bool | None = None
        looks = 0
        while True:
            if looks % RUNNER_EVERY == 0:
                alive = self._look_for_runner(alive)
            if self._closing.wait(self._every):
                return
            looks += 1
            version = self._version()
            if version != seen:
                seen = version
                self._changed()

    def _version(self) -> int | None:
        """Return the store's version; None when it cannot be read just now."""
        try:
            version = self._store.data_version()
        except (HooklineError, sqlite3.Error, OSError) as error:
            if not self._is_blind:
                logger.warning("the store cannot be watched just now: %s", error)
            self._is_blind = True
            return None
        self._is_blind = False
        return version

    def _look_for_runner(self, before: bool | None) -> bool | None:  # noqa: FBT001 - a state
        try:
            alive = is_runner_alive(self._store)
        except OSError:  # no file can be opened just now, say
            return before
        if alive != before:
            self._runner(alive)
        return alive
