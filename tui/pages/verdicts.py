"""What one hook made of the latest changes.

Verdicts stand on the changes, so the newest changes are read through, up to a number
that takes a few milliseconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING

from models.automation.dispatch import Reason
from models.history import changes
from models.objects import types
from models.people.grants import visible
from models.storage.verdicts import decode_verdicts
from models.values import frozen

if TYPE_CHECKING:
    import datetime as dt

    from models.people.access import User
    from models.storage.store import Store

CHANGES_READ = 1_000
MOST_SHOWN = 12


@frozen
class HookVerdict:
    """What the hook made of one change."""

    change_id: int
    time: dt.datetime
    action: str
    object_type: str
    object_name: str
    reason: str
    detail: str
    result_id: int | None


@frozen
class HookVerdicts:
    """What the hook made of the latest changes.

    Attributes:
        shown: The newest ones, without those of another event.
        counts: How often each reason came up.
        read: How many changes were looked at.
    """

    shown: tuple[HookVerdict, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    read: int = 0


def read_verdicts(store: Store, hook_id: int, user: User) -> HookVerdicts:
    """Return what a hook made of the latest changes that the user may see."""
    from models.objects.fields import from_us

    row = changes.ObjectChange
    query = row.select(
        row.id, row.time, row.action_number, row.type_id, row.object_repr, row.verdicts
    )
    newest = query.where(visible(user, row)).order_by(row.id.desc())
    rows = store.execute(*newest.limit(CHANGES_READ).sql()).fetchall()
    counts: Counter[str] = Counter()
    shown: list[HookVerdict] = []
    for number, time, action, type_id, name, stored in rows:
        for hook, reason, detail, result in decode_verdicts(stored):
            if hook != hook_id:
                continue
            counts[reason] += 1
            if len(shown) < MOST_SHOWN and reason != Reason.OTHER_EVENT:
                verdict = HookVerdict(
                    change_id=number,
                    time=from_us(time),
                    action=changes.ACTIONS[action].value,
                    object_type=types.type_label(type_id),
                    object_name=name,
                    reason=reason,
                    detail=detail,
                    result_id=result,
                )
                shown.append(verdict)
    return HookVerdicts(shown=tuple(shown), counts=counts, read=len(rows))
