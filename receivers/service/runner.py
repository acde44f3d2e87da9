"""The runner: the process that works off a store's queue, one of them a store.

Others wait for its lock and take over when it is gone. It keeps the job records fresh,
rescues what dead processes left, and runs an APScheduler whose executor does the work.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, TextIO

from models.automation import ascode
from models.errors import HooklineError, RefusedError, StoreError
from models.people.acting import is_owner
from models.storage.store import open_store
from models.values import frozen
from receivers.discovery import catalogue
from receivers.processes.launch import python_command
from receivers.queueing import queue
from receivers.queueing.locks import RunnerLock, is_runner_alive, is_screen_open
from receivers.queueing.rescue import take_over
from receivers.service import talk
from receivers.service.executor import HooklineExecutor, Tally
from receivers.service.janitor import Janitor
from receivers.service.keeping import LiveSettings
from receivers.service.scheduler import make_scheduler
from receivers.service.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from models.storage.store import Store

_log = logging.getLogger(__name__)

WAIT_FOR_LOCK_S = 0.05
LOOK_AT_JOBS_S = 1.0
LOOK_AROUND_S = 0.1
LOG_NAME = "runner.log"
LARGEST_LOG = 1024 * 1024


@frozen
class RunnerOptions:
    """How long a runner works.

    Args:
        until_empty: End when nothing that is due is left.
        for_screens: End when nothing runs and no screen was open for a while.
        is_quiet: Leave out how many runs `until_empty` worked off.
        work: What children do, for tests.
    """

    until_empty: bool = False
    is_quiet: bool = False
    for_screens: bool = False
    work: str | None = None


def run(
    store: Store, options: RunnerOptions | None = None, stream: TextIO | None = None
) -> int:
    """Work off the queue until told to stop; call it in the main thread.

    Args:
        store: The open store.
        options: How long to work.
        stream: Where people are told how it goes; stderr by default.

    Returns:
        The exit status: 0, 1 when `until_empty` met a run that did not succeed,
        130 or 143 when a signal ended it.

    Raises:
        RefusedError: Another account owns the store.
    """
    _require_owner(store)
    runner = Runner(store, options or RunnerOptions(), stream or sys.stderr)
    with runner.heed_signals():
        return runner.run()


def _require_owner(store: Store) -> None:
    """Refuse a runner of another account, whose files its runs could not mend."""
    if not is_owner(store):
        raise RefusedError(
            f"Another account owns the store {store.folder}; it alone starts the"
            " runner, with `hookline --run`. What you queue waits for it.",
            on=str(store.folder),
        )


class Runner:
    """One runner process."""

    def __init__(self, store: Store, options: RunnerOptions, stream: TextIO) -> None:
        self._store = store
        self._options = options
        self._talk = stream
        self._signals: list[int] = []
        self._wake = threading.Event()
        self._shown = ""
        self._told = 0
        self._in_journal = talk.is_journal(stream)
        self._rows = ascode.Keeper(store)
        self._settings = LiveSettings(store)
        self._alone_since = time.monotonic()

    @contextlib.contextmanager
    def heed_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT: the first one politely, the second at once."""
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = [signal.signal(number, self._note_signal) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _note_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)
        self._wake.set()

    def run(self) -> int:
        """Wait for the lock, work, and return the exit status."""
        lock = RunnerLock(self._store)
        try:
            if self._wait_for(lock):
                return self._work()
            return self._exit_status(is_all_well=True)
        finally:
            lock.release()

    def _wait_for(self, lock: RunnerLock) -> bool:
        """Wait until this is the runner; False when it need not become it."""
        if lock.try_acquire():
            return True
        if self._options.for_screens and not lock.is_holder_stopped():
            return False
        self._say("another runner works on this store; waiting to take over")
        while not self._signals:
            if lock.try_acquire():
                self._say("took over from a runner that is gone")
                return True
            lock.end_stopped_holder()
            if self._options.until_empty and not queue.is_work_left(self._store):
                return False
            self._sleep(WAIT_FOR_LOCK_S)
        return False

    def _work(self) -> int:
        self._store.owner()
        take_over(self._store)
        self._look_at_jobs()
        executor = HooklineExecutor(self._store, self._options.work)
        scheduler = make_scheduler(self._store, executor)
        timetable = Timetable(self._store, scheduler, executor)
        timetable.catch_up()
        scheduler.start()
        janitor = Janitor(self._store)
        janitor.start()
        self._say(f"works on {self._store.folder} (process {os.getpid()})")
        try:
            self._watch(executor, timetable)
        finally:
            janitor.stop()
            self._stop(executor, scheduler)
        if not self._talk.isatty():
            self._tell_failures(executor.tally)
        if self._options.until_empty and not self._options.is_quiet:
            self._say(executor.tally.text)
        if executor.failure is not None:
            raise executor.failure
        return self._exit_status(is_all_well=executor.tally.is_all_well)

    def _watch(self, executor: HooklineExecutor, timetable: Timetable) -> None:
        look_at = time.monotonic() + LOOK_AT_JOBS_S
        while not self._signals and executor.is_alive:
            is_passing = self._options.until_empty
            self._sleep(LOOK_AROUND_S if is_passing else LOOK_AT_JOBS_S)
            self._show(executor)
            timetable.look()
            if time.monotonic() >= look_at:
                self._look_at_jobs()
                look_at = time.monotonic() + LOOK_AT_JOBS_S
            if self._is_over(executor):
                return

    def _is_over(self, executor: HooklineExecutor) -> bool:
        if not executor.tally.is_idle:
            self._alone_since = time.monotonic()
            return False
        if self._options.until_empty:
            return not queue.is_work_due(self._store)
        if self._options.for_screens:
            if is_screen_open(self._store) or queue.is_work_left(self._store):
                self._alone_since = time.monotonic()
            alone = time.monotonic() - self._alone_since
            return alone > self._store.settings.runner.idle_exit_s
        return False

    def _stop(self, executor: HooklineExecutor, scheduler: object) -> None:
        """Finish what runs; a second signal ends it."""
        if executor.is_alive:
            executor.drain()
            if executor.tally.running:
                self._say(
                    f"stopping; {executor.tally.running} running receivers are waited"
                    " for (a second signal ends them)"
                )
        while executor.is_alive and len(self._signals) < 2:
            self._sleep(LOOK_AROUND_S)
        scheduler.shutdown(wait=False)  # type: ignore[attr-defined]  # APScheduler's

    def _sleep(self, seconds: float) -> None:
        if self._wake.wait(seconds):
            self._wake.clear()

    def _exit_status(self, *, is_all_well: bool) -> int:
        if self._signals:
            return 128 + self._signals[0]
        return 0 if is_all_well or not self._options.until_empty else 1

    def _look_at_jobs(self) -> None:
        try:
            if catalogue.ensure_fresh(self._store):
                self._say("read the jobs anew")
            if done := self._rows.keep():
                self._say(done)
            if self._settings.keep():
                self._say("read config.yaml anew: notify, retention and secrets")
        except (HooklineError, OSError) as error:
            _log.warning("the jobs could not be read: %s", error)

    def _say(self, text: str, level: int = talk.NOTICE) -> None:
        self._clear()
        line = (
            talk.marked(text, level) if self._in_journal else f"hookline runner: {text}"
        )
        self._talk.write(f"{line}\n")
        self._talk.flush()

    def _show(self, executor: HooklineExecutor) -> None:
        """Keep one line about the state at the bottom; elsewhere tell of failures."""
        tally = executor.tally
        if not self._talk.isatty():
            self._tell_failures(tally)
            return
        text = (
            f"{tally.running} running, {tally.succeeded} succeeded,"
            f" {tally.failed} failed"
        )
        if text != self._shown:
            self._talk.write(f"\r{text}\x1b[K")
            self._talk.flush()
            self._shown = text

    def _tell_failures(self, tally: Tally) -> None:
        """Say how many more runs did not succeed, and which was the last."""
        new = tally.failed - self._told
        if new:
            self._told = tally.failed
            runs = "1 run" if new == 1 else f"{new:,} runs, the last of them"
            self._say(f"not succeeded: {runs} {tally.last_failure}", talk.WARNING)

    def _clear(self) -> None:
        if self._shown:
            self._talk.write("\r\x1b[K")
            self._shown = ""


