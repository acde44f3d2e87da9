from __future__ import annotations

import queue
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.patience import PATIENCE_S
from tui.lists.keyset import SortColumn
from tui.lists.pager import COUNT_CAP, ListQuery
from tui.lists.reader import PageReader
from tui.lists.rows import (
    Counted,
    Found,
    Loaded,
    PageRead,
    ReadFailed,
    Result,
    Rows,
    View,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = ListQuery(
    columns=("t.name",),
    source="thing AS t",
    key="t.id",
    sort=(SortColumn(sql="t.name"),),
)


class Reading:
    """A reader over a file, and what it has delivered."""

    def __init__(self, path: Path, query: ListQuery = ALL) -> None:
        self.path = path
        self.delivered: queue.Queue[Result] = queue.Queue()
        self.reader = PageReader(self.connect, query, self.delivered.put)

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path)

    def write(self, sql: str) -> None:
        with self.connect() as connection:
            connection.execute(sql)
        connection.close()

    def wait(self, kind: type[Any]) -> Any:
        """Return the next result of a kind; others are passed over."""
        while True:
            result = self.delivered.get(timeout=PATIENCE_S)
            if isinstance(result, kind):
                return result


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("CREATE INDEX thing_name ON thing (name, id)")
    names = ((i, f"name {i:05}") for i in range(COUNT_CAP + 50))
    connection.executemany("INSERT INTO thing VALUES (?, ?)", names)
    connection.commit()
    connection.close()
    reading = Reading(path)
    yield reading
    reading.reader.close()


def test_the_first_view_comes_with_the_count(reading: Reading) -> None:
    reading.reader.start()
    loaded = reading.wait(Loaded)
    assert str(loaded.count) == "more than 10,000"
    assert [page.number for page in loaded.pages] == [0]
    assert not loaded.sorts_without_index


def test_a_neighbour_is_read_unasked(reading: Reading) -> None:
    reading.reader.start()
    assert reading.wait(PageRead).page.number == 1


def test_a_requested_page_comes_before_its_neighbours(reading: Reading) -> None:
    reading.reader.start()
    reading.wait(PageRead)
    reading.reader.request([20])
    numbers = [reading.wait(PageRead).page.number for _ in range(3)]
    assert numbers == [20, 21, 19]


def test_a_capped_count_is_made_exact_when_there_is_time(reading: Reading) -> None:
    reading.reader.start()
    assert str(reading.wait(Counted).count) == "10,050"
    reading.reader.invalidate(View())
    assert str(reading.wait(Loaded).count) == "10,050"


def test_a_changed_store_is_read_again_by_key(reading: Reading) -> None:
    reading.reader.start()
    reading.wait(Counted)
    reading.write("INSERT INTO thing VALUES (90000, 'a first one')")
    reading.reader.invalidate(View(cursor=300, key=300, top=290, height=20))
    loaded = reading.wait(Loaded)
    assert loaded.position == 301
    assert loaded.count.value == COUNT_CAP + 51
    assert [page.number for page in loaded.pages] == [1]


def test_a_row_that_is_gone_has_no_position(reading: Reading) -> None:
    reading.reader.start()
    reading.wait(Loaded)
    reading.write("DELETE FROM thing WHERE id = 3")
    reading.reader.invalidate(View(cursor=3, key=3, top=0, height=20))
    assert reading.wait(Loaded).position is None


def test_a_search_ends_with_the_place(reading: Reading) -> None:
    reading.reader.start()
    reading.reader.find("NAME 00077", 0)
    found = reading.wait(Found)
    assert (found.text, found.position) == ("NAME 00077", 77)
    reading.reader.find("nowhere", 0)
    assert reading.wait(Found).position is None


def test_an_error_is_delivered_and_the_thread_goes_on(reading: Reading) -> None:
    reading.reader.start()
    reading.wait(Loaded)
    reading.reader.set_query(ListQuery(columns=("x",), source="missing", key="id"))
    assert "no such table" in str(reading.wait(ReadFailed).error)
    reading.reader.set_query(ALL)
    assert reading.wait(Loaded).count.value == COUNT_CAP


def test_a_slow_query_is_interrupted_by_the_next(reading: Reading) -> None:
    started = threading.Event()

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(reading.path)
        connection.create_function("started", 0, started.set)
        return connection

    endless = (
        "(WITH RECURSIVE n(id) AS (SELECT started() UNION ALL SELECT id FROM n)"
        " SELECT id FROM n) AS n"
    )
    reading.reader = PageReader(
        connect,
        ListQuery(columns=("n.id",), source=endless, key="n.id"),
        reading.delivered.put,
    )
    reading.reader.start()
    assert started.wait(10)
    reading.reader.set_query(ALL)
    assert reading.wait(Loaded).count.value == COUNT_CAP


def test_closing_joins_the_thread(reading: Reading) -> None:
    reading.reader.start()
    reading.reader.close()
    names = {thread.name for thread in threading.enumerate()}
    assert "hookline-reader" not in names


@pytest.mark.parametrize(
    ("view", "position", "total", "cursor", "top"),
    [
        (View(cursor=5, top=0, height=10), 8, 100, 8, 0),
        (View(cursor=5, top=0, height=10), 30, 100, 30, 21),
        (View(cursor=25, top=20, height=10), 26, 100, 26, 21),
        (View(cursor=25, top=20, height=10), None, 100, 25, 20),
        (View(cursor=25, top=20, height=10), None, 23, 22, 13),
        (View(cursor=25, top=20, height=10), None, 0, 0, 0),
    ],
)
def test_a_view_settles_where_its_row_went(
    view: View, position: int | None, total: int, cursor: int, top: int
) -> None:
    settled = view.settle(position, total)
    assert (settled.cursor, settled.top) == (cursor, top)


def test_rows_not_in_memory_have_no_key() -> None:
    rows = Rows()
    assert rows.key(7) is None
    assert rows.values(7) is None
    assert not rows.has(View(), 1)
