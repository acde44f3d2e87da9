"""A child: the process that runs authors' code, one run at a time.

It is forked from a single-threaded process, takes run messages from its channel and
answers with log entries and one `done` for each. Between runs it looks at itself: a run
that left something behind makes it retire, so that the next run starts clean. Killing
it is left to its parent.
"""

from __future__ import annotations

import _locale
import _signal  # type: ignore[import-not-found]  # bare: `signal` makes enum members
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from models.storage import owners
from models.storage.crashpoints import reach
from models.values import frozen
from receivers.authors import limits
from receivers.processes import kernel, wire

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from receivers.processes.wire import Message

_STANDARD_FILES = 2
_SPARE_FILES = 64
"""A child has opened so few files for itself: more are left by runs."""

MOST_RUNS = 2_000
"""After this many runs a child retires, whatever it looks like."""

RUN_SIGNALS = frozenset({signal.SIGALRM, signal.SIGTERM})
"""What a run is told by; to be blocked while a child is forked."""

_WATCHED_SIGNALS = (
    signal.SIGALRM,
    signal.SIGCHLD,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGPIPE,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
_WATCHED_NUMBERS = tuple(map(int, _WATCHED_SIGNALS))
QUICK_S = 0.005
"""The first entry of a job that took less the last time waits for what follows it."""
CHECK_ALL_EVERY = 32
"""Runs between two looks at what few receivers touch: the umask, and memory."""


class Work(Protocol):
    """What children do; made once in the process that forks them."""

    def enter(self) -> None:
        """Get ready in a fresh child."""

    def run(self, message: Message, emit: Callable[[Message], None]) -> Message:
        """Run what the message names; return the fields of its `done` message."""

    def is_stale(self) -> bool:
        """Return whether code that this child has imported has changed since."""


@frozen
class ChildOptions:
    """How a child is set up.

    Args:
        memory_mb: Its address space in MiB; 0 for no limit.
        folder: The folder that it works in.
        temporary: Where its temporary folder is made; empty for the system's place.
    """

    memory_mb: int
    folder: str
    temporary: str = ""


def become_child(parent: int, options: ChildOptions, temporary: str) -> None:
    """Turn a freshly forked process into a child with a place of its own.

    It is forked with RUN_SIGNALS blocked, and lets them in when it can answer them.

    Args:
        parent: The id of the process that forked it.
        options: Its limits and its folder.
        temporary: A folder for its temporary files; its parent removes it.
    """
    os.setsid()
    kernel.die_with_parent(parent)
    kernel.become_subreaper()
    kernel.set_limits(memory_mb=options.memory_mb)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.chdir(options.folder)
    os.environ["TMPDIR"] = tempfile.tempdir = temporary
    for number in _WATCHED_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    limits.install_handlers()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, RUN_SIGNALS)


def live(channel: socket.socket, work: Work, temporary: str) -> NoReturn:
    """Serve the channel, then end this process without any clean-up of the parent's.

    Args:
        channel: Where runs come from.
        work: What a run is.
        temporary: The folder that was made for this child, emptied between runs.
    """
    status = 1
    try:
        work.enter()
        Child(channel, work, temporary).serve()
        status = 0
    except limits.RunEnded:
        status = 0
    except ConnectionError:
        status = 0  # the runner is gone
    except BaseException:  # the border of the process: say why, then go
        traceback.print_exc()
    finally:
        os._exit(status)


