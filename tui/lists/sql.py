"""SQL for lists on the screens: columns across relations, filters, and the order.

`tui.lists.pager` reads what is described here. A relation is shown by its natural name,
which takes a join for each step; filters are those of the command line, compiled by
peewee.
"""

from __future__ import annotations

import ipaddress
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import peewee

from models.history.timeline import CHANGES_FIELD, field_touched
from models.objects.fields import AddressField
from models.objects.relations import TagMembers
from models.storage.verdicts import has_verdict
from models.values import frozen
from tui.lists.keyset import SortColumn
from tui.lists.pager import ListQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.storage.store import Store

DEEPEST_NAME = 3


def connector(store: Store) -> Callable[[], sqlite3.Connection]:
    """Return what opens a connection to read lists with."""
    address = f"file:{_quoted(str(store.db_path))}?mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False
        )
        for name, count, function in (
            ("address_text", 1, address_text),
            (CHANGES_FIELD, 5, field_touched),
            ("has_verdict", 3, has_verdict),
        ):
            connection.create_function(name, count, function, deterministic=True)
        return connection

    return connect


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


def address_text(stored: bytes | None) -> str | None:
    """Return an address as people write it."""
    if stored is None:
        return None
    converted = AddressField().python_value(stored)
    return None if converted is None else str(ipaddress.ip_address(converted))


@dataclass
class Joins:
    """The joins that columns need, each made once."""

    aliases: dict[tuple[str, str], str] = field(default_factory=dict)
    clauses: list[str] = field(default_factory=list)

    def through(self, alias: str, relation: Any) -> str:
        """Return the alias under which a relation's other side is joined."""
        key = (alias, relation.column_name)
        if key not in self.aliases:
            other = f"j{len(self.aliases)}"
            self.aliases[key] = other
            table = relation.rel_model._meta.table_name
            self.clauses.append(
                f'LEFT JOIN "{table}" AS {other}'
                f' ON {other}."{relation.rel_field.column_name}"'
                f' = {alias}."{relation.column_name}"'
            )
        return self.aliases[key]

    def leaves(self, model: Any, alias: str, depth: int = 0) -> list[tuple[str, Any]]:
        """Return the columns of a natural name: the SQL, and the field."""
        meta = model._meta
        found: list[tuple[str, Any]] = []
        for name in getattr(meta, "natural_name", None) or ("name",):
            column = meta.combined.get(name, meta.primary_key)
            if isinstance(column, peewee.ForeignKeyField) and depth < DEEPEST_NAME:
                other = self.through(alias, column)
                found += self.leaves(column.rel_model, other, depth + 1)
            else:
                found.append((f'{alias}."{column.column_name}"', column))
        return found

    def name_of(self, model: Any, alias: str) -> str:
        """Return the SQL of a natural name."""
        separator = getattr(model._meta, "natural_separator", " ").replace("'", "''")
        texts = [
            f"address_text({sql})" if isinstance(column, AddressField) else sql
            for sql, column in self.leaves(model, alias)
        ]
        first, *rest = texts
        return first + "".join(
            f" || coalesce('{separator}' || {text}, '')" for text in rest
        )

    def __str__(self) -> str:
        return " ".join(self.clauses)


@frozen
class Place:
    """Where a path such as `context__user_name` leads.

    Attributes:
        alias: The alias of the table at its end.
        field: The field there; None for members and custom fields.
        model: The model there.
        rest: What is left of the path: the member's or the custom field's name.
    """

    alias: str
    field: Any
    model: Any
    rest: str = ""


def follow(model: Any, path: str, joins: Joins, alias: str = '"t1"') -> Place:
    """Follow a path of relations to its last field."""
    name, _, rest = path.replace(".", "__").partition("__")
    column = model._meta.combined.get(name)
    if rest and isinstance(column, peewee.ForeignKeyField):
        return follow(column.rel_model, rest, joins, joins.through(alias, column))
    if name in {"cf", "custom_field_data"}:
        return Place(alias=alias, field=None, model=model, rest=f"cf.{rest}")
    if column is None and name in model._meta.members:
        return Place(alias=alias, field=None, model=model, rest=name)
    return Place(alias=alias, field=column or model._meta.primary_key, model=model)


