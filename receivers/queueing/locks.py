"""Who works on a store and who looks at it, told by locks that the kernel frees."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import time
from typing import TYPE_CHECKING

from receivers.processes import kernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.storage.store import Store

RUNNER_LOCK = "runner.lock"
SCREENS_LOCK = "screens.lock"


STOPPED_S = 0.5
"""A runner that stands still for so long is ended by the one that waits."""


class RunnerLock:
    """The right to be the runner of a store; one process has it."""

    def __init__(self, store: Store) -> None:
        self._path = store.run_folder / RUNNER_LOCK
        self._file = _open(self._path)
        self._stopped_since: float | None = None

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it, and leave this process's id in the file."""
        while not self._try_lock():
            # One who only asks whether a runner is alive has it for a moment, too.
            if _is_held(self._path):
                return False
        with contextlib.suppress(OSError):  # a full disk: nobody can tell who it is
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return True

    def _try_lock(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def is_holder_stopped(self) -> bool:
        """Return whether the runner stands still (SIGSTOP, Ctrl-Z)."""
        holder = _holder(self._path)
        return holder is not None and kernel.is_stopped(holder)

    def end_stopped_holder(self) -> None:
        """End a runner that has stood still for a while; ask again and again.

        It keeps its lock, its children and its claims; all of them go with it. What
        decides is the state that the kernel tells, not how late the runner is.
        """
        if not self.is_holder_stopped():
            self._stopped_since = None
            return
        now = time.monotonic()
        if self._stopped_since is None:
            self._stopped_since = now
        elif now - self._stopped_since >= STOPPED_S:
            holder = kernel.lock_holder(self._path)
            if holder is not None:
                kernel.kill_stopped(holder)

    def release(self) -> None:
        """Let the next runner begin."""
        os.close(self._file)


def is_runner_alive(store: Store) -> bool:
    """Return whether a runner works on the store; needs no clock and no answer."""
    path = store.run_folder / RUNNER_LOCK
    if not _is_held(path):
        return False
    holder = _holder(path)
    return holder is None or not kernel.is_stopped(holder)


def runner_pid(store: Store) -> int | None:
    """Return the process id of the runner that works, or was the last to."""
    return _holder(store.run_folder / RUNNER_LOCK)


def runner_since(store: Store) -> dt.datetime | None:
    """Return when the runner took its lock; None without one."""
    try:
        written = (store.run_folder / RUNNER_LOCK).stat().st_mtime
    except FileNotFoundError:
        return None
    return dt.datetime.fromtimestamp(written, dt.UTC)


@contextlib.contextmanager
def open_screen(store: Store) -> Iterator[None]:
    """Keep a runner that screens started alive over the block."""
    file = _open(store.run_folder / SCREENS_LOCK)
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
    finally:
        os.close(file)


def is_screen_open(store: Store) -> bool:
    """Return whether any screen is open on the store."""
    return _is_held(store.run_folder / SCREENS_LOCK)


def _holder(path: Path) -> int | None:
    """Return the process id that the runner left in its lock file."""
    try:
        text = path.read_text(encoding="ascii")
    except OSError:
        return None
    return int(text) if text.strip().isdigit() else None


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)


def _is_held(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # Shared against exclusive: two that ask at once do not see each other.
        shared = path.name == RUNNER_LOCK
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)
