"""Take back what one did last, from any list or object: `U`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.looks.times import exact
from tui.nouns.changes import own_last_change, request_words
from tui.screens.base import HooklineScreen
from tui.screens.dialogs import ConfirmDialog
from tui.screens.reverting import revert_all

if TYPE_CHECKING:
    from models.history.changes import ObjectChange


class Undoes(HooklineScreen[None]):
    """A screen from which one's own last request is reverted."""

    def do_change_undo(self) -> None:
        """Ask whether to revert the last request."""
        user = self.user

        def read() -> tuple[ObjectChange, str, int]:
            last = own_last_change(user)
            return last, *request_words(last.request_id)

        self.ask(read, lambda found: self._ask_undo(*found))

    def _ask_undo(self, last: Any, words: str, count: int) -> None:
        why = f"\nIts reason was: {last.reason}" if last.reason else ""
        dialog = ConfirmDialog(
            "Take back what you did last?",
            f"{words}, {exact(last.time)}.{why}\nThe opposite is made and"
            " recorded; hooks fire for it as for any change.",
            yes="Take it back",
        )
        self.app.push_screen(
            dialog, lambda sure: self._undo(last, count) if sure else None
        )

    def _undo(self, last: Any, count: int) -> None:
        app = self.hookline

        def change(**options: Any) -> Any:
            return app.change(reason=f"undo of change {last.id}", **options)

        revert_all(self, last.request_id, count, change)
