"""What goes with an object that is deleted: its cascades, and who forbids it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peewee

from models.errors import ValidationError
from models.objects.links import LinkModel
from models.objects.types import type_id
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMED_AT_MOST = 5
CHUNK = 500


class Collector:
    """Collects the rows that a delete takes along, before any is touched."""

    def __init__(self) -> None:
        self._doomed: dict[Any, dict[bytes, None]] = {}
        self._order: list[Any] = []
        self._emptied: list[tuple[Any, list[Any]]] = []
        self._unlinked: list[tuple[Any, list[Any]]] = []
        self._protected: list[tuple[Any, list[Any]]] = []

    @property
    def count(self) -> int:
        """How many objects go."""
        return sum(len(keys) for keys in self._doomed.values())

    def add(self, objects: Sequence[Any]) -> None:
        """Collect objects, and what points at them."""
        by_type: dict[Any, list[bytes]] = {}
        for obj in objects:
            by_type.setdefault(type(obj), []).append(obj.pk.bytes)
        for model, keys in by_type.items():
            self._collect(model, keys)

    def _collect(self, model: Any, keys: list[bytes]) -> None:
        known = self._doomed.setdefault(model, {})
        new = [key for key in keys if key not in known]
        if not new:
            return
        known.update(dict.fromkeys(new))
        for field in model._meta.backrefs:
            if not _is_followed(field):
                continue
            for start in range(0, len(new), CHUNK):
                rows = list(
                    field.model.select().where(field.in_(new[start : start + CHUNK]))
                )
                if rows:
                    self._follow(field, rows)

    def _follow(self, field: Any, rows: list[Any]) -> None:
        if issubclass(field.model, LinkModel):
            self._unlinked.append((field, rows))
        elif field.when_deleted == "cascade":
            self._collect(field.model, [row.pk.bytes for row in rows])
        elif field.when_deleted == "set_null":
            self._emptied.append((field, rows))
        else:
            self._protected.append((field, rows))

    def refuse_protected(self) -> None:
        """Refuse if an object that stays needs one that goes.

        Raises:
            ValidationError: With the names of some of them.
        """
        for field, rows in self._protected:
            doomed = self._doomed.get(field.model, {})
            staying = [row for row in rows if row.pk.bytes not in doomed]
            if staying:
                words = field.model._meta.verbose_name_plural
                names = ", ".join(str(row) for row in staying[:NAMED_AT_MOST])
                more = len(staying) - NAMED_AT_MOST
                if more > 0:
                    names += f" and {more} more"
                raise ValidationError(
                    f"It was not deleted: {len(staying)} {words} need it ({names})."
                    f" Change their {field.name}, or delete them first."
                )

    def empty_columns(self) -> None:
        """Empty the columns that point at what goes, recorded as updates."""
        from models.history import write

        for field, rows in self._emptied:
            doomed = self._doomed.get(field.model, {})
            staying = [row for row in rows if row.pk.bytes not in doomed]
            for row in staying:
                setattr(row, field.name, None)
            write.save(staying, only=[field.name])
        for field, rows in self._unlinked:
            links = [link for link in rows if not self._takes_owner(field, link)]
            field.model.before_unlink(links)

    def _takes_owner(self, field: Any, link: Any) -> bool:
        """Return whether what the deleted side is part of is deleted as well."""
        meta = field.rel_model._meta
        name = meta.related_object
        if not name:
            return False
        owner = getattr(getattr(link, field.name), name)
        return owner.pk.bytes in self._doomed.get(meta.fields[name].rel_model, {})

    def in_order(self) -> Iterator[tuple[Any, list[bytes]]]:
        """Yield the types and keys to delete, what points before what is pointed at."""
        models = peewee.sort_models(list(self._doomed))
        for model in reversed(models):
            keys = list(self._doomed[model])
            yield model, self._children_first(model, keys)

    def _children_first(self, model: Any, keys: list[bytes]) -> list[bytes]:
        """Sort rows of a tree (a location in a location) so that leaves come first."""
        own = [f for f in model._meta.refs if f.rel_model is model]
        if not own or len(keys) < 2:
            return keys
        rows = {
            row.pk.bytes: row for row in model.select().where(_key(model).in_(keys))
        }
        ordered: dict[bytes, None] = {}

        def visit(key: Any, trail: frozenset[bytes]) -> None:
            for field in own:
                parent = rows[key].__data__.get(field.name)
                up = None if parent is None else field.db_value(parent)
                if up in rows and up not in trail and up not in ordered:
                    visit(up, trail | {key})
            ordered[key] = None

        for key in rows:
            if key not in ordered:
                visit(key, frozenset({key}))
        return list(reversed(ordered))

    def remove_rows(self, model: Any, keys: list[bytes]) -> None:
        """Delete rows, and the links that hang on them."""
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            self._remove_links(model, part)
            self._break_loops(model, part)
            _delete(model._meta.table_name, _key(model).column_name, part)

    def _remove_links(self, model: Any, keys: list[bytes]) -> None:
        for field in model._meta.members.values():
            if field.by_name:
                sql = f'DELETE FROM "{field.table}" WHERE type_id = ? AND object_id = ?'
                number = type_id(model._meta.label_lower)
                connection = current_store().database.connection()
                connection.executemany(sql, [(number, key) for key in keys])
        for field in model._meta.backrefs:
            if not hasattr(field, "when_deleted"):
                _delete(field.model._meta.table_name, field.column_name, keys)

    def _break_loops(self, model: Any, keys: list[bytes]) -> None:
        """Empty this type's own nullable relations, such as a primary address.

        Two rows that point at each other can only go when one lets go first.
        """
        for field in model._meta.refs:
            if field.null and field.rel_model in self._doomed:
                marks = ",".join("?" * len(keys))
                table, column = model._meta.table_name, field.column_name
                current_store().execute(
                    f'UPDATE "{table}" SET "{column}" = NULL'
                    f' WHERE "{_key(model).column_name}" IN ({marks})',
                    keys,
                )


def _is_followed(field: Any) -> bool:
    return hasattr(field, "when_deleted") or issubclass(field.model, LinkModel)


def _key(model: Any) -> Any:
    return model._meta.primary_key


def _delete(table: str, column: str, keys: list[bytes]) -> None:
    marks = ",".join("?" * len(keys))
    current_store().execute(
        f'DELETE FROM "{table}" WHERE "{column}" IN ({marks})', keys
    )
