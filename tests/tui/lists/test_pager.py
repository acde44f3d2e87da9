from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.lists.keyset import SortColumn
from tui.lists.pager import COUNT_CAP, PAGE_ROWS, ListQuery, SqlPager

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = tuple[int, Any, Any]

# Few values, so that ties and NULLs are common; a page of 200 needs many rows.
values = st.one_of(st.none(), st.integers(-2, 2), st.sampled_from(["", "a", "B", "é"]))
directions = st.tuples(st.booleans(), st.booleans())


def connection_with(rows: Iterable[Row]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, a, b)")
    connection.execute("CREATE INDEX thing_a ON thing (a, id)")
    connection.executemany("INSERT INTO thing VALUES (?, ?, ?)", rows)
    connection.commit()
    return connection


def query_by(*sort: SortColumn, where: str = "") -> ListQuery:
    return ListQuery(
        columns=("t.a", "t.b"), source="thing AS t", key="t.id", sort=sort, where=where
    )


def sort_key(value: Any) -> tuple[int, Any]:
    """Order as SQLite does: NULL, then numbers, then text by its bytes."""
    if value is None:
        return (0, 0)
    return (1, value) if isinstance(value, int) else (2, value.encode())


def sorted_rows(rows: list[Row], *, a_down: bool, b_down: bool) -> list[Row]:
    rows = sorted(rows, key=lambda row: row[0], reverse=b_down)
    rows.sort(key=lambda row: sort_key(row[2]), reverse=b_down)
    rows.sort(key=lambda row: sort_key(row[1]), reverse=a_down)
    return rows


def pager_over(rows: Iterable[Row], query: ListQuery) -> SqlPager:
    connection = connection_with(rows)
    return SqlPager(lambda: connection, query)


def numbered(total: int, *, step: int = 7) -> list[Row]:
    """Make rows whose `a` has ties and whose order is not that of their ids."""
    return [(i, i * step % 50, None if i % 3 else f"name {i}") for i in range(total)]


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(values, values), min_size=1, max_size=40),
    repeat=st.sampled_from([1, 20, 100]),
    down=directions,
    visits=st.lists(st.integers(0, 6), max_size=8),
    counted=st.booleans(),
)
def test_pages_visited_in_any_order_are_those_of_a_plain_sort(
    pairs: list[tuple[Any, Any]],
    repeat: int,
    down: tuple[bool, bool],
    visits: list[int],
    counted: bool,
) -> None:
    rows = [(i, a, b) for i, (a, b) in enumerate(pairs * repeat)]
    expected = sorted_rows(rows, a_down=down[0], b_down=down[1])
    pager = pager_over(
        rows,
        query_by(
            SortColumn(sql="t.a", descending=down[0]),
            SortColumn(sql="t.b", descending=down[1]),
        ),
    )
    if counted:
        assert pager.count(exact=True).value == len(rows)
    for number in visits:
        page = pager.page(number)
        part = expected[number * PAGE_ROWS : (number + 1) * PAGE_ROWS]
        assert list(page.keys) == [row[0] for row in part]
        assert list(page.rows) == [row[1:] for row in part]


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(values, values), min_size=1, max_size=60),
    down=directions,
    near=st.sampled_from([0, 10_000]),
)
def test_every_row_is_located_where_a_plain_sort_puts_it(
    pairs: list[tuple[Any, Any]], down: tuple[bool, bool], near: int
) -> None:
    rows = [(i, a, b) for i, (a, b) in enumerate(pairs)]
    expected = sorted_rows(rows, a_down=down[0], b_down=down[1])
    pager = pager_over(
        rows,
        query_by(
            SortColumn(sql="t.a", descending=down[0]),
            SortColumn(sql="t.b", descending=down[1]),
        ),
    )
    pager.count()
    places = [pager.locate(row[0], near=near) for row in expected]
    assert places == list(range(len(rows)))


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.text("ab%_\\", max_size=3), min_size=1, max_size=30),
    text=st.text("ab%_\\", min_size=1, max_size=2),
    start=st.integers(-1, 30),
    direction=st.sampled_from([1, -1]),
)
def test_find_goes_to_the_next_match_and_round_the_end(
    names: list[str], text: str, start: int, direction: Any
) -> None:
    rows = [(i, name, None) for i, name in enumerate(names)]
    ordered = [row[1] for row in sorted_rows(rows, a_down=False, b_down=False)]
    pager = pager_over(rows, query_by(SortColumn(sql="t.a")))
    hits = [i for i, name in enumerate(ordered) if text in name]
    if start >= len(names):
        start = -1
    if direction > 0 or start < 0:
        behind = [i for i in hits if i > start] if direction > 0 else hits[::-1]
    else:
        behind = [i for i in reversed(hits) if i < start]
    wrapped = hits if direction > 0 else hits[::-1]
    expected = next(iter(behind + wrapped), None)
    assert pager.find(text, start, direction) == expected


