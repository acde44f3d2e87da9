"""The shape of a store's folder and database, and how both come up to date."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from models import errors
from models.storage import sharing
from models.storage.holders import is_private, refuse_others

if TYPE_CHECKING:
    import sqlite3

    from models.storage.store import Store

SCHEMA_VERSION = 1
MIGRATIONS = Path(__file__).parents[1] / "migrations"


def prepare_folder(folder: Path) -> None:
    """Make the folder and those inside it, for the owner's eyes only."""
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    elif not folder.is_dir():
        raise errors.NotAStoreError(
            f"{folder} is a file. A store is a folder; name that.", on=str(folder)
        )
    mode = sharing.FOLDER_MODE if sharing.is_shared(folder) else 0o700
    for name in ("jobs", "files", "run"):
        inside = folder / name
        if not inside.exists():
            inside.mkdir(mode=0o700, exist_ok=True)
            inside.chmod(mode)


def bring_up_to_date(store: Store, *, migrating: bool = False) -> None:
    """Check whose database this is, and apply the migrations that it lacks.

    A store that others could write, or have open, is left to `hookline migrate`.

    Args:
        store: The store that is being opened.
        migrating: Leave it as it is, for `hookline migrate`.

    Raises:
        NotAStoreError: The file belongs to another program.
        NewerStoreError: A newer Hookline made it.
        StoreError: It is behind, and cannot be changed just now.
    """
    path = store.db_path
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    version = read_version(store)
    if version > SCHEMA_VERSION:
        raise errors.NewerStoreError(
            f"The store {store.folder} was made by a newer Hookline (schema"
            f" {version}; this one knows {SCHEMA_VERSION}). Upgrade Hookline;"
            " nothing was changed.",
            on=str(store.folder),
        )
    if version == 0:
        migrate(store)
    elif version < SCHEMA_VERSION and not migrating:
        what = f"The store has schema {version}, this Hookline needs {SCHEMA_VERSION}."
        refuse_others(store, what)
        if not is_private(store):
            raise errors.StoreError(
                f"{what} Others use the store {store.folder}, so it is not changed by"
                " the way. Run `hookline migrate`.",
                on=str(store.folder),
            )
        migrate(store)


def pending(store: Store) -> list[str]:
    """Return the names of the migrations that the store lacks, in their order."""
    from playhouse.migrations import Runner

    if read_version(store) >= SCHEMA_VERSION:
        return []
    rows = Runner(store.database, str(MIGRATIONS)).status()
    return [row.name for row in rows if row.applied is None]


def read_version(store: Store) -> int:
    """Return the schema's number; 0 for a new database."""
    from models.storage.store import APPLICATION_ID

    version = int(store.execute("PRAGMA user_version").fetchone()[0])
    if version == 0:
        return 0
    if store.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise errors.NotAStoreError(
            f"{store.db_path} is not a Hookline store. Name the store's folder.",
            on=str(store.db_path),
        )
    return version


def migrate(store: Store) -> None:
    """Apply every migration above the store's version, in one transaction.

    Two processes may open a new store at once: the version is read again under the
    write lock, so that one of them migrates and the other finds it done.
    """
    from playhouse.migrations import Runner

    from models.storage.store import APPLICATION_ID

    store.gate.acquire()
    try:
        store.execute("PRAGMA journal_mode = WAL")
    finally:
        store.gate.release()
    if read_version(store) == 0 and foreign_tables(store):
        raise errors.NotAStoreError(
            f"{store.db_path} is a database of another program. Name another folder.",
            on=str(store.db_path),
        )
    with store.transaction():
        if read_version(store) < SCHEMA_VERSION:
            Runner(store.database, str(MIGRATIONS)).up()
            store.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            store.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def foreign_tables(store: Store) -> bool:
    """Return whether the database holds tables, though it has no version."""
    with_tables: sqlite3.Cursor = store.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    return with_tables.fetchone() is not None
