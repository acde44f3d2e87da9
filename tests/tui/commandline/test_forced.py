"""What a forced command leaves to a person: every way round it, without a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.errors import HooklineError, RefusedError, RequestError
from tui.commandline import forced
from tui.commands import registry
from tui.vocabulary.words import COMMON
from tui.words.arguments import deal, split

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = ("--store", "/srv/store", "--restricted", "alice")


def understand(typed: str) -> Mapping[str, tuple[str, ...]]:
    """Go the way of a line up to where its command would be carried out."""
    person = forced.read(OWN, {"SSH_ORIGINAL_COMMAND": typed})
    assert person is not None
    assert person.name == "alice"
    line = person.limit(split(person.words, COMMON))
    if line.command is not None:
        forced.check(line, deal(line))
    return line.options


@pytest.mark.parametrize(
    "typed",
    [
        *("--user root info", "info --user root", "info --user=root"),
        *("--store /tmp info", "info --store=/tmp", "--config /etc/passwd info"),
        *("info --config=/etc/passwd", "--demo", "--demo info", "info --demo"),
        *("'--user' root info", '"--user=root" info', "--us\\er root info"),
        *("object list dcim.device --user root", "--json --store /tmp type list"),
        "object set dcim.device:a serial=@/etc/shadow",
        "object set dcim.device:a 'comments:=@/etc/shadow'",
        "object add dcim.device name=a -- comments=@/etc/shadow",
        "hook add name=a conditions=@/etc/passwd",
        "button press b dcim.device:a text=@/etc/passwd",
        "--run a.B text=@/etc/passwd",
        *("--run a.B --input /etc/passwd", "--run a.B --input=/etc/passwd"),
        *("load /etc/passwd", "load ./a.yaml", "load -- -x"),
        *("backup /tmp/a", "restore /tmp/a", "init /tmp/a", "init --group users"),
        *("migrate", "migrate --plan", "config show", "job new a.B"),
        *("--run", "--run --until-empty", "--run a.B --debug"),
    ],
)
def test_what_reaches_beyond_the_store_is_off(typed: str) -> None:
    with pytest.raises(RefusedError, match="off behind a forced command"):
        understand(typed)


@pytest.mark.parametrize(
    "typed",
    [
        *("--use root info", "info --sto /tmp", "-u root info", "info -s /tmp"),
        *("--restricted root info", "info --restricted=root", "--restricted root"),
        *("info; id", "info && id", "info | sh", "$(id)", "`id`", "!sh", ":!sh"),
        *("sh -c id", "info 'unclosed", 'info "', "info\nid", "../bin/sh"),
    ],
)
def test_what_is_no_command_is_none(typed: str) -> None:
    with pytest.raises(HooklineError):
        understand(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "hookline info --json",
        "object set dcim.device:a serial=@@home",
        "load -",
        "--run a.B --input -",
        "object list dcim.device name=--user",
        "object set dcim.device:a comments='--user root; rm -rf /'",
    ],
)
def test_the_store_is_the_administrators_whatever_is_typed(typed: str) -> None:
    assert understand(typed)["store"] == ("/srv/store",)


@pytest.mark.parametrize(
    "own",
    [
        ("--restricted",),
        ("--restricted", "alice", "info"),
        ("--restricted", "alice", "--user", "root"),
        ("info", "--restricted=alice"),
        ("--restricted", "alice", "--json"),
    ],
    ids=" ".join,
)
def test_the_line_of_the_forced_command_says_little(own: tuple[str, ...]) -> None:
    with pytest.raises(RequestError):
        forced.read(own, {})


def test_another_line_is_none_of_its_business() -> None:
    assert forced.read(("object", "list", "restricted"), {}) is None


def test_nothing_of_the_environment_stays_but_how_the_terminal_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    environ = {
        "TERM": "xterm",
        "LC_ALL": "C",
        "HOME": "/tmp/mine",
        "EDITOR": "sh",
        "HOOKLINE_STORE": "/tmp",
        "PYTHONPATH": "/tmp",
        "TEXTUAL_DRIVER": "os:x",
        "XDG_DATA_HOME": "/tmp",
        "LD_PRELOAD": "/tmp/x",
        "TZ": ":/etc/shadow",
    }
    forced.shut(environ)
    assert environ.pop("HOME") != "/tmp/mine"
    assert environ == {"TERM": "xterm", "LC_ALL": "C"}


def test_every_word_that_names_a_file_says_so() -> None:
    for command in registry():
        words: list[Any] = [*command.arguments, *command.options]
        for one in words:
            named = getattr(one, "value", "") or one.name
            if named in {"FILE", "FOLDER"}:
                assert one.completes == "file" or command.own_account, command.id
