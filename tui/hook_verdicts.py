"""What one hook made of the latest changes.

Verdicts stand on the changes, so the newest changes are read through, up to a number
that takes a few milliseconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models import changes, types
from models.dispatch import Reason
from models.verdicts import decode_verdicts

if TYPE_CHECKING:
    import datetime as dt

    from models.store import Store

CHANGES_READ = 1_000
MOST_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
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


def read_verdicts(store: Store, hook_id: int) -> HookVerdicts:
    """Return what a hook made of the latest changes."""
    from models.fields import from_us

    rows = store.execute(
        "SELECT id, time, action, type_id, object_repr, verdicts FROM object_change"
        " ORDER BY id DESC LIMIT ?",
        [CHANGES_READ],
    ).fetchall()
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
