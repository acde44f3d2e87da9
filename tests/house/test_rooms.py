"""The house shows itself in its folders: what stands where, and what each is for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
AT_THE_DOOR = {
    "models": {"__init__.py", "errors.py", "values.py"},
    "receivers": {"__init__.py"},
    "tui": {"__init__.py", "__main__.py", "app.py", "cli.py", "commands.py"},
}
ROOMS = sorted(
    str(path.parent.relative_to(TOP))
    for layer in AT_THE_DOOR
    for path in (TOP / layer).glob("*/__init__.py")
)


@pytest.mark.parametrize("layer", sorted(AT_THE_DOOR))
def test_a_module_stands_in_the_room_that_it_belongs_to(layer: str) -> None:
    assert {path.name for path in (TOP / layer).glob("*.py")} == AT_THE_DOOR[layer]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room: str) -> None:
    assert ast.get_docstring(ast.parse((TOP / room / "__init__.py").read_text()))


@pytest.mark.parametrize("layer", sorted(AT_THE_DOOR))
def test_a_test_stands_in_a_room_that_exists(layer: str) -> None:
    kept = {path.name for path in (TOP / "tests" / layer).iterdir() if path.is_dir()}
    there = {path.name for path in (TOP / layer).iterdir() if path.is_dir()}

    assert kept <= there
