"""Press buttons with keys: `b`, then the button's; `b b` presses the last one again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from models.runs.results import FINAL
from tui.actions.presses import REPEAT, Button, Pressed, press_on, read_inputs, standing
from tui.screens.base import HooklineScreen
from tui.screens.dialogs import ChoiceDialog, ConfirmDialog
from tui.screens.working import work_on
from tui.widgets.bars import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_NAMED = 3
PURPOSE = "press"


class PressesButtons(HooklineScreen[None]):
    """A screen from which buttons are pressed, on one object or on several.

    Attributes:
        offered: The buttons that the next key may press; None while they are read.
        targets: What they are pressed on.
    """

    offered: Sequence[Button] | None = ()
    targets: Sequence[Any] = ()
    _early = ""
    _watched: tuple[Button, tuple[int, ...]] | None = None

    def begin_offer(self) -> None:
        """Ask for the key of a button; the buttons may still be on their way."""
        self.offered, self._early = None, ""
        self.bar.ask(Question(purpose=PURPOSE, prompt="b ", single_key=True))

    def offer(self, buttons: Sequence[Button], targets: Sequence[Any]) -> None:
        """Show the keys of buttons, or press the one whose key was quicker."""
        self.offered, self.targets = buttons, targets
        if not buttons:
            self.bar.close()
            self.hookline.say(
                "No button is for these. One is made under :buttons.",
                severity="warning",
            )
        elif self._early:
            self.answer_press(self._early)
        else:
            last = self._last
            repeat = [] if last is None else [f"{REPEAT} {last.label}"]
            keys = [_choice(button) for button in buttons]
            self.key_line.show_choices([*repeat, *keys])

    @property
    def _last(self) -> Button | None:
        """Return the button pressed last, if it is offered here."""
        last = self.hookline.last_button
        return next((b for b in self.offered or () if b.id == last), None)

    def answer_press(self, key: str) -> None:
        """Press the button of a key, once the buttons are there."""
        if self.offered is None:
            self._early = key
            return
        button = next((b for b in self.offered if b.key == key), None)
        if key == REPEAT:
            button = self._last
        if button is None:
            self.hookline.say(f"No button here has the key {key}.", severity="warning")
        else:
            self.press(button)

    def choose_of_group(self, group: str) -> None:
        """Show the buttons of a group as a menu."""
        members = [b for b in self.offered or () if b.group == group]
        options = [
            (
                b.key,
                b.label
                + (f" ({b.looks})" if b.looks else "")
                + (f" (not now: {b.disabled})" if b.disabled else ""),
            )
            for b in members
        ]
        dialog = ChoiceDialog(group, "", options)
        self.app.push_screen(
            dialog, lambda key: None if key is None else self.answer_press(key)
        )

    # -- a press

    def press(self, button: Button) -> None:
        """Press a button: say why not, ask for its inputs, ask whether, or do it."""
        if button.disabled:
            self.hookline.say(
                f"{button.label}: not now, {button.disabled}", severity="warning"
            )
        elif button.variables:
            self._ask_inputs(button)
        elif button.asks or len(self.targets) > 1:
            self._ask_whether(button)
        else:
            self.press_now(button)

    def _ask_whether(self, button: Button) -> None:
        dialog = ConfirmDialog(
            f"{button.label}?",
            f"Runs {button.job} on {self._target_words}.",
            yes="Run it",
        )
        self.app.push_screen(
            dialog, lambda is_sure: self.press_now(button) if is_sure else None
        )

    def _ask_inputs(self, button: Button) -> None:
        from tui.screens.inputs_form import InputsForm

        def submit(values: dict[str, Any]) -> dict[str, Any]:
            return read_inputs(button.id, values)

        form = InputsForm(
            button.label,
            f"{button.job} on {self._target_words}",
            button.variables,
            submit,
        )
        self.app.push_screen(
            form,
            lambda inputs: (
                None
                if inputs is None
                else self.press_now(button, cast("dict[str, Any]", inputs))
            ),
        )

    @property
    def _target_words(self) -> str:
        names = ", ".join(str(obj) for obj in self.targets[:MOST_NAMED])
        more = len(self.targets) - MOST_NAMED
        meta = self.targets[0]._meta
        is_one = len(self.targets) == 1
        words = meta.verbose_name if is_one else meta.verbose_name_plural
        return f"the {words} {names}" + (f" and {more:,} more" if more > 0 else "")

    def press_now(self, button: Button, inputs: dict[str, Any] | None = None) -> None:
        """Press, in a thread."""
        targets, user = self.targets, self.user
        work_on(
            self,
            lambda watch: press_on(
                button.id, targets, user, arguments=inputs, watch=watch
            ),
            lambda pressed: self._pressed(button, pressed),
            title=f"{button.label} on {self._target_words}",
            total=len(targets),
            stop="Esc stops it; what is queued by then runs.",
        )

    def _pressed(self, button: Button, pressed: Pressed) -> None:
        queued = pressed.queued
        self.hookline.last_button = button.id
        self.hookline.note_runs(queued)
        parts = [f"{button.label}: {_runs(len(queued))} queued"]
        if pressed.stopped:
            parts.append(f"stopped, {pressed.stopped:,} were left out")
        if pressed.hidden:
            parts.append(f"hidden for {pressed.hidden:,}, which were left out")
        if not self.hookline.is_runner_alive:
            parts.append("no runner is alive")
        ways = ["", ". r opens it", ". r lists them"][min(len(queued), 2)]
        self.hookline.say("; ".join(parts) + ways)
        self._watched = (button, queued if len(queued) > 1 else ())
        self._look_at_runs()
        self.reload()

    # -- how many runs stand, in place

    def store_changed(self) -> None:
        """Read what is shown again, and how the runs of the last press stand."""
        super().store_changed()
        self._look_at_runs()

    def _look_at_runs(self) -> None:
        if self._watched is None or not self._watched[1]:
            return
        button, queued = self._watched
        self.ask(
            lambda: standing(queued),
            lambda found: self._show_runs(button, found),
            group="runs",
            exclusive=True,
        )

    def _show_runs(self, button: Button, found: Mapping[str, int]) -> None:
        words = ", ".join(f"{count:,} {word}" for word, count in found.items())
        self.bar.note(f"{button.label}: {words}")
        if FINAL.issuperset(found):
            self._watched = None


def _choice(button: Button) -> str:
    group = f"{button.group}: " if button.group else ""
    return f"{button.key} {group}{button.label}"


def _runs(count: int) -> str:
    return "run" if count == 1 else f"{count:,} runs"
