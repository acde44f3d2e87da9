"""What Linux offers to hold on to processes, and Python does not wrap."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from pathlib import Path

_SET_PDEATHSIG = 1
_SET_CHILD_SUBREAPER = 36
_PARENT_FIELD = 1  # in /proc/PID/stat, counted after the name's closing bracket

_WRITE_BYTE = 120  # WAL_WRITE_LOCK

_libc = ctypes.CDLL(None, use_errno=True)


def become_subreaper() -> None:
    """Adopt descendants whose own parent dies, so that none can slip away."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent is gone.

    Args:
        parent: The parent's id, read before the fork: it may be gone already.
    """
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def set_limits(*, memory_mb: int) -> None:
    """Bound this process's memory, and leave no core files.

    Args:
        memory_mb: MiB of address space; 0 means no limit.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_mb:
        size = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def child_processes(parent: int | None = None) -> list[int]:
    """Return the ids of a process's children, adopted ones too.

    Args:
        parent: The process; this one by default.
    """
    parent = parent or os.getpid()
    tasks = f"/proc/{parent}/task"
    try:
        return [
            int(word)
            for thread in os.listdir(tasks)  # noqa: PTH208  # asked for many times
            for word in Path(f"{tasks}/{thread}/children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        if not Path(f"{tasks}/{parent}").exists():
            return []  # it has ended
        return _children_by_parent(parent)  # a kernel built without that file


def _children_by_parent(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        try:
            text = (path / "stat").read_text()
        except OSError:  # gone since the listing
            continue
        fields = text[text.rindex(")") + 1 :].split()
        if int(fields[_PARENT_FIELD]) == parent:
            found.append(int(path.name))
    return found


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a child and its process group; nothing if it is gone.

    Args:
        pid: A child that was not reaped, so that its id is still its own.
        number: The signal.
    """
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):  # not yet in a group of its own
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def is_stopped(pid: int) -> bool:
    """Return whether a process was stopped (SIGSTOP, Ctrl-Z) and not continued."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text[text.rindex(")") + 2] == "T"


def kill_stopped(pid: int) -> None:
    """Kill a process if it is stopped still; never another that got its id since."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if is_stopped(pid):
            signal.pidfd_send_signal(watch, signal.SIGKILL)
    finally:
        os.close(watch)


def wal_writer(shared: Path) -> int | None:
    """Return the id of the process that writes to a database past the gate.

    Args:
        shared: The database's `-shm` file, in which SQLite locks byte 120 to write.
    """
    try:
        number = shared.stat().st_ino
    except FileNotFoundError:
        return None
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1] != "POSIX" or words[3] != "WRITE":
            continue
        is_here = words[5].rsplit(":", 1)[1] == str(number)
        if is_here and int(words[6]) <= _WRITE_BYTE <= int(words[7]):
            return int(words[4])
    return None


def lock_holder(path: Path) -> int | None:
    """Return the id of the process that took the flock on a file, if one did."""
    number = path.stat().st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1] == "FLOCK" and words[5].rsplit(":", 1)[1] == str(number):
            return int(words[4])
    return None
