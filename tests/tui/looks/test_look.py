from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from models.settings.layers import LookSettings
from tui.looks.look import decide

AUTO = LookSettings(theme="dark", mouse="auto", animation="auto", ascii="auto")
SSH = {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.1 22"}


def look(environ: dict[str, str], *, encoding: str = "UTF-8", **settings: Any) -> Any:
    return decide(dataclasses.replace(AUTO, **settings), environ, encoding=encoding)


def test_at_the_machine_itself_there_is_a_mouse_and_animation() -> None:
    found = look({})
    assert (found.has_mouse, found.has_animation, found.is_remote) == (
        True,
        True,
        False,
    )
    assert found.environment() == {}


def test_over_ssh_everything_is_spared() -> None:
    found = look(SSH)
    assert (found.has_mouse, found.has_animation) == (False, False)
    assert found.environment() == {
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        "TEXTUAL_FPS": "20",
    }


def test_the_settings_have_the_last_word() -> None:
    found = look(SSH, mouse="on", animation="on")
    assert (found.has_mouse, found.has_animation) == (True, True)
    assert look({}, mouse="off").has_mouse is False


@pytest.mark.parametrize(
    ("environ", "encoding", "expected"),
    [
        ({}, "UTF-8", False),
        ({}, "ANSI_X3.4-1968", True),
        ({"TERM": "linux"}, "UTF-8", True),
    ],
)
def test_signs_are_ascii_where_nothing_else_can_be_shown(
    environ: dict[str, str], encoding: str, expected: bool
) -> None:
    assert look(environ, encoding=encoding).is_ascii is expected


def test_without_colours_only_the_terminals_own_two_are_used() -> None:
    found = look({"NO_COLOR": "1"})
    assert (found.theme, found.has_color) == ("plain", False)


def test_a_plain_theme_draws_no_boxes() -> None:
    assert look({}, theme="plain").is_ascii is True
