"""`hookline permission …`: who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.people.access import ObjectPermission
from tui.nouns import configured

if TYPE_CHECKING:
    from tui.commandline.call import Call

COLUMNS = ("id", "name", "enabled", "object_types", "actions", "users", "groups")


def list_permissions(call: Call) -> int:
    """List the permissions."""
    return configured.list_rows(call, configured.listing(ObjectPermission, COLUMNS))


def show_permission(call: Call) -> int:
    """Show one permission."""
    return configured.show(call, ObjectPermission, "PERMISSION")


def add_permission(call: Call) -> int:
    """Make a permission."""
    assert call.store
    return configured.save(call, ObjectPermission())


def set_permission(call: Call) -> int:
    """Change a permission."""
    return configured.save(call, configured.find(call, ObjectPermission, "PERMISSION"))


def delete_permission(call: Call) -> int:
    """Delete a permission."""
    return configured.delete(call, ObjectPermission, "PERMISSION")


def enable_permission(call: Call) -> int:
    """Let a permission count."""
    return configured.switch(call, ObjectPermission, "PERMISSION", on=True)


def disable_permission(call: Call) -> int:
    """Keep a permission from counting."""
    return configured.switch(call, ObjectPermission, "PERMISSION", on=False)
