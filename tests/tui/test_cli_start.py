from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.tui.command_line import TOP, CommandLine
from tui.cli import VERSION, main
from tui.commands import registry

if TYPE_CHECKING:
    from pathlib import Path

SCREENS = ("textual", "rich")
HEAVY = (*SCREENS, "peewee", "yaml", "apscheduler", "jinja2", "httpx")

LOADED = """
import io, sys
from tui.cli import main
stdout, sys.stdout, sys.stderr = sys.stdout, io.StringIO(), io.StringIO()
main({words!r})
sys.stdout = stdout
print(" ".join(name for name in {names!r} if name in sys.modules))
"""


def loaded(words: list[str], names: tuple[str, ...], folder: Path) -> str:
    """Return which modules a fresh interpreter has loaded after a command."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=words, names=names)],
        cwd=TOP,
        env={**os.environ, "HOOKLINE_STORE": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "words", [["--version"], ["--help"], ["object", "--help"], ["object", "list", "-h"]]
)
def test_help_and_version_load_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    assert loaded(words, HEAVY, tmp_path / "none") == ""
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["object", "list", "dcim.device"],
        ["object", "add", "extras.tag", "name=x"],
        ["job", "list"],
        ["result", "list", "--json"],
        ["--run", "nothing.Here"],
        ["dump"],
        ["no-such-command"],
    ],
)
def test_no_command_loads_the_screens(words: list[str], hookline: CommandLine) -> None:
    assert loaded(words, SCREENS, hookline.folder) == ""


@pytest.mark.parametrize("words", [["object", "list", "dcim.device"], ["job", "list"]])
def test_commands_do_not_load_the_scheduler(
    words: list[str], hookline: CommandLine
) -> None:
    assert loaded(words, ("apscheduler", "jinja2", "httpx"), hookline.folder) == ""


def test_the_version_is_the_packages() -> None:
    text = (TOP / "pyproject.toml").read_text()
    assert tomllib.loads(text)["project"]["version"] == VERSION


def test_version_is_written_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["object", "--version"]) == 0
    assert capsys.readouterr().out == f"hookline {VERSION}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for command in registry():
        if command.noun:
            assert f"  {command.words} " in text
            assert command.help in text


@pytest.mark.parametrize("words", [c.words for c in registry() if c.noun])
def test_each_command_explains_itself(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    noun, _, verb = words.partition(" ")
    command = registry().find(noun, verb)
    assert main([*words.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(command.help)
    assert all(option.name in text for option in command.options)


def test_a_noun_alone_shows_its_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hook"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "enable" in captured.err


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["objects", "list"], "object"),
        (["object", "lst"], "list"),
        (["object", "list", "device", "--limits", "3"], "--limit"),
    ],
)
def test_a_mistake_is_answered_with_the_nearest_word(
    words: list[str], near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"Did you mean {near}?" in captured.err


def test_without_a_terminal_the_screens_say_what_else_there_is(
    hookline: CommandLine,
) -> None:
    ended = hookline.start(code=2)
    assert ended.out == ""
    assert "--run" in ended.err


def test_a_command_without_a_store_says_how_to_make_one(tmp_path: Path) -> None:
    line = CommandLine(folder=tmp_path / "none", capture=None)  # type: ignore[arg-type]  # only started
    ended = line.start("object", "list", "dcim.device", code=3)
    assert "hookline init" in ended.err
    assert not (tmp_path / "none").exists()


def test_init_makes_a_store_that_only_its_owner_can_read(tmp_path: Path) -> None:
    line = CommandLine(folder=tmp_path / "new" / "store", capture=None)  # type: ignore[arg-type]  # only started
    assert line.start("init").out == f"{line.folder}\n"
    assert line.folder.stat().st_mode & 0o777 == 0o700
    assert (line.folder / "store.db").stat().st_mode & 0o077 == 0
    assert "there already" in line.start("init").err
    assert line.start("type", "list").code == 0


def test_init_takes_a_folder(tmp_path: Path) -> None:
    line = CommandLine(folder=tmp_path / "a", capture=None)  # type: ignore[arg-type]  # only started
    line.start("init", str(tmp_path / "b"))
    assert (tmp_path / "b" / "store.db").exists()
    assert not (tmp_path / "a").exists()


def test_run_makes_the_store_that_it_works_on(tmp_path: Path) -> None:
    line = CommandLine(folder=tmp_path / "new", capture=None)  # type: ignore[arg-type]  # only started
    line.start("--run", "--until-empty")
    assert (tmp_path / "new" / "store.db").exists()
