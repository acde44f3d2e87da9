"""Stores of earlier schemas open; what goes wrong in a migration changes nothing."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import StoreError
from models.inventory.dcim import Device
from models.people.access import os_user
from models.runs.jobs import JobRecord
from models.runs.queues import resume
from models.runs.results import JobResult
from models.schema import tables
from models.schema import versions as schema
from models.storage.store import open_store
from models.upkeep.backup import MANIFEST, backup, restore
from models.upkeep.integrity import findings
from receivers.queueing import queue
from receivers.queueing.claims import Batch, Finish
from tests.faults.make_stored_copy import COPIES
from tests.faults.world import other_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.storage.store import Store

STORED = sorted(COPIES.glob("schema-*.tar.gz"))

ADD_A_COLUMN = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE device ADD COLUMN shelf TEXT")
"""
FAIL_HALF_WAY = (
    ADD_A_COLUMN
    + """
    raise ZeroDivisionError("half way")
"""
)


def statements(store: Store) -> set[tuple[str, str]]:
    rows = store.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite_%'"
    )
    return {(name, " ".join(sql.split())) for name, sql in rows}


HINT = (
    "the classes and the migrations differ; before the first release run"
    " `python -m tests.faults.make_stored_copy`, after it add a migration"
)


def shape(connection: sqlite3.Connection) -> set[tuple[Any, ...]]:
    """Return what a database is made of, however it came to be so."""
    found: set[tuple[Any, ...]] = set()
    names = "SELECT type, name, tbl_name, sql FROM sqlite_master"
    for kind, name, table, sql in connection.execute(names).fetchall():
        if name.startswith("sqlite_") or table == "schema_migration":
            continue
        if kind != "table":
            found.add((kind, name, table, " ".join(sql.split())))
            continue
        columns = connection.execute(f'PRAGMA table_xinfo("{name}")')
        found |= {(name, *column[1:]) for column in columns}
        keys = connection.execute(f'PRAGMA foreign_key_list("{name}")')
        found |= {(name, *key[2:]) for key in keys}
        if "CHECK" in sql or "WITHOUT ROWID" in sql:
            found.add((name, " ".join(sql.split())))
    return found


def test_the_migrations_make_what_the_classes_are(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as memory:
        for statement in tables.statements():
            memory.execute(statement)
        wanted = shape(memory)
    with open_store(tmp_path / "new", create=True, durable=False) as new:
        assert shape(new.database.connection()) == wanted, HINT


def test_there_is_a_stored_copy_of_every_schema() -> None:
    numbers = {path.name.removesuffix(".tar.gz") for path in STORED}
    assert numbers == {f"schema-{n}" for n in range(1, schema.SCHEMA_VERSION + 1)}


@pytest.mark.parametrize("copy", STORED, ids=lambda path: path.name)
def test_a_stored_copy_becomes_like_a_new_store(copy: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "new", create=True, durable=False) as new:
        wanted = statements(new)
    with restore(copy, tmp_path / "old") as old:
        assert statements(old) == wanted, HINT
        assert list(findings(old, deep=True)) == []


@pytest.mark.parametrize("copy", STORED, ids=lambda path: path.name)
def test_a_stored_copy_keeps_its_objects_and_runs_what_waits(
    copy: Path, tmp_path: Path
) -> None:
    with restore(copy, tmp_path / "old") as old:
        device = Device.objects.get(name="core-01")
        assert device.serial == "B"
        done, waiting = JobResult.select().order_by(JobResult.id)
        assert (done.status, waiting.status) == ("SUCCESS", "PENDING")
        resume(os_user())
        (claim,) = queue.claim(old, "me", 9)
        assert claim.result_id == waiting.id
        end = Finish(claim=claim, status="SUCCESS")
        queue.settle(old, "me", Batch(finishes=[end]), 0)
        device.serial = "C"
        device.save()
        assert JobRecord.select().count() == 1
        assert list(findings(old, deep=True)) == []


@pytest.fixture
def add_migration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Let this program know a schema more."""

    def add(text: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(schema.MIGRATIONS, folder)
        number = schema.SCHEMA_VERSION + 1
        (folder / f"{number:04}_next.py").write_text(text)
        monkeypatch.setattr(schema, "MIGRATIONS", folder)
        monkeypatch.setattr(schema, "SCHEMA_VERSION", number)

    return add


def version(store: Store) -> int:
    return int(store.execute("PRAGMA user_version").fetchone()[0])


def has_shelf(store: Store) -> bool:
    return any(row[1] == "shelf" for row in store.execute("PRAGMA table_info(device)"))


def test_a_store_is_brought_to_the_next_schema(
    tmp_path: Path, add_migration: Callable[[str], None]
) -> None:
    with restore(STORED[-1], tmp_path / "store") as store:
        before = version(store)
    add_migration(ADD_A_COLUMN)
    with open_store(tmp_path / "store") as store:
        assert (version(store), has_shelf(store)) == (before + 1, True)
        assert Device.objects.get(name="core-01").serial == "B"
        assert list(findings(store)) == []


def test_a_store_that_others_have_open_waits_for_migrate(
    tmp_path: Path, add_migration: Callable[[str], None]
) -> None:
    with restore(STORED[-1], tmp_path / "store") as store:
        before = version(store)
    with other_program(tmp_path / "store") as other:
        add_migration(ADD_A_COLUMN)
        with pytest.raises(StoreError, match="run `hookline migrate`") as caught:
            open_store(tmp_path / "store")
        assert f"{other.pid} (" in caught.value.message
        assert caught.value.exit_code == 3
        with open_store(tmp_path / "store", migrating=True) as store:
            assert version(store) == before
    with open_store(tmp_path / "store") as store:
        assert version(store) == before + 1


def test_a_shared_store_waits_for_migrate(
    tmp_path: Path, add_migration: Callable[[str], None]
) -> None:
    with restore(STORED[-1], tmp_path / "store") as store:
        before = version(store)
    (tmp_path / "store").chmod(0o770)
    add_migration(ADD_A_COLUMN)
    with pytest.raises(StoreError, match="Run `hookline migrate`"):
        open_store(tmp_path / "store")
    with open_store(tmp_path / "store", migrating=True) as store:
        assert version(store) == before
        assert schema.pending(store) == [f"{before + 1:04}_next"]


def test_an_old_backup_says_which_schema_it_has(
    tmp_path: Path, add_migration: Callable[[str], None]
) -> None:
    with restore(STORED[-1], tmp_path / "store") as store:
        before = version(store)
    add_migration(ADD_A_COLUMN)
    with open_store(tmp_path / "store", migrating=True) as store:
        backup(store, tmp_path / "copy.tar.gz", os_user(store))
    with tarfile.open(tmp_path / "copy.tar.gz") as archive:
        manifest = archive.extractfile(MANIFEST)
        assert manifest is not None
        assert json.load(manifest)["schema"] == before


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path,
    add_migration: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with restore(STORED[-1], tmp_path / "store") as store:
        before = version(store)
    with monkeypatch.context():
        add_migration(FAIL_HALF_WAY)
        with pytest.raises(ZeroDivisionError):
            open_store(tmp_path / "store")
    monkeypatch.undo()
    with open_store(tmp_path / "store") as store:
        assert (version(store), has_shelf(store)) == (before, False)
        assert list(findings(store, deep=True)) == []
