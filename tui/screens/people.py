"""Users, groups and permissions: their lists, their sheets and their forms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from models.people.access import Group, ObjectPermission, User
from models.people.grants import visible
from models.storage.store import current_store
from tui.commands import Scope
from tui.lists.spec import ListColumn, ListSpec
from tui.looks.cells import cell
from tui.looks.statuses import switch_style, switch_word
from tui.nouns import configured, groups, permissions, users
from tui.screens.configured import ConfiguredCommands, RowForm
from tui.screens.listing import ListScreen
from tui.screens.sheet import Link, Sheet, SheetScreen, Styled
from tui.widgets.columns import Column
from tui.words.quoting import quote_word

if TYPE_CHECKING:
    from tui.commands import Command


def _name(field: str, title: str = "Name") -> ListColumn:
    return ListColumn(column=Column(id=field, title=title, width=18, grows=True))


def _switch(field: str, title: str) -> ListColumn:
    look = Column(
        id=field,
        title=title,
        width=max(5, len(title) + 2),
        text=switch_word,
        style=switch_style,
    )
    return ListColumn(column=look)


def _texts(model: Any, field: str, title: str, width: int) -> ListColumn:
    stored = getattr(model, field)
    look = Column(
        id=field,
        title=title,
        width=width,
        grows=True,
        text=lambda value: cell(stored.python_value(value)),
        sortable=False,
    )
    return ListColumn(column=look)


GROUPS_SQL = (
    "(SELECT group_concat(g.name, ', ') FROM user_group g WHERE g.users LIKE"
    " '%\"' || \"t1\".username || '\"%')"
)
USERS = ListSpec(
    model=User,
    title="Users",
    columns=(
        _name("username"),
        ListColumn(
            column=Column(
                id="groups", title="Groups", width=24, grows=True, sortable=False
            ),
            sql=GROUPS_SQL,
        ),
        _switch("is_active", "Active"),
        _switch("is_superuser", "Superuser"),
    ),
    sort=("username",),
    empty="There are no users. Press a to let somebody in.",
    listing=configured.listing(User, users.COLUMNS),
)
GROUPS = ListSpec(
    model=Group,
    title="Groups",
    columns=(
        _name("name"),
        _texts(Group, "users", "Users", 20),
        _switch("is_default", "Default"),
        ListColumn(column=Column(id="description", title="Description", width=20)),
    ),
    sort=("name",),
    empty="There are no groups yet. Press a to make one.",
    listing=configured.listing(Group, groups.COLUMNS),
)
PERMISSIONS = ListSpec(
    model=ObjectPermission,
    title="Permissions",
    columns=(
        _name("name"),
        _switch("enabled", "On"),
        _texts(ObjectPermission, "actions", "Actions", 14),
        _texts(ObjectPermission, "object_types", "Object types", 16),
        _texts(ObjectPermission, "users", "Users", 10),
        _texts(ObjectPermission, "groups", "Groups", 10),
    ),
    sort=("name",),
    empty=(
        "There are no permissions yet: only superusers may do anything. Press a to"
        " make one."
    ),
    listing=configured.listing(ObjectPermission, permissions.COLUMNS),
)


class UserForm(RowForm):
    """Let somebody in, or change a user."""

    MODEL: ClassVar[Any] = User


class GroupForm(RowForm):
    """Make or change a group."""

    MODEL: ClassVar[Any] = Group


class PermissionForm(RowForm):
    """Make or change a permission."""

    MODEL: ClassVar[Any] = ObjectPermission


# -- sheets


def user_sheet(sheet: Sheet, row: User, looks: User) -> None:
    """Add what there is to know of a user."""
    _add_switch(sheet, "active", is_on=row.is_active)
    if row.is_superuser:
        sheet.fact("may", "everything: a superuser")
    for name in row.groups:
        group = Group.get_or_none(Group.name == name, visible(looks, Group))
        link = None if group is None else Link("group", (group.id,))
        sheet.add("group", name, link=link, name=f"group {name}")
    if not row.groups:
        sheet.fact("groups", "none; a group's form says who is in it")
    mine = {*row.groups}
    _add_permissions(
        sheet, looks, lambda p: row.username in p.users or mine & {*p.groups}
    )
    sheet.begin("")
    name = quote_word(row.username)
    for words, place in (("changes", "changes"), ("results", "results")):
        link = Link(place, (f"user={name}",))
        sheet.add("", f"all {words} of {row.username}", link=link, name=words)


def group_sheet(sheet: Sheet, row: Group, looks: User) -> None:
    """Add what there is to know of a group."""
    sheet.fact("about", row.description)
    if row.is_default:
        sheet.fact("default", "whoever the store does not know yet comes into it")
    for name in row.users:
        user = User.get_or_none(User.username == name, visible(looks, User))
        link = None if user is None else Link("user", (user.id,))
        sheet.add("user", name, link=link, name=f"user {name}")
    _add_permissions(sheet, looks, lambda permission: row.name in permission.groups)


def permission_sheet(sheet: Sheet, row: ObjectPermission, _looks: User) -> None:
    """Add what there is to know of a permission."""
    _add_switch(sheet, "enabled", is_on=row.enabled)
    sheet.fact("actions", ", ".join(row.actions))
    sheet.fact("types", ", ".join(row.object_types))
    sheet.fact("users", ", ".join(row.users))
    sheet.fact("groups", ", ".join(row.groups))
    limits = json.dumps(row.constraints) if row.constraints else "none"
    sheet.fact("limits", limits)


def _add_switch(sheet: Sheet, label: str, *, is_on: bool) -> None:
    sheet.fact(label, Styled(switch_word(is_on), switch_style(is_on)))


def _add_permissions(sheet: Sheet, looks: User, is_wanted: Any) -> None:
    sheet.begin("Permissions")
    rows = ObjectPermission.select().where(visible(looks, ObjectPermission))
    found = [row for row in rows.order_by(ObjectPermission.name) if is_wanted(row)]
    for row in found:
        words = f"{', '.join(row.actions)} of {', '.join(row.object_types)}"
        off = "" if row.enabled else " (off)"
        link = Link("permission", (row.id,))
        sheet.add(row.name, words + off, link=link, name=row.name)
    if not found:
        sheet.say("None.")


# -- screens


class PeopleCommands(ConfiguredCommands):
    """Commands on a user, a group or a permission, here or under the cursor."""

    def _leave(self) -> None:
        """Leave the sheet of what is gone; a list stays."""

    def do_user_set(self) -> None:
        """Change the row."""
        self.edit_row()

    do_group_set = do_permission_set = do_user_set

    def do_user_enable(self) -> None:
        """Turn the row on."""
        self.switch_on()

    do_permission_enable = do_user_enable

    def do_user_disable(self) -> None:
        """Turn the row off."""
        self.switch_off()

    do_permission_disable = do_user_disable

    def do_user_delete(self) -> None:
        """Delete the row, after a question."""
        self.delete_row(then=self._leave)

    do_group_delete = do_permission_delete = do_user_delete

    def can_do(self, command: Command) -> bool:
        """Say whether a command is one of this kind of row."""
        own = {scope.value for scope in self.SCOPES}
        noun, _, _ = command.id.partition(".")
        if noun in {"user", "group", "permission"}:
            return bool({noun, f"{noun}s"} & own)
        return super().can_do(command)


class PeopleList(PeopleCommands, ListScreen):
    """A list of users, groups or permissions."""

    SPEC: ClassVar[ListSpec]
    PLACE: ClassVar[str]

    def make_spec(self) -> ListSpec:
        """Return what is listed."""
        return self.SPEC

    def open_row(self, key: Any) -> None:
        """Open a row."""
        self.hookline.open_place(self.PLACE, key)

    def do_user_show(self) -> None:
        """Open the row under the cursor."""
        if self.table is not None:
            self.table.action_open()

    do_group_show = do_permission_show = do_user_show

    def do_user_add(self) -> None:
        """Make a row."""
        self.add_row()

    do_group_add = do_permission_add = do_user_add


def _footer(noun: str, *verbs: str) -> tuple[str, ...]:
    return tuple(f"{noun}.{verb}" for verb in verbs)


class UsersScreen(PeopleList):
    """All users, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.USERS,)
    FOOTER: ClassVar[tuple[str, ...]] = _footer("user", "show", "add", "set", "disable")
    FORM: ClassVar[type[RowForm]] = UserForm
    SPEC: ClassVar[ListSpec] = USERS
    PLACE: ClassVar[str] = "user"
    ABOUT = "Who may use the store. + and - let a user in and keep them out."


