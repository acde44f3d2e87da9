"""Say in SQL what comes after a row.

Reading on from a row (keyset paging) needs the condition "sorts behind these values".
Written naively it defeats the index; here it is cut into ranges an index can walk,
with NULLs, descending and mixed orders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

Position = tuple[Any, ...]
"""The sort values of a row and its key: its place in the list."""


@frozen
class SortColumn:
    """One column to sort by.

    Attributes:
        sql: The column as the query names it, such as `d.name`. An index over
            (column, key) makes it fast.
        descending: Whether the largest comes first. NULL is smaller than all.
    """

    sql: str
    descending: bool = False


@dataclass(frozen=True)
class Condition:
    """A piece of SQL condition and its values; empty for no condition."""

    sql: str
    params: tuple[Any, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        if not self.sql or not other.sql:
            return self if self.sql else other
        sql = f"{self.sql} AND {other.sql}"
        return Condition(sql, (*self.params, *other.params))


EVERYTHING = Condition("")


def _equal(column: SortColumn, value: Any) -> Condition:
    if value is None:
        return Condition(f"{column.sql} IS NULL")
    return Condition(f"{column.sql} = ?", (value,))


def _beyond(column: SortColumn, value: Any) -> Iterator[Condition]:
    """Yield the conditions for what follows a value, in order; NULL is smallest."""
    if not column.descending:
        if value is None:
            yield Condition(f"{column.sql} IS NOT NULL")
        else:
            yield Condition(f"{column.sql} > ?", (value,))
    elif value is not None:
        yield Condition(f"{column.sql} < ?", (value,))
        yield Condition(f"{column.sql} IS NULL")


def segments_after(
    order: tuple[SortColumn, ...], position: Position
) -> list[Condition]:
    """Cut what follows a position into index ranges, nearest first.

    One range each, and not one condition with OR: an engine walks an index through
    `a = ? AND id > ?` and then `a > ?`, but scans for `a > ? OR (a = ? AND id > ?)`.
    Row values would do it too, but for NULLs and mixed directions.
    """
    nested: list[list[Condition]] = []
    prefix = EVERYTHING
    for column, value in zip(order, position, strict=True):
        nested.append([prefix & beyond for beyond in _beyond(column, value)])
        prefix = prefix & _equal(column, value)
    return [segment for level in reversed(nested) for segment in level]


def reversed_order(order: tuple[SortColumn, ...]) -> tuple[SortColumn, ...]:
    """Return the order that lists the same rows from the end."""
    return tuple(replace(column, descending=not column.descending) for column in order)
