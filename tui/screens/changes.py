"""The list of all changes, newest first."""

from __future__ import annotations

from typing import Any, ClassVar

from models.history.changes import ObjectChange
from models.objects.fields import from_us
from tui.commands import Scope
from tui.lists.spec import ListColumn, ListSpec
from tui.looks.times import local
from tui.nouns.changes import LISTING
from tui.screens.listing import ListScreen
from tui.screens.reverting import RevertsChanges
from tui.screens.undoing import Undoes
from tui.widgets.columns import Column

ACTION_WORDS = ("create", "update", "delete")
ACTION_STYLES = {0: "success", 1: "", 2: "error"}
TYPE_SQL = '(SELECT label FROM object_type WHERE object_type.id = "t1".type_id)'
FIRED_SQL = (
    "(SELECT group_concat(id, ' ') FROM job_result"
    ' WHERE job_result.change_id = "t1".id)'
)


def _column(column: Column, *, path: str = "", sql: str = "") -> ListColumn:
    return ListColumn(column=column, path=path, sql=sql)


def _action(number: Any) -> str:
    return ACTION_WORDS[number]


SPEC = ListSpec(
    model=ObjectChange,
    title="Changes",
    columns=(
        _column(
            Column(
                id="time", title="Time", width=16, text=lambda us: local(from_us(us))
            )
        ),
        _column(
            Column(
                id="action",
                title="Action",
                width=6,
                text=_action,
                style=lambda number: ACTION_STYLES.get(number, ""),
                sortable=False,
            ),
            path="action_number",
        ),
        _column(
            Column(id="object_type", title="Type", width=14, sortable=False),
            sql=TYPE_SQL,
        ),
        _column(
            Column(id="object", title="Object", width=16, grows=True),
            path="object_repr",
        ),
        _column(Column(id="user", title="User", width=8), path="context__user_name"),
        _column(Column(id="kind", title="Kind", width=8), path="context__kind"),
        _column(
            Column(id="runs", title="Results", width=12, sortable=False), sql=FIRED_SQL
        ),
        _column(Column(id="reason", title="Reason", width=30), path="context__reason"),
    ),
    sort=("-id",),
    empty="Nothing has been changed yet. Whatever is saved stands here afterwards.",
    listing=LISTING,
)


class ChangesScreen(RevertsChanges, Undoes, ListScreen):
    """All changes, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.CHANGES,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "change.show",
        "list.filter",
        "change.state",
        "change.revert",
    )
    ABOUT = (
        "Every change of every object, newest first. / filters: user=alice"
        " action=delete type=dcim.device about=dcim.device:core-01 field=serial"
        " kind=job reason~4711 time__gt=2h, and words search the names."
    )

    def make_spec(self) -> ListSpec:
        """Return the list of changes."""
        return SPEC

    def open_row(self, key: Any) -> None:
        """Open a change."""
        self.hookline.open_place("change", key)

    def do_change_show(self) -> None:
        """Open the change under the cursor."""
        if self.table is not None:
            self.table.action_open()

    def do_change_state(self) -> None:
        """Show the whole object as the change under the cursor left it."""
        row = self.row
        if row is not None:
            self.hookline.open_place("state", row.id)
