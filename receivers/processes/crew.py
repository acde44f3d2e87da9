"""Which children there are, which are idle, and how many there should be."""

from __future__ import annotations

import logging
import selectors
import signal
import time
from typing import TYPE_CHECKING

from models.errors import HooklineError
from models.storage.crashpoints import reach
from receivers.processes.pool import Pool, adopt

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from receivers.processes.pool import PoolOptions, Worker
    from receivers.processes.wire import Message

_log = logging.getLogger(__name__)

MOST_MESSAGES = 64
"""Read from one child before the others get their turn."""
SURPLUS_S = 5.0
"""How long a child above the warm ones may idle."""
SPAWN_RETRY_S = (0.1, 10.0)
"""First and longest wait after a child that never got ready."""
MOST_LOST_NURSERIES = 3
"""So many nurseries may be lost in a row without a child getting ready."""


class Crew:
    """The children of one dispatcher.

    Args:
        options: How the nursery is set up.
        selector: Where their channels are watched.
        hear: Called with each message of a child.
        bury: Called when a child has ended, after its last message.
        most: Children at one time; those that are ending do not count.
        warm: Idle children kept ready.
    """

    def __init__(  # noqa: PLR0913  # two callbacks and two numbers, by keyword
        self,
        options: PoolOptions,
        selector: selectors.BaseSelector,
        *,
        hear: Callable[[Worker, Message], None],
        bury: Callable[[Worker, int], None],
        most: int,
        warm: int,
    ) -> None:
        self.idle: list[Worker] = []  # the last one rested last: its caches are warm
        self._is_listening = True
        self._options = options
        self._selector = selector
        self._hear = hear
        self._bury = bury
        self._most = most
        self._warm = warm
        self._workers: dict[int, Worker] = {}
        self._spawning = 0
        self._spawn_at = 0.0
        self._spawn_wait_s = SPAWN_RETRY_S[0]
        self._lost_nurseries = 0
        self._has_buried = False
        self._pool = self._open_pool()

    def _open_pool(self) -> Pool:
        pool = Pool(self._options)
        self._selector.register(pool.control, selectors.EVENT_READ, self._hear_nursery)
        return pool

    @property
    def size(self) -> int:
        """How many children there are or will be, without those that are ending."""
        ready = sum(w.is_ready and not w.is_ending for w in self._workers.values())
        return ready + self._spawning

    def has_room(self) -> bool:
        """Return whether another child may be started."""
        return self.size < self._most

    def tend(self, now: float, wanted: int) -> None:
        """Start the children that are wanted; let go of those that long idled."""
        needed = max(wanted, self._warm)
        missing = needed - len(self.idle) - self._spawning
        if missing > 0 and now >= self._spawn_at:
            reach("runner.during-respawn" if self._has_buried else "")
            for _ in range(min(missing, self._most - self.size)):
                self._spawning += 1
                self._pool.order(op="spawn")
        elif len(self.idle) > needed and now - self.idle[0].resting_since > SURPLUS_S:
            self.leave(self.idle.pop(0))

    def listen(self, *, on: bool) -> None:
        """Hear the children, or let them wait with what they have to say."""
        if on == self._is_listening:
            return
        self._is_listening = on
        for worker in self._workers.values():
            if on and not worker.is_mute:
                self._attend(worker)
            else:
                self._ignore(worker)

    def take(self) -> Worker:
        """Return the child that rested last."""
        return self.idle.pop()

    def rest(self, worker: Worker) -> None:
        """Note that a child is done and fit for another run."""
        worker.resting_since = time.monotonic()
        self.idle.append(worker)

    def leave(self, worker: Worker) -> None:
        """Let a child go: it quits, or is ending already."""
        worker.is_ending = True
        worker.send({"op": "quit"})

    def kill(self, pid: int, grace: float) -> None:
        """Have a child ended: SIGTERM, and SIGKILL after the grace."""
        self._workers[pid].is_ending = True
        self._pool.order(op="kill", pid=pid, grace=grace)

    @property
    def pids(self) -> Collection[int]:
        """The process ids of all children."""
        return self._workers.keys()

    def end_idle(self, pid: int) -> None:
        """Kill a child, if it is one, that has no run and is in the way."""
        worker = self._workers.get(pid)
        if worker is not None:
            if worker in self.idle:
                self.idle.remove(worker)
            self.kill(pid, 0)

    def warn(self, pid: int) -> None:
        """Have a child's run meet its soft limit."""
        self._pool.order(op="soft", pid=pid)

    def close(self) -> None:
        """End all children, hearing out what they have said."""
        self._pool.close()
        for worker in list(self._workers.values()):
            self._end(worker, signal.SIGKILL)

    def _hear_nursery(self) -> None:
        notices = self._pool.notices()
        if notices is None:
            self._replace_nursery()
            return
        for notice, files in notices:
            match notice["op"]:
                case "spawned":
                    self._welcome(adopt(notice["pid"], files))
                case "unborn":
                    self._spawning -= 1
                    self._slow_down(notice["error"])
                case "exited":
                    worker = self._workers.get(notice["pid"])
                    if worker is not None:
                        self._end(worker, notice["status"])

    def _welcome(self, worker: Worker) -> None:
        self._workers[worker.pid] = worker
        if self._is_listening:
            self._attend(worker)

    def _attend(self, worker: Worker) -> None:
        self._selector.register(
            worker.channel, selectors.EVENT_READ, lambda: self._hear_worker(worker)
        )

    def _heard(self, worker: Worker, message: Message) -> None:
        if message.get("op") == "ready":
            self._spawning -= 1
            worker.is_ready = True
            self._spawn_wait_s = SPAWN_RETRY_S[0]
            self._lost_nurseries = 0
            self.rest(worker)
        else:
            self._hear(worker, message)

    def _ignore(self, worker: Worker) -> None:
        if worker.channel in self._selector.get_map():
            self._selector.unregister(worker.channel)

    def _hear_worker(self, worker: Worker) -> None:
        if worker.pid not in self._workers:
            return  # buried since the selector saw it
        messages, is_open = worker.read(MOST_MESSAGES)
        for message in messages:
            self._heard(worker, message)
        if not is_open:
            # It ends, or a receiver closed its channel: then nobody can hear it again.
            worker.is_mute = True
            self._ignore(worker)
            self._pool.order(op="kill", pid=worker.pid, grace=0)

    def _end(self, worker: Worker, wait_status: int) -> None:
        del self._workers[worker.pid]
        if worker in self.idle:
            self.idle.remove(worker)
        is_open = True
        while is_open:
            messages, is_open = worker.read(MOST_MESSAGES)
            for message in messages:
                self._heard(worker, message)
            is_open = is_open and bool(messages)
        if worker in self.idle:  # its last word said that it was fit
            self.idle.remove(worker)
        self._ignore(worker)
        worker.channel.close()
        self._has_buried = True
        self._bury(worker, wait_status)
        if not worker.is_ready:
            self._spawning -= 1
            self._slow_down("a child ended before it was ready")

    def _slow_down(self, why: str) -> None:
        _log.warning("children do not start: %s", why)
        self._spawn_at = time.monotonic() + self._spawn_wait_s
        self._spawn_wait_s = min(self._spawn_wait_s * 2, SPAWN_RETRY_S[1])

    def _replace_nursery(self) -> None:
        """Start another nursery; the kernel has killed the children of the lost one."""
        _log.warning("the nursery is gone; starting another")
        self._selector.unregister(self._pool.control)
        self._pool.close()
        for worker in list(self._workers.values()):
            self._end(worker, signal.SIGKILL)
        self._spawning = 0
        self._lost_nurseries += 1
        if self._lost_nurseries > MOST_LOST_NURSERIES:
            raise HooklineError(
                "No child process can be started: the process that forks them ended"
                f" {self._lost_nurseries} times. What it wrote above says why."
            )
        self._pool = self._open_pool()