class GroupsScreen(PeopleList):
    """All groups, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.GROUPS,)
    FOOTER: ClassVar[tuple[str, ...]] = _footer("group", "show", "add", "set", "delete")
    FORM: ClassVar[type[RowForm]] = GroupForm
    SPEC: ClassVar[ListSpec] = GROUPS
    PLACE: ClassVar[str] = "group"
    ABOUT = "Users who share permissions."


class PermissionsScreen(PeopleList):
    """All permissions, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.PERMISSIONS,)
    FOOTER: ClassVar[tuple[str, ...]] = _footer(
        "permission", "show", "add", "set", "disable"
    )
    FORM: ClassVar[type[RowForm]] = PermissionForm
    SPEC: ClassVar[ListSpec] = PERMISSIONS
    PLACE: ClassVar[str] = "permission"
    ABOUT = "Who may do what, to which objects. What no permission grants is refused."


class PersonScreen(PeopleCommands, SheetScreen):
    """The screen of one user, group or permission.

    Args:
        key: The row.
    """

    ADD: ClassVar[Any]

    def __init__(self, key: int) -> None:
        super().__init__()
        self.key = key

    def read(self) -> Sheet:
        """Put the page together."""
        assert current_store()
        model = self.FORM.MODEL
        words = str(model._meta.verbose_name)
        row = model.get_or_none(model.id == self.key, visible(self.user, model))
        title = f"{words.capitalize()} {row or self.key}"
        sheet = Sheet(title, row, is_ascii=self.is_ascii)
        if row is None:
            sheet.say(f"There is no such {words}, or you may not see it.")
        else:
            type(self).ADD(sheet, row, self.user)
        return sheet

    def _leave(self) -> None:
        self.dismiss(None)


class UserScreen(PersonScreen):
    """The screen of a user."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.USER,)
    FOOTER: ClassVar[tuple[str, ...]] = _footer(
        "user", "set", "enable", "disable", "delete"
    )
    FORM: ClassVar[type[RowForm]] = UserForm
    ADD: ClassVar[Any] = staticmethod(user_sheet)
    ABOUT = "One user: the groups they are in, and what permissions they have."


class GroupScreen(PersonScreen):
    """The screen of a group."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.GROUP,)
    FOOTER: ClassVar[tuple[str, ...]] = _footer("group", "set", "delete")
    FORM: ClassVar[type[RowForm]] = GroupForm
    ADD: ClassVar[Any] = staticmethod(group_sheet)
    ABOUT = "One group: who is in it, and what permissions it has."


class PermissionScreen(PersonScreen):
    """The screen of a permission."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.PERMISSION,)
    FOOTER: ClassVar[tuple[str, ...]] = _footer(
        "permission", "set", "enable", "disable", "delete"
    )
    FORM: ClassVar[type[RowForm]] = PermissionForm
    ADD: ClassVar[Any] = staticmethod(permission_sheet)
    ABOUT = "One permission: what it grants, to whom, within which limits."
