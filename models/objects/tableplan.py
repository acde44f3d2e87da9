"""How the tables of people's own types come to fit their classes.

Each class is drawn up in a database in memory, and SQLite itself says what the two
have in common. New tables, new columns that may be empty or have a default, and
indices can be made at any time. Whatever touches stored values is a rebuild of the
table, which is planned, shown, and made only when asked for.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from models.errors import StoreError
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from models.storage.store import Store

    Execute = Callable[[str], sqlite3.Cursor]


@frozen
class Step:
    """One thing to do to one table.

    Attributes:
        table: The table.
        text: What is done, for people.
        statements: The SQL that does it.
        safe: Whether it may be done when the store is opened.
        blocked: Why it cannot be done; empty when it can.
    """

    table: str
    text: str
    statements: tuple[str, ...] = ()
    safe: bool = True
    blocked: str = ""

    def __str__(self) -> str:
        reason = f" (cannot: {self.blocked})" if self.blocked else ""
        return f"{self.table}: {self.text}{reason}"


@frozen
class Column:
    """A column as SQLite describes it."""

    type: str
    required: bool
    key: bool
    points_at: tuple[str, str] | None


@frozen
class Table:
    """A table as SQLite describes it: its columns, and its indices' SQL, by name."""

    columns: dict[str, Column]
    indices: dict[str, str]


def describe(execute: Execute, name: str) -> Table:
    """Return what a database says of a table; without columns when it has none."""
    foreign = {
        row[3]: (row[2], row[4])
        for row in execute(f'PRAGMA foreign_key_list("{name}")').fetchall()
    }
    columns = {
        row[1]: Column(
            type=row[2].upper(),
            required=bool(row[3]),
            key=bool(row[5]),
            points_at=foreign.get(row[1]),
        )
        for row in execute(f'PRAGMA table_info("{name}")').fetchall()
    }
    made = execute(
        "SELECT name, sql FROM sqlite_master"
        f" WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = '{name}'"
    )
    return Table(columns=columns, indices=dict(made.fetchall()))


def plan(store: Store, models: Sequence[Any]) -> list[Step]:
    """Return what the tables of these classes lack, in the order to do it.

    Args:
        store: The store.
        models: Classes; what they point at comes before them.
    """
    steps: list[Step] = []
    for model in models:
        steps += _TablePlan(store, model).steps()
    return steps


