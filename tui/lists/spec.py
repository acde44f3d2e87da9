"""What a list on a screen shows: which rows, columns and order, and what it says.

Knows no Textual. `spec_of(model)` makes the spec of any object type; lists of hooks,
jobs, results and changes write theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.fields import BooleanField, IntegerField, TimestampField
from models.objects.names import leaf_paths
from models.objects.specs import fields_of, list_columns
from models.values import frozen
from tui.lists.listing import read_filter
from tui.lists.sql import Joins, follow, make_query
from tui.looks.cells import cell
from tui.looks.times import local
from tui.widgets.columns import Column
from tui.words.filters import conditions
from tui.words.grammar import parse_filter_line
from tui.words.quoting import split_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.people.access import User
    from tui.lists.listing import Listing
    from tui.lists.pager import ListQuery

NARROW, MIDDLE, WIDE = 8, 12, 20


@frozen
class ListColumn:
    """One column: where its values come from, and how they look.

    Attributes:
        column: How it looks; its id names it for sorting.
        path: The field, across relations with `__`; the column's id by default.
        sql: SQL over `"t1"` instead of a path.
    """

    column: Column
    path: str = ""
    sql: str = ""

    @property
    def id(self) -> str:
        """Return the name of the column."""
        return self.column.id

    @property
    def source(self) -> str:
        """Return the path, or the id under which its SQL is known."""
        return self.id if self.sql else self.path or self.id


@frozen
class ListSpec:
    """One kind of list.

    Attributes:
        model: The rows' class.
        title: What the rows are called, in the plural.
        columns: What is shown, the name first.
        sort: The order at first: the ids of columns, or paths; minus turns one round.
        empty: What to say when there is nothing: what it means, and what to do.
        listing: How filters are read, if not by the fields alone.
        rows: Returns the rows to start from; those that the user may see by default.
    """

    model: Any
    title: str
    columns: tuple[ListColumn, ...]
    sort: tuple[str, ...]
    empty: str
    listing: Listing | None = None
    rows: Callable[[User], Any] | None = None

    @property
    def looks(self) -> tuple[Column, ...]:
        """Return how the columns look."""
        return tuple(column.column for column in self.columns)

    def query_set(self, user: User, line: str) -> Any:
        """Return the rows that a filter line leaves.

        Raises:
            RequestError: The filter is wrong.
        """
        rows = (
            self.rows(user) if self.rows else self.model.objects.restrict(user, "view")
        )
        if self.listing is not None and (line.strip() or self.listing.unasked):
            return rows.filter(read_filter(self.listing, split_line(line), user))
        if not line.strip():
            return rows
        return rows.filter(conditions(self.model, parse_filter_line(line)))

    def query(self, user: User, line: str, sort: tuple[str, ...] = ()) -> ListQuery:
        """Return what the pager reads; asks the store what the filter's names mean.

        Raises:
            RequestError: The filter is wrong.
        """
        by_id = {column.id: column for column in self.columns}
        order = [self._source(by_id, name) for name in sort or self.sort]
        return make_query(
            self.query_set(user, line),
            [column.source for column in self.columns],
            order,
            sql={column.id: column.sql for column in self.columns if column.sql},
        )

    def _source(self, by_id: dict[str, ListColumn], name: str) -> str:
        bare = name.removeprefix("-")
        source = by_id[bare].source if bare in by_id else bare
        return name[: len(name) - len(bare)] + source


def spec_of(model: Any) -> ListSpec:
    """Return the list of an object type: its `list_fields`, the name first."""
    meta = model._meta
    names = list_columns(model)
    plural = meta.verbose_name_plural
    return ListSpec(
        model=model,
        title=plural[:1].upper() + plural[1:],
        columns=tuple(
            _column_of(model, name, is_first=number == 0)
            for number, name in enumerate(names)
        ),
        sort=tuple(leaf_paths(model)),
        empty=f"There are no {plural} yet. Press a to add one.",
    )


def _column_of(model: Any, name: str, *, is_first: bool) -> ListColumn:
    place = follow(model, name, Joins())
    number = isinstance(place.field, IntegerField)
    width = WIDE if is_first else NARROW if _is_short(place.field) else MIDDLE
    look = Column(
        id=name,
        title=_title(model, name),
        width=width,
        grows=is_first,
        align="right" if number else "left",
        text=text_of(place.field),
    )
    return ListColumn(column=look)


def _title(model: Any, name: str) -> str:
    labels = {spec.name: spec.label for spec in fields_of(model)}
    return labels.get(name, name.replace("_", " ").capitalize())


def _is_short(field: Any) -> bool:
    return isinstance(field, (BooleanField, IntegerField))


def text_of(field: Any) -> Callable[[Any], str]:
    """Return what turns a stored value of a field into text."""
    from models.objects.fields import JSONField

    if isinstance(field, BooleanField):
        return lambda value: "" if value is None else "yes" if value else "no"
    if isinstance(field, TimestampField):
        return lambda value: local(field.python_value(value))
    if isinstance(field, JSONField):
        return lambda value: cell(field.python_value(value))
    return lambda value: "" if value is None else cell(value)
