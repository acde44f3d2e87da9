"""Words of the command line into a command and its arguments.

The table of `tui.commands` says what may be given; a parser for one command is all a
start needs, so it is read directly (argparse would build every command's first, and
would take `name=x` for the value of a bare `--wait`).
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from models.errors import RequestError
from models.values import frozen
from tui.commands import Argument, Command, Option, not_found, registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NUMBER = re.compile(r"\d+(\.\d+)?")


@frozen
class Given:
    """What was given to a command: words by argument, values by option."""

    words: Mapping[str, tuple[str, ...]]
    options: Mapping[str, tuple[str, ...]]

    def has(self, option: str) -> bool:
        """Tell whether an option was given, with or without a value."""
        return option in self.options

    def option(self, option: str) -> str | None:
        """Return an option's value, the last if several; None without one."""
        values = self.options.get(option) or ("",)
        return values[-1] or None

    def every(self, option: str) -> tuple[str, ...]:
        """Return all the values of an option that was given more than once."""
        return self.options.get(option, ())

    def number(self, option: str) -> float | None:
        """Return an option's value as a number; None without one.

        Raises:
            RequestError: It is not a number of zero or more.
        """
        text = self.option(option)
        if text is None:
            return None
        if not NUMBER.fullmatch(text):
            name = "--" + option.replace("_", "-")
            raise RequestError(f"{name} wants a number, not {text!r}", on=name)
        return float(text)

    def word(self, argument: str) -> str:
        """Return an argument that must be given."""
        return self.words[argument][0]

    def maybe(self, argument: str) -> str | None:
        """Return an argument that may be left out."""
        words = self.words.get(argument)
        return words[0] if words else None

    def all(self, argument: str) -> tuple[str, ...]:
        """Return every word of an argument that takes many."""
        return self.words.get(argument, ())


@frozen
class Line:
    """A command line before its positional words are dealt out.

    Attributes:
        command: The command; None when the line names none.
        noun: The noun when it was given without a verb.
    """

    command: Command | None
    noun: str
    rest: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]]


def split(words: Sequence[str], common: Sequence[Option]) -> Line:
    """Find the command, and take the options out of the line.

    Args:
        words: The line without the program's name.
        common: The options that every command takes; they may stand anywhere.

    Raises:
        RequestError: An option is unknown, or lacks its value.
        NotFoundError: No command has this name.
    """
    command, noun, rest = _command(list(words), common)
    known = _by_name([*common, *(command.options if command else ())])
    plain: list[str] = []
    options: dict[str, tuple[str, ...]] = {}
    while rest:
        word = rest.pop(0)
        if word == "--":
            plain += rest
            break
        if not word.startswith("-") or word == "-":
            plain.append(word)
            continue
        option, value = _option(word, known, rest)
        options[option.key] = (*options.get(option.key, ()), value)
    return Line(command=command, noun=noun, rest=tuple(plain), options=options)


def _by_name(options: Sequence[Option]) -> dict[str, Option]:
    known = {option.name: option for option in options}
    known.update({option.short: option for option in options if option.short})
    return known


def _command(
    words: list[str], common: Sequence[Option]
) -> tuple[Command | None, str, list[str]]:
    """Take the noun and the verb out of the line; what is left keeps its order."""
    places = _plain_places(words, _by_name(common))
    table = registry().nouns()
    if "--run" in words[: _end(words)]:
        words.remove("--run")
        return table["--run"][""], "--run", words
    if not places:
        return None, "", words
    noun = words[places[0]]
    verbs = table.get(noun)
    if verbs is None:
        raise not_found("command", noun, table)
    if "" in verbs:
        del words[places[0]]
        return verbs[""], noun, words
    if len(places) == 1:
        del words[places[0]]
        return None, noun, words
    command = registry().find(noun, words[places[1]])
    del words[places[1]], words[places[0]]
    return command, noun, words


def _end(words: Sequence[str]) -> int:
    return words.index("--") if "--" in words else len(words)


def _plain_places(words: Sequence[str], common: Mapping[str, Option]) -> list[int]:
    """Return where words stand that are neither options nor values of common ones."""
    places = []
    skip = False
    for place, word in enumerate(words[: _end(words)]):
        if skip:
            skip = False
        elif not word.startswith("-") or word == "-":
            places.append(place)
        else:
            option = common.get(word)
            skip = option is not None and bool(option.value)
    return places


def _option(
    word: str, known: Mapping[str, Option], rest: list[str]
) -> tuple[Option, str]:
    name, equals, value = word.partition("=")
    option = known.get(name)
    if option is None:
        raise _unknown(word, known)
    if not option.value:
        if equals:
            raise RequestError(f"{name} takes no value", on=name)
        return option, ""
    if not equals:
        value = _value(option, rest)
    if option.choices and value not in option.choices:
        raise RequestError(
            f"{name} takes {' or '.join(option.choices)}, not {value!r}",
            on=name,
            candidates=list(option.choices),
        )
    return option, value


def _value(option: Option, rest: list[str]) -> str:
    if option.may_stand_alone:
        return rest.pop(0) if rest and NUMBER.fullmatch(rest[0]) else ""
    if not rest:
        raise RequestError(f"{option.name} wants {option.value}", on=option.name)
    return rest.pop(0)


def _unknown(word: str, known: Mapping[str, Option]) -> RequestError:
    letters = word[1:]
    if not word.startswith("--") and all(f"-{letter}" in known for letter in letters):
        apart = " ".join(f"-{letter}" for letter in letters)
        return RequestError(f"Write {apart} in place of {word}", on=word)
    return not_found("option", word.partition("=")[0], known)


def deal(line: Line) -> Given:
    """Deal the plain words out to the command's arguments.

    Raises:
        RequestError: A word is missing, or one is left over.
    """
    command = line.command
    assert command is not None
    left = list(line.rest)
    words: dict[str, tuple[str, ...]] = {}
    for argument in command.arguments:
        taken = _taken(left, argument, is_last=argument is command.arguments[-1])
        if not taken and not argument.optional:
            raise _missing(argument, command)
        words[argument.name] = tuple(taken)
        left = left[len(taken) :]
    if left:
        raise RequestError(
            f"{left[0]!r} is one word too many. Usage: {command.usage}", on=left[0]
        )
    return Given(words=words, options=line.options)


def _taken(left: list[str], argument: Argument, *, is_last: bool) -> list[str]:
    """Return the words of an argument; several objects end where values begin."""
    from tui.words.grammar import is_assignment

    if not argument.many:
        return left[:1]
    if is_last:
        return left
    return list(itertools.takewhile(lambda word: not is_assignment(word), left))


def _missing(argument: Argument, command: Command) -> RequestError:
    return RequestError(
        f"{command.words} wants {argument.name}: {argument.help}"
        f" Usage: {command.usage}",
        on=argument.name,
    )
