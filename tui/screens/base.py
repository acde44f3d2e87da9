"""What every screen has: its lines, its keys, and its way to the store.

Keys, footer, palette and help come from the command registry: a screen names its
scopes, and writes a method `do_NOUN_VERB` for each command that works there. Whatever
asks the store runs in a thread: `ask()` for one question, `read()` and `show_data()`
for what is shown and read again whenever the store has changed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.binding import Binding
from textual.screen import Screen

from tui.commands import Command, Scope, Situation, registry
from tui.screens.asking import hookline_app
from tui.screens.going import GoesPlaces
from tui.widgets.bars import (
    CommandBar,
    KeyLine,
    TitleLine,
    key_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from models.people.access import User
    from models.storage.store import Store
    from tui.app import HooklineApp

ResultT = TypeVar("ResultT")

TABLE_BINDINGS = {
    "list.down": "table.down",
    "list.up": "table.up",
    "list.page_down": "table.page",
    "list.page_up": "table.page_back",
    "list.top": "table.home",
    "list.bottom": "table.end",
    "list.left": "table.left",
    "list.right": "table.right",
    "list.mark": "table.mark",
}
"""Commands that the table itself carries out, by the ids of its bindings."""

REST_AFTER_READING = 4
"""Reading again takes a fifth of the time at most: a busy store never stands still."""
ALWAYS_SHOWN = ("app.go", "app.help")
SELDOM_USED = ("form.previous", "list.next", "list.previous")
OPENS_BAR = frozenset({"app.go", "list.filter", "result.search", "button.press"})
PRIORITY = frozenset({"app.palette"}) | OPENS_BAR
"""Commands that are carried out before anything else sees their keys. Those that open
the bar are among them: over a slow line what is typed next comes in the same packet,
and must land in the bar."""


def bindings_of(scopes: Iterable[Scope]) -> list[Binding]:
    """Return the bindings of the commands of some scopes."""
    return [
        Binding(
            ",".join(command.keys),
            f"command({command.id!r})",
            command.title,
            id=command.id,
            priority=command.id in PRIORITY,
        )
        for command in registry().in_scope(*scopes)
        if command.keys and command.id not in TABLE_BINDINGS
    ]


def handler_name(command_id: str) -> str:
    """Return the name of the method that carries a command out."""
    return "do_" + command_id.replace(".", "_").replace("-", "_")


class HooklineScreen(GoesPlaces, Screen[ResultT]):
    """A screen with a title, a bar, and keys from the command registry.

    Attributes:
        SCOPES: Where this is, for the registry.
        FOOTER: The ids of the commands to show in the footer, the first first.
        ABOUT: One or two sentences for the help.
        TITLES: What commands are called here, where that is clearer.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = ()
    FOOTER: ClassVar[tuple[str, ...]] = ()
    ABOUT: ClassVar[str] = ""
    TITLES: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        own = list(cls.__dict__.get("BINDINGS", ()))
        cls.BINDINGS = [*bindings_of((Scope.EVERYWHERE, *cls.SCOPES)), *own]
        super().__init_subclass__(**options)

    def __init__(self) -> None:
        super().__init__()
        self.title_line = TitleLine()
        self.bar = CommandBar()
        self.bar.completer = self._complete
        self.key_line = KeyLine()
        self._is_reading = False
        self._must_read = False
        self._began_reading = 0.0
        self._rests_until = 0.0
        self._rest: Timer | None = None

    # -- layout

    def compose(self) -> ComposeResult:
        """Lay out the lines round what the screen is about."""
        yield self.title_line
        yield from self.compose_body()
        yield self.bar
        yield self.key_line

    def compose_body(self) -> ComposeResult:
        """Lay out what the screen is about; a subclass writes this."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Show the title and the keys, and read what is to be shown."""
        self.title_line.show(left=self.crumbs)
        self.show_keys()
        self.refresh_data()

    @property
    def crumb(self) -> str:
        """Return this screen's part of the title."""
        return self.title or ""

    @property
    def crumbs(self) -> str:
        """Return the way here."""
        below = [s for s in self.app.screen_stack if isinstance(s, HooklineScreen)]
        if self in below:
            below = below[: below.index(self)]
        sign = " > " if self.hookline.look.is_ascii else " \u203a "
        return sign.join(s.crumb for s in [*below, self] if s.crumb)

    # -- what it works with

    @property
    def hookline(self) -> HooklineApp:
        """Return the app, with its own type."""
        return hookline_app(self)

    @property
    def store(self) -> Store:
        """Return the store."""
        return self.hookline.store

    @property
    def user(self) -> User:
        """Return whom everything is done for."""
        return self.hookline.user

    @property
    def row(self) -> Any:
        """Return what commands act on: an object, a hook, …; None without one."""
        return None

    @property
    def row_model(self) -> Any:
        """Return the class of the rows that this is about; None without one."""
        return None

    @property
    def situation(self) -> Situation:
        """Return what commands look at to say whether they are available."""
        return Situation(
            row=self.row,
            read_only=self.hookline.read_only,
            model=self.row_model,
            user=self.user,
            restricted=self.hookline.restricted,
        )

    @property
    def has_changes(self) -> bool:
        """Say whether something was filled in here that is not saved."""
        return False

    # -- reading, and reading again

    def read(self) -> Any:
        """Read what is shown; runs in a thread. A subclass that shows data has it."""
        return None

    def show_data(self, data: Any) -> None:
        """Show what `read()` gave; runs in the event loop."""

    def refresh_data(self) -> None:
        """Read and show again, once more if asked again meanwhile."""
        if type(self).read is HooklineScreen.read:
            return
        if self._is_reading:
            self._must_read = True
            return
        self._is_reading, self._must_read = True, False
        self._began_reading = time.monotonic()
        self.ask(self.read, self._take_data, failed=self._read_failed, group="read")

    def _take_data(self, data: Any) -> None:
        self._is_reading = False
        now = time.monotonic()
        self._rests_until = now + REST_AFTER_READING * (now - self._began_reading)
        self.show_data(data)
        if self._must_read:
            self.refresh_data()

    def _read_failed(self, error: Exception) -> None:
        self._is_reading = False
        self.read_failed(error)
        if self._must_read:
            self.store_changed()

    def read_failed(self, error: Exception) -> None:
        """Show that reading failed; a subclass may close itself instead."""
        self.hookline.say_error(error)

    def store_changed(self) -> None:
        """Read again soon, or when this screen is seen again."""
        rest = self._rests_until - time.monotonic()
        if not self.is_current:
            self._must_read = True
        elif rest <= 0:
            self.reload()
        elif self._rest is None:
            self._rest = self.set_timer(rest, self._end_rest)

    def _end_rest(self) -> None:
        self._rest = None
        self.reload()

    def reload(self) -> None:
        """Show the store as it is now; lists override this."""
        self.refresh_data()

    def on_screen_resume(self) -> None:
        """Catch up with what has changed meanwhile."""
        if self._must_read and not self._is_reading:
            self._must_read = False
            self.reload()

    # -- commands

    def commands(self) -> list[Command]:
        """Return the commands whose keys work here."""
        return registry().in_scope(*self.SCOPES, Scope.EVERYWHERE)

    def footer(self) -> tuple[str, ...]:
        """Return the ids of the commands to show in the footer just now."""
        return self.FOOTER

    def show_keys(self) -> None:
        """Show the keys in the footer, and the other ones of this screen that fit."""
        scoped = registry().in_scope(*self.SCOPES)
        named = {*self.FOOTER, *SELDOM_USED}
        more = [c.id for c in scoped if c.id not in named and self.is_offered(c)]
        keys = self._named([*self.footer(), *more])
        self.key_line.show_keys(keys, self._named(ALWAYS_SHOWN))

    def is_offered(self, command: Command) -> bool:
        """Say whether the footer may name a command; its row may change meanwhile."""
        return self.can_do(command) and not (command.writes and self.hookline.read_only)

    def _named(self, names: Sequence[str]) -> list[tuple[str, str]]:
        keys = self.hookline.keys_of
        commands = [c for c in map(registry().get, names) if keys(c)]
        titles = self.TITLES
        return [(key_name(keys(c)[0]), titles.get(c.id, c.title)) for c in commands]

    def can_do(self, command: Command) -> bool:
        """Say whether this screen carries a command out."""
        return hasattr(self, handler_name(command.id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys that open the bar to a field that is being typed in."""
        if action == "command" and OPENS_BAR.intersection(map(str, parameters)):
            focused = self.focused
            return focused is None or not focused.check_consume_key("colon", ":")
        return super().check_action(action, parameters)

    def why_not(self, command: Command) -> str | None:
        """Say why a command is not available just now, or None when it is."""
        return command.reason(self.situation)

    def action_command(self, command_id: str) -> None:
        """Carry a command out, or say why not."""
        command = registry().get(command_id)
        reason = self.why_not(command)
        if reason is not None:
            self.hookline.say(f"{command.title}: {reason}", severity="warning")
        else:
            getattr(self, handler_name(command_id))()

    # -- commands that work everywhere

    @property
    def can_go_back(self) -> bool:
        """Say whether there is a screen below this one."""
        screens = [s for s in self.app.screen_stack if isinstance(s, HooklineScreen)]
        return len(screens) > 1

    def go_back(self) -> None:
        """Leave this screen; one with unsaved work asks first."""
        if self.can_go_back:
            self.dismiss()

    def do_app_back(self) -> None:
        """Close the bar if it is open, else leave the screen."""
        if self.bar.is_open:
            self.bar.close()
        else:
            self.go_back()

    def do_app_close(self) -> None:
        """Leave the screen, or the program when this is the first one."""
        if self.can_go_back:
            self.go_back()
        else:
            self.do_app_quit()

    def do_app_quit(self) -> None:
        """Leave the program."""
        self.hookline.leave()

    def do_app_refresh(self) -> None:
        """Read and draw everything anew."""
        self.reload()
        self.refresh(layout=True)

    def do_app_help(self) -> None:
        """Explain the focused part and the keys."""
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self))

    def do_app_palette(self) -> None:
        """Find any command by its name."""
        from tui.screens.palette import PaletteScreen

        self.app.push_screen(PaletteScreen(self), self.run_chosen)

    def run_chosen(self, command_id: str | None) -> None:
        """Do what was chosen in the palette."""
        from tui.screens.palette import GO

        if command_id is None:
            return
        if command_id.startswith(GO):
            self.answer_go(command_id.removeprefix(GO))
        else:
            self.action_command(command_id)

    def do_result_latest(self) -> None:
        """Open the run that the last save or press queued, or list them."""
        if self.hookline.latest_run is None:
            self.hookline.say("Nothing that you did here has queued a run yet.")
        elif self.hookline.latest_runs:
            self.hookline.open_place("results", self.hookline.latest_runs)
        else:
            self.hookline.open_place("result", self.hookline.latest_run)

    # -- the bar

    def on_command_bar_answered(self, message: CommandBar.Answered) -> None:
        """Hand an answer to the method of its purpose."""
        message.stop()
        self.key_line.show_choices(())
        getattr(self, f"answer_{message.purpose}")(message.text)

    def on_command_bar_edited(self, message: CommandBar.Edited) -> None:
        """Hand a half-typed answer to the method of its purpose, if it has one."""
        message.stop()
        handler = getattr(self, f"edit_{message.purpose}", None)
        if handler is not None:
            handler(message.text)

    def _complete(self, purpose: str, step: int) -> None:
        handler = getattr(self, f"tab_{purpose}", None)
        if handler is not None:
            handler(step)

    def on_command_bar_closed(self, message: CommandBar.Closed) -> None:
        """Show the keys again; let the question's method undo what typing did."""
        message.stop()
        self.key_line.show_choices(())
        handler = getattr(self, f"leave_{message.purpose}", None)
        if handler is not None:
            handler()
