"""One job's methods in their order, and what becomes of what they return or raise.

This is the border where an author's exception ends: whatever comes out of their code
turns into an outcome. The order and its details are Nautobot's.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

from models.errors import ValidationError
from models.values import frozen
from receivers.authors.encoding import encode
from receivers.authors.errors import GiveUp, RetryLater, RunJobTaskFailed
from receivers.authors.failures import author_traceback, one_line
from receivers.authors.job import BaseJob
from receivers.authors.limits import RunEnded
from receivers.authors.logger import SUCCESS
from receivers.authors.sanitiser import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from models.storage.store import Store
    from receivers.authors.logger import RunLog
    from receivers.authors.sanitiser import Sanitiser

SUCCEEDED = "SUCCESS"
FAILED = "FAILURE"
RESULT_BYTES = 64 * 1024
LONGEST_CLEANED = 4 * RESULT_BYTES
ERROR_BYTES = 4 * 1024
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 300.0


@frozen
class Outcome:
    """How a run ended.

    Attributes:
        status: SUCCESS or FAILURE.
        result: The JSON text of what it returned; None when it raised.
        error: `Type: message` of what it raised, or what `fail()` was told.
        traceback: The author's frames of it.
        retry_after_s: The wait before another attempt, where the receiver wants one.
        exception: What it raised, for tests.
    """

    status: str
    result: str | None = None
    error: str | None = None
    traceback: str | None = None
    retry_after_s: float | None = None
    exception: BaseException | None = dataclasses.field(default=None, repr=False)


@frozen
class ExceptionInfo:
    """What Celery's authors find under `einfo`."""

    exception: BaseException
    traceback: str

    @property
    def type(self) -> type[BaseException]:
        """The exception's class."""
        return type(self.exception)

    def __str__(self) -> str:
        return self.traceback


@frozen
class Task:
    """What one run is to do.

    Attributes:
        job: The instance.
        task_id: The job result's id as a text.
        stored: The arguments as they were stored, for the lifecycle methods.
        prepare: Makes `run()`'s arguments of them.
        context: Opens the change context.
        store: Where a transaction may be left open.
        log: The run's log.
    """

    job: BaseJob
    task_id: str
    stored: Mapping[str, Any]
    prepare: Callable[[], dict[str, Any]]
    context: Callable[[], contextlib.AbstractContextManager[Any]]
    store: Store
    log: RunLog


def perform(task: Task) -> Outcome:
    """Call the job's methods and return how it went."""
    job, common = task.job, (task.task_id, (), task.stored)
    sanitiser = task.log.sanitiser
    try:
        value = _run(task)
        result = encode_result(value, sanitiser)
        if not job._failures:  # noqa: SLF001 - the other half of `fail()`
            _call(task, "on_success", value, *common)
            _call(task, "after_return", SUCCEEDED, value, *common, None)
            task.log.add(SUCCESS, "Job completed", grouping="post_run", wait=True)
            return Outcome(status=SUCCEEDED, result=result)
    except RunEnded:
        raise
    except BaseException as error:  # the border of the run
        return _failed_by(task, error)
    _tell_failure(task, value, None)
    return Outcome(status=FAILED, result=result, error=_said(task))


def _said(task: Task) -> str:
    """Return what `fail()` was told, for lists and notifications."""
    first, *more = task.job._failures  # noqa: SLF001 - see above
    text = " ".join(first.split()) + (f" (and {len(more)} more)" if more else "")
    return cut(task.log.sanitiser.clean(text), ERROR_BYTES)


def _run(task: Task) -> Any:
    job = task.job
    value = _call(task, "before_start", task.task_id, (), task.stored)
    if job._failures:  # noqa: SLF001 - see above
        return value
    return _call(task, "run", **_arguments(task))


def _call(task: Task, name: str, *args: Any, **arguments: Any) -> Any:
    """Call a method in a change context of the run, unless nobody overrode it.

    Unlike in Nautobot the methods around `run()` have one too: what a hook receiver
    saves there must not fire hooks either.
    """
    inherited = getattr(type(task.job), name) is getattr(BaseJob, name)
    if inherited and name != "run":
        return None
    with task.context(), _closed_transaction(task.store):
        return getattr(task.job, name)(*args, **arguments)


