"""The full-screen program: one store, a stack of screens, and what they share."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual.message import Message

from models.errors import ConfigError, HooklineError, StoppedError
from models.history.context import change_context
from tui.commands import registry
from tui.lists.key_order import TakesKeysInOrder
from tui.looks.look import Look
from tui.looks.terminal_guard import TerminalGuard
from tui.looks.text import clean
from tui.looks.themes import THEMES
from tui.pages.places import make_screen
from tui.pages.watcher import StoreWatcher
from tui.screens.base import TABLE_BINDINGS, HooklineScreen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from textual.binding import BindingType
    from textual.notifications import SeverityLevel

    from models.history.context import ActiveContext
    from models.people.access import User
    from models.storage.store import Store
    from tui.actions.saving import Saved
    from tui.commands import Command

TOAST_SECONDS = 5
ERROR_SECONDS = 12
SIGNAL_EXIT = 128
MOST_STARTS = 3
"""How often a runner that died is started anew before the screens give up."""
START_AGAIN_S = 5.0


class HooklineApp(TakesKeysInOrder, TerminalGuard):
    """The program.

    Args:
        store: The open store.
        user: Whom everything is done for.
        look: How it looks on this terminal.
        hint: What the first screen says to begin with.
        starts_runner: Whether it starts a runner when none is alive.
        restricted: The person came by a forced command.
    """

    TITLE = "Hookline"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    heeds_signals = False
    NOTIFICATION_TIMEOUT = TOAST_SECONDS
    BINDINGS: ClassVar[list[BindingType]] = []

    class StoreChanged(Message):
        """Somebody has committed to the store."""

        def can_replace(self, message: Message) -> bool:
            """Say that one such message is as good as many."""
            return isinstance(message, HooklineApp.StoreChanged)

    class RunnerChanged(Message):
        """A runner has begun or ended."""

        def __init__(self, *, is_alive: bool) -> None:
            super().__init__()
            self.is_alive = is_alive

    def __init__(  # noqa: PLR0913 - a program's options, nearly all by keyword
        self,
        store: Store,
        user: User,
        *,
        look: Look | None = None,
        hint: str = "",
        starts_runner: bool = False,
        restricted: bool = False,
    ) -> None:
        self.look = look or Look()
        super().__init__(ansi_color=None if self.look.has_color else True)
        self.store = store
        self.user = user
        self.restricted = restricted
        self.hint = hint
        self._starts_left = MOST_STARTS if starts_runner else 0
        self.is_runner_alive = False
        self.latest_run: int | None = None
        self.latest_runs = ""
        self.last_button: int | None = None
        self.history: dict[str, list[str]] = {}
        self.read_only = not os.access(store.db_path, os.W_OK)
        self._watcher = StoreWatcher(store, self._store_changed, self._runner_changed)
        for theme in THEMES:
            self.register_theme(theme)
        self._check_settings()
        self.theme = self.look.theme

    def _check_settings(self) -> None:
        """Refuse what cannot be used, before the terminal is taken.

        Raises:
            RequestError: A theme or a command that is not there.
        """
        if self.look.theme not in self.available_themes:
            names = ", ".join(sorted(theme.name for theme in THEMES))
            raise ConfigError(
                f"look.theme: there is no theme {self.look.theme!r}; there are {names},"
                " ansi-dark and ansi-light.",
                on="look.theme",
            )
        for name in self.store.settings.keys:
            registry().get(name)

    # -- beginning and end

    def on_mount(self) -> None:
        """Show the first screen, then look after the store."""
        keys = self.store.settings.keys
        self.set_keymap({TABLE_BINDINGS.get(name, name): keys[name] for name in keys})
        self.set_class(self.look.is_ascii, "-ascii")
        self.push_screen(make_screen("home"))
        self._watcher.start()
        if self.heeds_signals:
            self._heed_signals()
        if self.restricted:  # Textual's own handler would stop the process
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)

    def _heed_signals(self) -> None:
        """Leave in good order when told to end, or when the terminal is gone."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            leave = partial(self.exit, return_code=SIGNAL_EXIT + number)
            loop.add_signal_handler(number, leave)

    def on_unmount(self) -> None:
        """Stop the thread."""
        self._watcher.close()

    # -- what the watcher says, in its thread

    def _store_changed(self) -> None:
        self.post_message(self.StoreChanged())

    def _runner_changed(self, is_alive: bool) -> None:  # noqa: FBT001 - a callback
        self.post_message(self.RunnerChanged(is_alive=is_alive))

    def on_hookline_app_store_changed(self) -> None:
        """Let every screen know; those out of sight read when they are seen again."""
        for screen in self.screen_stack:
            if isinstance(screen, HooklineScreen):
                screen.store_changed()

    def on_hookline_app_runner_changed(self, message: RunnerChanged) -> None:
        """Let the screens say whether a runner is alive; start one if need be."""
        has_changed = message.is_alive != self.is_runner_alive
        self.is_runner_alive = message.is_alive
        if has_changed:
            self.on_hookline_app_store_changed()
        self._ensure_runner()

    def _ensure_runner(self) -> None:
        """Start a runner if none is alive; again, should it die before it is seen."""
        if not self.is_runner_alive and self._starts_left:
            self._starts_left -= 1
            self.run_worker(self._start_runner, thread=True, exit_on_error=False)
            self.set_timer(START_AGAIN_S, self._ensure_runner)

    def _start_runner(self) -> None:
        """Start a runner that outlives the screens; runs in a thread."""
        from receivers.service.runner import start_in_background

        start_in_background(self.store)

    # -- what screens use

    def keys_of(self, command: Command) -> tuple[str, ...]:
        """Return the keys of a command, as the settings have them."""
        own = self.store.settings.keys.get(command.id)
        return command.keys if own is None else tuple(own.split(","))

    def open_place(self, place: str, *arguments: Any, **options: Any) -> None:
        """Open a screen by the name of its place, unless it is open on top."""
        address = (place, *arguments)
        if getattr(self.screen, "address", ()) == address and not options:
            self.say("You are there already.")
            return
        screen = make_screen(place, *arguments, **options)
        if isinstance(screen, HooklineScreen):
            screen.address = address
        self.push_screen(screen)

    def go_home(self) -> None:
        """Close all but the first screen, up to one with something not saved."""
        while isinstance(self.screen, HooklineScreen) and self.screen.can_go_back:
            if self.screen.has_changes:
                self.say("Not saved yet: save it, or leave it with Esc.")
                return
            self.pop_screen()

    async def action_quit(self) -> None:
        """Leave; Textual's own key for it."""
        self.leave()

    def leave(self) -> None:
        """Leave the program; ask first when something is not saved."""
        if not self.has_changes:
            self.exit()
            return
        from tui.screens.dialogs import ConfirmDialog

        dialog = ConfirmDialog(
            "Not saved", "Leave Hookline without saving?", yes="Leave", no="Stay"
        )
        self.push_screen(dialog, lambda yes: self.exit() if yes else None)

    @property
    def has_changes(self) -> bool:
        """Say whether a screen holds something that is not saved."""
        screens = [s for s in self.screen_stack if isinstance(s, HooklineScreen)]
        return any(screen.has_changes for screen in screens)

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Show a short message in place of the one before; its text is data."""
        self._toast(text, severity=severity)

    def _toast(
        self,
        text: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        seconds: float | None = None,
    ) -> None:
        self.clear_notifications()
        self.notify(
            clean(text), title=title, severity=severity, timeout=seconds, markup=False
        )

    def say_saved(self, saved: Saved) -> None:
        """Say what a save did, and what it set off; `r` opens the run."""
        self.note_runs(saved.queued)
        count = min(len(saved.queued), 2)
        tail = ("", ". r opens the run", ". r lists the runs")[count]
        undo = ". U takes it back" if saved.can_undo and saved.has_changed else ""
        self.say(saved.text + tail + undo)

    def note_runs(self, result_ids: Sequence[int]) -> None:
        """Remember the runs that a save or a press queued, for `r`."""
        if result_ids:
            self.latest_run = result_ids[0]
            several = len(result_ids) > 1
            ends = min(result_ids), max(result_ids)
            self.latest_runs = "id__gte={} id__lte={}".format(*ends) if several else ""

    def say_error(self, error: Exception) -> None:
        """Show an error: what failed, on what, and what to do."""
        if isinstance(error, HooklineError):
            text, title = error.message, error.title
            if isinstance(error, StoppedError):
                self.say(text, severity="warning")
                return
        else:
            text = f"{type(error).__name__}: {error}"
            title = "A fault of Hookline's own"
        self._toast(text, title=title, severity="error", seconds=ERROR_SECONDS)

    def change(
        self,
        *,
        reason: str = "",
        detail: str = "",
        transaction: bool = True,
        on_abandon: Literal["dispatch", "revert"] = "dispatch",
        mute: str = "",
    ) -> AbstractContextManager[ActiveContext]:
        """Open a change context for what the person does on a screen.

        Args:
            reason: Why, in the person's words.
            detail: What made the change.
            transaction: All of it at once, or nothing; a long one commits in pieces.
            on_abandon: What becomes of the pieces if the program dies.
            mute: A reason why no hook is to fire.
        """
        return change_context(
            self.user,
            kind="screen",
            detail=detail,
            reason=reason,
            transaction=transaction,
            on_abandon=on_abandon,
            mute=mute,
        )
