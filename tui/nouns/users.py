"""`hookline user …`: who may use the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.access import User, require
from models.errors import RefusedError
from models.inputs import save_values
from models.names import Finder
from models.store import current_store
from tui.documents import user_document
from tui.exits import Exit
from tui.grammar import parse_assignments
from tui.listing import Listing, write_list
from tui.values import raw_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.call import Call
    from tui.documents import Document


def _documents(rows: Any) -> Iterator[Document]:
    return (user_document(row) for row in rows)


LISTING = Listing(
    model=User,
    columns=("username", "is_superuser", "is_active", "created"),
    documents=_documents,
    sort=("username",),
    search=("username",),
    aliases={"name": "username"},
)


def list_users(call: Call) -> int:
    """List the users."""
    assert call.user
    return write_list(call, LISTING)


def show_user(call: Call) -> int:
    """Show one user."""
    row = Finder().find(User, _asked(call, "USER"))
    call.output.record(user_document(row))
    return Exit.OK


def _asked(call: Call, argument: str) -> str:
    assert call.user
    return call.given.word(argument)


def add_user(call: Call) -> int:
    """Let somebody in."""
    row = User(username=_asked(call, "NAME"))
    require(call.user, "add", row, what=f"the user {row}")
    return _save(call, row, "made")


def set_user(call: Call) -> int:
    """Change a user."""
    row = Finder().find(User, _asked(call, "USER"))
    require(call.user, "change", row, what=f"the user {row}")
    return _save(call, row, "changed")


def _save(call: Call, row: Any, verb: str) -> int:
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    values = raw_values(User, assignments)
    if "is_superuser" in values and not call.user.is_superuser:
        raise RefusedError("Only a superuser may make somebody one.", on=str(row))
    with current_store().transaction():
        save_values(row, values)
    call.output.say(f"The user {row} is {verb}.")
    if not call.output.is_for_people:
        call.output.record(user_document(row))
    return Exit.OK
