"""Change contexts: who changes, why, and what caused it.

A short context (a screen's save, a command, a bare `save()`) is one transaction that
commits rows, changes, verdicts and queued runs together. A long one (a job, a script)
is a row with an owner; each save commits by itself, and closing it dispatches.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import os
from typing import TYPE_CHECKING, Any, Literal

from models.automation import outbox
from models.history import changes
from models.history.changes import ContextKind, Entry
from models.objects.fields import uuid7
from models.people import guard
from models.people.access import User, os_user
from models.storage.store import Store, current_store

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

CAUSE_VARIABLE = "HOOKLINE_CAUSE"
OS_USER: Any = object()
KINDS = frozenset(map(str, ContextKind))
CHECKED_KINDS = frozenset({ContextKind.SCREEN, ContextKind.COMMAND, ContextKind.LOAD})
"""Where people write; what they may is checked as they do."""


@dataclasses.dataclass(kw_only=True, slots=True)
class ActiveContext:
    """An open context.

    Attributes:
        store: The store it writes to.
        user: Who changes; None for nobody.
        short: Whether it is one transaction.
        result_id: The job result whose run it is.
        cause_id: The job result that caused it, if that is another.
        depth: How many hook receivers' runs led here.
        mute: A reason why no hook is to fire, as for a load.
        row_id: Its row's key, once something was written.
        pending: Changes that a short context has not stored yet.
        queued: The results that its dispatch queued.
        checks: Whether the user's permissions are held against what is written.
        added: The keys of objects that were made in it, while it checks.
        owed: Objects to be judged once more at the end, by type and key.
    """

    store: Store
    user: User | None
    acted_for: str
    kind: ContextKind
    detail: str
    reason: str
    request_id: uuid.UUID
    short: bool
    result_id: int | None = None
    cause_id: int | None = None
    depth: int = 0
    on_abandon: Literal["dispatch", "revert"] = "dispatch"
    mute: str = ""
    row_id: int | None = None
    pending: dict[tuple[str, bytes], list[Entry]] = dataclasses.field(
        default_factory=dict
    )
    queued: list[int] = dataclasses.field(default_factory=list)
    checks: bool = False
    added: set[Any] = dataclasses.field(default_factory=set)
    owed: dict[tuple[Any, Any], Any] = dataclasses.field(default_factory=dict)

    @property
    def user_name(self) -> str:
        """The user's name, as it is written into the record."""
        return "" if self.user is None else str(self.user.username)

    def record(self, label: str, key: bytes, entry: Entry) -> None:
        """Take note of one change, joined to what the context knows of the object."""
        if not self.short:
            outbox.upsert(self, label, key, entry)
            return
        before = self.pending.get((label, key), [])
        last = before[-1] if before else None
        self.pending[label, key] = [*before[:-1], *changes.merge(last, entry)]
        self.store.database.undo.add(lambda: self._take_back(label, key, before))

    def _take_back(self, label: str, key: bytes, before: list[Entry]) -> None:
        """Forget a change whose rows were rolled back."""
        if before:
            self.pending[label, key] = before
        else:
            self.pending.pop((label, key), None)


_active: contextvars.ContextVar[ActiveContext | None] = contextvars.ContextVar(
    "change_context", default=None
)


class _Process:
    """The context of a process that runs one receiver, for threads of its own."""

    context: ActiveContext | None = None
    cause: tuple[Store, int] | None = None


def work_for(result_id: int | None) -> None:
    """Let what this process changes be caused by a run, outside its context, too.

    An author's module may change objects while it is imported, and a thread after the
    run's end; neither may set off hooks.
    """
    _Process.cause = None if result_id is None else (current_store(), result_id)


def current_cause() -> tuple[int | None, int]:
    """Return the job result that leads to what is done here, and its depth."""
    return _cause(current_context())


def current_context() -> ActiveContext | None:
    """Return the context that a save would be recorded in."""
    found = _active.get() or _Process.context
    if found is not None and found.store is not current_store():
        return None
    return found


