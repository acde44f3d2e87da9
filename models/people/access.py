"""Who may do what: users, groups, and object permissions with constraints.

The rules are Nautobot's. They are asked here, in the core, so that the screens, the
command line and the receivers obey the same ones. Who somebody is comes from the
operating system, by the real user id, which no variable can change; behind a forced
SSH command it is the name that the key is tied to.
"""

from __future__ import annotations

import functools
import os
import pwd
from typing import TYPE_CHECKING, Any, ClassVar

import peewee

from models.errors import RefusedError
from models.objects.base import StoreModel
from models.objects.fields import (
    JSONField,
    ListField,
    NameField,
    SequenceField,
    TimestampField,
    now_us,
)
from models.people.grants import (
    constraints_of,
    grants_of,
    groups_of,
    permission_label,
    split_permission,
)
from models.storage.cached import cached
from models.storage.store import Store, current_store

if TYPE_CHECKING:
    from collections.abc import Iterable


ACTIONS = ("view", "add", "change", "delete", "run", "cancel", "act")
"""What can be granted. `run` and `cancel` are asked of jobs, `act` of users: to act for
them with --user."""


class Named(StoreModel):
    """A row that others name: users by groups and permissions, groups by permissions.

    Attributes:
        named_in: The lists that hold such names.
    """

    named_in: ClassVar[str]

    def save(self, force_insert: bool = False, only: Any = None) -> Any:  # noqa: FBT001, FBT002 - peewee's signature
        """Write the row; a new name is written wherever the old one stands."""
        from models.people.rules import renaming

        with renaming(self):
            return super().save(force_insert=force_insert, only=only)

    def delete_instance(self, *args: Any, **options: Any) -> int:
        """Delete the row, and take its name out of every list."""
        from models.people.rules import forget

        with current_store().transaction():
            forget(self)
            return int(super().delete_instance(*args, **options))


class User(Named):
    """Somebody who changes objects and runs jobs.

    Attributes:
        acted_for: The person at the terminal, when that is another.
    """

    id = SequenceField()
    username = NameField(
        unique=True, max_length=150, help_text="The operating system's name."
    )
    is_superuser = peewee.BooleanField(default=False, help_text="May do everything.")
    is_active = peewee.BooleanField(
        default=True, help_text="May come in; what an inactive user did stays."
    )
    created = TimestampField(default=now_us)

    class Meta:
        app_label = "users"
        natural_name = ("username",)

    form_fields = ("username", "is_active", "is_superuser")
    switch: ClassVar[str] = "is_active"
    named_in: ClassVar[str] = "users"
    acted_for: str = ""

    def __str__(self) -> str:
        return str(self.username)

    @property
    def groups(self) -> list[str]:
        """The names of the groups that the user is in."""
        return sorted(groups_of(self.username))

    def clean(self) -> None:
        """Keep a superuser in the store.

        Raises:
            ValidationError: It would lose the last one.
        """
        from models.people.rules import clean_user

        clean_user(self)

    def delete_instance(self, *args: Any, **options: Any) -> int:
        """Delete the user, and take the name out of groups and permissions.

        Raises:
            ValidationError: It is the last superuser.
        """
        from models.people.rules import refuse_last_superuser

        refuse_last_superuser(self)
        return super().delete_instance(*args, **options)

    @property
    def is_authenticated(self) -> bool:
        """Say that this is somebody, as Django's authors ask."""
        return True

    def get_username(self) -> str:
        """Return the name, as Django's authors ask for it."""
        return str(self.username)

    def has_perms(self, permissions: Iterable[str], obj: Any = None) -> bool:
        """Return whether the user has all of these permissions; see `has_perm()`."""
        return all(self.has_perm(permission, obj) for permission in permissions)

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


def user_names() -> list[str]:
    """Return the names of all users, sorted."""
    rows: Any = User.select(User.username).order_by(User.username)
    return [row.username for row in rows]


class Group(Named):
    """Users who share permissions."""

    id = SequenceField()
    name = NameField(unique=True, max_length=150)
    description = NameField(default="", max_length=200)
    users = ListField(default=list, choose=user_names, help_text="Who is in it.")
    is_default = peewee.BooleanField(
        default=False, help_text="Whoever the store does not know yet comes into it."
    )

    class Meta:
        table_name = "user_group"
        app_label = "users"

    form_fields = ("name", "description", "users", "is_default")
    named_in: ClassVar[str] = "groups"

    def clean(self) -> None:
        """Check who is in it.

        Raises:
            ValidationError: An unknown user, or a second default group.
        """
        from models.people.rules import clean_group

        clean_group(self)


def group_names() -> list[str]:
    """Return the names of all groups, sorted."""
    rows: Any = Group.select(Group.name).order_by(Group.name)
    return [row.name for row in rows]


