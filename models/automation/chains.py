"""What led to a receiver's changes: the runs behind them, and their first change.

Hooks that accept chained changes alone ask. Three rules stop a chain: how deep it is,
whether it comes back to the same job and object, and how many runs its first change
has caused in all, however wide it fans out.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.storage.store import Store

_CAUSE = "SELECT job_id, object_id, caused_by FROM job_result WHERE id = ?"
_BATCH_OBJECTS = (
    "SELECT DISTINCT c.object_id FROM batch_change b"
    " JOIN object_change c ON c.id = b.change_id WHERE b.result_id = ?"
)
_ROOT = "SELECT coalesce(root_change_id, change_id) FROM job_result WHERE id = ?"
_CAME_OF = (
    "SELECT (SELECT count(*) FROM job_result WHERE root_change_id = :root)"
    " + (SELECT count(*) FROM job_result WHERE change_id = :root)"
)


class Chain:
    """The runs that led to the changes of one origin.

    Args:
        store: The store.
        cause_id: The run that made the changes; None for a person's.
    """

    def __init__(self, store: Store, cause_id: int | None) -> None:
        self._store = store
        self._cause_id = cause_id
        self._queued: set[int] = set()

    def depth(self, depth: int) -> str:
        """Return why nothing may follow so deep a change; empty if it may."""
        most = self._store.settings.hooks.max_depth
        return f"{depth} runs led here{self._tail}" if depth >= most else ""

    def loop(self, job_id: int, object_id: bytes) -> str:
        """Return by which runs a job comes back to an object; empty if it does not."""
        return self._behind[0].get((job_id, object_id), "")

    def over_budget(self) -> str:
        """Return why the first change may cause no more runs; empty if it may."""
        most = self._store.settings.hooks.budget
        if not most or self._root is None:
            return ""
        count = self._came_before + len(self._queued)
        if count < most:
            return ""
        return f"{count} runs came of change {self._root}{self._tail}"

    def note_queued(self, result_id: int) -> None:
        """Count a run that was queued here; one that takes several changes once."""
        self._queued.add(result_id)

    @functools.cached_property
    def _root(self) -> int | None:
        row = self._store.execute(_ROOT, [self._cause_id]).fetchone()
        return None if row is None else row[0]

    @functools.cached_property
    def _came_before(self) -> int:
        # Other processes queue too, but not while this one has the write lock.
        row = self._store.execute(_CAME_OF, {"root": self._root}).fetchone()
        return int(row[0]) - len(self._queued)

    @property
    def _tail(self) -> str:
        path = self._behind[1]
        return f": results {' < '.join(path)}" if path else ""

    @functools.cached_property
    def _behind(self) -> tuple[dict[tuple[int, bytes], str], list[str]]:
        """Return job and object of each run that led here, and their numbers."""
        most = self._store.settings.hooks.max_depth
        runs: dict[tuple[int, bytes], str] = {}
        path: list[str] = []
        number = self._cause_id
        while number is not None and len(path) < most:
            row = self._store.execute(_CAUSE, [number]).fetchone()
            if row is None:
                break
            path.append(str(number))
            words = f"by results {' < '.join(path)}"
            for key in self._objects_of(number, row[1]):
                runs.setdefault((row[0], key), words)
            number = row[2]
        return runs, path

    def _objects_of(self, result_id: int, object_id: bytes | None) -> list[bytes]:
        if object_id is not None:
            return [bytes(object_id)]
        rows = self._store.execute(_BATCH_OBJECTS, [result_id])
        return [bytes(row[0]) for row in rows] or [b""]
