"""The `:` line of every screen: where to go, with completion by Tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.screens.asking import StoreAsker, hookline_app
from tui.widgets.bars import Question

if TYPE_CHECKING:
    from tui.widgets.bars import CommandBar, KeyLine
    from tui.words.goto import Target

HINT = "a type, TYPE:NAME, hooks, jobs, results, changes, … Tab completes"


class GoesPlaces(StoreAsker):
    """Asks where to go, and goes.

    Attributes:
        address: The place that this is, and what it shows: what `open_place()` takes.
    """

    bar: CommandBar
    key_line: KeyLine
    address: tuple[Any, ...] = ()
    _choices: tuple[str, ...] = ()
    _chosen = -1

    def do_app_go(self) -> None:
        """Ask where to go."""
        self._take_choices([])
        self.bar.ask(Question(purpose="go", prompt=":", hint=HINT))

    def edit_go(self, text: str) -> None:
        """Show what the line may become."""
        from tui.words.goto import completions

        user = hookline_app(self).user
        self.ask(
            lambda: completions(text, user) if text.strip() else [],
            self._take_choices,
            group="complete",
            exclusive=True,
        )

    def _take_choices(self, choices: list[str]) -> None:
        self._choices, self._chosen = tuple(choices), -1
        self.key_line.show_choices(self._choices if self.bar.is_open else ())

    def tab_go(self, step: int) -> None:
        """Take the next choice."""
        if self._choices:
            self._chosen = (self._chosen + step) % len(self._choices)
            self.key_line.show_choices(self._choices, self._chosen)
            self.bar.fill(self._choices[self._chosen])

    def answer_go(self, text: str) -> None:
        """Go where the line says."""
        from tui.words.goto import resolve

        user = hookline_app(self).user
        if text.strip():
            self.ask(lambda: resolve(text, user), self._go_to, group="go")

    def _go_to(self, target: Target) -> None:
        target.open(hookline_app(self))
