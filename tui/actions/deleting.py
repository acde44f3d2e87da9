"""What a deletion would take along, said before it happens. No Textual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import NotFoundError
from models.history import write
from models.history.bulk import foresee_deletion, rows_of
from models.history.cascade import Collector
from models.history.pieces import Pieces, all_or_nothing
from models.objects.types import get_type
from models.values import frozen
from tui.actions.foreseeing import counted, hooks_text

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Sequence

    from models.history.pieces import OpenChange
    from models.people.access import User

MOST_NAMED = 5
FEW = 5
"""More than this many are deleted only after their number was typed."""


@frozen
class Doomed:
    """What goes.

    Attributes:
        rows: The objects that were chosen.
        what: Them in words: `the device core-01`, `12 devices`.
        names: Some of their names.
        along: What goes with them, in words.
        fires: Which hooks fire, in words.
        total: How many objects go in all.
    """

    rows: tuple[Any, ...]
    what: str
    names: str
    along: str
    fires: str
    total: int

    @property
    def is_many(self) -> bool:
        """Whether their number has to be typed."""
        return self.total > FEW

    @property
    def text(self) -> str:
        """Say what goes."""
        return "\n".join(part for part in (self.names, self.along, self.fires) if part)


@frozen
class Gone:
    """What a deletion did.

    Attributes:
        count: How many objects went.
        queued: The job results that this queued.
        request_id: What its changes share.
    """

    count: int
    queued: tuple[int, ...]
    request_id: uuid.UUID


def read_doomed(label: str, keys: Sequence[Any], user: User) -> Doomed:
    """Collect what goes with some objects of a type.

    Raises:
        RefusedError: The user may not delete one of them.
        ValidationError: An object that stays needs one that goes.
    """
    return doomed_of(list(rows_of(get_type(label), keys, user, "delete")), user)


def doomed_of(rows: Sequence[Any], user: User) -> Doomed:
    """Collect what goes with some objects.

    Raises:
        NotFoundError: There is nothing left to delete.
        ValidationError: An object that stays needs one that goes.
    """
    if not rows:
        raise NotFoundError("What was to be deleted is gone already.")
    collector = Collector()
    collector.add(rows)
    collector.refuse_protected()
    chosen = {row.pk.bytes: row for row in rows}
    going = list(collector.in_order())
    others = [
        _counted(other, len([key for key in found if key not in chosen]))
        for other, found in going
    ]
    along = ", ".join(text for text in others if text)
    names = ", ".join(str(row) for row in rows[:MOST_NAMED])
    more = len(rows) - MOST_NAMED
    in_order = [chosen[key] for _, keys in going for key in keys if key in chosen]
    return Doomed(
        rows=tuple(in_order),
        what=_what(rows),
        names=(names + (f" and {more:,} more" if more > 0 else "")) * (len(rows) > 1),
        along=_along(along, len(rows)),
        fires=hooks_text(foresee_deletion(going, user)),
        total=collector.count,
    )


def _along(others: str, count: int) -> str:
    if not others:
        return ""
    return f"With {'it' if count == 1 else 'them'} go {others}."


def _what(rows: Sequence[Any]) -> str:
    model = type(rows[0])
    if len(rows) == 1:
        return f"the {model._meta.verbose_name} {rows[0]}"
    if any(type(row) is not model for row in rows):
        return f"{len(rows):,} objects"
    return counted(model, len(rows))


def _counted(model: Any, count: int) -> str:
    return counted(model, count) if count else ""


def delete(
    doomed: Doomed,
    change: OpenChange,
    *,
    mute: str = "",
    watch: Callable[[int], object] | None = None,
) -> Gone:
    """Delete what was collected.

    Few go in one transaction. Many go in pieces under one request, so that others can
    write between them; all come back if a piece fails.

    Args:
        doomed: What goes.
        change: Opens the change context.
        mute: A reason why no hook is to fire.
        watch: Is told how many are gone so far; an error of its own takes all back.
    """
    gone = 0

    def work(rows: list[Any]) -> None:
        nonlocal gone
        gone += write.delete(rows)
        if watch is not None:
            watch(gone)

    with all_or_nothing(change, count=doomed.total, mute=mute) as active:
        for _ in Pieces(work).of(doomed.rows):
            pass
    return Gone(count=gone, queued=tuple(active.queued), request_id=active.request_id)
