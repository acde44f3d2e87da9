"""What a reader is asked for and what it sends back.

The values that pass between the reader's thread and the screen, and the rows the
screen keeps of them. Everything is immutable but `Rows`, which the screen owns.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from models.values import frozen
from tui.lists.pager import PAGE_ROWS, PAGES_KEPT, Count, Key, Page


@frozen
class View:
    """What part of a list is on the screen.

    Attributes:
        cursor: Index of the row the cursor is on.
        key: Key of that row, if known: the cursor follows it when rows move.
        top: Index of the first row shown.
        height: How many rows are shown.
    """

    cursor: int = 0
    key: Key | None = None
    top: int = 0
    height: int = 1

    def settle(self, position: int | None, total: int) -> View:
        """Return the view for a list in which the cursor's row now stands elsewhere.

        The row keeps its line on the screen, but a view at the top stays at the top.

        Args:
            position: Where the row stands now, None if it is gone.
            total: How many rows there are now.
        """
        cursor = self.cursor if position is None else position
        cursor = max(0, min(cursor, total - 1))
        top = 0 if self.top == 0 else self.top + cursor - self.cursor
        top = max(min(top, cursor), cursor - self.height + 1)
        top = max(0, min(top, total - self.height))
        return View(cursor=cursor, key=self.key, top=top, height=self.height)

    def pages(self) -> range:
        """Return the numbers of the pages that this view shows."""
        last = self.top + max(self.height, 1) - 1
        return range(self.top // PAGE_ROWS, last // PAGE_ROWS + 1)


@frozen
class Loaded:
    """A query was opened or read again; all earlier pages are void.

    Attributes:
        asked: The view the request was made for.
        position: Where its cursor's row stands now, None if it is gone.
        sorts_without_index: Whether each page has to sort the whole list.
    """

    generation: int
    asked: View
    position: int | None
    count: Count
    pages: tuple[Page, ...]
    sorts_without_index: bool


@frozen
class PageRead:
    """A page has come."""

    generation: int
    page: Page
    count: Count


@frozen
class Counted:
    """The exact count is known."""

    generation: int
    count: Count


@frozen
class Found:
    """A search has ended; position is None if nothing contains the text."""

    generation: int
    text: str
    position: int | None


@frozen
class ReadFailed:
    """A read has failed; what was asked for will not come."""

    generation: int
    error: Exception


Result = Loaded | PageRead | Counted | Found | ReadFailed


class Rows:
    """The rows in memory on the screen's side: the pages delivered last."""

    def __init__(self) -> None:
        self._pages: OrderedDict[int, Page] = OrderedDict()

    def clear(self) -> None:
        """Forget all."""
        self._pages.clear()

    def keep(self, page: Page) -> None:
        """Take a page in, and let the oldest go when there are too many."""
        self._pages[page.number] = page
        self._pages.move_to_end(page.number)
        if len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)

    def has(self, view: View, total: int) -> bool:
        """Say whether all rows of a view are here."""
        last = max(0, total - 1) // PAGE_ROWS
        return all(number in self._pages for number in view.pages() if number <= last)

    def key(self, index: int) -> Key | None:
        """Return the key of a row; None if it is not here."""
        page = self._pages.get(index // PAGE_ROWS)
        offset = index % PAGE_ROWS
        return page.keys[offset] if page and offset < len(page.keys) else None

    def values(self, index: int) -> tuple[Any, ...] | None:
        """Return the values of a row; None if it is not here."""
        page = self._pages.get(index // PAGE_ROWS)
        offset = index % PAGE_ROWS
        return page.rows[offset] if page and offset < len(page.rows) else None
