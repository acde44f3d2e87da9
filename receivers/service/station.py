"""A dispatcher set up for a store as its settings say, with its doorbell."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from receivers.processes import temporary
from receivers.processes.pool import STORE_WORK, PoolOptions
from receivers.service.dispatcher import Dispatcher, DispatchOptions
from receivers.service.doorbell import Doorbell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store
    from receivers.queueing.claims import Listener


@contextlib.contextmanager
def open_station(
    store: Store, listener: Listener, *, work: str | None = None
) -> Iterator[Dispatcher]:
    """Work on a store's queue from this thread; children are ended with the block.

    Args:
        store: The store; the caller holds its runner's lock.
        listener: Who is told about runs.
        work: What children do, for tests.
    """
    runner = store.settings.runner
    folder = temporary.make_folder(store)
    dispatcher = Dispatcher(
        store,
        listener,
        DispatchOptions(
            concurrency=runner.concurrency,
            warm=runner.warm_children,
            grace_s=runner.grace_s,
            max_processes=runner.max_processes,
        ),
        PoolOptions(
            folder=str(store.folder),
            memory_mb=runner.memory_mb,
            keep=(store.owner_file(),),
            temporary=str(folder),
            work=work or STORE_WORK,
        ),
    )
    bell = Doorbell(store)

    def hear() -> None:
        bell.hear()
        dispatcher.poke()

    dispatcher.watch(bell.socket.fileno(), hear)
    try:
        yield dispatcher
    finally:
        bell.close()
        dispatcher.close()
        shutil.rmtree(folder, ignore_errors=True)
