"""What the permissions of a store grant, held in memory, and asked of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peewee

from models.objects.queries import Q
from models.storage.cached import cached
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from models.people.access import User


def split_permission(permission: str) -> tuple[str, str]:
    """Return the type's label and the action of `app.action_model`.

    Raises:
        ValueError: It is not of that form.
    """
    app, dot, rest = permission.partition(".")
    action, line, model = rest.partition("_")
    if not (app and dot and action and line and model):
        raise ValueError(
            f"{permission!r} is no permission; write app.action_model,"
            " as in dcim.add_device"
        )
    return f"{app}.{model}", action


def permission_label(model: Any) -> str:
    """Return the label by which permissions name a type."""
    return str(getattr(model._meta, "permission_label", "") or model._meta.label_lower)


@frozen
class _Grant:
    object_types: frozenset[str]
    actions: frozenset[str]
    users: frozenset[str]
    groups: frozenset[str]
    constraints: Any


@frozen
class _Access:
    grants: tuple[_Grant, ...]
    groups_of: dict[str, frozenset[str]]


def _load() -> _Access:
    from models.people.access import Group, ObjectPermission

    rows = ObjectPermission.select().where(ObjectPermission.enabled)
    grants = tuple(
        _Grant(
            object_types=frozenset(row.object_types),
            actions=frozenset(row.actions),
            users=frozenset(row.users),
            groups=frozenset(row.groups),
            constraints=row.constraints,
        )
        for row in rows
    )
    groups: dict[str, set[str]] = {}
    for group in Group.select():
        for username in group.users:
            groups.setdefault(username, set()).add(group.name)
    return _Access(
        grants=grants, groups_of={name: frozenset(g) for name, g in groups.items()}
    )


def groups_of(username: str) -> frozenset[str]:
    """Return the names of the groups that a user is in."""
    access = cached(current_store(), "access", _load)
    return access.groups_of.get(username, frozenset())


def grants_of(user: User, label: str, action: str) -> list[_Grant]:
    """Return the permissions that give a user an action on a type."""
    access = cached(current_store(), "access", _load)
    groups = groups_of(user.username)
    return [
        grant
        for grant in access.grants
        if label in grant.object_types
        and action in grant.actions
        and (user.username in grant.users or grant.groups & groups)
    ]


def constraints_of(grants: list[_Grant], user: User) -> Q:
    """Return the lookups under which any of the permissions holds."""
    whole = Q()
    for number, grant in enumerate(grants):
        if not grant.constraints:
            return Q()
        sets = grant.constraints
        for inner, lookups in enumerate(sets if isinstance(sets, list) else [sets]):
            one = Q(**{key: _filled(value, user) for key, value in lookups.items()})
            whole = one if number == inner == 0 else whole | one
    return whole


def _filled(value: Any, user: User) -> Any:
    if isinstance(value, list):
        return [_filled(item, user) for item in value]
    return user.pk if value == "$user" else value


def permitted(user: User | None, model: Any, action: str) -> Q:
    """Return the lookups that limit a type to what a user has an action on."""
    if user is not None and user.is_active:
        if user.is_superuser:
            return Q()
        grants = grants_of(user, permission_label(model), action)
        if grants:
            return constraints_of(grants, user)
    return Q(pk__in=[])


def visible(user: User | None, model: Any) -> Any:
    """Return peewee's expression for the rows that a user may see."""
    expression = permitted(user, model, "view").resolve(model)
    return peewee.SQL("1") if expression is None else expression
