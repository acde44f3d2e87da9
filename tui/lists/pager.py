"""Read lists of any length a page at a time.

A list on the screen shows a few dozen rows of what may be ten million. `SqlPager`
reads 200 at a time and gets near any row cheaply: it remembers where the pages it
has visited begin and end (anchors), continues from the nearest one, or from the end
of the list when that is nearer, and leaves the wide columns to a late join of the
200 rows found. It knows nothing of screens; `tui.lists.reader` gives it a thread.

What SQL differs between engines stands in `tui.lists.dialect`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

from models.values import frozen
from tui.lists.dialect import SQLITE, Dialect
from tui.lists.keyset import (
    EVERYTHING,
    Condition,
    Position,
    SortColumn,
    reversed_order,
    segments_after,
)

PAGE_ROWS = 200
PAGES_KEPT = 12
COUNT_CAP = 10_000

Direction = Literal[1, -1]
Key = Hashable


Connect = Callable[[], Any]
"""Opens a DB-API connection; called in the thread that will use it."""


@frozen
class ListQuery:
    """What a list shows, in which order.

    Attributes:
        columns: SQL of each column to show.
        source: The table with its alias, such as `dcim_device AS d`.
        key: The unique, never NULL column that names a row, such as `d.id`.
        joins: Joins only the shown columns need; at most one row each.
        filter_joins: Joins the condition or the order need; at most one row each.
        where: The condition, empty for all rows.
        params: The values of the condition.
        sort: The columns to sort by; the key breaks ties, in the last one's direction.
        search: SQL of the columns `find` looks in; all shown columns by default.
    """

    columns: tuple[str, ...]
    source: str
    key: str
    joins: str = ""
    filter_joins: str = ""
    where: str = ""
    params: tuple[Any, ...] = ()
    sort: tuple[SortColumn, ...] = ()
    search: tuple[str, ...] = ()

    def order(self) -> tuple[SortColumn, ...]:
        """Return the sort columns and the key that makes the order total."""
        descending = bool(self.sort) and self.sort[-1].descending
        return (*self.sort, SortColumn(sql=self.key, descending=descending))


@frozen
class Count:
    """How many rows there are, or that there are more than so many."""

    value: int
    is_exact: bool

    def __str__(self) -> str:
        return f"{self.value:,}" if self.is_exact else f"more than {self.value:,}"


@frozen
class Page:
    """Rows `start`, `start + 1`, … of a list, with their keys and positions."""

    number: int
    keys: tuple[Key, ...]
    rows: tuple[tuple[Any, ...], ...]
    positions: tuple[Position, ...]

    @property
    def start(self) -> int:
        """Return the index of the first row."""
        return self.number * PAGE_ROWS


class SqlPager:
    """Read pages of a query, each from the nearest place already known.

    Not thread-safe: one thread owns it, and its connection with it.

    Args:
        connect: Opens the connection, at the first read.
        query: What to list.
        is_cancelled: Says, while a statement runs, that nobody waits for it any more.
    """

    def __init__(
        self,
        connect: Connect,
        query: ListQuery,
        *,
        dialect: Dialect = SQLITE,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._connect = connect
        self._dialect = dialect
        self._is_cancelled = is_cancelled
        self._connection: Any = None
        self._depth = 0
        self._use(query)

    def _use(self, query: ListQuery) -> None:
        self.query = query
        self._order = query.order()
        where = f"({query.where})" if query.where else ""
        self._where = Condition(where, query.params)
        self.forget()

    def set_query(self, query: ListQuery) -> None:
        """List something else, over the same connection."""
        self._use(query)

    def forget(self) -> None:
        """Drop all that was read: the store has changed."""
        self._pages: OrderedDict[int, Page] = OrderedDict()
        self._anchors: dict[int, Position] = {}
        self._anchored: list[int] = []
        self._count: Count | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def interrupt(self) -> None:
        """Stop the statement that is running; to be called from another thread."""
        if self._connection is not None:
            self._dialect.interrupt(self._connection)

    @property
    def connection(self) -> Any:
        """Return the connection, opened when first asked for."""
        if self._connection is None:
            self._connection = self._connect()
            self._dialect.watch(self._connection, self._is_cancelled)
        return self._connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads inside see one state of the store."""
        self._depth += 1
        try:
            if self._depth == 1:
                self.connection.rollback()  # an interrupted read may have left one
                self.connection.execute("BEGIN")
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self.connection.rollback()

    # -- counting

    def known_count(self) -> Count | None:
        """Return the count if one was made since the last change."""
        return self._count

    def count(self, *, exact: bool = False) -> Count:
        """Count the rows: up to the cap, or all of them where that may take its time.

        Of ten million rows the cap takes 0.1 to 10 ms; all take 70 ms, and half a
        second with a condition that no index serves.
        """
        if self._count is None or (exact and not self._count.is_exact):
            if exact:
                self._count = Count(value=self._count_in(EVERYTHING), is_exact=True)
            else:
                counted = self._count_in(EVERYTHING, most=COUNT_CAP + 1)
                value = min(counted, COUNT_CAP)
                self._count = Count(value=value, is_exact=counted <= COUNT_CAP)
        return self._count

    def _count_in(self, condition: Condition, *, most: int | None = None) -> int:
        """Count the rows of a condition, up to so many."""
        sql = f"SELECT 1 {self._tail(condition)}"
        if most is not None:
            sql = f"SELECT count(*) FROM ({sql} LIMIT {most}) AS capped"
        else:
            sql = f"SELECT count(*) {self._tail(condition)}"
        params = (self._where & condition).params
        row = self.connection.execute(self._dialect.bind(sql), params).fetchone()
        return int(row[0])

    def _tail(self, condition: Condition) -> str:
        where = (self._where & condition).sql
        tail = f"FROM {self.query.source} {self.query.filter_joins}"
        return f"{tail} WHERE {where}" if where else tail

    # -- pages

    def cached(self, number: int) -> Page | None:
        """Return a page if it is still in memory."""
        return self._pages.get(number)

    def page(self, number: int) -> Page:
        """Read rows 200·n to 200·n + 199; fewer, or none, at the end of the list."""
        if number in self._pages:
            self._pages.move_to_end(number)
            return self._pages[number]
        with self.snapshot():
            page = self._read(number)
        self._remember(page)
        return page

    def _remember(self, page: Page) -> None:
        self._pages[page.number] = page
        if len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        if page.positions:
            self._anchor(page.start, page.positions[0])
            self._anchor(page.start + len(page.positions) - 1, page.positions[-1])
        self._learn_end(page)

    def _learn_end(self, page: Page) -> None:
        is_last = 0 < len(page.keys) < PAGE_ROWS or (page.number == 0 and not page.keys)
        if is_last and (self._count is None or not self._count.is_exact):
            self._count = Count(value=page.start + len(page.keys), is_exact=True)

    def _anchor(self, index: int, position: Position) -> None:
        if index not in self._anchors:
            insort(self._anchored, index)
        self._anchors[index] = position

    def _read(self, number: int) -> Page:
        start, end = number * PAGE_ROWS, (number + 1) * PAGE_ROWS
        total = self._count.value if self._count and self._count.is_exact else None
        if total is not None:
            end = min(end, total)
        if start >= end:
            return Page(number=number, keys=(), rows=(), positions=())
        before, skipped = self._nearest_before(start)
        after, left = self._nearest_after(end, total)
        if left is not None and left < skipped:
            found = self._walk(after, left, end - start, forward=False)
            found.reverse()
        else:
            found = self._walk(before, skipped, PAGE_ROWS, forward=True)
        return self._page_of(number, found)

    def _page_of(self, number: int, found: list[tuple[Any, ...]]) -> Page:
        cells = len(self._order)
        return Page(
            number=number,
            keys=tuple(row[cells - 1] for row in found),
            rows=tuple(tuple(row[cells:]) for row in found),
            positions=tuple(tuple(row[:cells]) for row in found),
        )

    def _nearest_before(self, start: int) -> tuple[Position | None, int]:
        """Return the nearest anchor before a row, and how many rows lie between."""
        place = bisect_left(self._anchored, start) - 1
        if place < 0:
            return None, start
        index = self._anchored[place]
        return self._anchors[index], start - index - 1

    def _nearest_after(
        self, end: int, total: int | None
    ) -> tuple[Position | None, int | None]:
        place = bisect_left(self._anchored, end)
        if place < len(self._anchored):
            index = self._anchored[place]
            return self._anchors[index], index - end
        return None, None if total is None else total - end

    def _walk(
        self, position: Position | None, skip: int, limit: int, *, forward: bool
    ) -> list[tuple[Any, ...]]:
        """Read rows after a position (before it, backwards, if not forward)."""
        order = self._order if forward else reversed_order(self._order)
        segments = [EVERYTHING] if position is None else segments_after(order, position)
        found: list[tuple[Any, ...]] = []
        for segment in segments:
            rows = self._range(segment, order, limit - len(found), skip)
            found += rows
            if len(found) >= limit:
                break
            if rows:
                skip = 0
            elif skip:
                skip -= self._count_in(segment, most=skip)
        return found

    def _range(
        self,
        segment: Condition,
        order: tuple[SortColumn, ...],
        limit: int,
        skip: int,
    ) -> list[tuple[Any, ...]]:
        """Read one index range: narrow rows first, then the wide columns of those."""
        query, dialect = self.query, self._dialect
        names = [f"p{i}" for i in range(len(order))]
        narrow = ", ".join(
            f"{column.sql} AS {name}" for column, name in zip(order, names, strict=True)
        )
        inner = (
            f"SELECT {narrow} {self._tail(segment)} ORDER BY {dialect.order_by(order)}"
            f" LIMIT {limit} OFFSET {skip}"
        )
        outside = tuple(
            replace(column, sql=f"found.{name}")
            for column, name in zip(order, names, strict=True)
        )
        wide = ", ".join([f"found.{name}" for name in names] + list(query.columns))
        sql = (
            f"SELECT {wide} FROM ({inner}) AS found"
            f" {dialect.late_join} {query.source} ON {query.key} = found.{names[-1]}"
            f" {query.filter_joins} {query.joins}"
            f" ORDER BY {dialect.order_by(outside)}"
        )
        params = (self._where & segment).params
        rows = self.connection.execute(dialect.bind(sql), params).fetchall()
        return list(rows)

    # -- places

    def locate(self, key: Key, *, near: int = 0) -> int | None:
        """Return the index of the row with this key; None if it is not in the list.

        Args:
            key: The key to look for.
            near: About where it should be: rows are counted from the nearer end.
        """
        with self.snapshot():
            position = self._position(key)
            return None if position is None else self._rank(position, near=near)

    def _position(self, key: Key) -> Position | None:
        condition = Condition(f"{self.query.key} = ?", (key,))
        narrow = ", ".join(column.sql for column in self._order)
        sql = self._dialect.bind(f"SELECT {narrow} {self._tail(condition)}")
        row = self.connection.execute(sql, (self._where & condition).params).fetchone()
        return None if row is None else tuple(row)

    def _rank(self, position: Position, *, near: int = 0) -> int:
        """Count the rows before a position."""
        if self._count and self._count.is_exact and near > self._count.value // 2:
            after = segments_after(self._order, position)
            return self._count.value - 1 - sum(map(self._count_in, after))
        before = segments_after(reversed_order(self._order), position)
        return sum(map(self._count_in, before))

    def find(self, text: str, start: int, direction: Direction = 1) -> int | None:
        """Return the index of the next row after `start` that contains a text.

        Looks on from the other end when nothing follows; case does not matter.

        Args:
            text: What to look for, as it stands.
            start: The row to start behind; -1 to look from the first.
            direction: 1 to look down, -1 up.
        """
        with self.snapshot():
            position = self._position_at(start)
            order = self._order if direction > 0 else reversed_order(self._order)
            if position is not None:
                for segment in segments_after(order, position):
                    if (hit := self._first_match(text, segment, order)) is not None:
                        return self._rank(hit)
            hit = self._first_match(text, EVERYTHING, order)
            return None if hit is None else self._rank(hit)

    def _position_at(self, index: int) -> Position | None:
        if index < 0:
            return None
        page = self.page(index // PAGE_ROWS)
        offset = index - page.start
        return page.positions[offset] if offset < len(page.positions) else None

    def _first_match(
        self, text: str, segment: Condition, order: tuple[SortColumn, ...]
    ) -> Position | None:
        query, dialect = self.query, self._dialect
        columns = query.search or query.columns
        any_of = " OR ".join(dialect.contains(column) for column in columns)
        pattern = dialect.pattern(text)
        condition = segment & Condition(f"({any_of})", (pattern,) * len(columns))
        bound = self._where & condition
        narrow = ", ".join(column.sql for column in order)
        sql = (
            f"SELECT {narrow} FROM {query.source} {query.filter_joins} {query.joins}"
            f" WHERE {bound.sql} ORDER BY {dialect.order_by(order)} LIMIT 1"
        )
        row = self.connection.execute(dialect.bind(sql), bound.params).fetchone()
        return None if row is None else tuple(row)

    def sorts_without_index(self) -> bool:
        """Say whether every page must sort the whole list first."""
        narrow = ", ".join(column.sql for column in self._order)
        sql = (
            f"SELECT {narrow} {self._tail(EVERYTHING)}"
            f" ORDER BY {self._dialect.order_by(self._order)}"
        )
        return self._dialect.is_sorting(self.connection, sql, self._where.params)