@contextlib.contextmanager
def change_context(  # noqa: PLR0913 - each is a column of the row
    user: User | None = OS_USER,
    context_detail: str = "",
    *,
    kind: str = "orm",
    detail: str = "",
    reason: str = "",
    request_id: uuid.UUID | None = None,
    acted_for: str = "",
    result_id: int | None = None,
    depth: int | None = None,
    on_abandon: Literal["dispatch", "revert"] = "dispatch",
    mute: str = "",
    transaction: bool = False,
    process_wide: bool = False,
) -> Iterator[ActiveContext]:
    """Record the changes made inside the block under one request.

    Args:
        user: Who changes; the operating system's user by default, None for nobody.
        context_detail: Nautobot's name for `detail`.
        kind: screen, command, load, job, job-hook or orm.
        detail: What makes the changes, such as a job's class path.
        reason: Why, in a person's words.
        request_id: The id to share; a new one by default.
        acted_for: The person at the terminal, when that is another than `user`; by
            default what the user says (`acting_user()`).
        result_id: The job result whose run this is.
        depth: How many hook receivers' runs led here; read from the cause by default.
        on_abandon: What becomes of the changes if the process dies.
        mute: A reason why no hook is to fire; the verdicts keep it.
        transaction: Make the block one transaction (a short context).
        process_wide: Threads of this process record into it too.

    Raises:
        TypeError: `user` is no user, or `kind` is no kind.
    """
    active = _build(
        user,
        kind=kind,
        detail=detail or context_detail,
        reason=reason,
        request_id=request_id,
        acted_for=acted_for,
        short=transaction,
        result_id=result_id,
        depth=depth,
        on_abandon=on_abandon,
        mute=mute,
    )
    opened = _short(active) if transaction else _long(active, process_wide=process_wide)
    with opened:
        yield active


def _build(user: Any, *, kind: str, depth: int | None, **values: Any) -> ActiveContext:
    if user is OS_USER:
        user = os_user()
    if user is not None and not isinstance(user, User):
        raise TypeError(f"{user!r} is not a user object")
    if kind not in KINDS:
        raise TypeError(f"{kind!r} is no kind of context: {', '.join(ContextKind)}")
    outer = current_context()
    cause, found_depth = (None, 0)
    if outer is not None or not _is_run_of_process(values["result_id"]):
        cause, found_depth = _cause(outer)
    request_id = values.pop("request_id") or uuid7()
    if cause == values["result_id"]:
        cause = None
    if user is not None and not values["acted_for"]:
        values["acted_for"] = user.acted_for
    return ActiveContext(
        store=current_store(),
        user=user,
        kind=ContextKind(kind),
        checks=kind in CHECKED_KINDS and user is not None and not _may_all(user),
        cause_id=cause,
        depth=found_depth if depth is None else depth,
        request_id=request_id,
        **values,
    )


def _may_all(user: User) -> bool:
    return bool(user.is_superuser and user.is_active)


def _is_run_of_process(result_id: int | None) -> bool:
    return _Process.cause is not None and _Process.cause[1] == result_id


def _cause(outer: ActiveContext | None) -> tuple[int | None, int]:
    """Return the job result that this process works for, and its depth.

    A context opened by hand inside a receiver, or in a program that a receiver
    started, inherits it, so that no detour makes a hook's changes fire hooks.
    """
    if outer is not None and (outer.result_id or outer.cause_id):
        return outer.result_id or outer.cause_id, outer.depth
    running = _Process.context
    if running is not None and running.store is current_store():
        return running.result_id, running.depth
    number = _number_of_cause()
    if number is None:
        return None, 0
    sql = "SELECT depth FROM job_result WHERE id = ?"
    row = current_store().execute(sql, [number]).fetchone()
    return (number, int(row[0])) if row else (None, 0)


def _number_of_cause() -> int | None:
    if _Process.cause is not None and _Process.cause[0] is current_store():
        return _Process.cause[1]
    inherited = os.environ.get(CAUSE_VARIABLE, "").partition(":")[0]
    return int(inherited) if inherited.isdigit() else None


@contextlib.contextmanager
def _short(active: ActiveContext) -> Iterator[None]:
    with active.store.transaction():
        token = _active.set(active)
        try:
            yield
            if active.owed:
                guard.settle(active)
        finally:
            _active.reset(token)
        if active.pending:
            outbox.flush(active)
    if active.queued:
        active.store.poke()


@contextlib.contextmanager
def _long(active: ActiveContext, *, process_wide: bool) -> Iterator[None]:
    token = _active.set(active)
    if process_wide:
        _Process.context = active
    try:
        yield
    finally:
        _active.reset(token)
        if process_wide:
            _Process.context = None
        if active.row_id is not None:
            outbox.close(active)


@contextlib.contextmanager
def recording() -> Iterator[ActiveContext]:
    """Give the context to record a write in: the open one, or one for it alone."""
    active = current_context()
    if active is None:
        with change_context(transaction=True) as alone:
            yield alone
    else:
        with active.store.transaction():
            yield active
