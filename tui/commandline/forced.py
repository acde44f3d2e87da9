"""`hookline --restricted NAME`: what a forced SSH command leaves to a person.

The line of the forced command is the administrator's; it says the name, and may say
the store and its configuration. What the person typed comes in SSH_ORIGINAL_COMMAND.
Whatever reaches beyond the store, or says who one is, is off: the account's files and
programs are not the person's.
"""

from __future__ import annotations

import os
import pwd
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from models.errors import RefusedError, RequestError
from models.values import frozen
from tui.vocabulary.words import COMMON
from tui.words.grammar import is_assignment, parse_assignment

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from tui.words.arguments import Given, Line

FLAG = "--restricted"
TYPED = "SSH_ORIGINAL_COMMAND"
OWN_OPTIONS = {"--store": "store", "--config": "config"}
"""What the forced command's own line may say beside the name."""

NOT_THEIRS = ("store", "config", "user", "demo")
KEPT = frozenset(
    {"TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "PATH", "USER", "LOGNAME"}
    | {"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"}
)
"""What stays of the environment, beside LC_…: nothing else comes from the person."""


@frozen
class Forced:
    """Somebody who came by a forced command.

    Attributes:
        name: The name that the key is tied to.
        words: What they typed.
        options: What the forced command's own line says.
    """

    name: str
    words: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]]

    def limit(self, line: Line) -> Line:
        """Return a line with the options of the forced command, and no others' place.

        Raises:
            RefusedError: It names a store, a configuration or a user.
        """
        for key in NOT_THEIRS:
            if key in line.options:
                raise _off(f"--{key}")
        return replace(line, options={**line.options, **self.options})


def read(words: Sequence[str], environ: Mapping[str, str]) -> Forced | None:
    """Return who came by a forced command; None when this is none.

    Args:
        words: The program's own line.
        environ: Holds what the person typed.

    Raises:
        RequestError: Its line is wrong, or a quote in what was typed is not closed.
    """
    if not any(word.partition("=")[0] == FLAG for word in words):
        return None
    name = ""
    options: dict[str, tuple[str, ...]] = {}
    rest = list(words)
    while rest:
        option, equals, value = rest.pop(0).partition("=")
        if option != FLAG and option not in OWN_OPTIONS:
            raise RequestError(
                f"{option!r} cannot stand beside {FLAG} NAME; only --store and --config"
                " can. What the person types comes from SSH.",
                on=option,
            )
        value = value if equals else (rest.pop(0) if rest else "")
        if not value:
            raise RequestError(f"{option} wants a value", on=option)
        if option == FLAG:
            name = value
        else:
            options[OWN_OPTIONS[option]] = (value,)
    return Forced(name=name, words=_typed(environ.get(TYPED, "")), options=options)


def _typed(text: str) -> tuple[str, ...]:
    """Return the words that a person typed behind `ssh HOST`; no shell reads them."""
    import shlex

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise RequestError(f"{text!r} cannot be read: {error}", on=text) from error
    return tuple(words[1:] if words[:1] == ["hookline"] else words)


def shut(environ: MutableMapping[str, str]) -> None:
    """Keep nothing of the environment that the person may have sent; no suspending."""
    for name in list(environ):
        if name not in KEPT and not name.startswith("LC_"):
            del environ[name]
    environ["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)


def check(line: Line, given: Given) -> None:
    """Refuse a command that reaches the account's files or programs.

    Raises:
        RefusedError: It does.
    """
    command = line.command
    assert command is not None
    if command.own_account:
        raise _off(f"`{command.words}`")
    if command.id == "job.run" and given.maybe("JOB") is None:
        raise _off("working off the queue")
    for option in (*command.options, *COMMON):
        if option.key in line.options and option.key not in NOT_THEIRS:
            value = given.option(option.key)
            if option.own_account or (option.completes == "file" and value != "-"):
                raise _off(option.name)
    for argument in command.arguments:
        for word in given.all(argument.name):
            if argument.completes == "file" and word != "-":
                raise _off(f"the file {word!r}")
            if argument.name == "KEY=VALUE" and is_assignment(word):
                _refuse_file(word)


def _refuse_file(word: str) -> None:
    assignment = parse_assignment(word)
    if assignment.is_file:
        raise _off(f"{assignment.key}=@FILE")


def _off(what: str) -> RefusedError:
    return RefusedError(f"{what} is off behind a forced command.", on=what)
