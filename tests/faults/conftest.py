"""Fixtures of the fault tests: a fresh world, built once and copied."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.faults.world import EFFECTS, World, build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a receiver of each class, to be copied."""
    folder: Path = tmp_path_factory.mktemp("built")
    build(folder / "store")
    return folder / "store"


@pytest.fixture
def world(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A world of its own for one test; nothing of it goes on afterwards."""
    shutil.copytree(built, tmp_path / "store")
    made = World(tmp_path)
    monkeypatch.setenv(EFFECTS, str(made.effects))
    monkeypatch.setenv("TMPDIR", str(made.temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(made.temporary))
    yield made
    made.close()
