"""Run one job result without a runner, in a child of the calling process.

`hookline --run JOB` has to be quick and works whether a runner is alive or not: the
result is queued already claimed, and run in a child forked from the command line's own
single-threaded process. No APScheduler, no nursery.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from models.automation.outbox import close_abandoned
from models.errors import StoreError
from models.runs.results import JobResult, enqueue
from models.storage import owners
from models.storage.crashpoints import reach
from receivers.execution.work import StoreWork, outcome_message
from receivers.processes import kernel, temporary, wire
from receivers.processes.children import (
    RUN_SIGNALS,
    ChildOptions,
    become_child,
    live,
    remove_temporary,
)
from receivers.processes.crowds import CrowdWatch
from receivers.processes.marks import MOST_SENDINGS
from receivers.queueing import queue, turns
from receivers.queueing.claims import Batch
from receivers.queueing.running import Run, Verdict

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType
    from typing import NoReturn, Self

    from models.people.access import User
    from models.runs.jobs import JobRecord
    from models.storage.store import Store
    from receivers.processes.children import Work
    from receivers.processes.wire import Message
    from receivers.queueing.claims import Claim, Finish, LogRow

    Heard = Callable[[Sequence[LogRow]], None]

LOG_S = 0.02
"""How long a line may wait for others before it is stored."""
LOOK_S = 0.1
"""Seconds between two looks whether somebody has cancelled the run."""
MOST_MESSAGES = 256


def run_one(  # noqa: PLR0913  # who is told of what, by keyword
    store: Store,
    record: JobRecord,
    user: User,
    *,
    heard: Heard | None = None,
    waits: Callable[[list[int]], None] | None = None,
    debug: bool = False,
    **target: Any,
) -> JobResult:
    """Run a job now, in a child of this process, and return its result when it ended.

    Call it in a process without threads: it forks.

    Args:
        store: The open store.
        record: The job.
        user: Who runs it; needs run permission.
        heard: Told of log entries once they are stored.
        waits: Told of the earlier runs that it has to wait for (`Meta.overlap`).
        debug: Run it in this very process, with its stdin and without limits.
        target: `arguments`, `obj`, `change`, and what else `enqueue()` takes.

    Raises:
        RefusedError: The job is off or missing, or the user may not run it.
        StoreError: The run could not be written down.
        KeyboardInterrupt: Ctrl-C; the run was ended, and its result says so.
    """
    owner = store.owner()
    run = run_here if debug else run_in_child
    claim = None
    with store.transaction():  # one, since each waits for the disk
        result = enqueue(record, user, owner=owner, **target)
        if not turns.has_to_wait(store, result.id):
            claim = queue.begin(store, result.id, owner)
    if claim is None:
        with _terminable():
            turns.await_turn(store, result.id, waits)
        claim = queue.begin(store, result.id, owner)
    reach("alone.after-claim")
    finish = run(store, claim, heard)
    while not finish.is_final:
        again = _next_attempt(store, result.id, owner)
        if again is None:
            break
        finish = run(store, again, heard)
    ended: JobResult = JobResult.get_by_id(result.id)
    return ended


def _next_attempt(store: Store, result_id: int, owner: str) -> Claim | None:
    """Wait until a retry is due, and claim it; None when a runner has taken it."""
    while (wait := queue.seconds_until_due(store, result_id)) is not None:
        if wait > 0:
            time.sleep(wait)
            continue
        try:
            return queue.begin(store, result_id, owner)
        except LookupError:
            break
    return None


def run_here(store: Store, claim: Claim, heard: Heard | None = None) -> Finish:
    """Run in this process: breakpoints work, and nothing ends it but its own end."""
    from receivers.execution.run import run_result

    desk = Desk(store, claim, heard)
    owners.mark(store.owner_file(), 0, claim.result_id, claim.token)
    with _debugger():
        outcome = run_result(
            store, claim.result_id, claim.token, desk.note, arguments=claim.arguments
        )
    done = {"op": "done", "result": claim.result_id, **outcome_message(outcome)}
    desk.note(done)
    assert desk.finish is not None
    return desk.finish


@contextlib.contextmanager
def _debugger() -> Iterator[None]:
    """Let `breakpoint()` reach the terminal, though a run's prints go to its log."""

    def stop(*_: Any, **__: Any) -> None:
        import pdb  # noqa: T100  # the one place that is meant to open it

        debugger = pdb.Pdb(stdin=sys.__stdin__, stdout=sys.__stderr__)
        debugger.set_trace(sys._getframe(1))  # noqa: SLF001  # the caller's frame

    before = sys.breakpointhook
    sys.breakpointhook = stop
    try:
        yield
    finally:
        sys.breakpointhook = before


