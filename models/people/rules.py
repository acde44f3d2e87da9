"""What must hold of users, groups and permissions, and of their names.

Groups and permissions name users, and permissions groups, by their names. So a new
name is written wherever the old one stands, and a deleted one is taken out: whoever
comes later by the same name inherits nothing.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from models.errors import RequestError, ValidationError
from models.objects.queries import Q
from models.objects.types import object_types
from models.people.access import (
    ACTIONS,
    Group,
    Named,
    ObjectPermission,
    User,
    group_names,
    user_names,
)
from models.people.grants import permission_label
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def guarded_types() -> dict[str, Any]:
    """Return the classes that permissions can be about, by label.

    They are the object types, and the system's own rows that have a label.
    """
    from models.schema.tables import system_models

    own = [m for m in system_models() if getattr(m._meta, "app_label", None)]
    return {permission_label(m): m for m in (*object_types().values(), *own)}


# -- users


def clean_user(user: User) -> None:
    """Refuse to take the last superuser's rights away.

    Raises:
        ValidationError: With messages by field.
    """
    if not _is_last_superuser(user) or (user.is_superuser and user.is_active):
        return
    field = "is_active" if user.is_superuser else "is_superuser"
    raise ValidationError({field: [_last(user)]}, on=user.username)


def refuse_last_superuser(user: User) -> None:
    """Refuse to delete the last superuser.

    Raises:
        ValidationError: It is.
    """
    if _is_last_superuser(user):
        raise ValidationError(_last(user), on=user.username)


def _last(user: User) -> str:
    return f"{user} is the last active superuser; make somebody else one first"


def _is_last_superuser(user: User) -> bool:
    """Return whether the store would be without one if this user were none."""
    rows: Any = User.select(User.id).where(User.is_superuser, User.is_active)
    return [row.id for row in rows] == [user.id]


# -- groups and permissions


def clean_group(group: Group) -> None:
    """Check who is in a group, and that only one is the default.

    Raises:
        ValidationError: With messages by field.
    """
    problems: dict[str, list[str]] = {}
    _check_known(problems, "users", group.users, user_names(), "user")
    other = Group.get_or_none(Group.is_default, Group.id != (group.id or 0))
    if group.is_default and other is not None:
        problems["is_default"] = [f"{other} is the default group already"]
    if problems:
        raise ValidationError(problems, on=group.name)


def clean_permission(permission: ObjectPermission) -> None:
    """Check what a permission grants, to whom, and whether it can be asked.

    Raises:
        ValidationError: With messages by field.
    """
    problems: dict[str, list[str]] = {}
    types = guarded_types()
    _check_known(
        problems, "object_types", permission.object_types, types, "object type"
    )
    _check_known(problems, "actions", permission.actions, ACTIONS, "action")
    _check_known(problems, "users", permission.users, user_names(), "user")
    _check_known(problems, "groups", permission.groups, group_names(), "group")
    for name in ("object_types", "actions"):
        if not getattr(permission, name):
            problems.setdefault(name, []).append("choose at least one")
    if "object_types" not in problems:
        models = [types[label] for label in permission.object_types]
        _check_constraints(problems, permission.constraints, models)
    if problems:
        raise ValidationError(problems, on=permission.name)


def _check_known(
    problems: dict[str, list[str]],
    field: str,
    names: Iterable[str],
    known: Iterable[str],
    what: str,
) -> None:
    there = set(known)
    for name in names:
        if name not in there:
            words = f"there is no {what} {name!r}"
            if what == "action":
                words += f"; there are {', '.join(ACTIONS)}"
            problems.setdefault(field, []).append(words)


def _check_constraints(
    problems: dict[str, list[str]], constraints: Any, models: list[Any]
) -> None:
    """Ask the constraints of each type once, so that none fails when it counts."""
    if constraints is None or constraints == {}:
        return
    sets = constraints if isinstance(constraints, list) else [constraints]
    if not sets or not all(isinstance(one, dict) and one for one in sets):
        problems["constraints"] = ["must be an object of lookups, or a list of such"]
        return
    for model in models:
        for one in sets:
            message = _cannot_ask(model, one)
            if message:
                problems.setdefault("constraints", []).append(message)


def _cannot_ask(model: Any, lookups: dict[str, Any]) -> str:
    values = {key: 0 if value == "$user" else value for key, value in lookups.items()}
    try:
        model.objects.filter(Q(**values)).exists()
    except RequestError as error:
        return error.message
    except (TypeError, ValueError) as error:
        return f"cannot be asked of {model._meta.verbose_name_plural}: {error}"
    return ""


# -- names


@contextlib.contextmanager
def renaming(row: Named) -> Iterator[None]:
    """Save a user or a group; write a new name wherever the old one stands."""
    with current_store().transaction():
        known: Any = type(row)
        stored = known.get_or_none(known.id == row.pk) if row.pk else None
        yield
        if stored is not None and str(stored) != str(row):
            _replace(row.named_in, str(stored), [str(row)])


def forget(row: Named) -> None:
    """Take the name of a row that goes out of groups and permissions."""
    stored = type(row).get_by_id(row.pk)
    _replace(row.named_in, str(stored), [])


def _replace(lists: str, old: str, new: list[str]) -> None:
    holders = (Group, ObjectPermission) if lists == "users" else (ObjectPermission,)
    for holder in holders:
        for one in holder.select():
            names = getattr(one, lists)
            if old in names:
                kept = [name for name in names if name != old]
                setattr(one, lists, sorted({*kept, *new}))
                one.save()
