"""The linters, the type checker and the layers, as tests: one command runs all."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
TOOLS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "import-linter": ["lint-imports", "--no-cache"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_code_passes(tool: str) -> None:
    program, *arguments = TOOLS[tool]
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_pip_and_uv_are_told_the_same_versions() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())
    pins = (TOP / "constraints.txt").read_text().splitlines()

    assert project["tool"]["uv"]["constraint-dependencies"] == pins


def test_every_dependency_has_its_reason_in_the_readme() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())
    readme = (TOP / "README.md").read_text().lower()
    names = [line.split(">")[0] for line in project["project"]["dependencies"]]

    assert [name for name in names if f"| {name} |" not in readme] == []


def test_the_version_is_the_same_everywhere() -> None:
    from tui.cli import VERSION

    project = tomllib.loads((TOP / "pyproject.toml").read_text())

    assert project["project"]["version"] == VERSION
