"""An object as a change left it: all its fields, at that time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from models.errors import NotFoundError
from models.history import timeline as history
from models.history.changes import ObjectChange
from models.objects.types import get_type, is_type
from models.people.grants import permission_label
from tui.commands import Scope
from tui.lists.documents import state_document
from tui.looks.cells import cell
from tui.looks.times import exact
from tui.screens.of_change import OfChange
from tui.screens.sheet import Link, Sheet, text_column
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from models.history.timeline import State
    from models.people.access import User

TIMES = ("created", "last_updated")
FIELD_COLUMNS = (
    Column(id="label", title="", width=26, style=lambda _: "muted"),
    text_column("value", 30, grows=True),
)
HIDDEN = frozenset({"id", "object_type", "display"})


def state_sheet(change_id: int, user: User, *, is_ascii: bool = False) -> Sheet:
    """Return the object as a change left it; it says so when it was not there."""
    change = ObjectChange.get_or_none(ObjectChange.id == change_id)
    sheet = Sheet(f"State {change_id}", change, is_ascii=is_ascii)
    if change is None:
        sheet.say("There is no such change; it was taken back, or never was.")
        return sheet
    label, key = change.changed_object_type, bytes(change.object_id)
    if is_type(label) and not may_see(change, user):
        sheet.say(f"You may not see this {change.type_words}.")
        return sheet
    try:
        state = history.state_at(label, key, change_id=change.id)
    except NotFoundError as error:
        sheet.say(error.message)
        return sheet
    _add_ends(sheet, state)
    sheet.begin("", FIELD_COLUMNS)
    for name, value in state_document(label, key, state).items():
        if name not in HIDDEN and not name.startswith(("since", "until")):
            is_time = name in TIMES and isinstance(value, str)
            shown = exact(dt.datetime.fromisoformat(value)) if is_time else cell(value)
            sheet.fact(name.replace("_", " "), shown or "-")
    return sheet


def may_see(change: Any, user: User) -> bool:
    """Say whether a user may see the object of a change, there or gone."""
    model = get_type(change.changed_object_type)
    row = change.changed_object
    app, name = permission_label(model).split(".")
    return user.has_perm(f"{app}.view_{name}", row)


def _add_ends(sheet: Sheet, state: State) -> None:
    sheet.fact("object", state.name)
    for title, row in (("since", state.change), ("until", state.next)):
        if row is not None:
            text = f"{exact(row.time)}, change {row.id} by {row.user_name}"
            sheet.fact(title, text, link=Link("change", (row.id,)))
    if state.next is None:
        sheet.fact("until", "now: it is still so")


class StateScreen(OfChange):
    """The screen of an object as a change left it.

    Args:
        change_id: The change.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.STATE,)
    FOOTER: ClassVar[tuple[str, ...]] = ("page.object",)
    ABOUT = (
        "The whole object as a change left it. Enter opens the change that began or"
        " ended this state."
    )

    def __init__(self, change_id: int) -> None:
        super().__init__()
        self.change_id = change_id

    def read(self) -> Sheet:
        """Put the page together."""
        return state_sheet(self.change_id, self.user, is_ascii=self.is_ascii)
