"""Much work in small transactions: others get to write between them.

What is written so stands under one request and is taken back whole when it fails, or
when the process dies: it is all there in the end, or nothing is.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from models.automation import outbox
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from models.history.context import ActiveContext

    class OpenChange(Protocol):
        """Opens a change context: of a screen, or of a command."""

        def __call__(
            self, *, transaction: bool, on_abandon: Any, mute: str
        ) -> AbstractContextManager[ActiveContext]:
            """Open it; short or long."""


T = TypeVar("T")

ONE_TRANSACTION = 500
"""So many objects are written in one transaction; more in pieces."""
FIRST_PIECE = 50
SMALLEST_PIECE, LARGEST_PIECE = 5, 200
PIECE_S = 0.02
"""How long a piece may hold the write lock, so that people's saves get through."""


class Pieces(Generic[T]):
    """Works a piece at a time, each in a transaction as long as others can wait.

    Args:
        work: Writes some items.
    """

    def __init__(self, work: Callable[[list[T]], object]) -> None:
        self._work = work
        self._store = current_store()
        self._size = FIRST_PIECE

    def of(self, items: Iterable[T]) -> Iterator[int]:
        """Work items off; yield how many each piece had when it is committed."""
        left = iter(items)
        while piece := list(itertools.islice(left, self._size)):
            began = time.monotonic()
            with self._store.transaction():
                self._work(piece)
            took = max(time.monotonic() - began, 0.0001)
            size = round(self._size * min(2.0, PIECE_S / took))
            self._size = max(SMALLEST_PIECE, min(size, LARGEST_PIECE))
            yield len(piece)


@contextlib.contextmanager
def all_or_nothing(
    change: OpenChange, *, count: int, mute: str = ""
) -> Iterator[ActiveContext]:
    """Open a change context for that many objects; take all back when it fails.

    Args:
        change: Opens the context.
        count: How many objects will be written, about.
        mute: A reason why no hook is to fire.
    """
    is_short = count <= ONE_TRANSACTION
    with change(transaction=is_short, on_abandon="revert", mute=mute) as active:
        try:
            yield active
        except BaseException:
            if not is_short and active.row_id is not None:
                outbox.revert_context(active.store, active.row_id)
                active.row_id = None
            raise
