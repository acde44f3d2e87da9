"""What a hook would do: judged against past changes, without running anything."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from models.automation.dispatch import Dispatcher, Origin, Reason, Subject
from models.automation.hooks import HookRule, JobHook
from models.history.changes import ObjectChange
from models.objects import types
from models.people.grants import visible
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.people.access import User

LAST_CHANGES = 50


@frozen
class Rehearsed:
    """One past change, and what the hook would make of it today."""

    change: ObjectChange
    reason: Reason
    detail: str


def rehearse(
    hook: JobHook, user: User, *, last: int = LAST_CHANGES, only: int | None = None
) -> Iterator[Rehearsed]:
    """Judge a hook against the newest changes of its types, the newest first.

    The hook need not be saved. Hooks, jobs and permissions count as they are now, and
    a hook that is off, or muted, is judged as if it were not.

    Args:
        hook: The hook.
        user: Who asks; changes that they may not see are left out.
        last: How many changes to look at.
        only: The number of the one change to look at instead.
    """
    rule = dataclasses.replace(HookRule.of(hook), enabled=True, muted_until_us=0)
    numbers = [types.type_id(label) for label in hook.object_types]
    query = (
        ObjectChange.select()
        .where(
            ObjectChange.type_id.in_(numbers),
            visible(user, ObjectChange),
            *(() if only is None else (ObjectChange.id == only,)),
        )
        .order_by(ObjectChange.id.desc())
        .limit(last)
    )
    store = current_store()
    for change in query:
        origin = dataclasses.replace(Origin.read(store, change.context_id), mute="")
        judge = Dispatcher(store, origin)
        reason, detail = judge.judge(rule, Subject.of(change))
        yield Rehearsed(change=change, reason=reason, detail=detail)
