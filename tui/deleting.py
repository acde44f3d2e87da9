"""What a deletion would take along, said before it happens. No Textual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from models import write
from models.access import require
from models.cascade import Collector
from models.types import get_type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from models.access import User
    from models.context import ActiveContext

    class OpenChange(Protocol):
        """Opens the change context of a screen."""

        def __call__(
            self, *, transaction: bool
        ) -> AbstractContextManager[ActiveContext]:
            """Open it; short or long."""


MOST_NAMED = 5
PIECE = 500
FEW = 5
"""More than this many are deleted only after their number was typed."""


@dataclass(frozen=True, kw_only=True)
class Doomed:
    """What goes.

    Attributes:
        rows: The objects that were chosen.
        what: Them in words: `the device core-01`, `12 devices`.
        names: Some of their names.
        along: What goes with them, in words.
        total: How many objects go in all.
    """

    rows: tuple[Any, ...]
    what: str
    names: str
    along: str
    total: int

    @property
    def is_many(self) -> bool:
        """Whether their number has to be typed."""
        return self.total > FEW

    @property
    def text(self) -> str:
        """Say what goes."""
        return "\n".join(part for part in (self.names, self.along) if part)


def read_doomed(label: str, keys: Sequence[Any], user: User) -> Doomed:
    """Collect what goes with some objects.

    Raises:
        RefusedError: The user may not delete one of them.
        ValidationError: An object that stays needs one that goes.
        NotFoundError: There is nothing left to delete.
    """
    model = get_type(label)
    rows = list(model.objects.restrict(user, "view").filter(pk__in=list(keys)))
    for row in rows:
        require(user, "delete", row)
    collector = Collector()
    collector.add(rows)
    collector.refuse_protected()
    chosen = {row.pk.bytes for row in rows}
    others = [
        _counted(other, len([key for key in found if key not in chosen]))
        for other, found in collector.in_order()
    ]
    along = ", ".join(text for text in others if text)
    names = ", ".join(str(row) for row in rows[:MOST_NAMED])
    more = len(rows) - MOST_NAMED
    return Doomed(
        rows=tuple(rows),
        what=_what(model, rows),
        names=(names + (f" and {more:,} more" if more > 0 else "")) * (len(rows) > 1),
        along=_along(along, len(rows)),
        total=collector.count,
    )


def _along(others: str, count: int) -> str:
    if not others:
        return ""
    return f"With {'it' if count == 1 else 'them'} go {others}."


def _what(model: Any, rows: Sequence[Any]) -> str:
    if len(rows) == 1:
        return f"the {model._meta.verbose_name} {rows[0]}"
    return f"{len(rows):,} {model._meta.verbose_name_plural}"


def _counted(model: Any, count: int) -> str:
    if not count:
        return ""
    meta = model._meta
    return f"{count:,} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"


def delete(doomed: Doomed, change: OpenChange) -> tuple[int, tuple[int, ...]]:
    """Delete; return how many went, and the job results that this queued.

    Few go in one transaction. Many go in pieces under one request, so that others can
    write between them; what was deleted stays deleted if a piece fails.
    """
    count = 0
    with change(transaction=doomed.total <= PIECE) as active:
        for start in range(0, len(doomed.rows), PIECE):
            count += write.delete(list(doomed.rows[start : start + PIECE]))
    return count, tuple(active.queued)
