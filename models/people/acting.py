"""Acting for somebody else, and for the account that owns the store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from models.errors import RefusedError, RequestError
from models.people.access import User, may, os_user, user_named

if TYPE_CHECKING:
    from models.storage.store import Store


def is_owner(store: Store) -> bool:
    """Return whether this process's account owns the store."""
    return store.folder.stat().st_uid == os.getuid()


def key_holder(store: Store, name: str) -> User:
    """Return the user that an SSH key is tied to, for the account that owns the store.

    Raises:
        RefusedError: Another account asks, or the store does not know the name.
    """
    if not is_owner(store):
        raise RefusedError(
            f"--restricted {name} is for the account that owns {store.folder}: it acts"
            " for whoever came by an SSH key.",
            on="--restricted",
        )
    return user_named(name, store=store)


def acting_user(name: str | None = None) -> User:
    """Return the user to act as; `acted_for` on it is the person, if another.

    Args:
        name: Whom to act for; the person themselves without it.

    Raises:
        RefusedError: The store does not know the person, or they may not act so.
        RequestError: There is no such user.
    """
    who = os_user()
    if name is None or name == who.username:
        return who
    found: User | None = User.get_or_none(User.username == name)
    if not may(who, "act", User):
        raise _may_not_act(who, name)
    if found is None:
        raise RequestError(f"There is no user {name!r}. See `hookline user list`.")
    # Who may act for others must not become a superuser by it.
    if not who.is_superuser and (found.is_superuser or not may(who, "act", found)):
        raise _may_not_act(who, name)
    if not found.is_active:
        raise RefusedError(f"The user {name!r} is not active.", on=name)
    found.acted_for = who.username
    return found


def _may_not_act(who: User, name: str) -> RefusedError:
    return RefusedError(
        f"{who} may not act as {name!r}: that needs `act` on users.user, and for"
        " superusers to be one. Ask a superuser of the store.",
        on=name,
    )
