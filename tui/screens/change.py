"""One change: what differed, why, and what each hook made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.history.timeline import neighbour
from tui.commands import Scope
from tui.screens.change_sheet import change_sheet
from tui.screens.of_change import OfChange
from tui.screens.reverting import RevertsChanges
from tui.screens.sheet import Sheet, SheetScreen

if TYPE_CHECKING:
    from models.history.changes import ObjectChange


class ChangeScreen(OfChange, RevertsChanges, SheetScreen):
    """The screen of a change.

    Args:
        change_id: The change.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.CHANGE,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "change.previous",
        "change.next",
        "change.state",
        "page.object",
        "change.revert",
    )
    ABOUT = (
        "One change of one object: what differed, who made it and why, and for each"
        " hook of the type whether it fired, or why not. Enter opens what a row is"
        " about, or shows the whole of a value."
    )

    def __init__(self, change_id: int) -> None:
        super().__init__()
        self.change_id = change_id

    def read(self) -> Sheet:
        """Put the page together."""
        return change_sheet(self.change_id, self.user, is_ascii=self.is_ascii)

    def do_change_previous(self) -> None:
        """Show the object's change before this one."""
        self._step(-1)

    def do_change_next(self) -> None:
        """Show the object's next change."""
        self._step(1)

    def _step(self, step: int) -> None:
        change = self.row

        def done(beside: ObjectChange | None) -> None:
            if beside is None:
                which = "newer" if step > 0 else "older"
                name = change.object_repr
                self.hookline.say(f"There is no {which} change of {name}.")
            else:
                self.change_id = beside.id
                self.address = ("change", beside.id)
                self.refresh_data()

        user = self.user
        self.ask(
            lambda: neighbour(change, step, user=user),
            done,
            group="step",
            exclusive=True,
        )

    def do_change_state(self) -> None:
        """Show the whole object as this change left it."""
        self.hookline.open_place("state", self.change_id)