def _arguments(task: Task) -> dict[str, Any]:
    try:
        return task.prepare()
    except ValidationError as error:
        task.log.add(
            40, f"Error initializing job: {error.message}", grouping="initialization"
        )
        raise RunJobTaskFailed("Error initializing job") from error


@contextlib.contextmanager
def _closed_transaction(store: Store) -> Iterator[None]:
    """Fail a run that leaves a transaction open, and roll it back.

    One that was open before belongs to somebody else, as in an author's own test.
    """
    if is_in_transaction(store):
        yield
        return
    try:
        yield
    finally:
        left_open = roll_back_open(store)
    if left_open:
        raise RunJobTaskFailed(
            "The run left a transaction open; what it wrote in it was rolled back."
            " Use `with store.transaction():`."
        )


def is_in_transaction(store: Store) -> bool:
    """Return whether this thread has a transaction open."""
    database: Any = store.database  # peewee ships no types for these
    return bool(database.connection().in_transaction)


def roll_back_open(store: Store) -> bool:
    """Roll back a transaction that this thread has open; return whether it had."""
    if not is_in_transaction(store):
        return False
    database: Any = store.database  # see above
    while database.transaction_depth():
        database.pop_transaction()
    database.rollback()
    return True


def _failed_by(task: Task, error: BaseException) -> Outcome:
    sanitiser = task.log.sanitiser
    trace = sanitiser.clean(author_traceback(error))
    from receivers.discovery.hints import hint_for_run

    if hint := hint_for_run(error):
        task.log.add(20, hint, grouping="hint")
    _tell_failure(task, error, ExceptionInfo(exception=error, traceback=trace))
    return Outcome(
        status=FAILED,
        error=cut(sanitiser.clean(one_line(error)), ERROR_BYTES),
        traceback=trace,
        retry_after_s=error.seconds if isinstance(error, RetryLater) else None,
        exception=error,
    )


def _tell_failure(task: Task, value: Any, einfo: ExceptionInfo | None) -> None:
    common = (task.task_id, (), task.stored, einfo)
    methods = {"on_failure": (value, *common), "after_return": (FAILED, value, *common)}
    for name, arguments in methods.items():
        try:
            _call(task, name, *arguments)
        except RunEnded:
            raise
        except BaseException as error:  # the run has failed already; keep its reason
            text = f"{name}() failed too: {one_line(error)}\n{author_traceback(error)}"
            task.log.add(40, text, grouping=name)


def encode_result(value: Any, sanitiser: Sanitiser) -> str:
    """Return the JSON text of what a run returned, redacted and cut to 64 KiB.

    Raises:
        TypeError: JSON cannot hold it.
        ValueError: It holds itself, or a number that is not finite.
    """
    import json

    if value is None or isinstance(value, (bool, int)):
        return encode(value)
    text = encode(value)
    if len(text) > LONGEST_CLEANED:  # the patterns would take seconds
        cleaned = str(sanitiser.clean_value(text[:LONGEST_CLEANED]))
    else:
        value = sanitiser.clean_value(json.loads(text))
        cleaned = json.dumps(value, ensure_ascii=False)
    room = RESULT_BYTES
    shown = cleaned
    while len(shown.encode()) > RESULT_BYTES:  # quotes double when they are escaped
        shown = json.dumps(cut(cleaned, room, original=len(text)), ensure_ascii=False)
        room = room * 3 // 4
    return shown


def retry_wait(
    outcome: Outcome, *, attempt: int, retries: int, sensitive: bool
) -> float | None:
    """Return the wait before another attempt in seconds; None for no more.

    Args:
        outcome: How this attempt ended.
        attempt: Its number, from 1.
        retries: How many more the receiver allows (`Meta.retries`).
        sensitive: Whether its arguments are gone.
    """
    if outcome.exception is None or sensitive or attempt > retries:
        return None
    if isinstance(outcome.exception, GiveUp):
        return None
    if outcome.retry_after_s is not None:
        return max(0.0, outcome.retry_after_s)
    return min(FIRST_RETRY_S * 2.0 ** (attempt - 1), LONGEST_RETRY_S)
