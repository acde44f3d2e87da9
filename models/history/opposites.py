"""The opposites of recorded changes: many at once, or refused one by one.

Changes that lie side by side, of one type and one kind, are read, checked and written
as a list. When a list is refused, it is taken back and done again change by change, in
the same order: what stands in the way of one (a name that another frees only then, an
object that a later one needs) may be gone by its turn; if not, the refusal names it.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import peewee

from models.errors import ConflictError, HooklineError, NotFoundError
from models.history import images, undo, write
from models.history.bulk import save_members
from models.history.changes import CREATE, DELETE, UPDATE, ObjectChange
from models.objects.validation import full_clean
from models.people import guard
from models.people.access import require
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.history.images import Image
    from models.people.access import User

    Now = dict[bytes, tuple[images.StoredRow, Image]]

OPPOSITES = {CREATE: "delete", UPDATE: "change", DELETE: "add"}


def revert_changes(changes: Sequence[ObjectChange], user: User) -> None:
    """Make the opposites of changes, in this order; call it inside a change context.

    Raises:
        RefusedError: The user may not do one of the opposites.
        ConflictError: The same fields were changed since, or an object is gone, or
            is there again.
        ValidationError: Old values are not valid any more.
        NotFoundError: The type's module is gone.
    """
    for group in _groups(changes):
        if len(group) == 1:
            _revert(group, user)
            continue
        try:
            with current_store().transaction():
                _revert(group, user)
        except HooklineError:
            for change in group:
                _revert([change], user)


def _groups(changes: Sequence[ObjectChange]) -> Iterator[list[ObjectChange]]:
    """Yield neighbours of one type and one action, no object twice."""
    group: list[ObjectChange] = []
    keys: set[bytes] = set()
    kind = None
    for change in changes:
        key = bytes(change.object_id)
        if (change.type_id, change.action_number) != kind or key in keys:
            if group:
                yield group
            group, keys = [], set()
            kind = (change.type_id, change.action_number)
        group.append(change)
        keys.add(key)
    if group:
        yield group


def _revert(group: list[ObjectChange], user: User) -> None:
    model = group[0].model
    if model is None:
        raise NotFoundError(
            f"Change {group[0].id} cannot be reverted: the module of the type"
            f" {group[0].changed_object_type} is gone.",
            on=str(group[0].id),
        )
    _require_view(group, user)
    for change in group:
        if only_follows(change):
            why = "it follows from that of a link; revert that one"
            raise _refused(change, why)
    keys = [bytes(change.object_id) for change in group]
    rows = {row.pk.bytes: row for row in model.objects.filter(pk__in=_ids(keys))}
    _require_opposite(group, model, rows, user)
    now = images.full_images(model, keys)
    match group[0].action_number:
        case n if n == CREATE:
            _uncreate(group, rows, now)
        case n if n == UPDATE:
            _unchange(group, rows, now)
        case n if n == DELETE:
            _undelete(group, model, now)


def _ids(keys: Sequence[bytes]) -> list[uuid.UUID]:
    return [uuid.UUID(bytes=key) for key in keys]


def _require_view(group: list[ObjectChange], user: User) -> None:
    if len(group) == 1:
        require(user, "view", group[0], what=f"change {group[0].id}")
    else:
        guard.require_all(user, "view", group)


def _require_opposite(
    group: list[ObjectChange], model: Any, rows: dict[bytes, Any], user: User
) -> None:
    action = OPPOSITES[group[0].action_number]
    if action == "add":
        require(user, action, model, what=group[0].object_repr)
    elif len(group) > 1:
        guard.require_all(user, action, list(rows.values()))
    elif rows:
        (row,) = rows.values()
        require(user, action, row, what=group[0].object_repr)


# -- the three opposites


def _uncreate(group: list[ObjectChange], rows: dict[bytes, Any], now: Now) -> None:
    for change in group:
        found = now.get(bytes(change.object_id))
        if found is None:
            raise _refused(change, "the object is gone already")
        _, after = change.images()
        later = _changed_fields(change.model, after or {}, found[1])
        if later:
            raise _refused(change, _since(change, later))
    write.delete([rows[bytes(change.object_id)] for change in group])


def _unchange(group: list[ObjectChange], rows: dict[bytes, Any], now: Now) -> None:
    model, targets = group[0].model, []
    for change in group:
        found = now.get(bytes(change.object_id))
        if found is None:
            raise _refused(change, "the object has been deleted since")
        before, after = (image or {} for image in change.images())
        kept = _kept(model)
        fields = [n for n in _changed_fields(model, before, after) if n not in kept]
        later = [n for n in fields if _differs(model, n, found[1].get(n), after.get(n))]
        if later:
            raise _refused(change, _since(change, later))
        target = {name: before.get(name) for name in fields}
        targets.append((rows[bytes(change.object_id)], target))
    _write(targets)


def _undelete(group: list[ObjectChange], model: Any, now: Now) -> None:
    targets = []
    for change in group:
        if bytes(change.object_id) in now:
            raise _refused(change, "the object is there again")
        before, _ = change.images()
        targets.append((model(id=change.changed_object_id), before or {}))
    _write(targets)


def _write(targets: list[tuple[Any, Image]]) -> None:
    """Give rows of one type what images tell, check them, and save them."""
    rows = [row for row, _ in targets]
    for row, image in targets:
        _give(row, image)
    _foresee_relations(rows)
    for row in rows:
        # what must be unique the store itself refuses; of a single one it is asked
        full_clean(row, asks_unique=len(rows) == 1)
    write.save(rows)
    for name, field in type(rows[0])._meta.members.items():
        if field.is_kept:
            continue
        _write_members(field, name, [t for t in targets if name in t[1]])


def _give(row: Any, image: Image) -> None:
    """Set the columns that an image tells."""
    meta = type(row)._meta
    for name, value in undo.row_values(type(row), image).items():
        if name not in ("created", "last_updated"):
            setattr(row, name, meta.fields[name].python_value(value))


def _foresee_relations(rows: list[Any]) -> None:
    """Read what the rows of a type point at by one query for each relation."""
    if len(rows) == 1:
        return
    for field in type(rows[0])._meta.refs:
        wanted = {row.__data__.get(field.name) for row in rows} - {None}
        if not wanted:
            continue
        key = field.rel_model._meta.primary_key
        found = {
            one.pk: one for one in field.rel_model.select().where(key.in_(list(wanted)))
        }
        if isinstance(rows[0], field.rel_model):
            found.update((row.pk, row) for row in rows)
        for row in rows:
            related = found.get(row.__data__.get(field.name))
            if related is not None:
                row.__rel__[field.name] = related


def _write_members(field: Any, name: str, targets: list[tuple[Any, Image]]) -> None:
    if not targets:
        return
    told = [image[name] or [] for _, image in targets]
    entries = [_bare_set(one, by_name=field.by_name) for one in told]
    found = _members(field, {entry for part in entries for entry in part})
    given = [[found[one] for one in sorted(part) if one in found] for part in entries]
    save_members([row for row, _ in targets], name, given)


def _members(field: Any, wanted: set[str]) -> dict[str, Any]:
    """Return members by name or id, as images tell them; what is gone is left out."""
    model = field.rel_model
    key = model.name if field.by_name else model._meta.primary_key
    values = [one if field.by_name else uuid.UUID(one) for one in wanted]
    found = {}
    for start in range(0, len(values), images.CHUNK):
        part = values[start : start + images.CHUNK]
        for row in model.select().where(key.in_(part)):
            found[str(row.name if field.by_name else row.pk)] = row
    return found


# -- what is compared


def only_follows(change: Any) -> bool:
    """Return whether an update is nothing but that of a link, seen from its end."""
    kept = _kept(change.model)
    if not kept or change.action_number != UPDATE:
        return False
    before, after = change.images()
    return kept.issuperset(_changed_fields(change.model, before or {}, after or {}))


def _kept(model: Any) -> set[str]:
    """Return the members that links alone make and take away."""
    return {name for name, members in model._meta.members.items() if members.is_kept}


def _changed_fields(model: Any, before: Image, after: Image) -> list[str]:
    names = dict.fromkeys([*after, *before])
    names.pop("created", None)  # nobody's work: an object that came back has a new one
    return [n for n in names if _differs(model, n, before.get(n), after.get(n))]


def _differs(model: Any, name: str, one: Any, other: Any) -> bool:
    """Compare two values of images; a relation is its id, whatever it is called."""
    if one == other:
        return False
    if one is None or other is None:
        return bool(one) or bool(other) or not _is_members(model, name)
    if _is_members(model, name):
        by_name = model._meta.members[name].by_name
        return _bare_set(one, by_name=by_name) != _bare_set(other, by_name=by_name)
    if isinstance(model._meta.fields.get(name), peewee.ForeignKeyField):
        return bool(one[0] != other[0])
    return True


def _is_members(model: Any, name: str) -> bool:
    return name in model._meta.members


def _bare_set(entries: list[Any], *, by_name: bool) -> set[str]:
    return {entry if by_name else entry[0] for entry in entries}


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
