"""Commands as data: what can be done, what it is called, and why not just now.

Screens take their keys, footer, palette, `:` line and help from here, the command
line its nouns, verbs, options and help, and `docs/commands.md` is written from it.
No Textual here. What exists is listed in `tui.vocabulary`; the doing stands in
`tui.nouns` and in the screens.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from models.errors import NotFoundError
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Scope(StrEnum):
    """Where on the screens a command's keys work."""

    EVERYWHERE = "everywhere"
    HOME = "home"
    LIST = "list"
    OBJECT = "object"
    CHANGES = "changes"
    HOOKS = "hooks"
    BUTTONS = "buttons"
    SCHEDULES = "schedules"
    JOBS = "jobs"
    RESULTS = "results"
    QUEUES = "queues"
    NOTIFICATIONS = "notifications"
    RESULT = "result"
    CHANGE = "change"
    STATE = "state"
    HOOK = "hook"
    BUTTON = "button"
    SCHEDULE = "schedule"
    JOB = "job"
    USERS = "users"
    USER = "user"
    GROUPS = "groups"
    GROUP = "group"
    PERMISSIONS = "permissions"
    PERMISSION = "permission"
    TEXT = "text"
    FORM = "form"
    RUN_FORM = "run form"


@frozen
class Situation:
    """What a command may look at to say whether it is available.

    Attributes:
        row: The object, hook, job, … to act on; None without one.
        read_only: Nothing may be written.
        model: The class of the rows that the screen is about; None without one.
        user: Whom it is done for; None where that does not count.
        restricted: The person came by a forced command.
    """

    row: Any = None
    read_only: bool = False
    model: Any = None
    user: Any = None
    restricted: bool = False


@frozen
class Argument:
    """A word that stands at its place.

    Attributes:
        name: As shown in the usage, in capitals.
        completes: What the shell and the `:` line offer: type, object, job, hook, …
    """

    name: str
    help: str
    optional: bool = False
    many: bool = False
    completes: str = ""

    @property
    def usage(self) -> str:
        """How it is written in a usage line."""
        text = f"{self.name} …" if self.many else self.name
        return f"[{text}]" if self.optional else text


@frozen
class Option:
    """A word that starts with dashes.

    Attributes:
        value: The name of its value; empty for a switch.
        may_stand_alone: The value, then a number, may be left out.
        own_account: Off behind a forced command.
    """

    name: str
    help: str
    value: str = ""
    short: str = ""
    choices: tuple[str, ...] = ()
    may_stand_alone: bool = False
    many: bool = False
    completes: str = ""
    own_account: bool = False

    @property
    def key(self) -> str:
        """The name under which its value is asked for."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def usage(self) -> str:
        """How it is written in a usage line."""
        value = "|".join(self.choices) or self.value
        if not value:
            return self.name
        return (
            f"{self.name} [{value}]" if self.may_stand_alone else f"{self.name} {value}"
        )


def always(_: Situation) -> str | None:
    """Say that nothing stands in the way."""
    return None


@frozen
class Command:
    """One thing that can be done.

    Attributes:
        id: `noun.verb`, or `area.action` for what only screens do.
        title: For the footer and the palette; two or three words.
        help: One sentence.
        keys: The default keys on screens, Textual's names.
        scopes: Where those keys work.
        dangerous: Screens and the command line ask first.
        writes: Left out where nothing may be written.
        needs_row: It acts on the row under the cursor.
        permission: The action that the user must have on the row, or on its class.
        own_account: It reaches files or programs of the account that Hookline runs as;
            off behind a forced command.
        available: Why it cannot be done just now, or None.
        noun: The first word on the command line; empty for what only screens do.
        verb: The second word; empty for commands of one word.
        arguments: Words behind the verb.
        options: Beside those that every command takes.
        handler: `module:function` that the command line calls.
        examples: Whole command lines, for the help; each is run by a test.
    """

    id: str
    title: str
    help: str
    keys: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] = ()
    dangerous: bool = False
    writes: bool = False
    needs_row: bool = False
    permission: str = ""
    own_account: bool = False
    available: Callable[[Situation], str | None] = always
    noun: str = ""
    verb: str = ""
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    handler: str = ""
    examples: tuple[str, ...] = ()

    def reason(self, situation: Situation) -> str | None:
        """Say why it is not available, or None when it is."""
        if self.writes and situation.read_only:
            return "nothing can be written here"
        if self.needs_row and situation.row is None:
            return "nothing is selected"
        if self.own_account and situation.restricted:
            return "it is off behind a forced command"
        return self._refused(situation) or self.available(situation)

    def _refused(self, situation: Situation) -> str | None:
        target = situation.row if self.needs_row else situation.model
        if not self.permission or situation.user is None or target is None:
            return None
        from models.people.access import why_not

        return why_not(situation.user, self.permission, target) or None

    @property
    def words(self) -> str:
        """The words that name it on the command line."""
        return f"{self.noun} {self.verb}".strip()

    @property
    def usage(self) -> str:
        """The usage line, without the options that every command takes."""
        parts = ["hookline", self.words]
        parts += [argument.usage for argument in self.arguments]
        parts += [f"[{option.usage}]" for option in self.options]
        return " ".join(part for part in parts if part)


@frozen
class Registry:
    """All commands, by id, in the order in which help shows them."""

    commands: dict[str, Command] = field(default_factory=dict)

    def register(self, commands: Iterable[Command]) -> None:
        """Add commands.

        Raises:
            ValueError: An id, or a pair of noun and verb, is there already.
        """
        words = {command.words for command in self if command.noun}
        for command in commands:
            if command.id in self.commands or (command.noun and command.words in words):
                raise ValueError(f"The command {command.id} is registered twice")
            words.add(command.words)
            self.commands[command.id] = command

    def __iter__(self) -> Iterator[Command]:
        return iter(self.commands.values())

    def get(self, command_id: str) -> Command:
        """Return the command with this id.

        Raises:
            NotFoundError: There is none; the near ones are named.
        """
        try:
            return self.commands[command_id]
        except KeyError:
            raise not_found("command", command_id, self.commands) from None

    def in_scope(self, *scopes: Scope) -> list[Command]:
        """Return the commands whose keys work in any of these scopes."""
        wanted = set(scopes)
        return [command for command in self if wanted & set(command.scopes)]

    def nouns(self) -> dict[str, dict[str, Command]]:
        """Return the command line's table: noun, then verb."""
        table: dict[str, dict[str, Command]] = {}
        for command in self:
            if command.noun:
                table.setdefault(command.noun, {})[command.verb] = command
        return table

    def find(self, noun: str, verb: str) -> Command:
        """Return the command that two words name.

        Raises:
            NotFoundError: There is none; the near words are named.
        """
        verbs = self.nouns().get(noun)
        if verbs is None:
            raise not_found("command", noun, self.nouns())
        found = verbs.get(verb)
        if found is None:
            raise not_found(f"verb of {noun!r}", verb, verbs)
        return found


def not_found(what: str, word: str, known: Iterable[str]) -> NotFoundError:
    """Return the error for a word that names nothing, with the near ones."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(word, names, n=3)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
    return NotFoundError(
        f"There is no {what} {word!r}. {hint}", on=word, candidates=near or names
    )


@cache
def registry() -> Registry:
    """Return the registry with every command in it."""
    from tui import vocabulary

    made = Registry()
    for commands in vocabulary.ALL:
        made.register(commands)
    return made
