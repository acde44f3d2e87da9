"""Save what a form or a screen changes, and say what that set off. No Textual."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from models.automation import configuring
from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.objects.base import ChangeLoggedModel
from models.objects.inputs import save_values
from models.people.access import require
from models.runs.results import JobResult
from models.values import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from models.history.context import ActiveContext
    from models.people.access import User

    OpenChange = Callable[[], AbstractContextManager[ActiveContext]]

MOST_NAMED = 3
PIECE = 500


@frozen
class Saved:
    """What became of a save.

    Attributes:
        row: The object, as it is stored now.
        name: Its name.
        was_new: It was made.
        has_changed: Anything differed.
        queued: The job results that it queued.
        fired: The names of the hooks that fired.
        can_undo: Say that `U` takes it back.
    """

    row: Any
    name: str
    was_new: bool = False
    has_changed: bool = True
    queued: tuple[int, ...] = ()
    fired: tuple[str, ...] = ()
    can_undo: bool = False

    @property
    def text(self) -> str:
        """Say what happened: `core-01 saved; 1 hook fired: Serial guard`."""
        if not self.has_changed:
            return f"{self.name}: nothing to save"
        verb = "added" if self.was_new else "saved"
        return f"{self.name} {verb}{fired_text(self.fired)}"


def fired_text(names: Sequence[str]) -> str:
    """Say which hooks fired, as the end of a sentence.

    Args:
        names: One name for each run.

    >>> fired_text(["Serial guard"])
    '; 1 hook fired: Serial guard'
    >>> fired_text(["A", "B", "B", "C", "D"])
    '; 4 hooks fired: A, B (2 times), C, …'
    """
    counted = Counter(names)
    if not counted:
        return ""
    shown = [
        name if count == 1 else f"{name} ({count:,} times)"
        for name, count in list(counted.items())[:MOST_NAMED]
    ]
    if len(counted) > MOST_NAMED:
        shown.append("…")
    hooks = f"{len(counted)} hook{'s' if len(counted) > 1 else ''}"
    return f"; {hooks} fired: {', '.join(shown)}"


def names_of_runs(result_ids: Sequence[int]) -> tuple[str, ...]:
    """Return the names of the hooks, or the buttons, that queued some runs."""
    rows: list[Any] = []
    for start in range(0, len(result_ids), PIECE):
        part = list(result_ids[start : start + PIECE])
        rows.extend(JobResult.select().where(JobResult.id.in_(part)))
    hooks = _names(JobHook, {row.hook_id for row in rows})
    buttons = _names(JobButton, {row.button_id for row in rows})
    return tuple(
        hooks.get(row.hook_id) or buttons.get(row.button_id) or row.name for row in rows
    )


def _names(model: Any, ids: set[int | None]) -> dict[int | None, str]:
    wanted = [number for number in ids if number is not None]
    rows = model.select().where(model.id.in_(wanted)) if wanted else ()
    return {row.id: row.name for row in rows}


def save_form(
    row: Any,
    values: Mapping[str, Any],
    user: User,
    change: OpenChange,
    *,
    unchanged_since: dt.datetime | None = None,
) -> Saved:
    """Check and save a form's values in one short change.

    Args:
        row: A new object, or the stored one, read anew.
        values: The raw values that the person changed.
        user: Who saves; needs the permission.
        change: Opens the change context.
        unchanged_since: The `last_updated` that the form was filled from.

    Raises:
        ValidationError: With messages by field.
        ConflictError: Somebody changed it since.
        RefusedError: The user may not.
    """
    was_new = not row.present_in_database
    queued: tuple[int, ...] = ()
    if isinstance(row, ChangeLoggedModel):
        if was_new:
            require(user, "add", type(row), what=f"a {row._meta.verbose_name}")
        with change() as active:
            has_changed = save_values(row, values, if_unchanged_since=unchanged_since)
        queued = tuple(active.queued)
    else:
        has_changed = configuring.save(row, values, user)
    return Saved(
        row=row,
        name=str(row),
        was_new=was_new,
        has_changed=has_changed or was_new,
        queued=queued,
        fired=names_of_runs(queued),
    )
