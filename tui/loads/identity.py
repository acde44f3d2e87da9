"""What objects of a type are known by when a file names them: id, or unique fields.

Rows are looked for many at once, so that a load asks the store once for hundreds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peewee

from models.errors import RequestError, ValidationError
from models.objects.specs import FieldKind, FieldSpec, fields_of
from tui.commands import not_found

if TYPE_CHECKING:
    from tui.loads.files import Item

ID = "id"

Key = tuple[Any, ...]


class Identity:
    """What the objects of one type are known by.

    Args:
        model: The type.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._meta = model._meta
        self.label = str(model._meta.label_lower)
        self._specs = {spec.name: spec for spec in fields_of(model)}
        self._specs[ID] = FieldSpec(name=ID, label="Id", kind=FieldKind.NAME)
        natural = getattr(self._meta, "natural_name", None) or ("name",)
        self._natural = tuple(n for n in natural if n in self._meta.fields)
        self.unique = self._unique()
        whole = [names for names, _ in self.unique if {*self._natural} <= {*names}]
        self._groups = [*sorted(whole, key=len, reverse=True), self._natural]
        self._own_kind = [
            field.name for field in self._meta.refs if field.rel_model is model
        ]

    def _unique(self) -> list[tuple[tuple[str, ...], str]]:
        """Return what must be unique together, and the field that must be empty."""
        meta = self._meta
        plain = [(f.name,) for f in meta.sorted_fields if f.unique and f.name != ID]
        plain += [
            tuple(meta.combined[name].name for name in index[0])
            for index in meta.indexes
            if isinstance(index, tuple) and index[1]
        ]
        when_empty = getattr(meta, "unique_when_empty", ())
        some = [(tuple(names), empty) for empty, names in when_empty]
        return [*((names, "") for names in plain), *some]

    @property
    def may_nest(self) -> bool:
        """Tell whether objects of this type can refer to each other."""
        return bool(self._own_kind)

    def is_nested(self, item: Item) -> bool:
        """Tell whether an item refers to another of its own type."""
        return any(item.values.get(name) for name in self._own_kind)

    def spec(self, name: str) -> FieldSpec:
        """Return the spec of a field that a file may set.

        Raises:
            NotFoundError: There is no such field; the near ones are named.
        """
        spec = self._specs.get(name)
        if spec is None:
            raise not_found("field", name, self._specs)
        return spec

    def relation(self, name: str) -> Any:
        """Return the type that a field relates to; None for another field."""
        spec = self._specs.get(name)
        is_relation = spec is not None and spec.kind is FieldKind.RELATION
        return spec.relation if spec is not None and is_relation else None

    def name_of(self, row: Any) -> str:
        """Return a row's natural name."""
        parts = [row.__data__.get(n) for n in self._natural]
        shown = [
            str(getattr(row, name)) if _is_relation(self._meta.fields[name]) else part
            for name, part in zip(self._natural, parts, strict=True)
        ]
        between = getattr(self._meta, "natural_separator", " ")
        return between.join(str(part) for part in shown if part is not None)

    def with_parts(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return values with those of the columns that one of them stands for.

        An address is given whole, and known by its host and its mask.
        """
        whole = {
            name: values[name]
            for name, _ in getattr(self._meta, "part_of", ())
            if values.get(name)
        }
        if not whole:
            return values
        scratch = self.model()
        try:
            for name, value in whole.items():
                setattr(scratch, name, value)
        except ValidationError:
            return values  # the check of the row will say it
        parts = [
            p for name, parts in self._meta.part_of if name in whole for p in parts
        ]
        found = {part: scratch.__data__.get(part) for part in parts}
        return {**{k: v for k, v in found.items() if v is not None}, **values}

    def identity(self, values: dict[str, Any]) -> Key | None:
        """Return what an item is known by: the type, the fields and their values."""
        if values.get(ID):
            return (self.model, ID, str(values[ID]))
        values = self.with_parts(values)
        names = self.identifying(values)
        if names is None:
            return None
        return (self.model, names, tuple(_plain_key(values[name]) for name in names))

    def identifying(self, values: dict[str, Any]) -> tuple[str, ...] | None:
        """Return the fields that an item with these values is known by."""
        for names in self._groups:
            if names and all(name in values for name in names):
                return names
        return None

    def stored(
        self, wanted: list[Key | None], all_values: list[dict[str, Any]]
    ) -> list[Any]:
        """Return for each item the stored row, None, or why it cannot be told."""
        by_key: dict[Key, list[Any]] = {}
        for names in {key[1] for key in wanted if key is not None}:
            keys = [key for key in wanted if key is not None and key[1] == names]
            by_key.update(self.read_stored(names, keys))
        found = []
        for key, values in zip(wanted, all_values, strict=True):
            rows = by_key.get(key, []) if key is not None else []
            found.append(self._single(rows, values))
        return found

    def _single(self, rows: list[Any], values: dict[str, Any]) -> Any:
        if len(rows) > 1:
            named = ", ".join(
                f"{k}={v}" for k, v in values.items() if k in self._natural
            )
            ids = ", ".join(str(row.pk) for row in rows[:5])
            return RequestError(f"{named} fits more than one: give the id ({ids})")
        return rows[0] if rows else None

    def read_stored(self, names: Any, keys: list[Key]) -> dict[Key, list[Any]]:
        """Return the stored rows that have the values of some keys.

        Each column narrows the search down: a thousand devices have an interface of
        the same name, and a few of one device.
        """
        if names == ID:
            columns = {self._meta.primary_key: {key[2] for key in keys}}
        else:
            columns = {
                self._meta.fields[name]: {key[2][place] for key in keys}
                for place, name in enumerate(names)
            }
        query, is_narrow = self.model.select(), False
        for column, given in columns.items():
            if None not in given:
                query, is_narrow = query.where(column.in_(list(given))), True
        if not is_narrow:
            return {}
        try:
            rows = list(query)
        except ValueError:
            return {}
        found: dict[Key, list[Any]] = {}
        for row in rows:
            found.setdefault(self.key_of(row, names), []).append(row)
        return found

    def key_of(self, row: Any, names: Any) -> Key:
        """Return the type, some fields, and the row's values of them."""
        if names == ID:
            return (self.model, ID, str(row.pk))
        return (self.model, names, tuple(row.__data__.get(name) for name in names))


def _is_relation(field: Any) -> bool:
    return isinstance(field, peewee.ForeignKeyField)


def _plain_key(value: Any) -> Any:
    if isinstance(value, peewee.Model):
        return value.pk
    return tuple(value) if isinstance(value, list) else value