def test_a_jump_to_the_end_walks_backwards_from_it() -> None:
    pager = pager_over(numbered(5_000), query_by(SortColumn(sql="t.a")))
    pager.count()
    statements: list[str] = []
    pager.connection.set_trace_callback(statements.append)
    last = pager.page(24)
    assert len(last.keys) == PAGE_ROWS
    reads = [statement for statement in statements if "LIMIT" in statement]
    assert len(reads) == 1
    assert "DESC" in reads[0]
    assert "OFFSET 0" in reads[0]


def test_a_page_next_to_a_visited_one_skips_nothing() -> None:
    pager = pager_over(numbered(5_000), query_by())
    pager.count()
    pager.page(10)
    statements: list[str] = []
    pager.connection.set_trace_callback(statements.append)
    pager.page(11)
    pager.page(9)
    reads = [statement for statement in statements if "LIMIT" in statement]
    assert all("OFFSET 0" in statement for statement in reads)


def test_pages_stay_in_memory_up_to_a_dozen() -> None:
    pager = pager_over(numbered(4_000), query_by())
    for number in range(15):
        pager.page(number)
    assert pager.cached(0) is None
    assert pager.cached(14) is not None


def test_a_page_beyond_the_end_is_empty() -> None:
    pager = pager_over(numbered(10), query_by())
    assert pager.page(3).keys == ()


def test_an_empty_list_has_one_empty_page() -> None:
    pager = pager_over([], query_by(SortColumn(sql="t.a")))
    assert pager.count().value == 0
    assert pager.page(0).rows == ()
    assert pager.find("a", -1) is None


def test_a_condition_filters_and_binds_its_values() -> None:
    query = ListQuery(
        columns=("t.a",),
        source="thing AS t",
        key="t.id",
        where="t.id > ? OR t.id = ?",
        params=(7, 2),
    )
    pager = pager_over(numbered(10), query)
    assert pager.page(0).keys == (2, 8, 9)
    assert pager.locate(3) is None
    assert pager.locate(8) == 1


def test_a_large_filtered_count_is_capped_until_asked_exactly() -> None:
    pager = pager_over(numbered(COUNT_CAP + 5), query_by(where="t.id >= 0"))
    assert str(pager.count()) == "more than 10,000"
    assert str(pager.count(exact=True)) == "10,005"


def test_the_last_page_makes_a_capped_count_exact() -> None:
    pager = pager_over(numbered(COUNT_CAP + 5), query_by(where="t.id >= 0"))
    pager.count()
    pager.page(COUNT_CAP // PAGE_ROWS)
    assert pager.count().value == COUNT_CAP + 5


def test_joined_columns_are_read_for_the_page_and_can_be_sorted_by() -> None:
    connection = connection_with([(1, 10, None), (2, 20, None), (3, None, None)])
    connection.execute("CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("INSERT INTO place VALUES (10, 'Zurich'), (20, 'Aarau')")
    connection.commit()
    join = "LEFT JOIN place AS p ON p.id = t.a"
    shown = ListQuery(
        columns=("t.id", "p.name"), source="thing AS t", key="t.id", joins=join
    )
    by_place = ListQuery(
        columns=("t.id", "p.name"),
        source="thing AS t",
        key="t.id",
        filter_joins=join,
        sort=(SortColumn(sql="p.name", descending=True),),
    )
    pager = SqlPager(lambda: connection, shown)
    assert pager.page(0).rows == ((1, "Zurich"), (2, "Aarau"), (3, None))
    assert pager.find("aar", -1) == 1
    pager.set_query(by_place)
    assert pager.page(0).rows == ((1, "Zurich"), (2, "Aarau"), (3, None))
    assert pager.find("aar", -1) == 1


@pytest.mark.parametrize(("column", "sorts"), [("t.a", False), ("t.b", True)])
def test_a_sort_without_an_index_is_noticed(*, column: str, sorts: bool) -> None:
    pager = pager_over(numbered(10), query_by(SortColumn(sql=column)))
    assert pager.sorts_without_index() is sorts


def test_forgetting_shows_what_has_changed() -> None:
    pager = pager_over(numbered(3), query_by())
    pager.page(0)
    pager.connection.execute("DELETE FROM thing WHERE id = 0")
    pager.connection.commit()
    assert pager.page(0).keys == (0, 1, 2)
    pager.forget()
    assert pager.page(0).keys == (1, 2)
    assert pager.count().value == 2
