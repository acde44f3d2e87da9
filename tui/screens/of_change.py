"""What the screens of a change, and of the state that it left, have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.change_sheet import object_link
from tui.screens.sheet import SheetScreen

if TYPE_CHECKING:
    from tui.screens.sheet import Link


class OfChange(SheetScreen):
    """A screen about a change."""

    def do_page_object(self) -> None:
        """Open the object."""
        change = self.row

        def done(link: Link | None) -> None:
            if link is None:
                self.hookline.say(f"{change.object_repr} is gone.", severity="warning")
            else:
                self.open_link(link)

        self.ask(lambda: object_link(change), done)
