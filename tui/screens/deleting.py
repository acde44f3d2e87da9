"""Ask, naming what goes along, and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.pieces import ONE_TRANSACTION
from tui.deleting import Doomed, Gone, delete
from tui.saving import fired_text, names_of_runs
from tui.screens.dialogs import ConfirmDialog, TypedConfirmDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.screens.base import HooklineScreen


def ask_and_delete(
    screen: HooklineScreen[Any],
    read: Callable[[], Doomed],
    *,
    begin: Callable[[], object] | None = None,
    done: Callable[[], object] | None = None,
) -> None:
    """Delete objects after a question that names what goes with them.

    Args:
        screen: Who asks.
        read: Collects what goes; runs in a thread.
        begin: Called when the answer was yes.
        done: Called when they are gone.
    """

    def ask(doomed: Doomed) -> None:
        title = f"Delete {doomed.what}?"
        dialog: Any = ConfirmDialog(title, doomed.text, yes="Delete")
        if doomed.is_many:
            dialog = TypedConfirmDialog(title, doomed.text, str(doomed.total))
        screen.app.push_screen(dialog, lambda sure: go(doomed) if sure else None)

    def go(doomed: Doomed) -> None:
        def work() -> tuple[Gone, tuple[str, ...]]:
            gone = delete(doomed, screen.hookline.change)
            return gone, names_of_runs(gone.queued)

        if begin is not None:
            begin()
        if doomed.total > ONE_TRANSACTION:
            screen.hookline.say(f"Deleting {doomed.what} …")
        screen.ask(work, lambda found: tell(*found))

    def tell(gone: Gone, fired: tuple[str, ...]) -> None:
        screen.hookline.note_runs(gone.queued)
        objects = "1 object" if gone.count == 1 else f"{gone.count:,} objects"
        screen.hookline.say(f"{objects} deleted{fired_text(fired)}")
        if done is not None:
            done()

    screen.ask(read, ask)
