"""One edit of many objects: what it would do and set off, and the doing.

All of it is one request. An object that cannot take the values stops the whole edit,
and what was written is taken back.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

import peewee

from models.automation.dispatch import Dispatcher, Origin, Subject
from models.errors import RefusedError, ValidationError
from models.history import images, linking, write
from models.history.changes import DELETE, UPDATE
from models.history.images import RENAMED
from models.history.pieces import Pieces, all_or_nothing
from models.objects.inputs import ListChange, Read, give, read_values
from models.objects.validation import full_clean, unique_names
from models.people.access import require
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from models.history.images import Image, StoredRow
    from models.history.pieces import OpenChange
    from models.people.access import User

CHUNK = 500
LOOKED_AT = 1_000
"""What an edit of more objects would do is judged by the first of them."""
MOST_PROBLEMS = 20


@frozen
class Foreseen:
    """What an edit or a deletion would do.

    Attributes:
        total: How many objects were chosen.
        looked_at: How many of them this was judged by.
        changing: How many of those would change.
        fires: How often each hook would fire for those, by its name.
    """

    total: int
    looked_at: int
    changing: int
    fires: Mapping[str, int]

    @property
    def is_exact(self) -> bool:
        """Whether every object was looked at."""
        return self.looked_at >= self.total

    @property
    def runs(self) -> int:
        """How many runs it would queue, about, where not all were looked at."""
        found = sum(self.fires.values())
        return found if self.is_exact else found * self.total // self.looked_at


@frozen
class Edit:
    """Values to give to many objects of a type.

    Attributes:
        model: The type.
        keys: The objects' ids.
        values: Raw values by field name, as `save_values` takes them.
        user: Who edits; needs the permission on each object.
    """

    model: Any
    keys: Sequence[uuid.UUID]
    values: Mapping[str, Any]
    user: User

    def read(self) -> Read:
        """Read the values, once for all objects.

        Raises:
            ValidationError: With the messages of every field that is wrong.
        """
        return read_values(self.model, self.values)


@frozen
class Made:
    """What an edit did.

    Attributes:
        total: How many objects were there to be edited.
        changed: How many of them differed.
        queued: The job results that this queued.
        request_id: What its changes share.
    """

    total: int
    changed: int
    queued: tuple[int, ...]
    request_id: uuid.UUID


def rows_of(model: Any, keys: Sequence[uuid.UUID], user: User, action: str) -> Any:
    """Yield objects that a user has an action on, in the order of their keys.

    Raises:
        RefusedError: The user may see one, but not do that.
    """
    for start in range(0, len(keys), CHUNK):
        part = list(keys[start : start + CHUNK])
        allowed = model.objects.restrict(user, action).filter(pk__in=part)
        found = {row.pk: row for row in allowed}
        if len(found) < len(part) and not user.is_superuser:
            _refuse_first(
                model, [key for key in part if key not in found], user, action
            )
        yield from (found[key] for key in part if key in found)


def _refuse_first(model: Any, keys: list[uuid.UUID], user: User, action: str) -> None:
    for row in model.objects.restrict(user, "view").filter(pk__in=keys)[:1]:
        require(user, action, row)
        raise RefusedError(f"{user} may not {action} {row}.", on=str(row))


# -- before it is done


def foresee(edit: Edit) -> Foreseen:
    """Judge what an edit would change and which hooks would fire; write nothing.

    Raises:
        ValidationError: A value is wrong, or an object cannot take it.
        RefusedError: The user may not change one of them.
    """
    read = edit.read()
    judge = _Judge(edit.model, edit.user, UPDATE)
    problems: dict[str, list[str]] = {}
    looked_at = edit.keys[:LOOKED_AT]
    changing = 0
    for rows in _chunks(rows_of(edit.model, looked_at, edit.user, "change")):
        stored = images.full_images(edit.model, [row.pk.bytes for row in rows])
        for row in rows:
            members = _give(row, read, problems)
            if problems or row.pk.bytes not in stored:
                continue
            old, before = stored[row.pk.bytes]
            after = _image_after(row, old, before, members)
            if after != before:
                changing += 1
                judge.look(row.pk.bytes, old.name, before, after)
    _raise(problems)
    return Foreseen(
        total=len(edit.keys),
        looked_at=len(looked_at),
        changing=changing,
        fires=judge.fires,
    )


def foresee_deletion(
    doomed: Sequence[tuple[Any, Sequence[bytes]]], user: User
) -> Foreseen:
    """Judge which hooks a deletion would fire.

    Args:
        doomed: Types with the keys of what goes, with all that goes along.
        user: Who deletes.
    """
    total = sum(len(keys) for _, keys in doomed)
    fires: Counter[str] = Counter()
    left = LOOKED_AT
    for model, keys in doomed:
        judge = _Judge(model, user, DELETE)
        part = list(keys[:left])
        left -= len(part)
        for key, (row, image) in images.full_images(model, part).items():
            judge.look(key, row.name, image, None)
        fires += judge.fires
    looked_at = LOOKED_AT - left
    return Foreseen(total=total, looked_at=looked_at, changing=looked_at, fires=fires)


class _Judge:
    """Counts the hooks that would fire."""

    def __init__(self, model: Any, user: User, action: int) -> None:
        self._label = model._meta.label_lower
        self._action = action
        origin = Origin(user=user, cause_id=None, depth=0, mute="")
        self._dispatcher = Dispatcher(current_store(), origin)
        self.fires: Counter[str] = Counter()

    def look(
        self, key: bytes, name: str, before: Image | None, after: Image | None
    ) -> None:
        """Judge the hooks against one change."""
        subject = Subject(
            change_id=0,
            label=self._label,
            object_id=key,
            name=name,
            action=self._action,
            before=before,
            after=after,
        )
        self.fires.update(self._dispatcher.would_fire(subject))


def _image_after(
    row: Any, old: StoredRow, before: Image, members: dict[str, Any]
) -> Image:
    """Return the image that an object would have once it were saved."""
    after = dict(before)
    for name, value in write.differing_values(row, old).items():
        field = row._meta.fields[name]
        shown = RENAMED.get(name, name)
        if isinstance(field, peewee.ForeignKeyField):
            after[shown] = None if value is None else _entry(getattr(row, name))
        elif isinstance(field, peewee.BooleanField):
            after[shown] = None if value is None else bool(value)
        else:
            to_image = getattr(field, "to_image", None)
            after[shown] = to_image(value) if to_image else value
    for name, value in members.items():
        after[name] = _members_after(row._meta.members[name], before[name], value)
    return after


def _entry(row: Any) -> list[str]:
    return [str(row.pk), str(row)]


def _members_after(field: Any, before: list[Any], value: Any) -> list[Any]:
    def shown(member: Any) -> Any:
        return str(member) if field.by_name else _entry(member)

    if isinstance(value, ListChange):
        gone = [shown(member) for member in value.remove]
        found = [entry for entry in before if entry not in gone]
        more = [shown(member) for member in value.add]
        found += [entry for entry in more if entry not in found and entry not in gone]
    else:
        found = [shown(member) for member in value]
    return sorted(found, key=lambda entry: entry if field.by_name else entry[1])


# -- the doing


def make(
    edit: Edit,
    change: OpenChange,
    *,
    mute: str = "",
    watch: Callable[[int], object] | None = None,
) -> Made:
    """Give the values to every object, or to none.

    Args:
        edit: What to do.
        change: Opens the change context.
        mute: A reason why no hook is to fire.
        watch: Is told how many objects are done so far; an error of its own takes
            all back.

    Raises:
        ValidationError: An object cannot take the values; with its name.
        RefusedError: The user may not change one of them.
    """
    read = edit.read()
    done = _Done()

    def work(keys: list[uuid.UUID]) -> None:
        rows = list(rows_of(edit.model, keys, edit.user, "change"))
        done.changed += _save(rows, read)
        done.total += len(rows)
        if watch is not None:
            watch(done.total)

    with all_or_nothing(change, count=len(edit.keys), mute=mute) as active:
        for _ in Pieces(work).of(edit.keys):
            pass
    return Made(
        total=done.total,
        changed=done.changed,
        queued=tuple(active.queued),
        request_id=active.request_id,
    )


@dataclasses.dataclass
class _Done:
    total: int = 0
    changed: int = 0


def _save(rows: list[Any], read: Read) -> int:
    """Save objects with their members; return how many differed."""
    problems: dict[str, list[str]] = {}
    members = [_give(row, read, problems) for row in rows]
    _raise(problems)
    before = [row.last_updated for row in rows]
    write.save(rows)
    changed = {r.pk for r, t in zip(rows, before, strict=True) if r.last_updated != t}
    for name in members[0] if rows else ():
        given = [one[name] for one in members]
        changed |= save_members(rows, name, given)
    return len(changed)


def save_members(rows: list[Any], name: str, given: list[Any]) -> set[uuid.UUID]:
    """Save one field of members of many objects of a type; return whose differed.

    Args:
        rows: The objects, stored already.
        name: The field.
        given: For each object its members, or what to add and take off.
    """
    model = type(rows[0])
    field = model._meta.members[name]
    present = images.read_members(model, [row.pk.bytes for row in rows])
    links = []
    for row, value in zip(rows, given, strict=True):
        known = {_identity(entry) for entry in present[row.pk.bytes][name]}
        add, gone = _difference(field, known, value)
        if add or gone:
            links.append((row, add, gone))
    linking.relate_all(field, links)
    return {row.pk for row, *_ in links}


def _identity(entry: Any) -> str:
    return entry if isinstance(entry, str) else entry[0]


def _difference(field: Any, known: set[str], value: Any) -> tuple[list[Any], list[Any]]:
    """Return whom to add to known members, and whom to remove."""

    def name(member: Any) -> str:
        return str(member) if field.by_name else str(member.pk)

    if isinstance(value, ListChange):
        gone = [member for member in value.remove if name(member) in known]
        return [m for m in value.add if name(m) not in known and m not in gone], gone
    unwanted = known - {name(member) for member in value}
    lookup = {"name__in" if field.by_name else "pk__in": list(unwanted)}
    gone = list(field.rel_model.objects.filter(**lookup)) if unwanted else []
    return [member for member in value if name(member) not in known], gone


def _give(row: Any, read: Read, problems: dict[str, list[str]]) -> dict[str, Any]:
    """Set values on an object and check it; note what is wrong by its name."""
    members = give(row, read)
    if not row.is_dirty():
        return members
    names = {field.name for field in row.dirty_fields}
    try:
        full_clean(row, asks_unique=bool(names & unique_names(type(row))))
    except ValidationError as error:
        if len(problems) < MOST_PROBLEMS:
            for name, texts in error.message_dict.items():
                where = f"{row}" if name == "__all__" else f"{row}: {name}"
                problems[where] = texts
    return members


def _raise(problems: dict[str, list[str]]) -> None:
    if problems:
        raise ValidationError(problems)


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    from itertools import islice

    while part := list(islice(rows, CHUNK)):
        yield part
