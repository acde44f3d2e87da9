"""Taking back a recorded change by making the opposite one, which is recorded too.

A change is refused when somebody has changed the same fields since: nobody's later
work is lost without a word.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from models.errors import ConflictError, NotFoundError
from models.history import images, undo
from models.history.changes import CREATE, DELETE, UPDATE, ChangeContext, ObjectChange
from models.history.pieces import Pieces, all_or_nothing
from models.people.access import require
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.history.images import Image
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
        RefusedError: The user may not do the opposite.
        ConflictError: The same fields were changed since, or the object is gone, or
            is there again.
        ValidationError: The old values are not valid any more.
        NotFoundError: The type's module is gone.
    """
    model = change.model
    if model is None:
        raise NotFoundError(
            f"Change {change.id} cannot be reverted: the module of the type"
            f" {change.changed_object_type} is gone.",
            on=str(change.id),
        )
    require(user, "view", change, what=f"change {change.id}")
    if _only_follows(change):
        raise _refused(change, "it follows from that of a link; revert that one")
    before, after = change.images()
    key = bytes(change.object_id)
    _require(change, model, user)
    now = images.full_images(model, [key]).get(key)
    match change.action_number:
        case n if n == CREATE:
            _uncreate(change, model, after, now)
        case n if n == UPDATE:
            _unchange(change, model, (before or {}, after or {}), now)
        case n if n == DELETE:
            _undelete(change, model, before or {}, now)


def _require(change: Any, model: Any, user: User) -> None:
    action = {CREATE: "delete", UPDATE: "change", DELETE: "add"}[change.action_number]
    row = model if action == "add" else change.changed_object
    if row is not None:
        require(user, action, row, what=change.object_repr)


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
        watch: Is told how many are reverted so far.

    Raises:
        ConflictError: One of them cannot be; none is then.
    """
    rows = [row for row in changes_of(request_id) if row.model is not None]
    rows = [row for row in rows if not _only_follows(row)]
    done = 0

    def work(piece: list[ObjectChange]) -> None:
        nonlocal done
        for row in piece:
            revert_change(row, user)
        done += len(piece)
        if watch is not None:
            watch(done)

    with all_or_nothing(change, count=len(rows)) as active:
        for _ in Pieces(work).of(reversed(rows)):
            pass
    return Reverted(count=done, queued=tuple(active.queued))


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
    contexts = ChangeContext.select(ChangeContext.id).where(
        ChangeContext.request_id == request_id.bytes
    )
    query = ObjectChange.select().where(ObjectChange.context.in_(contexts))
    return list(query.order_by(ObjectChange.id).limit(most))


Now = tuple[images.StoredRow, "Image"] | None


def _uncreate(change: Any, model: Any, after: Image | None, now: Now) -> None:
    if now is None:
        raise _refused(change, "the object is gone already")
    later = _changed_fields(after or {}, now[1])
    if later:
        raise _refused(change, _since(change, later))
    model.objects.get(id=change.changed_object_id).delete()


def _unchange(change: Any, model: Any, both: tuple[Image, Image], now: Now) -> None:
    before, after = both
    if now is None:
        raise _refused(change, "the object has been deleted since")
    kept = _kept(model)
    fields = [name for name in _changed_fields(before, after) if name not in kept]
    later = [name for name in fields if _differs(now[1].get(name), after.get(name))]
    if later:
        raise _refused(change, _since(change, later))
    row = model.objects.get(id=change.changed_object_id)
    _give(row, {name: before.get(name) for name in fields})
    row.validated_save()
    _give_members(row, {name: before.get(name) for name in fields})


def _undelete(change: Any, model: Any, before: Image, now: Now) -> None:
    if now is not None:
        raise _refused(change, "the object is there again")
    row = model(id=change.changed_object_id)
    _give(row, before)
    row.validated_save()
    _give_members(row, before)


def _kept(model: Any) -> set[str]:
    """Return the members that links alone make and take away."""
    return {name for name, members in model._meta.members.items() if members.is_kept}


def _only_follows(change: Any) -> bool:
    """Return whether an update is nothing but that of a link, seen from its end."""
    kept = _kept(change.model)
    if not kept or change.action_number != UPDATE:
        return False
    before, after = change.images()
    return kept.issuperset(_changed_fields(before or {}, after or {}))


def _changed_fields(before: Image, after: Image) -> list[str]:
    names = [*after, *(name for name in before if name not in after)]
    return [name for name in names if _differs(before.get(name), after.get(name))]


def _differs(one: Any, other: Any) -> bool:
    """Compare two values of images; a relation is its id, whatever it is called."""
    return bool(_bare(one) != _bare(other))


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        if len(value) == 2 and all(isinstance(part, str) for part in value):
            return value[0]
        return sorted(str(_bare(item)) for item in value)
    return value


def _give(row: Any, image: Image) -> None:
    """Set the columns that an image tells."""
    meta = type(row)._meta
    for name, value in undo.row_values(type(row), image).items():
        if name not in ("created", "last_updated"):
            setattr(row, name, meta.fields[name].python_value(value))


def _give_members(row: Any, image: Image) -> None:
    for name, members in type(row)._meta.members.items():
        if name not in image or members.is_kept:
            continue
        keys = [undo.member_key(members, entry) for entry in image[name] or []]
        found = members.rel_model.objects.filter(
            pk__in=[uuid.UUID(bytes=key) for key in keys if key is not None]
        )
        getattr(row, name).set(list(found))


def _since(change: Any, fields: list[str]) -> str:
    later = (
        ObjectChange.select()
        .where(
            ObjectChange.type_id == change.type_id,
            ObjectChange.object_id == change.object_id,
            ObjectChange.id > change.id,
        )
        .order_by(ObjectChange.id.desc())
        .first()
    )
    who = f" by {later.user_name} in change {later.id}" if later else ""
    return f"{', '.join(fields)} changed since{who}"


def _refused(change: Any, why: str) -> ConflictError:
    return ConflictError(
        f"Change {change.id} of {change.object_repr} was not reverted: {why}."
        " Look at the object's changes, and edit it by hand.",
        on=str(change.id),
    )
