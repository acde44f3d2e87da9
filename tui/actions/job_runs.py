"""Run a job by hand from the screens: what to ask for, and queueing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import HooklineError, ValidationError
from models.history.changes import ObjectChange
from models.people.grants import visible
from models.runs.queues import priorities
from models.runs.results import enqueue
from receivers.authors.arguments import serialise, validate
from tui.words.lookup import find_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.people.access import User
    from models.runs.jobs import JobRecord
    from models.runs.results import JobResult

OBJECT, CHANGE = "_object", "_change"
"""Names of what a receiver is run for; variables never begin with an underscore."""

QUEUE, PROFILE = "_queue", "_profile"
"""Names of how one run goes."""

_TARGETS: dict[str, dict[str, Any]] = {
    "hook": {
        "name": CHANGE,
        "kind": "integer",
        "label": "Change",
        "description": "The number of the change to run it for, as in Changes.",
        "required": True,
    },
    "button": {
        "name": OBJECT,
        "kind": "string",
        "label": "Object",
        "description": "TYPE:NAME of the object, as in dcim.device:core-01.",
        "required": True,
    },
}


def questions(record: JobRecord) -> list[dict[str, Any]]:
    """Return what to ask for: what a receiver is run for, then its variables."""
    target = _TARGETS.get(record.kind)
    return [*([target] if target else []), *(record.variables or [])]


def options_of(record: JobRecord) -> list[dict[str, Any]]:
    """Return how one run may go otherwise, as a schema; asks the store for queues."""
    return [
        {
            "name": QUEUE,
            "kind": "choice",
            "label": "Queue",
            "description": f"Where it waits; its job says {record.queue}.",
            "required": True,
            "default": record.queue,
            "choices": [[name, name] for name in sorted(priorities())],
        },
        {
            "name": PROFILE,
            "kind": "boolean",
            "label": "Profile",
            "description": "Attach profile.pstats to its result.",
            "required": False,
            "default": False,
        },
    ]


def taken_options(record: JobRecord, values: dict[str, Any]) -> dict[str, Any]:
    """Take out of answers how the run goes; return it as `enqueue()` wants it.

    Raises:
        ValidationError: There is no such queue.
    """
    names = (QUEUE, PROFILE)
    given = {name: values.pop(name) for name in names if name in values}
    checked = validate(options_of(record), given) if given else {}
    return {name.removeprefix("_"): checked[name] for name in given}


def run_by_hand(record: JobRecord, user: User, values: Mapping[str, Any]) -> JobResult:
    """Queue a run with the answers to its questions, and as its options say.

    Raises:
        ValidationError: With messages by question.
        RefusedError: The job is off, or the user may not run it.
    """
    given = dict(values)
    options = taken_options(record, given)
    target = _target(user, given.pop(OBJECT, None), given.pop(CHANGE, None))
    arguments = serialise(validate(record.variables or [], given))
    return enqueue(record, user, arguments=arguments, **target, **options)


def _target(user: User, reference: Any, number: Any) -> dict[str, Any]:
    if number is not None:
        return {"change": _change(str(number), user)}
    return {} if reference is None else {"obj": _object(str(reference), user)}


def _change(text: str, user: User) -> ObjectChange:
    number = text.strip().removeprefix("#")
    change = None
    if number.isascii() and number.isdigit():
        change = ObjectChange.get_or_none(
            ObjectChange.id == int(number), visible(user, ObjectChange)
        )
    if change is None:
        raise ValidationError({CHANGE: [f"there is no change {text!r}"]})
    found: ObjectChange = change
    return found


def _object(text: str, user: User) -> Any:
    try:
        return find_object(text, user)
    except HooklineError as error:  # what is wrong with it stands beside the field
        raise ValidationError({OBJECT: [error.message]}) from error
