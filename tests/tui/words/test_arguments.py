from __future__ import annotations

import pytest

from models.errors import NotFoundError, RequestError
from tui.vocabulary.words import COMMON
from tui.words.arguments import Given, Line, deal, split


def parse(line: str) -> tuple[Line, Given]:
    parsed = split(line.split(), COMMON)
    return parsed, deal(parsed)


def test_noun_and_verb_name_the_command() -> None:
    line, given = parse("object list dcim.device status=Active core")
    assert line.command is not None
    assert line.command.id == "object.list"
    assert given.word("TYPE") == "dcim.device"
    assert given.all("FILTER") == ("status=Active", "core")


@pytest.mark.parametrize(
    "line",
    [
        "--json object --store x list dcim.device --limit 5 a=b",
        "object list dcim.device a=b --limit=5 --store=x --json",
        "--store x object list --limit 5 --json dcim.device a=b",
    ],
)
def test_options_may_stand_anywhere(line: str) -> None:
    parsed, given = parse(line)
    assert parsed.command is not None
    assert parsed.command.id == "object.list"
    assert given.has("json")
    assert given.option("store") == "x"
    assert given.number("limit") == 5
    assert given.all("FILTER") == ("a=b",)


def test_a_bare_wait_takes_no_word_but_a_number() -> None:
    for line, seconds in [
        ("object set device:a --wait serial=1", None),
        ("object set device:a --wait 5 serial=1", 5),
        ("object set device:a serial=1 --wait", None),
        ("object set device:a serial=1 --wait=0.5", 0.5),
    ]:
        _, given = parse(line)
        assert given.has("wait")
        assert given.number("wait") == seconds
        assert given.all("KEY=VALUE") == ("serial=1",)


def test_run_is_a_noun_that_looks_like_an_option() -> None:
    line, given = parse("--run guards.Serial a=1 --object device:x")
    assert line.noun == "--run"
    assert given.maybe("JOB") == "guards.Serial"
    assert given.all("KEY=VALUE") == ("a=1",)
    assert given.option("object") == "device:x"
    _, given = parse("--demo --run --until-empty")
    assert given.maybe("JOB") is None
    assert given.has("demo")
    assert given.has("until_empty")


def test_after_two_dashes_nothing_is_an_option() -> None:
    _, given = parse("object list device -- --json")
    assert given.all("FILTER") == ("--json",)
    assert not given.has("json")


def test_a_single_dash_is_a_word() -> None:
    _, given = parse("load - --type dcim.device")
    assert given.word("FILE") == "-"


def test_no_words_name_no_command() -> None:
    line = split(["--demo", "--store", "object"], COMMON)
    assert (line.command, line.noun) == (None, "")


def test_a_noun_alone_is_remembered() -> None:
    line = split(["object", "--help"], COMMON)
    assert (line.command, line.noun) == (None, "object")
    assert "help" in line.options


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("objects list device", "object"),
        ("object lst device", "list"),
        ("object list device --colums name", "--columns"),
        ("object list device --limt=5", "--limit"),
    ],
)
def test_an_unknown_word_names_the_nearest(line: str, near: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        parse(line)
    assert caught.value.candidates[0] == near
    assert near in caught.value.message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("object show", "wants OBJECT"),
        ("object show device:a device:b", "one word too many"),
        ("object list device --limit", "--limit wants N"),
        ("object list device --json=yes", "takes no value"),
        ("load x.csv --hooks maybe", "fire or mute"),
        ("object list device -qv", "-q -v"),
    ],
)
def test_a_wrong_line_says_what_is_wrong(line: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        parse(line)


def test_a_number_is_one() -> None:
    _, given = parse("object list device --limit many")
    with pytest.raises(RequestError, match="wants a number"):
        given.number("limit")
