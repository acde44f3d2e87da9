"""A store for a group: who may read and write its files, set explicitly.

Whoever can write the files can change them past the program; there permissions guard
against mistakes alone.
"""

from __future__ import annotations

import grp
import os
import stat
from typing import TYPE_CHECKING

from models.errors import RequestError

if TYPE_CHECKING:
    from pathlib import Path

    from models.storage.store import Store

FOLDER_MODE = 0o2770
FILE_MODE = 0o660
UMASK = 0o007


def is_shared(folder: Path) -> bool:
    """Return whether a group may write to a folder."""
    return folder.exists() and bool(folder.stat().st_mode & stat.S_IWGRP)


def group_id(name: str) -> int:
    """Return the number of a group of the operating system.

    Raises:
        RequestError: There is none.
    """
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise RequestError(
            f"There is no group {name!r} on this machine. `getent group` lists them.",
            on=name,
        ) from None


def share(folder: Path, group: int) -> None:
    """Give a store to a group: folders 2770, so that new files follow; files 0660.

    Raises:
        RequestError: Another account owns it, or is not in the group.
    """
    try:
        _give(folder, group, FOLDER_MODE)
        for inside in sorted(folder.rglob("*")):
            if not inside.is_symlink():
                _give(inside, group, FOLDER_MODE if inside.is_dir() else FILE_MODE)
    except PermissionError as error:
        raise RequestError(
            f"{error.filename} cannot be given to the group: its owner must do it, and"
            " be in the group.",
            on=str(error.filename),
        ) from error


def _give(path: Path, group: int, mode: int) -> None:
    os.chown(path, -1, group)
    path.chmod(mode)  # after chown, which takes the setgid bit away


def heed(store: Store) -> None:
    """Let the group write what this process makes while a shared store is open."""
    if is_shared(store.folder):
        before = os.umask(UMASK)
        store.on_close.append(lambda: os.umask(before))