class Desk:
    """Writes down what one run says, and remembers how it ended."""

    def __init__(self, store: Store, claim: Claim, heard: Heard | None) -> None:
        self.run = Run(claim=claim)
        self.finish: Finish | None = None
        self.flush_at = float("inf")
        self._store = store
        self._heard = heard
        self._batch = Batch()

    def note(self, message: Message) -> None:
        """Take a message; the first line and the end are stored at once."""
        is_first = not self.run.counts
        if message["op"] == "ready":
            return
        if self.run.claim.arguments is not None:
            self._batch.begun.add(self.run.claim.result_id)
        if self.run.hear(message, self._batch):
            self.finish = self._batch.finishes[-1]
        if is_first or self.finish is not None:
            self.flush()
        else:
            self.flush_at = min(self.flush_at, time.monotonic() + LOG_S)

    def bury(self, wait_status: int) -> None:
        """Write down the end of a run whose process ended without a word.

        Raises:
            StoreError: It could not be written; a runner's rescue will.
        """
        if self.finish is None:
            self.finish = self.run.died(wait_status)
            self._batch.finishes.append(self.finish)
        self.flush(must=True)
        if self.finish.has_died:
            close_abandoned(self._store, result_id=self.finish.claim.result_id)

    def flush(self, *, must: bool = False) -> None:
        """Store what has come; what cannot be stored now is tried again later."""
        self.flush_at = float("inf")
        if not self._batch:
            return
        try:
            queue.settle(self._store, self._store.owner(), self._batch, 0)
        except StoreError:
            if must:
                raise
            self.flush_at = time.monotonic() + LOG_S
            return
        batch, self._batch = self._batch, Batch()
        if self._heard is not None and batch.entries:
            self._heard(batch.entries)


