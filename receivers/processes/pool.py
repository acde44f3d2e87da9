"""The children as the runner sees them: a nursery process, and a channel to each."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.values import frozen
from receivers.processes import wire
from receivers.processes.launch import python_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from receivers.processes.wire import Message

STORE_WORK = "receivers.execution.work:StoreWork"
"""What children do unless a test says otherwise."""


@frozen
class PoolOptions:
    """How the nursery and its children are set up.

    Args:
        folder: The store's folder, where children work.
        memory_mb: Each child's address space in MiB; 0 for no limit.
        keep: Open files that children hold too, so that a lock outlives the runner.
        temporary: Where their temporary folders lie; empty for the system's place.
        work: `module:callable` that makes the children's work from the folder's path.
    """

    folder: str
    memory_mb: int
    keep: tuple[int, ...] = ()
    temporary: str = ""
    work: str = STORE_WORK


@dataclass(kw_only=True, eq=False)
class Worker:
    """One child: its process, its channel, and what it has on hand."""

    pid: int
    channel: socket.socket
    is_ending: bool = False
    is_ready: bool = False
    is_mute: bool = False
    resting_since: float = 0.0

    def send(self, message: Message) -> bool:
        """Send it a message; False when it is gone or does not listen."""
        try:
            wire.send(self.channel, message)
        except OSError:
            return False
        return True

    def read(self, most: int) -> tuple[list[Message], bool]:
        """Return messages that have come, and whether it can say more."""
        messages: list[Message] = []
        while len(messages) < most:
            try:
                received = wire.receive(self.channel)
            except BlockingIOError:
                break
            except (OSError, wire.WireError):
                return messages, False
            if received is None:
                return messages, False
            wire.close_all(received[1])
            messages.append(received[0])
        return messages, True


class Pool:
    """Starts the nursery and passes orders and notices.

    Call it from the thread that lives as long as the runner works.
    """

    def __init__(self, options: PoolOptions) -> None:
        self._options = options
        self.control, theirs = wire.channel_pair()
        self.control.settimeout(0)
        keep = [word for file in options.keep for word in ("--keep", str(file))]
        self._process = subprocess.Popen(
            python_command(
                "receivers.processes.nursery",
                *("--control", str(theirs.fileno())),
                *("--work", options.work),
                *("--argument", options.folder),
                *("--folder", options.folder),
                *("--memory-mb", str(options.memory_mb)),
                *("--temporary", options.temporary),
                *keep,
            ),
            stdin=subprocess.DEVNULL,
            stdout=2,  # stdout is for results; what receivers print is talk
            pass_fds=(theirs.fileno(), *options.keep),
            start_new_session=True,
        )
        theirs.close()

    @property
    def pid(self) -> int:
        """The nursery's process id."""
        return self._process.pid

    def order(self, **message: object) -> None:
        """Send an order; a nursery that is gone is noticed by its silence."""
        with contextlib.suppress(OSError):
            wire.send(self.control, message)

    def notices(self) -> list[tuple[Message, list[int]]] | None:
        """Return what the nursery has told; None when it is gone."""
        told: list[tuple[Message, list[int]]] = []
        while True:
            try:
                received = wire.receive(self.control)
            except BlockingIOError:
                return told
            except OSError:
                return None
            if received is None:
                return told or None
            told.append(received)

    def close(self) -> None:
        """End the nursery and all children; wait until they are gone."""
        self.control.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # its children die with it (PDEATHSIG)
            self._process.kill()
            self._process.wait()


def adopt(pid: int, files: Sequence[int]) -> Worker:
    """Make a worker of a spawn notice."""
    channel = socket.socket(fileno=files[0])
    channel.settimeout(0)
    wire.close_all(files[1:])
    return Worker(pid=pid, channel=channel)
