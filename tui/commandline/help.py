"""The texts of --help, written from the command registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.commands import registry
from tui.vocabulary.words import COMMON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.commands import Command

OVERVIEW = """\
Hookline: a source of truth in your terminal whose changes run your Python.

hookline                    open the screens on your store
hookline --demo             the same on a temporary store with examples
hookline --run              work the queue until stopped
hookline --run JOB …        run one job and wait for it
hookline NOUN VERB …        everything else; `hookline NOUN VERB --help` explains
"""
INDENT = "  "


def overview() -> str:
    """Return the text of `hookline --help`."""
    lines = [OVERVIEW]
    for noun, verbs in registry().nouns().items():
        for verb, command in verbs.items():
            lines.append(f"{INDENT}{f'{noun} {verb}'.strip():<20}{command.help}")
    return "\n".join([*lines, "", "For every command:", *options(COMMON)])


def noun(name: str) -> str:
    """Return the text for a noun without a verb."""
    verbs = registry().nouns()[name].values()
    lines = [f"hookline {name} VERB …", ""]
    lines += [f"{INDENT}{command.verb:<10}{command.help}" for command in verbs]
    return "\n".join([*lines, "", f"`hookline {name} VERB --help` explains one."])


def command(one: Command) -> str:
    """Return the text of one command's --help."""
    lines = [one.help, "", f"Usage: {one.usage}"]
    if one.arguments:
        pairs = [(argument.name, argument.help) for argument in one.arguments]
        lines += ["", *_columns(pairs)]
    if one.options:
        lines += ["", "Options:", *options(one.options)]
    if one.examples:
        lines += ["", "Examples:", *(INDENT + example for example in one.examples)]
    return "\n".join([*lines, "", "For every command:", *options(COMMON)])


def options(given: Iterable[object]) -> list[str]:
    """Return one line for each option."""
    from tui.commands import Option

    pairs = []
    for option in given:
        assert isinstance(option, Option)
        short = f"{option.short}, " if option.short else ""
        pairs.append((short + option.usage, option.help))
    return _columns(pairs)


def _columns(pairs: Sequence[tuple[str, str]]) -> list[str]:
    broad = max(len(left) for left, _ in pairs) + 2
    return [f"{INDENT}{left:<{broad}}{right}" for left, right in pairs]
