"""`hookline migrate`: the tables of a store's own types, after a backup."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from models.schema import versions as schema
from tests.faults.world import other_program
from tests.patience import PATIENCE_S
from tests.tui.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

FIRST = """
from models import ChangeLoggedModel, NameField

class Cable(ChangeLoggedModel):
    label = NameField()
    length = NameField(default="")

    class Meta:
        app_label = "plant"
        natural_name = ("label",)
"""
SECOND = FIRST.replace('    length = NameField(default="")\n', "").replace(
    'natural_name = ("label",)', 'natural_name = ("label",)\n        renamed = {}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "store"
    hookline(found, "init")
    (found / "types").mkdir(exist_ok=True)
    (found / "types" / "plant.py").write_text(FIRST)
    (found / "config.yaml").write_text("object_types: [plant]\n")
    hookline(found, "object", "add", "plant.cable", "label=C1", "length=3")
    return found


def hookline(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", "--store", str(folder), *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_what_is_not_safe_waits_for_migrate(folder: Path) -> None:
    (folder / "types" / "plant.py").write_text(SECOND)
    refused = hookline(folder, "object", "list", "plant.cable")
    assert refused.returncode == 3
    assert "hookline migrate" in refused.stderr
    planned = hookline(folder, "migrate", "--plan")
    assert "length" in planned.stdout
    assert hookline(folder, "object", "list", "plant.cable").returncode == 3
    done = hookline(folder, "migrate", "--yes")
    assert done.returncode == 0, done.stderr
    listed = hookline(folder, "object", "list", "plant.cable")
    assert "C1" in listed.stdout
    assert list(folder.glob("before-*.tar.gz"))


NEXT = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE device ADD COLUMN shelf TEXT")
"""


def test_a_new_schema_is_applied_after_a_backup_when_nobody_has_the_store_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = CommandLine(folder=tmp_path / "store", capture=capsys)
    cli("init")
    shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    number = schema.SCHEMA_VERSION + 1
    (tmp_path / "migrations" / f"{number:04}_next.py").write_text(NEXT)
    with other_program(cli.folder) as other:
        monkeypatch.setattr(schema, "MIGRATIONS", tmp_path / "migrations")
        monkeypatch.setattr(schema, "SCHEMA_VERSION", number)
        for words in (("object", "list", "dcim.device"), ("migrate", "--yes")):
            refused = cli(*words, code=3)
            assert "hookline migrate" in refused.err
            assert f"{other.pid} (" in refused.err
        assert f"{number:04}_next" in cli("migrate", "--plan").out
    cli.folder.chmod(0o770)
    assert "hookline migrate" in cli("object", "list", "dcim.device", code=3).err
    assert "started again" in cli("migrate", "--yes").err
    assert list(cli.folder.glob("before-*.tar.gz"))
    cli("object", "list", "dcim.device")
    assert "All tables fit" in cli("migrate").err


def test_a_broken_module_is_told_by_check(folder: Path) -> None:
    (folder / "types" / "plant.py").write_text("import nowhere_to_be_found\n")
    found = hookline(folder, "check")
    assert found.returncode == 0
    assert "nowhere_to_be_found" in found.stdout
