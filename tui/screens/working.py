"""Work on many objects: how far it is, and a way to stop it.

The work runs in a thread. When it takes longer than people take for at once, a box
says how far it is; Esc stops it, by an error out of the `watch` that the work calls:
what is all or nothing is taken back then, and what is done one by one stays.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

from textual.widgets import Static

from models.errors import StoppedError
from tui.commandline.progress import bar_of
from tui.screens.dialogs import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.screen import ModalScreen

    from tui.screens.base import HooklineScreen

    Watch = Callable[[int], object]

T = TypeVar("T")

SHOWN_AFTER_S = 0.4
LOOK_S = 0.25


class Work:
    """A piece of work, between the thread that does it and the box that shows it.

    Args:
        total: How many objects; 0 where that is not known.
        stopped: What is said when it was stopped.
    """

    def __init__(self, total: int, stopped: str) -> None:
        self.total = total
        self.done = 0
        self.is_stopped = False
        self._stopped = stopped
        self._began = time.monotonic()

    def watch(self, done: int) -> None:
        """Take note of how many are done.

        Raises:
            StoppedError: It is to go no further.
        """
        self.done = done
        if self.is_stopped:
            raise StoppedError(self._stopped)

    @property
    def text(self) -> str:
        """Say how far it is."""
        took = time.monotonic() - self._began
        if self.is_stopped and self.done < self.total:
            return "Stopping …"
        if not self.total:
            return f"{took:.0f} s"
        if self.done >= self.total:
            return f"{self.done:,} are written. What they set off is worked out …"
        left = took / self.done * (self.total - self.done) if self.done else 0
        soon = f", {left:.0f} s left" if left >= 1 else ""
        return f"{bar_of(self.done, self.total)} {self.done:,} of {self.total:,}{soon}"


class WorkDialog(Dialog[None]):
    """Shows how far a piece of work is; Esc stops it.

    Args:
        title: What is done.
        work: The work.
        text: What stopping means.
    """

    def __init__(self, title: str, work: Work, text: str) -> None:
        super().__init__(title, text)
        self.work = work

    def compose_body(self) -> ComposeResult:
        """Lay out the line that says how far it is."""
        yield Static(self.work.text, markup=False, id="progress")

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(LOOK_S, self._show)

    def _show(self) -> None:
        self.query_one("#progress", Static).update(self.work.text)

    def action_leave(self) -> None:
        """Stop the work; what only looks is left at once."""
        self.work.is_stopped = True
        if not self.work.total:
            self.dismiss()
        self._show()


def work_on(  # noqa: PLR0913 - each is a part of what people see of the work
    screen: HooklineScreen[Any],
    work: Callable[[Watch], T],
    then: Callable[[T], object],
    *,
    title: str,
    total: int = 0,
    stop: str = "",
    stopped: str = "",
    failed: Callable[[Exception], object] | None = None,
) -> None:
    """Do something with many objects in a thread; show how far it is.

    Args:
        screen: Who asks.
        work: Does it; calls what it is given with how many are done.
        then: Gets the answer; not when looking alone was stopped.
        title: What is done, as in `Deleting 12 devices`.
        total: How many objects; 0 where it only looks.
        stop: What stopping means, as in `Esc stops it: nothing is deleted then.`
        stopped: What is said when it was stopped.
        failed: Gets the error, also that it was stopped; by default it is shown.
    """
    seen = Work(total, stopped)
    dialog = WorkDialog(title, seen, stop or "Esc leaves it.")
    timer = screen.set_timer(
        SHOWN_AFTER_S, lambda: screen.app.push_screen(dialog), name="work"
    )

    def end() -> None:
        timer.stop()
        while dialog in screen.app.screen_stack:  # what was asked meanwhile goes, too
            cast("ModalScreen[Any]", screen.app.screen).dismiss()

    def finish(answer: T) -> None:
        end()
        if total or not seen.is_stopped:
            then(answer)

    def fail(error: Exception) -> None:
        end()
        (failed or screen.hookline.say_error)(error)

    screen.ask(lambda: work(seen.watch), finish, failed=fail)
