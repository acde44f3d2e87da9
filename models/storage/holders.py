"""Who has a store open: every program holds a lock on a file of the store meanwhile.

The kernel frees it with the program. Whoever opens a store first asks to hold it alone,
and only then may the tables be changed without being asked for; all others share it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import StoreError

if TYPE_CHECKING:
    from models.storage.store import Store

LOCK_NAME = "open.lock"
_LONGEST_COMMAND = 60


class OpenLock:
    """This program's share of the lock.

    Args:
        folder: The store's run folder.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_NAME
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        self.is_alone = self.take_alone()

    def take_alone(self) -> bool:
        """Keep others from opening the store until it is shared; False if some have."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._file, fcntl.LOCK_SH)  # waits while the tables change
            return False
        return True

    def share(self) -> None:
        """Let others open the store, too."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def close(self) -> None:
        """Have the store open no more."""
        os.close(self._file)


def holders(store: Store) -> list[int]:
    """Return the processes that have the store open, but for this one."""
    inode = (store.run_folder / LOCK_NAME).stat().st_ino
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines if f":{inode} " in line]
    return sorted({int(word[4]) for word in words} - {os.getpid()})


def name_holders(store: Store) -> str:
    """Say who else has the store open: process ids and their commands."""
    return ", ".join(map(_name, holders(store))) or "unknown processes"


def _name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return str(pid)
    command = " ".join(word.decode(errors="replace") for word in words if word)
    shown = "".join(c if c.isprintable() else " " for c in command)
    return f"{pid} ({shown[:_LONGEST_COMMAND].strip()})"


def refuse_others(store: Store, what: str) -> None:
    """Refuse to go on while others have the store open.

    Raises:
        StoreError: They have; it names them.
    """
    if not store.open_lock.take_alone():
        raise StoreError(
            f"{what} Others have the store {store.folder} open: {name_holders(store)}."
            " End them, run `hookline migrate`, then start them again.",
            on=str(store.folder),
        )


def is_private(store: Store) -> bool:
    """Return whether nobody but this user can write the store."""
    status = store.folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022
