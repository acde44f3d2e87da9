"""Files that a run attaches to its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.storage.store import Store

NAME_LENGTH = 200


@frozen
class Attachment:
    """A file that lies in the store's `files/`, as its row names it."""

    name: str
    path: str
    size: int


def write(store: Store, result_id: int, name: str, content: bytes) -> Attachment:
    """Write a file into the folder of a job result.

    Raises:
        ValueError: It is too large, or its name is no plain file name.
    """
    check(store, name, content)
    folder = store.files_folder / str(result_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    number = 2
    while path.exists():
        path = folder / f"{number}-{name}"
        number += 1
    path.write_bytes(content)
    relative = str(path.relative_to(store.files_folder))
    return Attachment(name=name, path=relative, size=len(content))


def check(store: Store, name: str, content: bytes) -> None:
    """Refuse a file that is too large, or whose name is no plain file name.

    Raises:
        ValueError: Saying which.
    """
    most = store.settings.files.max_bytes
    if len(content) > most:
        raise ValueError(
            f"The file {name} has {len(content):,} bytes; the setting files.max_bytes"
            f" allows {most:,}."
        )
    if not name or len(name) > NAME_LENGTH or name in {".", ".."} or "/" in name:
        raise ValueError(f"{name!r} is no plain file name; leave folders out.")
    if not name.isprintable():
        raise ValueError(f"{name!r} holds control characters; leave them out.")


def insert(store: Store, result_id: int, attachments: Sequence[Attachment]) -> None:
    """Make the rows of attached files."""
    if not attachments:
        return
    with store.transaction():
        for file in attachments:
            store.execute(
                "INSERT INTO job_file (result_id, name, size, path) VALUES (?,?,?,?)",
                [result_id, file.name, file.size, file.path],
            )
