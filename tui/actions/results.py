"""What people do with runs: run again, and cancel; for every front end."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

from models.errors import HooklineError, NotFoundError, RefusedError, RequestError
from models.objects.types import get_type
from models.runs.results import FINAL, JobResult, enqueue
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from models.people.access import User

PIECE = 20
"""How many runs are queued or cancelled in one transaction: 10 ms at most."""


@frozen
class Deed:
    """What became of many runs.

    Attributes:
        done: The numbers of the new runs, or of those that are cancelled.
        refused: The numbers of the others, each with the reason.
    """

    done: tuple[int, ...]
    refused: tuple[tuple[int, str], ...]

    def reasons(self) -> Iterator[str]:
        """Yield each reason once, with how many runs it holds for and the first."""
        alike: dict[str, list[int]] = collections.defaultdict(list)
        for number, reason in self.refused:
            alike[reason.replace(f"{number} ", "")].append(number)
        for numbers in alike.values():
            reason = next(why for n, why in self.refused if n == numbers[0])
            more = f" (and {len(numbers) - 1:,} more alike)" if len(numbers) > 1 else ""
            yield f"{reason}{more}"


def rerun_all(
    ids: Sequence[int], user: User, *, interrupted: bool = False, **options: Any
) -> Deed:
    """Queue many runs again, in the order of their numbers.

    Args:
        ids: Which.
        user: Who asks.
        interrupted: Also those of delivery `once` that were interrupted. Nobody knows
            how far they came, so that they are not run again by the dozen unasked.
        options: Another `queue` or `profile`.
    """

    def act(row: Any) -> int:
        if not interrupted:
            _refuse_interrupted(row)
        return int(rerun(row, user, **options).id)

    return _for_each(ids, act)


def _refuse_interrupted(row: Any) -> None:
    if row.status == "INTERRUPTED" and row.delivery == "once":
        raise RefusedError(
            f"Job result {row.id} was interrupted, and {row.job_path} is to run once:"
            " it may have done its work. Look at it and run it again by its number, or"
            " say --interrupted.",
            on=str(row.id),
        )


def cancel_all(ids: Sequence[int], user: User) -> Deed:
    """Cancel many runs, in the order of their numbers."""
    from receivers.queueing import cancelling

    def act(row: Any) -> int:
        cancelling.cancel(row, user)
        return int(row.id)

    return _for_each(ids, act)


def _for_each(ids: Sequence[int], act: Callable[[Any], int]) -> Deed:
    store = current_store()
    done: list[int] = []
    refused: list[tuple[int, str]] = []
    ordered = sorted(ids)
    for start in range(0, len(ordered), PIECE):
        piece = ordered[start : start + PIECE]
        query = JobResult.select().where(JobResult.id.in_(piece))
        with store.transaction():
            for row in list(query.order_by(JobResult.id)):
                try:
                    with store.transaction():
                        done.append(act(row))
                except HooklineError as error:
                    refused.append((row.id, error.message))
    store.poke()
    return Deed(done=tuple(done), refused=tuple(refused))


def rerun(
    row: JobResult,
    user: User,
    arguments: Mapping[str, Any] | None = None,
    **options: Any,
) -> JobResult:
    """Queue the same run again, for the same change, changes or object.

    It waits where its hook, its button or its job says now, and is profiled if it was
    before.

    Args:
        row: The run to repeat.
        user: Who repeats it.
        arguments: Checked inputs in place of those that it had.
        options: Another `queue` or `profile`.

    Raises:
        RequestError: It is not over, or what it was for or its job is gone.
        RefusedError: Its arguments were not kept, the job is off, or the user may
            not run it.
    """
    if row.status not in FINAL:
        raise RequestError(f"Job result {row.id} is not over yet.", on=str(row.id))
    if row.job is None:
        raise RequestError(
            f"Job result {row.id} cannot be run again: the record of {row.job_path}"
            " is gone.",
            on=str(row.id),
        )
    if arguments is None:
        _refuse_sensitive(row)
        arguments = row.arguments
    return enqueue(
        row.job,
        user,
        arguments=dict(arguments),
        rerun_of=row.id,
        **{"profile": row.profile, **_placement(row, options), **options},
        **_target(row),
    )


def _placement(row: JobResult, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the hook or the button lets its runs wait, unless that is chosen."""
    from models.automation.buttons import JobButton
    from models.automation.hooks import JobHook

    if "queue" in options:
        return {}
    models: tuple[tuple[Any, Any], ...] = (
        *((JobHook, row.hook_id), (JobButton, row.button_id)),
    )
    for model, key in models:
        if key is not None and (found := model.get_or_none(model.id == key)):
            return dict(found.placement())
    return {}


def rerun_with(row: JobResult, user: User, values: Mapping[str, Any]) -> JobResult:
    """Queue the same run again with what was filled into its form.

    Raises:
        ValidationError: With messages by input.
        HooklineError: As for `rerun()`.
    """
    from receivers.authors.arguments import serialise, validate
    from tui.actions.job_runs import taken_options

    assert row.job is not None
    given = dict(values)
    options = taken_options(row.job, given)
    arguments = serialise(validate(row.job.variables or [], given))
    return rerun(row, user, arguments, **options)


def _refuse_sensitive(row: Any) -> None:
    asked = [entry for entry in row.job.variables or [] if entry.get("required")]
    if row.job.has_sensitive_variables and asked and not row.arguments:
        raise RefusedError(
            f"Job result {row.id} cannot be run again: the arguments of {row.job_path}"
            " are sensitive and were not kept. Run the job with new ones.",
            on=str(row.id),
        )


def _target(row: Any) -> dict[str, Any]:
    """Return what the run was for, the change or the object, as it is now."""
    from models.history.changes import ObjectChange

    if row.change_id is not None:
        change = ObjectChange.get_or_none(ObjectChange.id == row.change_id)
        if change is None:
            raise NotFoundError(
                f"Job result {row.id} cannot be run again: its change"
                f" {row.change_id} is no longer kept.",
                on=str(row.id),
            )
        return {"change": change, "hook_id": row.hook_id}
    schedule = {} if row.schedule_id is None else {"schedule_id": row.schedule_id}
    if row.object_id is None:
        return schedule
    found = list(get_type(row.object_type).objects.filter(id=row.object_id)[:1])
    if not found:
        raise NotFoundError(
            f"The {row.object_type} {row.object_name} is gone, so the run cannot be"
            " repeated.",
            on=row.object_name,
        )
    return {"obj": found[0], "button_id": row.button_id, **schedule}
