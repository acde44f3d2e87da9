"""How a command ends: exit codes, and what each error means for the caller."""

from __future__ import annotations

import sqlite3
import sys
from enum import IntEnum

from models.errors import HooklineError, StoreError


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FAILED = 1  # a run that this call ran or waited for did not succeed
    REQUEST = 2
    STORE = 3
    TIMED_OUT = 4
    REFUSED = 5
    INTERNAL = 70  # a fault of Hookline's own, as EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


class Terminated(BaseException):  # like KeyboardInterrupt, not an error
    """SIGTERM arrived; what is open is closed on the way out."""


def explain(error: BaseException) -> HooklineError | None:
    """Return what an error means in the program's own terms; None for a fault.

    The database's errors are known to `models.storage.store`, which is loaded by then
    if one of them was raised.
    """
    if isinstance(error, HooklineError):
        return error
    if _is_database_error(error):
        from models.storage.store import explain as explain_store

        return explain_store(error, "store")
    if isinstance(error, OSError) and error.filename is not None:
        return StoreError(
            f"{error.filename}: {error.strerror}.", on=str(error.filename)
        )
    return None


def _is_database_error(error: BaseException) -> bool:
    peewee = sys.modules.get("peewee")
    kinds: tuple[type[BaseException], ...] = (sqlite3.DatabaseError,)
    if peewee is not None:
        kinds = (*kinds, peewee.DatabaseError)
    return isinstance(error, kinds)
