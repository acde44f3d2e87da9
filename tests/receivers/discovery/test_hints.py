from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

import pytest

from receivers.discovery.hints import hint_for, install_command

if TYPE_CHECKING:
    from pathlib import Path


def missing(name: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("/home/a/.local/pipx/venvs/hookline", "pipx inject hookline netmiko"),
        (
            "/home/a/.local/share/uv/tools/hookline",
            "uv tool install hookline --with netmiko",
        ),
        ("/srv/venv", f"{sys.executable} -m pip install netmiko"),
    ],
)
def test_the_command_is_for_this_environment(
    monkeypatch: pytest.MonkeyPatch, prefix: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())  # pip is here
    assert install_command("netmiko") == expected


def test_without_pip_uv_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert install_command("netmiko").startswith("uv pip install --python ")


@pytest.mark.parametrize(
    ("module", "distribution"),
    [("bs4", "beautifulsoup4"), ("git", "gitpython"), ("my_module", "my-module")],
)
def test_a_distribution_may_have_another_name(module: str, distribution: str) -> None:
    assert install_command(module).endswith(f" {distribution}")


def test_a_submodule_is_installed_by_its_package(tmp_path: Path) -> None:
    assert hint_for(missing("netmiko.ssh"), tmp_path).endswith(" netmiko")


def test_a_file_of_the_folder_that_did_not_load_has_its_own_entry(
    tmp_path: Path,
) -> None:
    (tmp_path / "rules.py").touch()
    assert "rules lies in this folder" in hint_for(missing("rules"), tmp_path)


@pytest.mark.parametrize("name", ["nautobot.apps.jobs", "django.db", "celery"])
def test_nautobots_modules_are_not_to_be_installed(tmp_path: Path, name: str) -> None:
    assert "from receivers import" in hint_for(missing(name), tmp_path)


def test_an_exit_is_to_be_taken_out(tmp_path: Path) -> None:
    assert "sys.exit()" in hint_for(SystemExit(1), tmp_path)


@pytest.mark.parametrize("error", [ValueError("x"), ImportError("no name in it")])
def test_for_anything_else_there_is_no_hint(tmp_path: Path, error: Exception) -> None:
    assert hint_for(error, tmp_path) == ""