def shown(place: Place, joins: Joins) -> str:
    """Return the SQL that a list shows for a place."""
    if place.rest.startswith("cf."):
        name = place.rest[3:].replace("'", "''").replace('"', "")
        return f"json_extract({place.alias}.custom_field_data, '$.\"{name}\"')"
    if place.rest:
        return _members(place)
    column = place.field
    if isinstance(column, peewee.ForeignKeyField):
        other = joins.through(place.alias, column)
        return joins.name_of(column.rel_model, other)
    sql = f'{place.alias}."{column.column_name}"'
    return f"address_text({sql})" if isinstance(column, AddressField) else sql


def _members(place: Place) -> str:
    members = place.model._meta.members[place.rest]
    inner = Joins()
    name = inner.name_of(members.rel_model, "m")
    key = members.rel_model._meta.primary_key.column_name
    own = place.model._meta.primary_key.column_name
    where = f'l."{members.owner_column}" = {place.alias}."{own}"'
    if isinstance(members, TagMembers):
        where += f" AND l.type_id = {members.constants()['type_id']}"
    return (
        f"(SELECT group_concat(n, ', ') FROM (SELECT {name} AS n"
        f' FROM "{members.table}" l JOIN "{members.rel_model._meta.table_name}" AS m'
        f' ON m."{key}" = l."{members.member_column}" {inner} WHERE {where}'
        " ORDER BY n))"
    )


def sorted_by(model: Any, path: str, joins: Joins) -> list[str]:
    """Return the SQL of the columns that a path is sorted by."""
    place = follow(model, path, joins)
    column = place.field
    if isinstance(column, peewee.ForeignKeyField):
        other = joins.through(place.alias, column)
        return [sql for sql, _ in joins.leaves(column.rel_model, other)]
    if column is None:
        return [shown(place, joins)]
    return [f'{place.alias}."{column.column_name}"']


def make_query(
    rows: Any, columns: Sequence[str], order: Sequence[str], *, sql: dict[str, str]
) -> ListQuery:
    """Return what a pager reads.

    Args:
        rows: The query set of the rows, filtered.
        columns: The paths to show.
        order: The paths to sort by; a leading minus turns one round.
        sql: SQL over `"t1"` for columns that are no paths.
    """
    model = rows.model
    shows, sorts = Joins(), Joins()
    sort = [
        SortColumn(sql=text, descending=path.startswith("-"))
        for path in order
        for text in _order_sql(model, path.removeprefix("-"), sorts, sql)
    ]
    for key, alias in sorts.aliases.items():  # what the order joins is joined once
        shows.aliases[key] = alias
    wide = tuple(
        sql[path] if path in sql else shown(follow(model, path, shows), shows)
        for path in columns
    )
    where, params = compiled(rows)
    meta = model._meta
    return ListQuery(
        columns=wide,
        source=f'"{meta.table_name}" AS "t1"',
        key=f'"t1"."{meta.primary_key.column_name}"',
        joins=str(shows),
        filter_joins=str(sorts),
        where=where,
        params=params,
        sort=_without_key(sort, f'"t1"."{meta.primary_key.column_name}"'),
    )


def _order_sql(model: Any, path: str, joins: Joins, sql: dict[str, str]) -> list[str]:
    return [sql[path]] if path in sql else sorted_by(model, path, joins)


def _without_key(sort: list[SortColumn], key: str) -> tuple[SortColumn, ...]:
    """Leave the key out: it ends every order already, in the last one's direction."""
    if sort and sort[0].sql == key and not sort[0].descending:
        return ()
    return tuple(sort)


def compiled(rows: Any) -> tuple[str, tuple[Any, ...]]:
    """Return the condition of a query set as SQL over `"t1"`, and its values."""
    model = rows.model
    meta = model._meta
    key = meta.primary_key
    query = model.select(key)
    before, _ = query.sql()
    condition = rows.query._where  # noqa: SLF001 - no public way to ask
    if condition is None:
        return "", ()
    whole, params = query.where(condition).sql()
    assert whole.startswith(f"{before} WHERE "), whole
    return whole.removeprefix(f"{before} WHERE "), tuple(params)


def literal(rows: Any) -> str:
    """Return the condition of a query set as SQL that holds its values itself.

    For the columns of lists, which take no values of their own.
    """
    where, params = compiled(rows)
    parts = where.split("?")
    assert len(parts) == len(params) + 1, where
    values = [*map(_literal, params), ""]
    return "".join(part + value for part, value in zip(parts, values, strict=True))


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int() | float():
            return repr(float(value) if isinstance(value, float) else int(value))
        case bytes():
            return f"X'{value.hex()}'"
    return f"CAST(X'{str(value).encode().hex()}' AS TEXT)"
