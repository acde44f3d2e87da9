"""`hookline user …`: who may use the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.people.access import User
from tui.nouns import configured
from tui.words.quoting import quote_word

if TYPE_CHECKING:
    from tui.commandline.call import Call

COLUMNS = ("username", "is_superuser", "is_active", "groups", "created")


def list_users(call: Call) -> int:
    """List the users."""
    return configured.list_rows(call, configured.listing(User, COLUMNS))


def show_user(call: Call) -> int:
    """Show one user."""
    return configured.show(call, User, "USER")


def add_user(call: Call) -> int:
    """Let somebody in."""
    assert call.store

    def prepare(_: Any, values: dict[str, Any]) -> None:
        values["username"] = call.given.word("NAME")

    name = call.given.word("NAME")
    if "=" in name:
        raise RequestError(
            "The name comes first, and alone: `hookline user add NAME KEY=VALUE`.",
            on=name,
        )
    _point_to_groups(call, name)
    return configured.save(call, User(), prepare=prepare)


def set_user(call: Call) -> int:
    """Change a user."""
    _point_to_groups(call, call.given.word("USER"))
    return configured.save(call, configured.find(call, User, "USER"))


def _point_to_groups(call: Call, name: str) -> None:
    """Say where groups are set, to those who look for them with the user."""
    if any(word.startswith("groups") for word in call.given.all("KEY=VALUE")):
        raise RequestError(
            "A group has its users: `hookline group set GROUP"
            f" users+={quote_word(name)}` puts {name} into one.",
            on="groups",
        )


def delete_user(call: Call) -> int:
    """Delete a user."""
    return configured.delete(call, User, "USER")


def enable_user(call: Call) -> int:
    """Let a user in again."""
    return configured.switch(call, User, "USER", on=True)


def disable_user(call: Call) -> int:
    """Keep a user out."""
    return configured.switch(call, User, "USER", on=False)
