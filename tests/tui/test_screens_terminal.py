"""The screens in a real terminal: what the pilot cannot see."""

from __future__ import annotations

import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests import factories
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.storage.store import Store

COMMAND = [sys.executable, "-m", "tui"]
LEAVE_ALTERNATE_SCREEN = b"\x1b[?1049l"
COLOURS = re.compile(rb"\x1b\[[0-9;]*?(?:3[0-7]|4[0-7]|9[0-7]|[34]8;[25])[0-9;]*m")
MOUSE = b"\x1b[?1000h"


def environment(folder: Path, **values: str) -> dict[str, str | None]:
    return {"HOOKLINE_STORE": str(folder), "SSH_CONNECTION": None, **values}


@pytest.fixture
def folder(store: Store) -> Path:
    """A store with a device; it is not private, so that no runner is started."""
    factories.device("core-01")
    store.folder.chmod(0o750)
    return store.folder


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    with Terminal(COMMAND, env=environment(folder)) as terminal:
        terminal.wait_for("Automation")
        yield terminal


def test_the_first_screen_opens_and_q_leaves_the_terminal_as_it_was(
    terminal: Terminal,
) -> None:
    terminal.wait_for("Devices                         1")
    terminal.wait_for(lambda t: t.line(23).startswith(" Enter Open"))
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert LEAVE_ALTERNATE_SCREEN in terminal.raw


def test_a_list_an_object_and_its_form_are_opened_by_keys(terminal: Terminal) -> None:
    terminal.press("enter")
    terminal.wait_for("> core-01")
    terminal.wait_for("rows 1\u20131 of 1")
    terminal.press("enter")
    terminal.wait_for("Fields")
    terminal.press("e")
    terminal.wait_for("* Device type         X1")
    terminal.press("end")
    terminal.type("-b")
    terminal.wait_for("not saved yet")
    terminal.press("ctrl+s")
    terminal.wait_for("core-01-b saved")
    terminal.press("escape")
    terminal.wait_for("> core-01-b")


def test_the_bar_goes_places(terminal: Terminal) -> None:
    terminal.type(":loc")
    terminal.wait_for("location  locationtype")
    terminal.press("tab", "enter")
    terminal.wait_for("> HQ")


def test_help_and_palette_open_in_a_box(terminal: Terminal) -> None:
    terminal.press("?")
    terminal.wait_for("Help: Hookline store")
    terminal.press("escape")
    terminal.wait_for(lambda t: "Help:" not in t.screen_text())
    terminal.press("ctrl+p")
    terminal.wait_for("a part of a name")


def test_a_smaller_and_a_larger_terminal_are_filled(terminal: Terminal) -> None:
    for rows, columns in ((12, 60), (40, 140)):
        terminal.resize(rows, columns)
        terminal.wait_for(lambda t, last=rows - 1: "Go to" in t.line(last))  # type: ignore[misc] # used at once


def test_a_signal_ends_the_screens_in_good_order(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait_exit() == 143
    assert LEAVE_ALTERNATE_SCREEN in terminal.raw


def test_without_colours_none_are_sent_and_the_cursor_is_reversed(folder: Path) -> None:
    with Terminal(COMMAND, env=environment(folder, NO_COLOR="1")) as terminal:
        terminal.wait_for("Automation")
        row = next(y for y in range(24) if terminal.line(y).startswith("> Devices"))
        assert terminal.cell(row, 3).reverse
        assert COLOURS.findall(terminal.raw) == []


def test_in_sixteen_colours_the_terminals_own_are_used(folder: Path) -> None:
    (folder / "config.yaml").write_text("look: {theme: ansi-dark}\n")
    with Terminal(COMMAND, env=environment(folder)) as terminal:
        terminal.wait_for("Automation")
        assert b"8;2;" not in terminal.raw
        assert b"8;5;" not in terminal.raw


def test_without_unicode_every_sign_is_ascii(folder: Path) -> None:
    (folder / "config.yaml").write_text("look: {ascii: 'on'}\n")
    with Terminal(COMMAND, env=environment(folder)) as terminal:
        terminal.wait_for("Automation")
        terminal.press("enter")
        terminal.wait_for("rows 1-1 of 1")
        terminal.press("enter")
        terminal.wait_for("HQ >")
        terminal.press("D")
        terminal.wait_for("Delete the device")
        assert terminal.screen_text().isascii()


@pytest.mark.parametrize(
    ("values", "has_mouse"), [({}, True), ({"SSH_CONNECTION": "a 1 b 2"}, False)]
)
def test_the_mouse_is_off_over_ssh(
    folder: Path, values: dict[str, str], has_mouse: bool
) -> None:
    with Terminal(COMMAND, env=environment(folder, **values)) as terminal:
        terminal.wait_for("Automation")
        assert (MOUSE in terminal.raw) is has_mouse


def test_the_first_start_makes_a_store_when_told_to(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    quick = {"HOOKLINE_RUNNER_IDLE_EXIT_S": "0"}
    with Terminal(COMMAND, env=environment(folder, **quick)) as terminal:
        terminal.wait_for("There is no store in")
        terminal.press("enter")
        terminal.wait_for("Automation")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert (folder / "store.db").exists()


def test_the_first_start_makes_nothing_when_told_not_to(tmp_path: Path) -> None:
    with Terminal(COMMAND, env=environment(tmp_path / "new")) as terminal:
        terminal.wait_for("There is no store in")
        terminal.type("n\n")
        assert terminal.wait_exit() == 2
    assert not (tmp_path / "new").exists()
