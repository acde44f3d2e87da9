"""The file by which a process says that it lives, and which runs have begun for it.

The kernel frees the lock on it when the process and all that inherited the file are
gone; no clock takes part. A child writes into it which run it begins, just before an
author's code gets control. So after a death what had begun is told apart from what was
only claimed, and no run costs a transaction for that.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import struct
from pathlib import Path

MOST_MARKS = 1016
"""Runs that may be under way for one owner."""

_HEADER_BYTES = 64
_MARK = struct.Struct("<qq")  # result id and token: whole, as one write is
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@functools.cache
def _boot_id() -> bytes:
    """Return what names this boot: after a power cut the marks may be missing."""
    try:
        return _BOOT_ID.read_bytes().strip()
    except OSError:
        return b""


def create(path: Path) -> int:
    """Make and lock an owner's file; return its descriptor.

    Raises:
        OSError: It could not be made.
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o660)
        fcntl.flock(file, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file), path.stat()):
                break
        os.close(file)  # somebody took it for a dead one's and removed it
    with contextlib.suppress(OSError):  # without a header all runs count as begun
        os.pwrite(file, _boot_id().ljust(_HEADER_BYTES), 0)
    return file


def reserve_marks(file: int) -> None:
    """Take the room for all marks now: a full disk must not keep one from being set.

    Raises:
        OSError: There is no room.
    """
    os.posix_fallocate(file, 0, _HEADER_BYTES + MOST_MARKS * _MARK.size)


def mark(file: int, index: int, result_id: int, token: int) -> None:
    """Note that a run begins.

    Raises:
        OSError: It could not be noted; then it must not begin.
    """
    entry = _MARK.pack(result_id, token)
    if os.pwrite(file, entry, _HEADER_BYTES + index * _MARK.size) != len(entry):
        raise OSError("The mark of a run was cut short.")


def is_marked(file: int, index: int, result_id: int, token: int) -> bool:
    """Return whether a run has begun."""
    entry = os.pread(file, _MARK.size, _HEADER_BYTES + index * _MARK.size)
    return entry == _MARK.pack(result_id, token)


def read_marks(path: Path) -> frozenset[tuple[int, int]] | None:
    """Return the runs (result id, token) that have begun; None when nobody can tell."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    boot = _boot_id()
    if not boot or content[:_HEADER_BYTES].strip() != boot:
        return None
    marks = content[_HEADER_BYTES:]
    whole = len(marks) - len(marks) % _MARK.size
    return frozenset(_MARK.iter_unpack(marks[:whole])) - {(0, 0)}


def is_held(path: Path) -> bool:
    """Return whether the process that made this file lives."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # Shared: two that ask at once must not take each other for the owner.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)
