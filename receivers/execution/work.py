"""What the children of a store do: the runs of its queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import inventory
from models.history.context import work_for
from models.storage.store import open_store
from receivers.discovery import loader
from receivers.execution.run import prepare, run_result

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.storage.store import Store
    from receivers.execution.lifecycle import Outcome
    from receivers.processes.wire import Message


class StoreWork:
    """Runs the receivers of one store.

    Args:
        folder: The store's folder.
        store: The store, where this process has it open.
    """

    def __init__(self, folder: str, *, store: Store | None = None) -> None:
        self._store = store or open_store(folder, durable=False)
        prepare(self._store)
        assert inventory.SHIPPED, "a change's object is read through its type"
        self._store.database.close()  # no connection may be carried over a fork

    def enter(self) -> None:
        """Take connections of one's own."""
        self._store.after_fork()
        prepare(self._store)

    def run(self, message: Message, emit: Callable[[Message], None]) -> Message:
        """Run one result from start to finish."""
        work_for(message["result"])
        outcome = run_result(
            self._store,
            message["result"],
            message["token"],
            emit,
            arguments=message.get("arguments"),
        )
        return outcome_message(outcome)

    def is_stale(self) -> bool:
        """Return whether a file that was imported from `jobs/` has changed since."""
        return loader.is_stale()


def outcome_message(outcome: Outcome) -> Message:
    """Return what a `done` message says of an outcome."""
    return {
        "status": outcome.status,
        "value": outcome.result,
        "error": outcome.error,
        "traceback": outcome.traceback,
        "retry_after": outcome.retry_after_s,
    }
