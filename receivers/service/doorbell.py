"""The socket that `Store.poke()` rings: a hint that something was queued."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

from models.storage.store import SOCKET_NAME

if TYPE_CHECKING:
    from models.storage.store import Store


class Doorbell:
    """Hears pokes in a store's run folder; the runner alone has one."""

    def __init__(self, store: Store) -> None:
        self._path = store.run_folder / SOCKET_NAME
        self._path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(0)
        folder = os.open(store.run_folder, os.O_PATH | os.O_DIRECTORY)
        try:
            # A socket's address holds 108 bytes, a store's path may have more.
            self.socket.bind(f"/proc/self/fd/{folder}/{SOCKET_NAME}")
        finally:
            os.close(folder)
        shared = store.run_folder.stat().st_mode & 0o060
        self._path.chmod(0o660 if shared else 0o600)

    def hear(self) -> None:
        """Take every poke that has come: one look at the queue answers them all."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.recv(64)

    def close(self) -> None:
        """Take the bell away."""
        self.socket.close()
        self._path.unlink(missing_ok=True)
