"""docs/commands.md: the page of all commands, written from the registry.

`python -m tui.commandline.reference > docs/commands.md` writes it anew; a test compares
the two.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tui.commands import Scope, registry
from tui.vocabulary.words import COMMON

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui.commands import Command, Option

INTRODUCTION = """\
# Commands

This page is written from the program's own command registry
(`python -m tui.commandline.reference > docs/commands.md`); do not edit it by hand.

`hookline NOUN VERB --help` says the same in the terminal. Objects are named
`TYPE:NAME`, values are `key=text` (`key:=JSON`, `key+=item`, `key-=item`,
`cf.name=text`, `key=@FILE`), filters are `k=v`, `k!=v`, `k~part`, `k__gt=v` or a plain
word. Results go to stdout, everything else to stderr.

| Exit status | Meaning |
|---|---|
| 0 | ok |
| 1 | a run that this call ran or waited for did not succeed |
| 2 | wrong request or configuration |
| 3 | store unreachable, locked, damaged or too new |
| 4 | timed out |
| 5 | refused: no permission, not enabled, wrong type |
| 70 | a fault of Hookline's own |
| 130, 143 | ended by SIGINT, by SIGTERM |
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield from _table()
    yield from _section("Options of every command", _options(COMMON))
    for noun, verbs in registry().nouns().items():
        yield from ("", f"## {noun}")
        for command in verbs.values():
            yield from _command(command)
    yield from _keys()


def _table() -> Iterator[str]:
    """Yield the table of nouns and verbs."""
    nouns = registry().nouns()
    verbs = list(dict.fromkeys(v for row in nouns.values() for v in row if v))
    yield "## Nouns and verbs"
    yield ""
    yield f"| | {' | '.join(verbs)} |"
    yield "|---" * (len(verbs) + 1) + "|"
    for noun, row in nouns.items():
        if "" not in row:
            cells = ["x" if verb in row else "" for verb in verbs]
            yield f"| **{noun}** | {' | '.join(cells)} |"
    single = ", ".join(f"`{noun}`" for noun, row in nouns.items() if "" in row)
    yield from ("", f"Commands of one word: {single}.")


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", *lines)


def _command(command: Command) -> Iterator[str]:
    yield from ("", f"### {command.words}", "", command.help, "")
    yield f"    {command.usage}"
    parts = [f"* `{a.name}`: {_escaped(a.help)}" for a in command.arguments]
    parts += _options(command.options)
    if parts:
        yield from ("", *parts)
    if command.examples:
        yield from ("", "```sh", *command.examples, "```")


def _options(options: Iterable[Option]) -> list[str]:
    lines = []
    for option in options:
        short = f"`{option.short}`, " if option.short else ""
        lines.append(f"* {short}`{option.usage}`: {_escaped(option.help)}")
    return lines


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;")


def _keys() -> Iterator[str]:
    """Yield the keys of the screens, by where they work."""
    yield from ("", "## Keys on the screens")
    for scope in Scope:
        commands = [c for c in registry().in_scope(scope) if c.keys]
        if not commands:
            continue
        yield from (
            "",
            f"### {scope.value}",
            "",
            "| Key | Command | Id |",
            "|---|---|---|",
        )
        for command in commands:
            keys = ", ".join(f"`{key}`" for key in command.keys)
            title = f"{command.title}: {_escaped(command.help)}"
            yield f"| {keys} | {title} | {command.id} |"


if __name__ == "__main__":
    sys.stdout.write(page())
