"""Taking back a recorded change by making the opposite one, which is recorded too.

A change is refused when somebody has changed the same fields since: nobody's later
work is lost without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peewee import fn

from models.history.changes import ACTIONS, ChangeContext, ObjectChange
from models.history.opposites import only_follows, revert_changes
from models.history.pieces import Pieces, all_or_nothing
from models.objects import types
from models.values import frozen

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from models.history.pieces import OpenChange
    from models.people.access import User

OWN_KINDS = ("screen", "command")
LAST_LOOKED_AT = 20


@frozen
class Reverted:
    """What was reverted.

    Attributes:
        count: How many changes.
        queued: The job results that this queued.
    """

    count: int
    queued: tuple[int, ...]


def revert_change(change: ObjectChange, user: User) -> None:
    """Make the opposite of one change; call it inside a change context.

    Raises:
        HooklineError: As `revert_changes()` says.
    """
    revert_changes([change], user)


def revert_request(
    request_id: uuid.UUID,
    user: User,
    change: OpenChange,
    *,
    watch: Callable[[int], object] | None = None,
) -> Reverted:
    """Make the opposite of every change of one request, newest first, or of none.

    Args:
        request_id: What the changes share.
        user: Who reverts.
        change: Opens the change context.
        watch: Is told how many are reverted so far; an error of its own takes all back.

    Raises:
        ConflictError: One of them cannot be; none is then.
    """
    ids = _ids_of(request_id)
    done = count = 0

    def work(piece: list[int]) -> None:
        nonlocal done, count
        found = {row.id: row for row in ObjectChange.objects.filter(id__in=piece)}
        rows = [found[number] for number in piece if number in found]
        rows = [row for row in rows if not only_follows(row)]
        revert_changes(rows, user)
        count += len(rows)
        done += len(piece)
        if watch is not None:
            watch(done)

    with all_or_nothing(change, count=len(ids)) as active:
        for _ in Pieces(work).of(ids):
            pass
    return Reverted(count=count, queued=tuple(active.queued))


def last_request(user: User) -> ObjectChange | None:
    """Return a change of the newest request that a user made on screens or by command.

    What a program did for them, such as a job, is no request of theirs.
    """
    own = (
        ChangeContext.select(ChangeContext.id)
        .where(ChangeContext.user == user, ChangeContext.kind.in_(OWN_KINDS))
        .order_by(ChangeContext.id.desc())
        .limit(LAST_LOOKED_AT)
    )
    query = ObjectChange.select().where(ObjectChange.context.in_(own))
    found: ObjectChange | None = query.order_by(ObjectChange.id.desc()).first()
    return found


def changes_of(request_id: uuid.UUID, *, most: int | None = None) -> list[ObjectChange]:
    """Return the changes that share a request, in their order; all by default."""
    query = ObjectChange.select().where(_shares(request_id))
    return list(query.order_by(ObjectChange.id).limit(most))


def count_of(request_id: uuid.UUID) -> int:
    """Return how many changes share a request."""
    return int(ObjectChange.select().where(_shares(request_id)).count())


@frozen
class Part:
    """How many changes of one kind a request made to objects of one type.

    Attributes:
        words: The type in words.
        action: create, update or delete.
        count: How many.
    """

    words: str
    action: str
    count: int


def parts_of(request_id: uuid.UUID) -> list[Part]:
    """Return what a request changed, counted by type and action, first come first."""
    row = ObjectChange
    query = (
        row.select(row.type_id, row.action_number, fn.COUNT(row.id))
        .where(_shares(request_id))
        .group_by(row.type_id, row.action_number)
        .order_by(fn.MIN(row.id))
    )
    return [
        Part(words=row(type_id=number).type_words, action=ACTIONS[action], count=count)
        for number, action, count in query.tuples()
    ]


def _shares(request_id: uuid.UUID) -> Any:
    contexts = ChangeContext.select(ChangeContext.id).where(
        ChangeContext.request_id == request_id.bytes
    )
    return ObjectChange.context.in_(contexts)


def _ids_of(request_id: uuid.UUID) -> list[int]:
    """Return the changes of a request that can be reverted, the newest first."""
    query = ObjectChange.select(ObjectChange.id, ObjectChange.type_id)
    rows = query.where(_shares(request_id)).order_by(ObjectChange.id.desc()).tuples()
    found = list(rows)
    kinds = {kind for _, kind in found}
    known = {kind for kind in kinds if types.is_type(types.type_label(kind))}
    return [number for number, kind in found if kind in known]
