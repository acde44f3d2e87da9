"""`hookline group …`: users who share permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.people.access import Group
from tui.nouns import configured

if TYPE_CHECKING:
    from tui.commandline.call import Call

COLUMNS = ("id", "name", "description", "users", "is_default")


def list_groups(call: Call) -> int:
    """List the groups."""
    return configured.list_rows(call, configured.listing(Group, COLUMNS))


def show_group(call: Call) -> int:
    """Show one group."""
    return configured.show(call, Group, "GROUP")


def add_group(call: Call) -> int:
    """Make a group."""
    assert call.store
    return configured.save(call, Group())


def set_group(call: Call) -> int:
    """Change a group."""
    return configured.save(call, configured.find(call, Group, "GROUP"))


def delete_group(call: Call) -> int:
    """Delete a group."""
    return configured.delete(call, Group, "GROUP")