def start_in_background(store: Store) -> bool:
    """Start a runner for the screens, unless one is alive; return whether it did.

    It outlives the screen, and ends by itself (`RunnerOptions.for_screens`).
    """
    if is_runner_alive(store):
        return False
    path = store.run_folder / LOG_NAME
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
    command = python_command(
        "receivers.service.runner", str(store.folder), "--for-screens"
    )
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    os.posix_spawn(  # it is left to itself, which a Popen object would complain about
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(path), append, 0o660),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return True


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a runner as a program; `hookline --run` is the way for people."""
    parser = argparse.ArgumentParser(prog="hookline-runner")
    parser.add_argument("folder")
    parser.add_argument("--for-screens", action="store_true")
    parser.add_argument("--until-empty", action="store_true")
    parser.add_argument("--work")
    options = parser.parse_args(arguments)
    talk.set_up_logging(sys.stderr)
    try:
        store = open_store(options.folder, durable=False)
    except StoreError as error:
        sys.stderr.write(f"{error.message}\n")
        raise SystemExit(error.exit_code) from error
    runner_options = RunnerOptions(
        until_empty=options.until_empty,
        for_screens=options.for_screens,
        work=options.work,
    )
    try:
        with store:
            raise SystemExit(run(store, runner_options))
    except (StoreError, RefusedError) as error:
        sys.stderr.write(f"{error.message}\n")
        raise SystemExit(error.exit_code) from error
