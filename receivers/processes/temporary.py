"""Folders for temporary files of runs, named so that those of the dead can be found.

A folder's name holds the store and the owner whose runs use it; the owner's lock tells
whether anybody still does. What a process that was killed left is removed by the next
rescue.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from models.storage.store import is_owner_alive

if TYPE_CHECKING:
    from models.storage.store import Store


def _prefix(store: Store) -> str:
    folder = os.fsencode(store.folder.resolve())
    return f"hookline-{hashlib.sha256(folder).hexdigest()[:12]}-"


def make_folder(store: Store) -> Path:
    """Make the folder of this process's runs, for its own eyes only."""
    path = Path(tempfile.gettempdir()) / f"{_prefix(store)}{store.owner()}"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def sweep(store: Store) -> None:
    """Remove the folders of owners that are gone."""
    prefix = _prefix(store)
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        owner = path.name.removeprefix(prefix)
        if _is_ours(path) and not is_owner_alive(store, owner):
            shutil.rmtree(path, ignore_errors=True)


def _is_ours(path: Path) -> bool:
    """Return whether it is a folder of this user's: anybody may make names there."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
