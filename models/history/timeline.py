"""An object's past: its changes, those of its parts, and how it was at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peewee import fn

from models.errors import NotFoundError
from models.history import changes, images
from models.history.changes import CREATE, DELETE, UPDATE, ObjectChange
from models.objects.fields import now_us, to_us
from models.objects.queries import Q
from models.objects.specs import CUSTOM_PREFIX
from models.objects.types import type_id
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    import datetime as dt

    from models.history.images import Image
    from models.people.access import User

CHANGES_FIELD = "changes_field"
"""The SQL function by which changes are filtered by a field; see `field_touched()`."""

EMPTY: tuple[Any, ...] = (None, "", [], {})


@frozen
class State:
    """How an object was at some time.

    Attributes:
        image: What it held, in stored form.
        name: What it was called.
        change: The change that had left it so; None when that is not recorded.
        next: The change that ended it; None when it is still so.
    """

    image: Image
    name: str
    change: ObjectChange | None
    next: ObjectChange | None


def changes_of_object(label: str, key: bytes) -> Any:
    """Return the query of an object's own changes."""
    return ObjectChange.select().where(
        ObjectChange.type_id == type_id(label), ObjectChange.object_id == key
    )


def about(label: str, keys: list[bytes]) -> Q:
    """Return the lookups of changes of objects and of what is part of them.

    An interface's change stands in its device's history, too.
    """
    number = type_id(label)
    own = ObjectChange.select(ObjectChange.id).where(
        ObjectChange.type_id == number, ObjectChange.object_id.in_(keys)
    )
    related = ObjectChange.select(ObjectChange.id).where(
        ObjectChange.related_id.in_(keys), ObjectChange.related_type_id == number
    )
    return Q(pk__in=own) | Q(pk__in=related)


def neighbour(
    change: ObjectChange, step: int, *, user: User | None = None
) -> ObjectChange | None:
    """Return the object's next change (step 1) or the one before (step -1).

    Args:
        change: Where to start; requests and users do not matter.
        step: 1 or -1.
        user: Only changes that this user may see count; all without one.
    """
    rows = ObjectChange.objects if user is None else ObjectChange.objects.restrict(user)
    rows = rows.filter(type_id=change.type_id, object_id=bytes(change.object_id))
    found = rows.filter(**{"id__gt" if step > 0 else "id__lt": change.id})
    beside: ObjectChange | None = found.order_by("id" if step > 0 else "-id").first()
    return beside


def state_at(
    label: str,
    key: bytes,
    *,
    time: dt.datetime | None = None,
    change_id: int | None = None,
) -> State:
    """Return how an object was at a time, or after a change of it or of another.

    Args:
        label: The object's type.
        key: The object's key.
        time: The time; now by default.
        change_id: A change; then the time after it.

    Raises:
        NotFoundError: It was not there then; the message says since when, or till when.
    """
    own = changes_of_object(label, key)
    until = now_us() if time is None else to_us(time)
    if change_id is not None:
        earlier, later = ObjectChange.id <= change_id, ObjectChange.id > change_id
    else:
        earlier, later = ObjectChange.time <= until, ObjectChange.time > until
    last = own.where(earlier).order_by(ObjectChange.id.desc()).first()
    following = own.where(later).order_by(ObjectChange.id).first()
    if last is not None:
        return _after(last, following)
    return _before(label, key, following)


def _after(change: Any, following: Any) -> State:
    _, after = change.images()
    if change.action_number == DELETE or after is None:
        raise NotFoundError(
            f"{change.object_repr} was not there then: {change.user_name} had deleted"
            f" it in change {change.id}.",
            on=change.object_repr,
        )
    return State(image=after, name=change.object_repr, change=change, next=following)


def _before(label: str, key: bytes, following: Any) -> State:
    """Return the state before the first change that is recorded."""
    if following is not None and following.action_number == CREATE:
        raise NotFoundError(
            f"{following.object_repr} was not there yet: {following.user_name} made it"
            f" in change {following.id}.",
            on=following.object_repr,
        )
    if following is not None:
        before, _ = following.images()
        name = following.object_repr
        return State(image=before or {}, name=name, change=None, next=following)
    from models.objects.types import get_type

    model = get_type(label)
    found = images.full_images(model, [key]).get(key)
    if found is None:
        raise NotFoundError(f"Nothing is recorded of this {model._meta.verbose_name}.")
    return State(image=found[1], name=found[0].name, change=None, next=None)


# -- which changes touched a field


class FieldTouched(Q):
    """The changes that gave a field another value, or a new object one.

    Args:
        names: The fields; any of them counts.
    """

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names
        changes.current_dictionary()  # so that it is at hand while the query runs
        database = current_store().database
        database.register_function(field_touched, CHANGES_FIELD, 5)

    def resolve(self, _model: Any) -> Any:
        """Return peewee's expression."""
        row = ObjectChange
        touched = getattr(fn, CHANGES_FIELD)
        columns = (row.action_number, row.before, row.after, row.codec)
        calls = [touched(*columns, name) for name in self.names]
        whole = calls[0] == 1
        for call in calls[1:]:
            whole |= call == 1
        return whole


def field_touched(
    action: int, before: bytes | None, after: bytes | None, codec: int, name: str
) -> int:
    """Return 1 if a stored change touched a field; SQLite calls this for each row."""
    old = changes.decode(before, codec) or {}
    if action == UPDATE and not name.startswith(CUSTOM_PREFIX):
        return int(name in old)
    new = changes.decode(after, codec) or {}
    values = [_value(image, name) for image in ({**new, **old}, new)]
    if action != UPDATE:
        values = [_value(new or old, name), None]
    return int(values[0] != values[1] and (action == UPDATE or values[0] not in EMPTY))


def _value(image: Image, name: str) -> Any:
    if name.startswith(CUSTOM_PREFIX):
        custom = image.get("custom_fields") or {}
        return custom.get(name.removeprefix(CUSTOM_PREFIX))
    return image.get(name)
