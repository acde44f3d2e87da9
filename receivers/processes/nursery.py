"""The nursery: the single-threaded process that forks the children and ends them.

The runner has threads, and forking from such a process is unsafe; so a warm image of
models and receivers (no authors' code) waits here to be forked. It is the parent of
all children and adopts whatever they leave behind, so that nothing survives the
runner: when the runner's socket closes, everything here is ended.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import tempfile
import time
from typing import TYPE_CHECKING

from models.storage.crashpoints import reach
from receivers.processes import kernel, wire
from receivers.processes.children import (
    RUN_SIGNALS,
    ChildOptions,
    become_child,
    live,
    remove_temporary,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from receivers.processes.children import Work
    from receivers.processes.wire import Message


class Nursery:
    """Forks, watches and kills children on the runner's orders.

    Args:
        control: The socket to the runner.
        work: What the children do.
        options: How they are set up.
    """

    def __init__(
        self, control: socket.socket, work: Work, options: ChildOptions
    ) -> None:
        self._control = control
        self._work = work
        self._options = options
        self._temporary: dict[int, str] = {}  # by the child's process id
        self._kill_at: dict[int, float] = {}
        self._cleaners: set[int] = set()
        self._is_open = True
        self._bell, self._alarm = socket.socketpair()
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Work until the runner quits or is gone; then end every child."""
        for end in (self._bell, self._alarm):
            end.settimeout(0)
        signal.set_wakeup_fd(self._alarm.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(self._bell, selectors.EVENT_READ)
        while self._is_open:
            for key, _ in self._selector.select(self._timeout()):
                if key.fileobj is self._control:
                    self._obey()
                else:
                    self._hear_bell()
            self._kill_overdue()
        self._end_all()

    def _timeout(self) -> float | None:
        if not self._kill_at:
            return None
        return max(0.0, min(self._kill_at.values()) - time.monotonic())

    def _hear_bell(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._bell.recv(256):
                pass
        self._reap()

    def _obey(self) -> None:
        received = wire.receive(self._control)
        if received is None:
            self._is_open = False
            return
        order = received[0]
        match order["op"]:
            case "spawn":
                self._spawn()
            case "kill":
                self._kill(order["pid"], order["grace"])
            case "soft":
                self._signal(order["pid"], signal.SIGALRM)
            case "quit":
                self._is_open = False

    def _tell(self, message: Message, files: Sequence[int] = ()) -> None:
        try:
            wire.send(self._control, message, files)
        except OSError:
            self._is_open = False

    def _spawn(self) -> None:
        ours, theirs = wire.channel_pair()
        temporary = ""
        try:
            temporary = tempfile.mkdtemp(
                prefix="run-", dir=self._options.temporary or None
            )
            parent = os.getpid()
            # A child without handlers must not die of what is meant for its run.
            signal.pthread_sigmask(signal.SIG_BLOCK, RUN_SIGNALS)
            pid = os.fork()
        except OSError as error:
            self._tell({"op": "unborn", "error": str(error)})
            if temporary:
                remove_temporary(temporary)
        else:
            if pid == 0:
                ours.close()
                self._be_child(parent, theirs, temporary)
            self._temporary[pid] = temporary
            reach("nursery.after-fork")
            self._tell({"op": "spawned", "pid": pid}, [ours.fileno()])
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, RUN_SIGNALS)
            ours.close()
            theirs.close()

    def _be_child(self, parent: int, channel: socket.socket, temporary: str) -> None:
        """In the child: let go of what is the nursery's, then live; never returns."""
        try:
            signal.set_wakeup_fd(-1)
            for mine in (self._selector, self._control, self._bell, self._alarm):
                mine.close()
            become_child(parent, self._options, temporary)
        except BaseException:  # a child that is half made must not go on as a nursery
            os._exit(1)
        live(channel, self._work, temporary)

    def _signal(self, pid: int, number: signal.Signals) -> None:
        if pid in self._temporary:  # ours and not reaped, so the id is still its own
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def _kill(self, pid: int, grace: float) -> None:
        if pid not in self._temporary:
            return
        if grace > 0:
            kernel.signal_group(pid, signal.SIGTERM)
            self._kill_at[pid] = time.monotonic() + grace
        else:
            kernel.signal_group(pid, signal.SIGKILL)

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for pid in [pid for pid, when in self._kill_at.items() if when <= now]:
            del self._kill_at[pid]
            kernel.signal_group(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Bury every process that has ended, ours and adopted ones."""
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        ended: list[Message] = []
        while (info := _wait(flags)) is not None:
            pid = info.si_pid
            if pid in self._temporary:
                # Before it is reaped the id is its own, so the group is too.
                kernel.signal_group(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            self._cleaners.discard(pid)
            if pid in self._temporary:
                self._remove(self._temporary.pop(pid))
                self._kill_at.pop(pid, None)
                ended.append({"op": "exited", "pid": pid, "status": status})
        self._end_strays()
        for message in ended:
            self._tell(message)

    def _remove(self, temporary: str) -> None:
        """Remove a temporary folder; a full one in its own process, as it lasts."""
        try:
            os.rmdir(temporary)  # noqa: PTH106  # no Path for what each end does
        except FileNotFoundError:
            return
        except OSError:
            pid = os.fork()
            if pid == 0:
                remove_temporary(temporary)
                os._exit(0)
            self._cleaners.add(pid)

    def _end_strays(self) -> None:
        """Kill what dead children left; only then is their end told."""
        for pid in kernel.child_processes():
            if pid not in self._temporary and pid not in self._cleaners:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)

    def _end_all(self) -> None:
        """Kill everything and wait for it; adopted processes come up as parents die."""
        for pid in list(self._temporary):
            kernel.signal_group(pid, signal.SIGKILL)
        while True:
            self._end_strays()
            try:
                pid, _ = os.waitpid(-1, 0)
            except ChildProcessError:
                return
            if pid in self._temporary:
                remove_temporary(self._temporary.pop(pid))


def _wait(flags: int) -> os.waitid_result | None:
    try:
        return os.waitid(os.P_ALL, 0, flags)
    except ChildProcessError:
        return None


def load_work(path: str, argument: str) -> Work:
    """Make the children's work from `module:callable` and its one argument."""
    module, _, name = path.partition(":")
    made: Work = getattr(importlib.import_module(module), name)(argument)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a nursery on the control socket that was passed by number."""
    parser = argparse.ArgumentParser(prog="hookline-nursery")
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--keep", type=int, action="append", default=[])
    parser.add_argument("--work", required=True)
    parser.add_argument("--argument", required=True)
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--temporary", default="")
    options = parser.parse_args(arguments)
    control = socket.socket(fileno=options.control)
    for file in [options.control, *options.keep]:
        # For forks only, not for programs that they start.
        os.set_inheritable(file, False)  # noqa: FBT003  # takes no keywords
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the runner
    kernel.become_subreaper()
    work = load_work(options.work, options.argument)
    gc.collect()
    gc.freeze()  # keeps the collector from touching, and so copying, shared pages
    child_options = ChildOptions(
        memory_mb=options.memory_mb,
        folder=options.folder,
        temporary=options.temporary,
    )
    Nursery(control, work, child_options).serve()


if __name__ == "__main__":
    main()
