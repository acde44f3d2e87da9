"""Removes what the settings keep no longer, beside the runner's work.

It takes a fifth of the time at most: after each piece it rests four times as long.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from models.errors import StoreError
from models.upkeep import retention

if TYPE_CHECKING:
    from models.storage.store import Store

_log = logging.getLogger(__name__)

EVERY_S = 3600.0
REST = 4
SHORTEST_REST_S = 0.01


class Janitor:
    """A thread that prunes a store at its start and every hour.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="hookline-janitor")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the piece that is under way."""
        self._over.set()
        self._thread.join()

    def _live(self) -> None:
        try:
            while not self._over.is_set():
                self.sweep()
                self._over.wait(EVERY_S)
        finally:
            self._store.database.close()

    def sweep(self) -> None:
        """Remove what is too old now."""
        try:
            for plan in retention.settings_plans(self._store):
                if not self._prune(plan):
                    return
        except StoreError as error:  # the next sweep goes on
            _log.warning("old rows stay for now: %s", error)

    def _prune(self, plan: retention.Plan) -> bool:
        """Remove one kind; return whether it came to its end."""
        total, began = 0, time.monotonic()
        for counts in retention.prune(self._store, plan):
            total += counts[plan.kind]
            took = time.monotonic() - began
            if self._over.wait(max(SHORTEST_REST_S, REST * took)):
                return False
            began = time.monotonic()
        if total:
            _log.info("removed %s old %s", f"{total:,}", plan.kind)
        return True