class _TablePlan:
    """The plan for one table."""

    def __init__(self, store: Store, model: Any) -> None:
        self.store = store
        self.model = model
        self.name = str(model._meta.table_name)
        schema = model._schema  # noqa: SLF001 - peewee has no other door to its SQL
        self.create = _sql(schema._create_table(safe=False))  # noqa: SLF001 - the same
        self.index_sql = [_sql(c) for c in schema._create_indexes()]  # noqa: SLF001 - too
        self.wanted = self._drawn_up()
        self.found = describe(store.execute, self.name)
        self.renamed = self._renamed()

    def _drawn_up(self) -> Table:
        with contextlib.closing(sqlite3.connect(":memory:")) as memory:
            for statement in (self.create, *self.index_sql):
                memory.execute(statement)
            return describe(memory.execute, self.name)

    def _renamed(self) -> dict[str, str]:
        """Return the former names of columns, by the new ones, where they apply."""
        found: dict[str, str] = {}
        for old, new in dict(getattr(self.model._meta, "renamed", {})).items():
            field = self.model._meta.combined.get(new)
            column = field.column_name if field is not None else new
            for former in (old, f"{old}_id"):
                if former in self.found.columns and column not in self.found.columns:
                    found[column] = former
        return found

    def steps(self) -> list[Step]:
        """Return what to do, the safe before the rest."""
        if not self.found.columns:
            return [self._step("new table", self.create, *self.index_sql)]
        words = self._unsafe_words()
        if words:
            return [self._rebuild(words)]
        return [*self._new_columns(), *self._new_indices()]

    def _step(self, text: str, *statements: str) -> Step:
        return Step(table=self.name, text=text, statements=statements)

    def _unsafe_words(self) -> list[str]:
        wanted, found = self.wanted.columns, self.found.columns
        words = [f"rename {old} to {new}" for new, old in self.renamed.items()]
        gone = set(found) - set(wanted) - set(self.renamed.values())
        words += [f"drop {name}" for name in sorted(gone)]
        for name, column in wanted.items():
            old = found.get(self.renamed.get(name, name))
            if old is not None and old != column:
                words.append(f"change {name} {_difference(old, column)}")
            elif old is None and self._must_be_filled(name):
                words.append(f"add {name}, which is required")
        return words

    def _must_be_filled(self, name: str) -> bool:
        return self.wanted.columns[name].required and self._default(name) is None

    def _default(self, name: str) -> str | None:
        """Return the SQL of the value that a column has in rows that lack it."""
        field = self.model._meta.columns[name]
        if field.default is None:
            return None
        value = field.default() if callable(field.default) else field.default
        stored = field.db_value(value)
        quoted = self.store.execute("SELECT quote(?)", [stored]).fetchone()[0]
        return str(quoted)

    def _new_columns(self) -> Iterator[Step]:
        for name in self.wanted.columns.keys() - self.found.columns.keys():
            column = self.wanted.columns[name]
            clause = f'"{name}" {column.type}'
            default = self._default(name)
            if column.required:
                clause += f" NOT NULL DEFAULT {default}"
            elif column.points_at:
                clause += ' REFERENCES "{}" ("{}")'.format(*column.points_at)
            add = f'ALTER TABLE "{self.name}" ADD COLUMN {clause}'
            yield self._step(f"add {name}", add)

    def _new_indices(self) -> Iterator[Step]:
        wanted, found = self.wanted.indices, self.found.indices
        for name, sql in found.items():
            if wanted.get(name) != sql:
                yield self._step(f"drop index {name}", f'DROP INDEX "{name}"')
        for name, sql in wanted.items():
            if found.get(name) != sql:
                yield self._step(f"add index {name}", sql)

    def _rebuild(self, words: list[str]) -> Step:
        new = f"{self.name}__new"
        prefix = f'CREATE TABLE "{self.name}"'
        assert self.create.startswith(prefix)
        columns = list(self.wanted.columns)
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(self._source(name) for name in columns)
        return Step(
            table=self.name,
            text=", ".join(words),
            statements=(
                f'CREATE TABLE "{new}"{self.create.removeprefix(prefix)}',
                f'INSERT INTO "{new}" ({names}) SELECT {values} FROM "{self.name}"',
                f'DROP TABLE "{self.name}"',
                f'ALTER TABLE "{new}" RENAME TO "{self.name}"',
                *self.index_sql,
            ),
            safe=False,
            blocked="; ".join(filter(None, map(self._blocked, columns))),
        )

    def _source(self, name: str) -> str:
        """Return the SQL of a column's values in the rows that are there."""
        default = self._default(name) or "NULL"
        former = self.renamed.get(name, name)
        if former not in self.found.columns:
            return default
        kind = self.wanted.columns[name].type
        changes = self.found.columns[former].type != kind
        value = f'CAST("{former}" AS {kind})' if changes else f'"{former}"'
        return f"coalesce({value}, {default})" if default != "NULL" else value

    def _blocked(self, name: str) -> str:
        """Return why rows cannot take a column over; empty when they can."""
        column = self.wanted.columns[name]
        former = self.renamed.get(name, name)
        old = self.found.columns.get(former)
        if old is None:
            if self._must_be_filled(name) and self._count("1"):
                return f"{name} has no default: give it one, or null=True"
            return ""
        if self._must_be_filled(name):
            empty = self._count(f'"{former}" IS NULL')
            if empty:
                return f"{empty} rows have no {name}: give it a default"
        if old.type != column.type:
            cast = f'CAST(CAST("{former}" AS {column.type}) AS TEXT)'
            wrong = self._count(f'{cast} <> CAST("{former}" AS TEXT)')
            if wrong:
                return f"{wrong} values of {name} are no {column.type}"
        return ""

    def _count(self, condition: str) -> int:
        sql = f'SELECT count(*) FROM "{self.name}" WHERE {condition}'
        return int(self.store.execute(sql).fetchone()[0])


def _sql(context: Any) -> str:
    return str(context.query()[0])


def _difference(old: Column, new: Column) -> str:
    words = []
    if old.type != new.type:
        words.append(f"from {old.type} to {new.type}")
    if old.required != new.required:
        words.append("to be required" if new.required else "to be optional")
    if old.points_at != new.points_at:
        target = new.points_at[0] if new.points_at else "nothing"
        words.append(f"to point at {target}")
    return " and ".join(words) or "as a key"


def carry_out(store: Store, steps: Sequence[Step]) -> None:
    """Do what was planned, in one transaction.

    Raises:
        StoreError: A step is blocked, or the rows do not allow it; nothing was done.
    """
    blocked = [str(step) for step in steps if step.blocked]
    if blocked:
        raise StoreError(
            f"The store was not migrated: {'; '.join(blocked)}.", on=str(store.folder)
        )
    with _unchecked(store, steps), store.transaction():
        for step in steps:
            try:
                for statement in step.statements:
                    store.execute(statement)
            except sqlite3.IntegrityError as error:
                raise StoreError(
                    f"The store was not migrated, nothing was changed. {step}: {error}."
                    " Change the rows or the class.",
                    on=step.table,
                ) from error
        if store.execute("PRAGMA foreign_key_check").fetchone():
            raise StoreError(
                "The store was not migrated: rows would point at nothing."
                " Run `hookline check`.",
                on=str(store.folder),
            )


@contextlib.contextmanager
def _unchecked(store: Store, steps: Sequence[Step]) -> Iterator[None]:
    """Leave foreign keys unchecked while tables are rebuilt, as SQLite asks for.

    They are checked as a whole before the commit. A pragma within a transaction has
    no effect, hence this is around it.
    """
    if all(step.safe for step in steps):
        yield
        return
    store.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        store.execute("PRAGMA foreign_keys = ON")