class Child:
    """The loop of one child."""

    def __init__(self, channel: socket.socket, work: Work, temporary: str) -> None:
        self._channel = channel
        self._work = work
        self._pid = os.getpid()
        self._runs = 0
        self._result: object = None
        self._held: list[Any] = []
        self._took: dict[object, float] = {}  # seconds, by job
        self._is_quick = False
        self._surroundings = Surroundings.now()
        self._desk = Desk(temporary)

    def serve(self) -> None:
        """Work until told to quit, until the other end is gone, or until retired."""
        self._send({"op": "ready"})
        while True:
            received = wire.receive(self._channel)
            if received is None or received[0]["op"] != "run":
                return
            if not self._serve_run(received[0]):
                return

    def _serve_run(self, message: Message) -> bool:
        if self._work.is_stale():
            self._send({**message, "op": "stale"})
            return False
        reach("child.before-begin")
        if message.get("mark"):
            file, place = message["mark"]
            owners.mark(file, place, message["result"], message["token"])
        reach("child.after-begin")
        self._runs += 1
        self._result = message["result"]
        self._is_quick = self._took.get(message.get("job"), 1.0) < QUICK_S
        began = time.monotonic()
        done = self._run(message)
        self._took[message.get("job")] = time.monotonic() - began
        self._result = None
        if os.getpid() != self._pid:
            os._exit(0)  # the receiver forked, and its child came back here
        self._desk.clear()
        retire = self._runs >= MOST_RUNS or self._surroundings.were_changed(
            thoroughly=done["status"] != "SUCCESS" or self._runs % CHECK_ALL_EVERY == 0
        )
        entries, self._held = self._held, []
        done |= {
            "op": "done",
            "entries": entries,
            "result": message["result"],
            "token": message["token"],
            "retire": retire,
        }
        reach("child.before-reply")
        self._send(done)
        reach("child.after-reply")
        return not retire

    def _run(self, message: Message) -> Message:
        try:
            limits.begin(message.get("soft"))
            try:
                return self._work.run(message, self._emit)
            finally:
                limits.end()
        except BaseException as error:  # what the run's own border let through
            return {
                "status": "FAILURE",
                "value": None,
                "error": f"{type(error).__name__}: {error}",
                "traceback": traceback.format_exc(),
            }
        finally:
            _flush()

    def _emit(self, message: Message) -> None:
        """Send a message of the current run; a thread of an old one is mute."""
        if message.get("result") != self._result:
            return
        if message["op"] == "log":
            message["entries"] = [*self._held, *message["entries"]]
            self._held = []
            if message.get("last") or self._is_quick:
                self._held = message["entries"]  # they travel with what comes next
                self._is_quick = False
                return
        self._send(message)

    def _send(self, message: Message) -> None:
        wire.send(self._channel, message)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # closed by the receiver
            continue


@frozen
class Surroundings:
    """What a child looks like when nothing was left behind."""

    folder: str
    environment: dict[Any, Any]
    handlers: list[object]
    umask: int
    mask: set[int]
    locale: str
    files: int
    streams: tuple[object, ...]

    @classmethod
    def now(cls) -> Surroundings:
        """Take the present as the state to compare with."""
        return cls(
            folder=os.getcwd(),  # noqa: PTH109  # on each run's path, as below
            environment=dict(_environment()),
            handlers=_handlers(),
            umask=_umask(),
            mask=_blocked_signals(),
            locale=_locale.setlocale(_locale.LC_ALL, None),
            files=_lowest_free_file(),
            streams=(sys.stdin, sys.stdout, sys.stderr),
        )

    def were_changed(self, *, thoroughly: bool = True) -> bool:
        """Return whether a run left anything behind that the next one would meet."""
        try:
            return (
                threading.active_count() > 1
                or _has_processes()
                or self.folder != os.getcwd()  # noqa: PTH109  # on each run's path
                or self.environment != _environment()
                or self.handlers != _handlers()
                or self.streams != (sys.stdin, sys.stdout, sys.stderr)
                or self.umask != _umask()
                or self.mask != _blocked_signals()
                or self.locale != _locale.setlocale(_locale.LC_ALL, None)
                or not _STANDARD_FILES
                < _lowest_free_file()
                <= self.files + _SPARE_FILES
                or (thoroughly and _is_swollen())
            )
        except OSError:  # a folder was removed, or standard input closed
            return True


class Desk:
    """A child's temporary folder, emptied between runs when one used it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._mtime = _mtime(folder)

    def clear(self) -> None:
        """Remove what the last run left in the folder."""
        try:
            if _mtime(self._folder) == self._mtime:
                return
            for entry in os.scandir(self._folder):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    Path(entry.path).unlink()
            self._mtime = _mtime(self._folder)
        except OSError:  # the run took the folder away: make do with a new one
            Path(self._folder).mkdir(mode=0o700, exist_ok=True)


def _mtime(folder: str) -> int:
    return os.stat(folder).st_mtime_ns  # noqa: PTH116  # on each run's path


def _environment() -> dict[Any, Any]:
    # The mapping's own dict: comparing the mapping decodes every name, 30 times slower.
    return os.environ._data  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001


def _handlers() -> list[object]:
    return [_signal.getsignal(number) for number in _WATCHED_NUMBERS]


def _blocked_signals() -> set[int]:
    blocked: set[int] = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
    return blocked


def _lowest_free_file() -> int:
    """Return a number that rises when a run leaves files open; a listing costs more."""
    file = os.dup(0)
    os.close(file)
    return file


def _umask() -> int:
    present = os.umask(0o077)
    os.umask(present)
    return present


def _has_processes() -> bool:
    """Return whether a descendant lives: a child is the subreaper of all its own."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def _is_swollen() -> bool:
    """Return whether half of the memory limit was needed at some time."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return False
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > limit // 2


def remove_temporary(folder: str) -> None:
    """Remove a child's temporary folder, whatever it left there."""
    try:
        Path(folder).rmdir()
    except FileNotFoundError:
        return
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
