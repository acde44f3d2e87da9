"""A backup is one moment of a living store, and comes back whole and paused."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from models.errors import RequestError
from models.inventory.dcim import Device, Manufacturer
from models.people.access import os_user
from models.runs.queues import JobQueue
from models.storage.store import using_store
from models.upkeep.backup import backup, restore
from models.upkeep.integrity import findings

if TYPE_CHECKING:
    from pathlib import Path

    from models.storage.store import Store


def test_a_backup_brings_everything_back_and_nothing_runs(
    store: Store, device: Device, tmp_path: Path
) -> None:
    (store.jobs_root / "guards.py").write_text("name = 'Guards'\n")
    backup(store, tmp_path / "copy.tar.gz", os_user(store))
    with restore(tmp_path / "copy.tar.gz", tmp_path / "other") as other:
        assert Device.objects.get(id=device.pk).name == device.name
        assert (other.jobs_root / "guards.py").read_text() == "name = 'Guards'\n"
        assert JobQueue.select().where(JobQueue.paused).exists()
        assert list(findings(other, deep=True)) == []


def test_a_store_is_backed_up_while_it_is_written(store: Store, tmp_path: Path) -> None:
    started, stop = threading.Event(), threading.Event()

    def write() -> None:
        with using_store(store):
            number = 0
            while not stop.is_set():
                Manufacturer.objects.create(name=f"m{number}")
                number += 1
                started.set()
        store.database.close()

    thread = threading.Thread(target=write)
    thread.start()
    started.wait(10)
    backup(store, tmp_path / "copy.tar.gz", os_user(store))
    stop.set()
    thread.join(10)
    with restore(tmp_path / "copy.tar.gz", tmp_path / "other") as other:
        assert Manufacturer.objects.exists()
        assert list(findings(other, deep=True)) == []


def test_a_file_that_is_there_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.tar.gz"
    target.write_text("mine")
    with pytest.raises(RequestError, match="there already"):
        backup(store, target, os_user(store))
    assert target.read_text() == "mine"


def test_a_folder_that_is_not_empty_is_not_restored_into(
    store: Store, tmp_path: Path
) -> None:
    backup(store, tmp_path / "copy.tar.gz", os_user(store))
    with pytest.raises(RequestError, match="not empty"):
        restore(tmp_path / "copy.tar.gz", store.folder)


def test_a_file_that_is_no_backup_is_named(tmp_path: Path) -> None:
    source = tmp_path / "copy.tar.gz"
    source.write_bytes(b"garbage")
    with pytest.raises(RequestError, match="no backup"):
        restore(source, tmp_path / "other")
    assert not (tmp_path / "other").exists()
