"""The buttons of objects, as screens show them: label, key, and how the last run went.

What a press checks stands in `models.automation.buttons`; here is only what is shown of
it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

from models.automation.buttons import (
    JobButton,
    ShownButton,
    buttons_of,
    press_all,
    why_hidden,
)
from models.people.grants import visible
from models.runs.results import FINAL, JobLogEntry, JobResult
from models.values import frozen
from receivers.authors.arguments import serialise, validate
from tui.looks.statuses import statuses_of
from tui.looks.times import duration, local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from models.people.access import User

REPEAT = "b"
PLAIN = frozenset({"default", "link"})
STYLES = {
    "primary": "accent",
    "success": "success",
    "info": "accent",
    "warning": "warning",
    "danger": "error",
}
"""The styles of a button's looks; the word stands beside it."""
SOME = 50
PIECE = 500


@frozen
class Run:
    """How a run stands.

    Attributes:
        id: The job result.
        status: The word.
        when: When it was queued, began, or ended.
        took: How long it ran, or has run so far.
        last_line: The last line that it logged; its error when it failed.
    """

    id: int
    status: str
    when: str
    took: str
    last_line: str

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL

    @property
    def text(self) -> str:
        """Say in one line how it stands."""
        parts = [self.status, self.took or self.when, self.last_line]
        return "  ".join(part for part in parts if part)


@frozen
class Button:
    """A button on an object's page.

    Attributes:
        id: Its row.
        key: What is pressed after `b`.
        label: What it says for this object.
        group: The menu it is in; empty for none.
        disabled: Why it cannot be pressed just now; empty when it can.
        looks: The word for how it looks; empty for nothing particular.
        asks: A press is confirmed first.
        job: The class path of its receiver.
        variables: The schema of what its receiver asks for.
        run: Its last run on this object.
    """

    id: int
    key: str
    label: str
    group: str
    disabled: str
    looks: str
    asks: bool
    job: str
    variables: tuple[Mapping[str, Any], ...]
    run: Run | None = None


def read_buttons(obj: Any, user: User, *, with_runs: bool = True) -> list[Button]:
    """Return the buttons of an object, as a user sees them."""
    shown = buttons_of(obj, user)
    runs = last_runs(obj, [one.button.id for one in shown], user) if with_runs else {}
    return [_button(one, runs.get(one.button.id)) for one in shown]


def read_shared(objects: Sequence[Any], user: User) -> list[Button]:
    """Return the buttons of any of several objects, by their names.

    A label may differ from object to object, so it is not shown for many.
    """
    if len(objects) == 1:
        return read_buttons(objects[0], user, with_runs=False)
    found: dict[int, Button] = {}
    for obj in objects[:SOME]:
        for one in buttons_of(obj, user):
            button = dataclasses.replace(_button(one, None), label=one.button.name)
            if not found.get(button.id) or found[button.id].disabled:
                found[button.id] = button
    return list(found.values())


def _button(shown: ShownButton, run: Run | None) -> Button:
    row = shown.button
    return Button(
        id=row.id,
        key=row.key,
        label=shown.label,
        group=row.group_name,
        disabled=shown.disabled,
        looks="" if row.button_class in PLAIN else row.button_class,
        asks=row.confirmation,
        job=row.job.class_path,
        variables=tuple(row.job.variables or ()),
        run=run,
    )


def last_runs(obj: Any, button_ids: Sequence[int], user: User) -> dict[int, Run]:
    """Return the last run of each button on an object."""
    if not button_ids:
        return {}
    query = (
        JobResult.select()
        .where(JobResult.object_id == obj.pk.bytes, JobResult.button_id.in_(button_ids))
        .where(visible(user, JobResult))
        .order_by(JobResult.id.desc())
        .limit(200)
    )
    found: dict[int, Run] = {}
    for row in query:
        if row.button_id not in found:
            found[row.button_id] = run_of(row, user)
    return found


def run_of(row: Any, user: User) -> Run:
    """Return how a job result stands; its last line as far as the user may see it."""
    if row.status == "STARTED" and row.started is not None:
        took = (dt.datetime.now(dt.UTC) - row.started).total_seconds()
        text = f"{max(0, int(took))} s"
    else:
        text = duration(row.duration_s)
    return Run(
        id=row.id,
        status=row.status,
        when=local(row.done or row.started or row.created),
        took=text,
        last_line=_last_line(row, user),
    )


def _last_line(row: Any, user: User) -> str:
    if row.status != "SUCCESS" and row.error:
        return str(row.error).partition("\n")[0]
    entries = JobLogEntry.select().where(
        JobLogEntry.result == row.id, visible(user, JobLogEntry)
    )
    entry = entries.order_by(JobLogEntry.id.desc()).first()
    return "" if entry is None else str(entry.message).partition("\n")[0]


@frozen
class Pressed:
    """What a press did.

    Attributes:
        queued: The job results that it queued.
        hidden: For how many objects the button is hidden; they were left out.
        stopped: How many were left out since it was stopped.
    """

    queued: tuple[int, ...]
    hidden: int = 0
    stopped: int = 0


def read_inputs(button_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in for a button, as the run takes it.

    Args:
        button_id: The button.
        values: Raw values by variable.

    Raises:
        ValidationError: A value does not fit, with messages by variable.
    """
    row = JobButton.objects.get(id=button_id)
    return serialise(validate(row.job.variables or [], values))


def press_on(
    button_id: int,
    objects: Sequence[Any],
    user: User,
    *,
    arguments: dict[str, Any] | None = None,
    watch: Callable[[int], object] | None = None,
) -> Pressed:
    """Press a button on objects.

    Of several, those are left out for which its label hides the button.

    Args:
        button_id: The button.
        objects: What it is pressed on.
        user: Who presses.
        arguments: The inputs, as `read_inputs()` gives them.
        watch: Is told how many are queued; by a `StoppedError` it leaves out the rest.

    Raises:
        RefusedError: The button is off, for other types, or the user may not.
    """
    row = JobButton.objects.get(id=button_id)
    offered = objects
    if len(objects) > 1:
        offered = [obj for obj in objects if not why_hidden(row, obj, user)]
    queued = press_all(row, offered, user, arguments=arguments, watch=watch)
    return Pressed(
        queued=tuple(queued),
        hidden=len(objects) - len(offered),
        stopped=len(offered) - len(queued),
    )


def standing(result_ids: Sequence[int]) -> dict[str, int]:
    """Return how many of some runs stand how, by the word, those over last."""
    counts: Counter[str] = Counter()
    for start in range(0, len(result_ids), PIECE):
        part = list(result_ids[start : start + PIECE])
        counts.update(statuses_of(part).values())
    return {word: counts[word] for word in sorted(counts, key=lambda w: w in FINAL)}
