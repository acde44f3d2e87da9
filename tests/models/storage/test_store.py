"""The store's door: what opens, what is refused, and that nothing is damaged."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from models import errors
from models.inventory.dcim import Manufacturer
from models.schema.versions import SCHEMA_VERSION
from models.storage.gate import WriteGate
from models.storage.store import (
    current_store,
    explain,
    is_owner_alive,
    open_store,
    refuse_network,
    using_store,
)

if TYPE_CHECKING:
    from pathlib import Path

    from models.storage.store import Store


def test_a_new_store_is_for_its_owners_eyes_only(store: Store) -> None:
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.db_path.stat().st_mode) == 0o600


def test_a_store_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError, match="hookline init"):
        open_store(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "store.db").write_bytes(b"not a database, but long enough" * 10)
    before = (folder / "store.db").read_bytes()
    with pytest.raises(errors.NotAStoreError):
        open_store(folder)
    assert (folder / "store.db").read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    with sqlite3.connect(folder / "store.db") as other:
        other.execute("CREATE TABLE theirs (id)")
    other.close()
    with pytest.raises(errors.NotAStoreError):
        open_store(folder)
    with sqlite3.connect(folder / "store.db") as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [
            ("theirs",)
        ]
    other.close()


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    open_store(tmp_path / "store", create=True).close()
    path = tmp_path / "store" / "store.db"
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    raw.close()
    with pytest.raises(errors.NewerStoreError, match="Upgrade Hookline"):
        open_store(tmp_path / "store")


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    open_store(tmp_path / "store", create=True).close()
    path = tmp_path / "store" / "store.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    with pytest.raises(errors.StoreError):
        store = open_store(tmp_path / "store")
        with store, store.translated():
            Manufacturer.objects.count()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    open_store(tmp_path / "store", create=True).close()
    (tmp_path / "store").chmod(0o500)
    with pytest.raises(errors.ReadOnlyStoreError):
        open_store(tmp_path / "store")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("database is locked", errors.LockedStoreError),
        ("database or disk is full", errors.FullDiskError),
        ("attempt to write a readonly database", errors.ReadOnlyStoreError),
        ("file is not a database", errors.NotAStoreError),
        ("database disk image is malformed", errors.DamagedStoreError),
        ("something else", errors.StoreError),
    ],
)
def test_a_databases_error_is_explained(
    text: str, kind: type[errors.StoreError]
) -> None:
    found = explain(sqlite3.OperationalError(text), "/data/store.db")
    assert type(found) is kind
    assert found.exit_code == 3
    assert "/data/store.db" in found.message


def test_a_full_disk_loses_nothing_and_says_so(store: Store) -> None:
    Manufacturer.objects.create(name="kept")
    pages = store.execute("PRAGMA page_count").fetchone()[0]
    store.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(errors.FullDiskError, match="Make room"):
        for number in range(2000):
            Manufacturer.objects.create(name=f"m{number}", description="x" * 500)
    store.execute("PRAGMA max_page_count = 1000000")
    Manufacturer.objects.create(name="after")
    names = Manufacturer.objects.values_list("name", flat=True)
    assert {"kept", "after"} <= set(names)
    changes = store.execute("SELECT count(*) FROM object_change").fetchone()[0]
    assert changes == len(names)
    assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_network_file_system_is_refused(tmp_path: Path) -> None:
    mounts = (
        "20 1 0:1 / / rw - ext4 /dev/root rw\n"
        f"21 20 0:2 / {tmp_path} rw - nfs4 server:/export rw\n"
    )
    with pytest.raises(errors.NetworkStoreError, match="nfs4"):
        refuse_network(tmp_path / "store", mounts)
    refuse_network(tmp_path.parent, mounts)


def test_a_lock_held_for_long_is_told(store: Store) -> None:
    import fcntl

    gate = WriteGate(store.run_folder, timeout_s=0.05)
    with (store.run_folder / "write.lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(errors.LockedStoreError, match="busy"):
            gate.acquire()
    gate.acquire()
    gate.release()
    gate.close()


def test_writers_take_turns(store: Store) -> None:
    order: list[str] = []
    hog_holds, stop = threading.Event(), threading.Event()

    def hog() -> None:
        with using_store(store):
            while not stop.is_set():
                with store.transaction():
                    hog_holds.set()
                    order.append("hog")
        store.database.close()

    thread = threading.Thread(target=hog)
    thread.start()
    hog_holds.wait(10)
    for _ in range(20):
        with store.transaction():
            order.append("me")
    stop.set()
    thread.join(10)
    assert order.count("me") == 20


def test_an_owner_is_alive_while_its_process_is(store: Store) -> None:
    code = (
        "import sys; from models.storage.store import open_store;"
        " s = open_store(sys.argv[1]); print(s.owner(), flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    owner = process.stdout.readline().strip()
    assert is_owner_alive(store, owner)
    process.kill()
    process.communicate()
    assert not is_owner_alive(store, owner)


def test_two_processes_may_make_a_store_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from models.storage.store import open_store;"
        " open_store(sys.argv[1], create=True).close()"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "store")])
        for _ in range(2)
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    with open_store(tmp_path / "store") as store:
        assert store.execute('SELECT count(*) FROM "user"').fetchone()[0] == 1


def test_a_model_can_be_bound_to_another_store_in_one_thread(
    store: Store, tmp_path: Path
) -> None:
    other = open_store(tmp_path / "other", create=True, durable=False)
    with using_store(store):
        Manufacturer.objects.create(name="here")
    assert Manufacturer.objects.count() == 0
    other.close()
    with using_store(store):
        assert Manufacturer.objects.count() == 1
    with pytest.raises(errors.RequestError):
        current_store()


def test_a_long_path_can_be_poked(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    with open_store(folder, create=True) as store:
        store.poke()
