"""A copy of a living store in one file, and a store out of such a file.

The database is copied by SQLite's own online copy, so that writers go on meanwhile
and the copy is one moment of the store. A restored store comes up paused: nothing
runs until somebody says so.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import RequestError, StoreError
from models.objects.fields import from_us, now_us
from models.people.access import os_user_name, require_superuser
from models.runs import queues
from models.schema.versions import SCHEMA_VERSION, read_version
from models.storage.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.people.access import User
    from models.storage.store import Store

FORMAT = 1
MANIFEST = "hookline.json"
PAGES_AT_ONCE = 1000
PARTS = ("config.yaml", "jobs", "files", "types")
PAUSE_REASON = "restored from a backup"


def backup(
    store: Store,
    target: Path,
    user: User,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write a copy of a store to a new file; it appears whole or not at all.

    Args:
        store: The store; it may be in use.
        target: The file to make, a compressed tar archive.
        user: Who wants it; all that is in the store is in the copy.
        progress: Called with pages copied and pages in all.

    Returns:
        The file's size in bytes.

    Raises:
        RefusedError: The user is no superuser.
        RequestError: The file is there already.
        StoreError: The copy could not be written.
    """
    require_superuser(user, "back up the store")
    if target.exists():
        raise RequestError(
            f"{target} is there already. Name a new file, or move it away.",
            on=str(target),
        )
    partial = target.with_name(f"{target.name}.partial")
    try:
        with _copied_database(store, progress) as database:
            _pack(store, database, partial)
        partial.replace(target)
    except OSError as error:
        raise StoreError(
            f"No backup was made: {error.strerror} on {error.filename or target}.",
            on=str(target),
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return target.stat().st_size


@contextlib.contextmanager
def _copied_database(
    store: Store, progress: Callable[[int, int], None] | None
) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hookline-backup-") as folder:
        path = Path(folder) / "store.db"
        target = sqlite3.connect(path)
        source = sqlite3.connect(store.db_path)
        try:
            source.backup(
                target,
                pages=PAGES_AT_ONCE,
                progress=lambda _, left, total: (
                    progress(total - left, total) if progress else None
                ),
            )
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            source.close()
            target.close()
        yield path


def _pack(store: Store, database: Path, target: Path) -> None:
    manifest = {
        "format": FORMAT,
        "schema": read_version(store),
        "made": from_us(now_us()).isoformat(),
        "by": os_user_name(),
        "folder": str(store.folder),
    }
    text = json.dumps(manifest, indent=1).encode()
    file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(file, "wb") as raw,
        tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive,
    ):
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
        archive.add(database, "store.db")
        for name in PARTS:
            if (store.folder / name).exists():
                archive.add(store.folder / name, name, filter=_without_caches)
        raw.flush()
        os.fsync(raw.fileno())


def _without_caches(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry


def restore(source: Path, folder: Path) -> Store:
    """Make a store out of a backup; it is open, and its queue is paused.

    Args:
        source: The backup.
        folder: The folder to make; must not be there, or be empty.

    Raises:
        RequestError: The folder is not empty, or the file is no backup.
    """
    if folder.exists() and any(folder.iterdir()):
        raise RequestError(
            f"{folder} is not empty. Name a new folder for the restored store.",
            on=str(folder),
        )
    _check(source)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    with tarfile.open(source, "r:gz") as archive:
        archive.extractall(folder, filter="data")
    (folder / MANIFEST).unlink()
    (folder / "store.db").chmod(0o600)
    store = open_store(folder)
    queues.pause_restored(by=os_user_name(), reason=PAUSE_REASON)
    return store


def _check(source: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            file = archive.extractfile(MANIFEST)
            manifest = json.load(file) if file else {}
    except (tarfile.TarError, KeyError, OSError, EOFError, ValueError) as error:
        raise RequestError(
            f"{source} is no backup of a Hookline store ({error}).", on=str(source)
        ) from error
    if manifest.get("format") != FORMAT or manifest["schema"] > SCHEMA_VERSION:
        raise RequestError(
            f"{source} was made by a newer Hookline (schema {manifest.get('schema')};"
            f" this one knows {SCHEMA_VERSION}). Upgrade Hookline.",
            on=str(source),
        )