def run_in_child(
    store: Store,
    claim: Claim,
    heard: Heard | None = None,
    work: Work | None = None,
) -> Finish:
    """Run in a child; keep its limits, store what it says, end what it leaves.

    Raises:
        KeyboardInterrupt: Ctrl-C; the run was ended first.
        SystemExit: SIGTERM; the same.
    """
    desk = Desk(store, claim, heard)
    sendings = 0
    with _terminable():
        while desk.finish is None:
            sendings += 1
            with _Child(store, desk, work, is_last=sendings == MOST_SENDINGS) as child:
                child.attend()
    return desk.finish


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM unwind, so that the run is ended and its result says so."""
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


class _Child:
    """The child of one run, from its fork to its burial."""

    def __init__(
        self, store: Store, desk: Desk, work: Work | None, *, is_last: bool
    ) -> None:
        self._store = store
        self._is_last = is_last
        self._desk = desk
        self._work = work or StoreWork(str(store.folder), store=store)
        self._others = set(kernel.child_processes())
        self._kill_at = float("inf")
        self._look_at = 0.0
        self._crowds = CrowdWatch(store.settings.runner.max_processes)
        self._temporary = str(temporary.make_folder(store))

    def __enter__(self) -> Self:
        kernel.become_subreaper()
        self._channel, theirs = wire.channel_pair()
        self._pid = self._fork(theirs)
        theirs.close()
        self._channel.settimeout(0)
        self._watch = os.pidfd_open(self._pid)
        place = (self._store.owner_file(), 0)
        wire.send(self._channel, {**self._desk.run.message(), "mark": place})
        reach("alone.after-send")
        return self

    def _fork(self, theirs: socket.socket) -> int:
        parent = os.getpid()
        options = ChildOptions(
            memory_mb=self._store.settings.runner.memory_mb,
            folder=str(self._store.folder),
        )
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # or the child would write it once more
        signal.pthread_sigmask(signal.SIG_BLOCK, RUN_SIGNALS)
        pid = os.fork()
        if pid == 0:
            try:
                self._channel.close()
                os.dup2(2, 1)  # stdout is for results; what receivers print is talk
                become_child(parent, options, self._temporary)
            except BaseException:  # it must not go on as a second command line
                os._exit(1)
            live(theirs, self._work, self._temporary)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, RUN_SIGNALS)
        return pid

    def attend(self) -> None:
        """Hear the child until its run is over or it is gone."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        poll.register(self._watch, select.POLLIN)
        while self._desk.finish is None:
            ready = {file for file, _ in poll.poll(self._wait_ms())}
            if self._watch in ready:
                return
            if ready and not self._hear():
                poll.unregister(self._channel)
                self._kill()
            self._keep_time()

    def _wait_ms(self) -> float:
        desk = self._desk
        until = min(desk.flush_at, desk.run.deadline, self._kill_at)
        until = min(until, self._crowds.look_at, self._look_at)
        return max(0.0, until - time.monotonic()) * 1000

    def _keep_time(self) -> None:
        now = time.monotonic()
        if now >= self._desk.flush_at:
            self._desk.flush()
        if now >= self._kill_at:
            self._kill()
        elif now >= self._desk.run.deadline:
            self._end(Verdict.TIME_LIMIT)
        elif self._crowds.over(now, [self._pid]):
            self._end(Verdict.PROCESSES)
            self._kill()
        elif now >= self._look_at:
            self._look_at = now + LOOK_S
            self._heed_cancel()

    def _heed_cancel(self) -> None:
        """End the run if somebody has asked for that."""
        run = self._desk.run
        asked: set[int] = set()
        with queue.reading():
            asked = queue.cancelled_among(self._store, [run.claim.result_id])
        if asked and run.verdict is None:
            self._end(Verdict.CANCELLED)

    def _end(self, verdict: Verdict) -> None:
        self._desk.run.verdict = verdict
        self._desk.run.began = float("inf")
        self._kill_at = time.monotonic() + self._store.settings.runner.grace_s
        kernel.signal_group(self._pid, signal.SIGTERM)

    def _kill(self) -> None:
        self._kill_at = float("inf")
        kernel.signal_group(self._pid, signal.SIGKILL)

    def _hear(self) -> bool:
        """Take what the child has said; return whether it can say more."""
        for _ in range(MOST_MESSAGES):
            try:
                received = wire.receive(self._channel)
            except BlockingIOError:
                break
            except (OSError, wire.WireError):
                return False
            if received is None:
                return False
            wire.close_all(received[1])
            self._desk.note(received[0])
        return True

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is not None and self._desk.finish is None:
                self._end(Verdict.CANCELLED)
                self.attend()
        finally:
            self._bury()

    def _bury(self) -> None:
        self._kill()
        _, status = os.waitpid(self._pid, 0)
        self._hear()
        os.close(self._watch)
        self._channel.close()
        self._end_strays()
        remove_temporary(self._temporary)
        if self._is_last or self._desk.run.verdict is not None or self._has_begun():
            self._desk.bury(status)

    def _has_begun(self) -> bool:
        claim = self._desk.run.claim
        file = self._store.owner_file()
        return owners.is_marked(file, 0, claim.result_id, claim.token)

    def _end_strays(self) -> None:
        """Kill and reap what the child left: it was adopted when the child died."""
        while strays := set(kernel.child_processes()) - self._others:
            for pid in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)