def guarded_labels() -> list[str]:
    """Return the labels that permissions can be about, sorted."""
    from models.people.rules import guarded_types

    return sorted(guarded_types())


class ObjectPermission(StoreModel):
    """Actions on object types, for users and groups, within constraints.

    `constraints` is a JSON object of lookups that must all hold, or a list of such
    objects of which one must; `$user` stands for the user. Nothing means no limit.
    """

    id = SequenceField()
    name = NameField(unique=True, max_length=100)
    enabled = peewee.BooleanField(default=True)
    object_types = ListField(
        default=list, choose=guarded_labels, help_text="What it is about."
    )
    actions = ListField(
        default=list,
        choices=[(action, action) for action in ACTIONS],
        help_text="run and cancel are asked of jobs, act of users (--user).",
    )
    users = ListField(default=list, choose=user_names, help_text="Whom it is for.")
    groups = ListField(default=list, choose=group_names, help_text="And which groups.")
    constraints = JSONField(
        null=True, help_text='As {"location__name": "HQ"}; $user is the user. Or empty.'
    )
    created = TimestampField(default=now_us)

    class Meta:
        app_label = "users"
        verbose_name = "permission"

    form_fields = (
        "name",
        "object_types",
        "actions",
        "users",
        "groups",
        "constraints",
        "enabled",
    )
    switch: ClassVar[str] = "enabled"

    def clean(self) -> None:
        """Check what it grants, to whom, and that its constraints can be asked.

        Raises:
            ValidationError: With messages by field.
        """
        from models.people.rules import clean_permission

        clean_permission(self)


def may(user: User | None, action: str, obj: Any) -> bool:
    """Return whether a user may do something to an object, or to any of a class."""
    model: Any = obj if isinstance(obj, type) else type(obj)
    app, name = permission_label(model).split(".")
    instance = None if isinstance(obj, type) else obj
    return user is not None and user.has_perm(f"{app}.{action}_{name}", instance)


def why_not(user: User | None, action: str, obj: Any, *, what: str = "") -> str:
    """Say why a user may not do something; empty when they may.

    Args:
        user: Who asks; nobody may do nothing.
        action: One of `ACTIONS`.
        obj: The object, or its class.
        what: The name to put into the message.
    """
    if may(user, action, obj):
        return ""
    model = obj if isinstance(obj, type) else type(obj)
    app, name = permission_label(model).split(".")
    words = what or (_any(obj) if isinstance(obj, type) else str(obj))
    if user is not None and not user.is_active:
        return f"{user} may not {action} {words}: the user is not active"
    return (
        f"{user or 'Nobody'} may not {action} {words}: no permission grants"
        f" {app}.{action}_{name}"
    )


def _any(model: Any) -> str:
    return str(model._meta.verbose_name_plural)


def require(user: User | None, action: str, obj: Any, *, what: str = "") -> None:
    """Refuse what a user may not do.

    Args:
        user: Who asks; nobody may do nothing.
        action: One of `ACTIONS`.
        obj: The object, judged on its stored row, or its class.
        what: The name to put into the message.

    Raises:
        RefusedError: No permission grants it.
    """
    reason = why_not(user, action, obj, what=what)
    if reason:
        name = what or (_any(obj) if isinstance(obj, type) else str(obj))
        raise RefusedError(f"{reason}. Ask a superuser of the store.", on=name)


def require_superuser(user: User | None, what: str) -> None:
    """Refuse what only superusers may do.

    Args:
        user: Who asks.
        what: What, as in `back up the store`.

    Raises:
        RefusedError: The user is none.
    """
    if user is None or not (user.is_active and user.is_superuser):
        raise RefusedError(
            f"{user or 'Nobody'} may not {what}: only a superuser of the store may.",
            on=str(user),
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
    return user_named(os_user_name(), store=store)


def user_named(name: str, *, store: Store | None = None) -> User:
    """Return a user by name; an unknown one comes into the default group, if any.

    Raises:
        RefusedError: The store does not know the name, or the user is not active.
    """
    store = store or current_store()
    users = cached(store, "users", lambda: {u.username: u for u in User.select()})
    found = users.get(name) or _admit(name, store)
    user: User = found
    if not user.is_active:
        raise RefusedError(f"The user {name!r} is not active.", on=name)
    return user


def _admit(name: str, store: Store) -> User:
    """Let in somebody new, into the default group.

    Raises:
        RefusedError: There is none.
    """
    with store.transaction():
        known: User | None = User.get_or_none(User.username == name)
        group = Group.get_or_none(Group.is_default)
        if known is not None:
            return known
        if group is None:
            raise RefusedError(
                f"The store {store.folder} does not know the user {name!r}. Ask its"
                f" owner for `hookline user add {name}`.",
                on=name,
            )
        user = User(username=name)
        user.validated_save()
        group.users = sorted({*group.users, name})
        group.save()
        return user
