"""Ask, naming what goes along and which hooks fire, and delete."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tui.actions.deleting import Doomed, Gone, delete
from tui.actions.saving import fired_text, names_of_runs
from tui.screens.dialogs import ChoiceDialog, LineDialog, TypedConfirmDialog
from tui.screens.working import work_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.screens.base import HooklineScreen

NO, YES, WHY = "n", "y", "w"


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
    work_on(
        screen,
        lambda _: read(),
        lambda doomed: _Deletion(screen, doomed, begin, done).ask(),
        title="Looking at what would go along",
    )


@dataclasses.dataclass(frozen=True)
class _Deletion:
    """One deletion, from the question to what is said afterwards."""

    screen: HooklineScreen[Any]
    doomed: Doomed
    begin: Callable[[], object] | None
    done: Callable[[], object] | None

    def ask(self) -> None:
        """Ask whether; of many, their number has to be typed."""
        doomed, show = self.doomed, self.screen.app.push_screen
        title = f"Delete {doomed.what}?"
        if doomed.is_many:
            show(TypedConfirmDialog(title, doomed.text, str(doomed.total)), self._go)
            return
        options = [(NO, "No"), (YES, "Delete"), (WHY, "Delete, and say why")]
        show(ChoiceDialog(title, doomed.text, options), self._chosen)

    def _chosen(self, choice: str | None) -> None:
        if choice == YES:
            self._go("")
        elif choice == WHY:
            dialog = LineDialog("Why?", "It stands with each recorded deletion.")
            self.screen.app.push_screen(dialog, self._go)

    def _go(self, reason: str | None) -> None:
        """Delete for that reason; None is no."""
        if reason is None:
            return
        app, doomed = self.screen.hookline, self.doomed

        def change(**options: Any) -> Any:
            return app.change(reason=reason, **options)

        def work(watch: Callable[[int], object]) -> tuple[Gone, tuple[str, ...]]:
            gone = delete(doomed, change, watch=watch)
            return gone, names_of_runs(gone.queued)

        if self.begin is not None:
            self.begin()
        work_on(
            self.screen,
            work,
            lambda found: self._tell(*found),
            title=f"Deleting {doomed.what}",
            total=doomed.total,
            stop="Esc stops it: all of them stay then.",
            stopped="Stopped: nothing was deleted.",
        )

    def _tell(self, gone: Gone, fired: tuple[str, ...]) -> None:
        app = self.screen.hookline
        app.note_runs(gone.queued)
        objects = "1 object" if gone.count == 1 else f"{gone.count:,} objects"
        app.say(f"{objects} deleted{fired_text(fired)}. U takes it back")
        if self.done is not None:
            self.done()
