"""Savepoints that take back what was kept in memory, too.

A short context keeps its changes in memory until it commits. When a block inside it
fails and its rows are rolled back, what it recorded since must go as well.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import peewee

if TYPE_CHECKING:
    from collections.abc import Callable


class UndoLog(threading.local):
    """What takes back the steps of the open transaction, in order; one per thread."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []

    def add(self, take_back: Callable[[], None]) -> None:
        """Note how to take back a step that was just done."""
        self._steps.append(take_back)

    def mark(self) -> int:
        """Return the place to go back to."""
        return len(self._steps)

    def back_to(self, mark: int) -> None:
        """Take back what was done since, the last first."""
        while len(self._steps) > mark:
            self._steps.pop()()

    def clear(self) -> None:
        """Forget the steps: the transaction is over."""
        self._steps.clear()


class Savepoint(peewee._savepoint):  # noqa: SLF001 - the class that peewee's atomic() asks for
    """A savepoint of a database that has an undo log."""

    def _begin(self) -> None:
        self.place: int = self.db.undo.mark()
        super()._begin()

    def rollback(self, begin: Any = True) -> None:  # noqa: FBT002 - peewee's signature
        """Roll the rows back, and what is kept in memory with them."""
        super().rollback(begin)
        self.db.undo.back_to(self.place)
