"""Users, groups and permissions: who may do what."""

from __future__ import annotations

from tui.commands import Argument, Command, Scope
from tui.vocabulary.configured import configured, listed, shown, switched

USER = Argument(name="USER", help="A user's name.", completes="user")
GROUP = Argument(name="GROUP", help="A group's name.", completes="group")
PERMISSION = Argument(
    name="PERMISSION", help="A permission's name or number.", completes="permission"
)
NEW_USER = Argument(name="NAME", help="The operating system's name of the person.")

USERS: tuple[Command, ...] = (
    listed(
        "user", "Users", "List the users whom the store knows.", "hookline user list"
    ),
    shown("user", Scope.USERS, USER, "Show one user, and the groups they are in."),
    *configured(
        "user",
        Scope.USERS,
        USER,
        example="hookline user add alice",
        named=(NEW_USER,),
        options=(),
        stays="what they did stays, under their name",
    ),
    switched(Scope.USERS, USER, "enable", "Let a user in again."),
    switched(Scope.USERS, USER, "disable", "Keep a user out; what they did stays."),
)
GROUPS: tuple[Command, ...] = (
    listed("group", "Groups", "List the groups of users.", "hookline group list"),
    shown("group", Scope.GROUPS, GROUP, "Show one group, and who is in it."),
    *configured(
        "group",
        Scope.GROUPS,
        GROUP,
        example="hookline group add name=switching is_default=yes",
        options=(),
        stays="its users stay",
    ),
)
PERMISSIONS: tuple[Command, ...] = (
    listed(
        "permission",
        "Permissions",
        "List who may do what.",
        "hookline permission list enabled=true",
    ),
    shown("permission", Scope.PERMISSIONS, PERMISSION, "Show one permission."),
    *configured(
        "permission",
        Scope.PERMISSIONS,
        PERMISSION,
        example="hookline permission add name=looking object_types=dcim.device"
        " actions=view,change groups=switching",
        options=(),
        stays="whom it was for stay",
    ),
    switched(Scope.PERMISSIONS, PERMISSION, "enable", "Let a permission count."),
    switched(
        Scope.PERMISSIONS, PERMISSION, "disable", "Keep a permission from counting."
    ),
)

COMMANDS = (*USERS, *GROUPS, *PERMISSIONS)
