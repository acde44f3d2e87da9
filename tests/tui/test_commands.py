from __future__ import annotations

import importlib
from collections import Counter
from itertools import pairwise
from types import SimpleNamespace

import pytest

from models.errors import NotFoundError
from tui.commands import Command, Registry, Scope, Situation, registry
from tui.vocabulary.words import COMMON
from tui.words.arguments import deal, split
from tui.words.grammar import is_assignment
from tui.words.quoting import split_line

ALL = list(registry())
ON_THE_COMMAND_LINE = [command for command in ALL if command.noun]
by_id = pytest.mark.parametrize("command", ALL, ids=lambda command: command.id)


def test_an_id_or_a_pair_of_words_is_registered_once() -> None:
    command = Command(id="a.b", title="A", help="B.", noun="a", verb="b")
    made = Registry()
    made.register([command])
    for again in (command, Command(id="c.d", title="A", help="B.", noun="a", verb="b")):
        with pytest.raises(ValueError, match="twice"):
            made.register([again])


def test_a_missing_command_names_the_nearest() -> None:
    with pytest.raises(NotFoundError) as caught:
        registry().get("object.lst")
    assert caught.value.candidates[0] == "object.list"


@by_id
def test_a_command_says_what_it_does(command: Command) -> None:
    assert command.help.endswith(".")
    assert command.help[0].isupper()
    assert command.title
    assert len(command.title) <= 20
    assert "." in command.id
    helps = [argument.help for argument in command.arguments]
    helps += [option.help for option in command.options]
    assert all(text.endswith(".") for text in helps)


@by_id
def test_many_words_come_last_or_before_values(command: Command) -> None:
    many = [
        a.many and after.name != "KEY=VALUE" for a, after in pairwise(command.arguments)
    ]
    assert not any(many)
    optional = [argument.optional for argument in command.arguments]
    assert optional == sorted(optional)


@by_id
def test_what_is_dangerous_writes(command: Command) -> None:
    assert command.writes or not command.dangerous


@by_id
def test_what_only_screens_do_moves_about_and_does_not_write(command: Command) -> None:
    assert command.noun or not command.writes


def test_no_key_stands_for_two_commands_in_one_place() -> None:
    for scope in Scope:
        keys: Counter[str] = Counter()
        for command in registry().in_scope(scope, Scope.EVERYWHERE):
            keys.update(command.keys)
        assert [key for key, count in keys.items() if count > 1] == [], scope


@pytest.mark.parametrize("command", ON_THE_COMMAND_LINE, ids=lambda c: c.id)
def test_a_command_of_the_command_line_has_a_handler(command: Command) -> None:
    module, _, name = command.handler.partition(":")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("command", ON_THE_COMMAND_LINE, ids=lambda c: c.id)
def test_no_option_has_the_name_of_one_that_all_commands_take(command: Command) -> None:
    names = [option.name for option in (*command.options, *COMMON)]
    assert len(names) == len(set(names))


EXAMPLES = [
    pytest.param(command, example, id=example)
    for command in ON_THE_COMMAND_LINE
    for example in command.examples
]


@pytest.mark.parametrize(("command", "example"), EXAMPLES)
def test_an_example_is_a_line_of_its_command(command: Command, example: str) -> None:
    words = split_line(example)
    assert words[0] == "hookline"
    line = split(words[1:], COMMON)
    assert line.command is command
    given = deal(line)
    assert all(is_assignment(word) for word in given.all("KEY=VALUE"))


def test_nothing_is_done_to_no_row_and_nothing_written_where_nothing_can_be() -> None:
    command = registry().get("object.set")
    assert command.reason(Situation()) == "nothing is selected"
    row = SimpleNamespace()
    assert command.reason(Situation(row=row)) is None
    assert command.reason(Situation(row=row, read_only=True)) is not None


@pytest.mark.parametrize(
    ("command_id", "row", "reason"),
    [
        ("hook.enable", SimpleNamespace(enabled=True), "it is enabled already"),
        ("hook.enable", SimpleNamespace(enabled=False), None),
        ("hook.disable", SimpleNamespace(enabled=False), "it is disabled already"),
        (
            "job.enable",
            SimpleNamespace(enabled=False, error="a.py:3: no"),
            "it cannot be loaded: a.py:3: no",
        ),
        ("result.cancel", SimpleNamespace(status="SUCCESS"), "it is over"),
        ("result.cancel", SimpleNamespace(status="STARTED"), None),
        ("result.rerun", SimpleNamespace(status="PENDING"), "it is not over yet"),
        ("result.rerun", SimpleNamespace(status="INTERRUPTED"), None),
    ],
)
def test_a_command_says_why_it_is_not_available(
    command_id: str, row: object, reason: str | None
) -> None:
    assert registry().get(command_id).reason(Situation(row=row)) == reason


def test_every_noun_that_lists_also_shows() -> None:
    for noun, verbs in registry().nouns().items():
        if "list" in verbs and noun not in {"queue", "notify"}:
            assert "show" in verbs, noun


def test_every_object_command_of_the_design_is_there() -> None:
    wanted = {
        "object": "list show add set delete",
        "change": "list show",
        "hook": "list show add set delete enable disable",
        "button": "list show add set delete press",
        "job": "list show new enable disable",
        "result": "list show follow rerun cancel",
        "type": "list show",
        "user": "list show add set",
        "queue": "list pause resume",
    }
    table = registry().nouns()
    for noun, verbs in wanted.items():
        assert set(verbs.split()) <= set(table[noun]), noun
    single = ("init", "load", "dump", "check", "info", "completion", "--run")
    assert all("" in table[noun] for noun in single)
