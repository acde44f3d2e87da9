"""Revert a change, or all changes of its request, from the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.history import revert
from models.history.revert import Reverted
from tui.actions.saving import fired_text, names_of_runs
from tui.screens.base import HooklineScreen
from tui.screens.dialogs import ChoiceDialog
from tui.screens.working import work_on
from tui.widgets.bars import Question

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from models.history.changes import ObjectChange

NO, ONE, ALL = "n", "y", "a"
PURPOSE = "revert"


class RevertsChanges(HooklineScreen[None]):
    """A screen from which a change is reverted: the cursor's, or its own."""

    _change: ObjectChange | None = None
    _whole = False
    _count = 1

    def do_change_revert(self) -> None:
        """Ask what to revert, then why."""
        change = self.row
        self.ask(
            lambda: revert.count_of(change.request_id),
            lambda count: self._ask_what(change, count),
        )

    def _ask_what(self, change: Any, count: int) -> None:
        self._count = count
        options = [(NO, "No"), (ONE, "Revert this change")]
        if count > 1:
            options.append((ALL, f"Revert all {count:,} changes of its request"))
        text = "The opposite is made and recorded; hooks fire for it as for any change."

        def chosen(choice: str | None) -> None:
            if choice in {ONE, ALL}:
                self._change, self._whole = change, choice == ALL
                self.bar.ask(
                    Question(purpose=PURPOSE, prompt="reason: ", hint="may be empty")
                )

        self.app.push_screen(
            ChoiceDialog(f"Revert change {change.id}?", text, options), chosen
        )

    def answer_revert(self, reason: str) -> None:
        """Revert it, for that reason."""
        change, whole, user = self._change, self._whole, self.user
        assert change is not None

        def open_change(**options: Any) -> Any:
            return self.hookline.change(reason=reason, **options)

        if whole:
            revert_all(self, change.request_id, self._count, open_change)
            return

        def work() -> Reverted:
            with open_change() as active:
                revert.revert_change(change, user)
            return Reverted(count=1, queued=tuple(active.queued))

        self.ask(work, lambda done: say_reverted(self, done))


def revert_all(
    screen: HooklineScreen[Any],
    request_id: uuid.UUID,
    count: int,
    change: Callable[..., Any],
) -> None:
    """Revert all changes of a request, and show how far it is.

    Args:
        screen: Who asks.
        request_id: What the changes share.
        count: How many they are.
        change: Opens the change context.
    """
    user = screen.user
    work_on(
        screen,
        lambda watch: revert.revert_request(request_id, user, change, watch=watch),
        lambda done: say_reverted(screen, done),
        title=f"Reverting {count:,} changes" if count > 1 else "Reverting 1 change",
        total=count,
        stop="Esc stops it: nothing is reverted then.",
        stopped="Stopped: nothing was reverted.",
    )


def say_reverted(screen: HooklineScreen[Any], done: Reverted) -> None:
    """Say how many changes were reverted, and what that fired."""
    screen.hookline.note_runs(done.queued)
    changes = "1 change" if done.count == 1 else f"{done.count:,} changes"
    screen.ask(
        lambda: names_of_runs(done.queued),
        lambda names: screen.hookline.say(f"{changes} reverted{fired_text(names)}"),
    )
    screen.reload()
