"""Who works on a store and who looks at it."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from models.storage.store import open_store
from receivers.queueing.locks import (
    RunnerLock,
    is_runner_alive,
    is_screen_open,
    open_screen,
)
from receivers.service.doorbell import Doorbell

if TYPE_CHECKING:
    from pathlib import Path

    from models.storage.store import Store


def test_nobody_works_on_a_new_store(store: Store) -> None:
    assert not is_runner_alive(store)
    assert not is_screen_open(store)


def test_one_runner_has_the_lock(store: Store) -> None:
    first, second = RunnerLock(store), RunnerLock(store)
    assert first.try_acquire()
    assert not second.try_acquire()
    assert is_runner_alive(store)
    first.release()
    assert not is_runner_alive(store)
    assert second.try_acquire()
    second.release()


def test_the_lock_names_its_process(store: Store) -> None:
    lock = RunnerLock(store)
    lock.try_acquire()
    text = (store.run_folder / "runner.lock").read_text()
    assert int(text) == os.getpid()
    lock.release()


def test_who_asks_for_a_runner_keeps_none_from_beginning(store: Store) -> None:
    RunnerLock(store).release()  # the file is there
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            is_runner_alive(store)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    try:
        for _ in range(500):
            lock = RunnerLock(store)
            assert lock.try_acquire()
            lock.release()
    finally:
        over.set()
        for thread in asking:
            thread.join()


def test_screens_share_their_lock(store: Store) -> None:
    with open_screen(store):
        with open_screen(store):
            assert is_screen_open(store)
        assert is_screen_open(store)
    assert not is_screen_open(store)


def test_a_poke_rings_the_bell(store: Store) -> None:
    bell = Doorbell(store)
    store.poke()
    store.poke()
    assert bell.socket.recv(64) == b""
    bell.hear()
    bell.close()
    store.poke()  # nobody hears it, and nothing is raised


def test_a_bell_may_hang_at_the_end_of_a_long_path(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / "store"
    with open_store(folder, create=True) as store:
        bell = Doorbell(store)
        store.poke()
        assert bell.socket.recv(64) == b""
        bell.close()


def test_a_bell_that_was_left_behind_is_replaced(store: Store) -> None:
    old = Doorbell(store)
    bell = Doorbell(store)
    store.poke()
    assert bell.socket.recv(64) == b""
    old.socket.close()
    bell.close()


def test_a_bell_is_for_those_who_may_use_the_store(store: Store) -> None:
    bell = Doorbell(store)
    path = store.run_folder / "runner.sock"
    assert path.stat().st_mode & 0o777 == 0o600
    bell.close()
    store.run_folder.chmod(0o770)
    bell = Doorbell(store)
    assert path.stat().st_mode & 0o777 == 0o660
    bell.close()
