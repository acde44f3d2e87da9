"""The turnstile that makes writers take turns.

SQLite's own waiting takes no ticket: beside a bulk import a second writer got two
turns in three seconds. Here a writer takes `next`, then `write`, then gives `next`
back: whoever waits holds `next`, so the one that has just written must queue behind.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from typing import TYPE_CHECKING

from models.errors import LockedStoreError

if TYPE_CHECKING:
    from pathlib import Path

SHORTEST_WAIT_S = 0.0002
LONGEST_WAIT_S = 0.002


class WriteGate:
    """A fair lock over threads and processes, kept in two files.

    Args:
        folder: Where the two lock files lie; on a local file system.
        timeout_s: How long to wait before saying that the store is locked.
    """

    def __init__(self, folder: Path, *, timeout_s: float = 30.0) -> None:
        self._folder = folder
        self.timeout_s = timeout_s
        self._open_files()

    def _open_files(self) -> None:
        self._threads = threading.Lock()
        self._holder: int | None = None
        self._next = self._open("next.lock")
        self._write = self._open("write.lock")

    def _open(self, name: str) -> int:
        path = self._folder / name
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)

    def acquire(self) -> None:
        """Wait for the turn.

        Raises:
            LockedStoreError: Others held the lock for longer than the time limit.
        """
        deadline = time.monotonic() + self.timeout_s
        if not self._threads.acquire(timeout=self.timeout_s):
            raise self._locked()
        try:
            self._lock(self._next, deadline)
            try:
                self._lock(self._write, deadline)
            finally:
                fcntl.flock(self._next, fcntl.LOCK_UN)
        except BaseException:
            self._threads.release()
            raise
        self._holder = threading.get_ident()

    def release(self) -> None:
        """Give the turn back; does nothing in a thread that has none."""
        if self._holder != threading.get_ident():
            return
        self._holder = None
        fcntl.flock(self._write, fcntl.LOCK_UN)
        self._threads.release()

    def after_fork(self) -> None:
        """Take files of one's own: a lock of the parent's file would be shared."""
        os.close(self._next)
        os.close(self._write)
        self._open_files()

    def close(self) -> None:
        """Close the files."""
        os.close(self._next)
        os.close(self._write)

    def _lock(self, file: int, deadline: float) -> None:
        wait = SHORTEST_WAIT_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._locked() from None
                time.sleep(wait)
                wait = min(wait * 1.5, LONGEST_WAIT_S)
            else:
                return

    def _locked(self) -> LockedStoreError:
        return LockedStoreError(
            f"The store {self._folder.parent} is busy: another program held its write"
            f" lock for {self.timeout_s:g} s. Try again, or see who has it open with"
            " `hookline info`.",
            on=str(self._folder.parent),
        )
