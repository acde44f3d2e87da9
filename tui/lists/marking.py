"""The rows of a list from one to another, in the list's own order. No Textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.lists.pager import PAGE_ROWS, SqlPager

if TYPE_CHECKING:
    from tui.lists.pager import Connect, Key, ListQuery

MOST_MARKED = 100_000


def keys_between(connect: Connect, query: ListQuery, one: Key, other: Key) -> set[Key]:
    """Return the keys of the rows between two, with both; at most so many.

    Args:
        connect: Opens a connection.
        query: The list.
        one: The key of a row.
        other: The key of another; nothing is between rows that are gone.
    """
    pager = SqlPager(connect, query)
    try:
        with pager.snapshot():
            places = [pager.locate(key) for key in (one, other)]
            known = sorted(place for place in places if place is not None)
            if len(known) < 2:
                return set()
            first, last = known
            last = min(last, first + MOST_MARKED - 1)
            return _keys(pager, first, last)
    finally:
        pager.close()


def _keys(pager: SqlPager, first: int, last: int) -> set[Key]:
    found: set[Key] = set()
    for number in range(first // PAGE_ROWS, last // PAGE_ROWS + 1):
        page = pager.page(number)
        begin, end = max(0, first - page.start), last - page.start + 1
        found.update(page.keys[begin:end])
    return found
