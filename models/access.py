"""Who may do what: users, groups, and object permissions with constraints.

The rules are Nautobot's. They are asked here, in the core, so that the screens, the
command line and the receivers obey the same ones.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pwd
from typing import Any

import peewee

from models.base import StoreModel
from models.cached import cached
from models.errors import RefusedError, RequestError
from models.fields import (
    JSONField,
    ListField,
    NameField,
    SequenceField,
    TimestampField,
    now_us,
)
from models.queries import Q
from models.store import Store, current_store

ACTIONS = ("view", "add", "change", "delete", "run")


class User(StoreModel):
    """Somebody who changes objects and runs jobs."""

    id = SequenceField()
    username = NameField(unique=True, max_length=150)
    is_superuser = peewee.BooleanField(default=False)
    is_active = peewee.BooleanField(default=True)
    created = TimestampField(default=now_us)

    class Meta:
        app_label = "users"
        natural_name = ("username",)

    def __str__(self) -> str:
        return str(self.username)

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """Return whether a permission of this user grants an action.

        Args:
            permission: `app.action_model`, such as `dcim.add_location`.
            obj: The object it is about, judged on its stored row; without it, any
                permission for that type will do, constrained or not.

        Raises:
            ValueError: The name is malformed, or the object is of another type.
        """
        label, action = split_permission(permission)
        if obj is not None and permission_label(type(obj)) != label:
            raise ValueError(
                f"{permission!r} is about {label}, the object is a {type(obj).__name__}"
            )
        if not self.is_active:
            return False
        if self.is_superuser:
            return True
        grants = grants_of(self, label, action)
        if obj is None or not grants:
            return bool(grants)
        expression = constraints_of(grants, self).resolve(type(obj))
        if expression is None:
            return True
        key = type(obj)._meta.primary_key
        return bool(type(obj).select(key).where(key == obj.pk, expression).exists())


class Group(StoreModel):
    """Users who share permissions."""

    id = SequenceField()
    name = NameField(unique=True, max_length=150)

    class Meta:
        table_name = "user_group"
        app_label = "users"


class GroupMember(StoreModel):
    """A user's place in a group."""

    group = peewee.ForeignKeyField(Group, backref="+")
    user = peewee.ForeignKeyField(User, backref="+")

    class Meta:
        primary_key = peewee.CompositeKey("group", "user")


class ObjectPermission(StoreModel):
    """Actions on object types, for users and groups, within constraints.

    `constraints` is a JSON object of lookups that must all hold, or a list of such
    objects of which one must; `$user` stands for the user. Nothing means no limit.
    """

    id = SequenceField()
    name = NameField(unique=True, max_length=100)
    enabled = peewee.BooleanField(default=True)
    object_types = ListField(default=list)
    actions = ListField(default=list)
    users = ListField(default=list, help_text="User names.")
    groups = ListField(default=list, help_text="Group names.")
    constraints = JSONField(null=True)

    class Meta:
        app_label = "users"


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


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Grant:
    object_types: frozenset[str]
    actions: frozenset[str]
    users: frozenset[str]
    groups: frozenset[str]
    constraints: Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Access:
    grants: tuple[_Grant, ...]
    groups_of: dict[str, frozenset[str]]


def _load() -> _Access:
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
    pairs = current_store().execute(
        "SELECT u.username, g.name FROM group_member m"
        ' JOIN "user" u ON u.id = m.user_id'
        " JOIN user_group g ON g.id = m.group_id"
    )
    groups: dict[str, set[str]] = {}
    for username, group in pairs:
        groups.setdefault(username, set()).add(group)
    return _Access(
        grants=grants, groups_of={name: frozenset(g) for name, g in groups.items()}
    )


def grants_of(user: User, label: str, action: str) -> list[_Grant]:
    """Return the permissions that give a user an action on a type."""
    access = cached(current_store(), "access", _load)
    groups = access.groups_of.get(user.username, frozenset())
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


def require(user: User | None, action: str, obj: Any, *, what: str = "") -> None:
    """Refuse what a user may not do.

    Args:
        user: Who asks; nobody may do nothing.
        action: `view`, `add`, `change`, `delete` or `run`.
        obj: The object, or its class.
        what: The name to put into the message.

    Raises:
        RefusedError: No permission grants it.
    """
    model = obj if isinstance(obj, type) else type(obj)
    app, name = permission_label(model).split(".")
    instance = None if isinstance(obj, type) or action == "add" else obj
    if user is None or not user.has_perm(f"{app}.{action}_{name}", instance):
        raise RefusedError(
            f"{user or 'Nobody'} may not {action} {what or obj}: no permission grants"
            f" {app}.{action}_{name}. Ask a superuser of the store.",
            on=str(what or obj),
        )


def os_user_name() -> str:
    """Return the operating system's name for the real user id."""
    return _name_of(os.getuid())


@functools.cache
def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def os_user(store: Store | None = None) -> User:
    """Return the store's user for the person at the terminal.

    Raises:
        RefusedError: The store does not know them, or they are not active.
    """
    store = store or current_store()
    return user_named(os_user_name(), store=store)


def user_named(name: str, *, store: Store | None = None) -> User:
    """Return a user by name.

    Raises:
        RefusedError: The store does not know the name, or the user is not active.
    """
    store = store or current_store()
    users = cached(store, "users", lambda: {u.username: u for u in User.select()})
    found = users.get(name)
    if found is None:
        raise RefusedError(
            f"The store {store.folder} does not know the user {name!r}. Ask its owner"
            f" for `hookline user add {name}`.",
            on=name,
        )
    user: User = found
    if not user.is_active:
        raise RefusedError(f"The user {name!r} is not active.", on=name)
    return user


def acting_user(name: str | None = None) -> tuple[User, str]:
    """Return the user to act as, and the name of the person who acts for them.

    Raises:
        RefusedError: The person may not act for others.
        RequestError: There is no such user.
    """
    person = os_user()
    if name is None or name == person.username:
        return person, ""
    if not person.is_superuser:
        raise RefusedError(
            f"{person} may not act as {name!r}: only a superuser of the store may.",
            on=name,
        )
    found = User.get_or_none(User.username == name)
    if found is None:
        raise RequestError(f"There is no user {name!r}. See `hookline user list`.")
    return found, person.username
