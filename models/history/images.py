"""Images: what an object's row holds, as JSON, read inside the transaction.

One joined SELECT brings the rows and the natural names of what they point at; a
relation in an image is `[id, natural name]`, members are a sorted list of those, and
tags are a sorted list of names.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

import peewee

from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

CHUNK = 500
OMITTED = frozenset({"last_updated"})
RENAMED = {"custom_field_data": "custom_fields"}

Image = dict[str, Any]


@frozen
class Leaf:
    """One column that is part of a natural name.

    Attributes:
        position: Its place in the row.
        to_text: Turns the stored value into what people read.
        separator: What stands before it, unless it comes first.
    """

    position: int
    to_text: Callable[[Any], str]
    separator: str = " "


class Part(NamedTuple):
    """One field of a row in its image.

    Attributes:
        name: The field.
        shown: What it is called in the image.
        to_image: Turns the stored value into what stands there; None if it is that.
    """

    name: str
    shown: str
    to_image: Callable[[Any], Any] | None


@frozen
class Plan:
    """How one type's rows are read.

    Attributes:
        select: The statement up to and including `IN `.
        columns: The type's own fields, in the order of the row.
        names: For each relation, the columns of its natural name.
        own_name: The columns of the row's own natural name.
        naming: The fields by which the row and what it points at are named.
        parts: The fields of an image, in its order.
    """

    select: str
    columns: tuple[str, ...]
    names: dict[str, tuple[Leaf, ...]]
    own_name: tuple[Leaf, ...]
    naming: frozenset[str]
    parts: tuple[Part, ...]


@frozen
class StoredRow:
    """One row as the store holds it.

    Attributes:
        values: Database values by field name.
        names: Natural names of what the relations point at, by field name.
        name: The row's own natural name.
    """

    values: dict[str, Any]
    names: dict[str, str]
    name: str


_plans: dict[Any, Plan] = {}


def plan_of(model: Any) -> Plan:
    """Return how a type is read; worked out once."""
    found = _plans.get(model)
    if found is None:
        found = _plans[model] = _Planner(model).plan()
    return found


class _Planner:
    """Collects the columns and joins of one type's SELECT."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.columns: list[str] = []
        self.joins: list[str] = []
        self.aliases: dict[tuple[str, str], str] = {}

    def plan(self) -> Plan:
        meta = self.model._meta
        fields = tuple(meta.sorted_fields)
        self.columns = [f't."{field.column_name}"' for field in fields]
        names = {
            field.name: self.leaves(field.rel_model, self.join("t", field))
            for field in fields
            if isinstance(field, peewee.ForeignKeyField)
        }
        own = self.leaves(self.model, "t")
        select = (
            f'SELECT {", ".join(self.columns)} FROM "{meta.table_name}" t '
            f'{" ".join(self.joins)} WHERE t."{meta.primary_key.column_name}" IN '
        )
        return Plan(
            select=select,
            columns=tuple(field.name for field in fields),
            names=names,
            own_name=own,
            naming=frozenset({*names, *_natural_name(meta)}),
            parts=tuple(_part(field) for field in fields if _is_shown(field)),
        )

    def join(self, alias: str, field: Any) -> str:
        key = (alias, field.column_name)
        if key not in self.aliases:
            other = f"j{len(self.aliases)}"
            self.aliases[key] = other
            table = field.rel_model._meta.table_name
            column = field.rel_field.column_name
            self.joins.append(
                f'LEFT JOIN "{table}" {other} ON {other}."{column}"'
                f' = {alias}."{field.column_name}"'
            )
        return self.aliases[key]

    def leaves(self, model: Any, alias: str, depth: int = 0) -> tuple[Leaf, ...]:
        meta = model._meta
        natural = _natural_name(meta)
        separator = getattr(meta, "natural_separator", " ")
        found: list[Leaf] = []
        for name in natural:
            field = meta.combined.get(name, meta.primary_key)
            if isinstance(field, peewee.ForeignKeyField) and depth < 3:
                other = self.join(alias, field)
                inner = self.leaves(field.rel_model, other, depth + 1)
            else:
                self.columns.append(f'{alias}."{field.column_name}"')
                inner = (Leaf(position=len(self.columns) - 1, to_text=_text_of(field)),)
            found.append(dataclasses.replace(inner[0], separator=separator))
            found.extend(inner[1:])
        return tuple(found)


def _natural_name(meta: Any) -> tuple[str, ...]:
    return getattr(meta, "natural_name", None) or ("name",)


def _is_shown(field: Any) -> bool:
    return not (field.primary_key or field.name in OMITTED)


def _part(field: Any) -> Part:
    if isinstance(field, peewee.ForeignKeyField):
        return Part(field.name, field.name, None)
    if isinstance(field, peewee.BooleanField):
        return Part(field.name, field.name, _yes_or_no)
    shown = RENAMED.get(field.name, field.name)
    return Part(field.name, shown, getattr(field, "to_image", None))


def _yes_or_no(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _text_of(field: Any) -> Callable[[Any], str]:
    to_image = getattr(field, "to_image", None)
    if to_image is None:
        return lambda value: "" if value is None else _plain(value)
    return lambda value: "" if value is None else str(to_image(value))


def _plain(value: Any) -> str:
    if isinstance(value, bytes) and len(value) == 16:
        return key_text(value)
    return str(value)


def _name(row: Sequence[Any], leaves: tuple[Leaf, ...]) -> str:
    if len(leaves) == 1:
        return leaves[0].to_text(row[leaves[0].position])
    name = ""
    for leaf in leaves:
        text = leaf.to_text(row[leaf.position])
        name += leaf.separator + text if name and text else text
    return name


def read_rows(model: Any, ids: Iterable[bytes]) -> dict[bytes, StoredRow]:
    """Read rows by their keys (16 bytes each); those that are gone are left out."""
    plan = plan_of(model)
    wanted = list(ids)
    execute = current_store().execute
    found: dict[bytes, StoredRow] = {}
    key = model._meta.primary_key.name
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        marks = ",".join("?" * len(part))
        for row in execute(f"{plan.select}({marks})", part):
            stored = _stored(plan, row)
            found[stored.values[key]] = stored
    return found


def _stored(plan: Plan, row: Sequence[Any]) -> StoredRow:
    values = dict(zip(plan.columns, row, strict=False))  # names stand behind them
    names = {
        name: _name(row, leaves)
        for name, leaves in plan.names.items()
        if values[name] is not None
    }
    return StoredRow(values=values, names=names, name=_name(row, plan.own_name))


def with_values(
    model: Any, row: StoredRow, values: Mapping[str, Any]
) -> StoredRow | None:
    """Return a row with some values replaced; None when its names may differ, too."""
    if not plan_of(model).naming.isdisjoint(values):
        return None
    return StoredRow(values={**row.values, **values}, names=row.names, name=row.name)


def read_members(model: Any, ids: Iterable[bytes]) -> dict[bytes, Image]:
    """Read the members and tags of objects, in the shape of an image."""
    wanted = list(ids)
    found: dict[bytes, Image] = {
        key: {name: [] for name in model._meta.members} for key in wanted
    }
    for name, field in model._meta.members.items():
        for start in range(0, len(wanted), CHUNK):
            for owner, member, text in _links(field, wanted[start : start + CHUNK]):
                entry = text if field.by_name else [key_text(member), text]
                found[owner][name].append(entry)
        for image in found.values():
            image[name].sort(key=lambda entry: entry if field.by_name else entry[1])
    return found


def _links(field: Any, owners: list[bytes]) -> Iterable[tuple[bytes, bytes, str]]:
    """Yield (owner, member, the member's name) for the links of some owners."""
    statement, leaves = _link_plan(field)
    constants = field.constants()
    where = "".join(f' AND l."{column}" = ?' for column in constants)
    marks = ",".join("?" * len(owners))
    sql = f"{statement} ({marks}){where}"
    for row in current_store().execute(sql, [*owners, *constants.values()]):
        yield row[0], row[1], _name(row, leaves)


_link_plans: dict[Any, tuple[str, tuple[Leaf, ...]]] = {}


def _link_plan(field: Any) -> tuple[str, tuple[Leaf, ...]]:
    found = _link_plans.get(field)
    if found is None:
        planner = _Planner(field.rel_model)
        planner.columns = [f'l."{field.owner_column}"', f'l."{field.member_column}"']
        leaves = planner.leaves(field.rel_model, "m")
        meta = field.rel_model._meta
        statement = (
            f'SELECT {", ".join(planner.columns)} FROM "{field.table}" l'
            f' JOIN "{meta.table_name}" m'
            f' ON m."{meta.primary_key.column_name}" = l."{field.member_column}"'
            f' {" ".join(planner.joins)} WHERE l."{field.owner_column}" IN'
        )
        found = _link_plans[field] = (statement, leaves)
    return found


def image_of(model: Any, row: StoredRow, members: Image) -> Image:
    """Return the image of a row and its members."""
    image: Image = {}
    values, names = row.values, row.names
    for name, shown, to_image in plan_of(model).parts:
        value = values[name]
        if name in names:
            key = key_text(value) if isinstance(value, bytes) else value
            image[name] = [key, names[name]]
        else:
            image[shown] = value if to_image is None else to_image(value)
    image.update(members)
    return image


def key_text(key: bytes) -> str:
    """Return the text of a key's UUID, as `str(uuid.UUID(bytes=key))` is."""
    text = key.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def full_images(
    model: Any, ids: Iterable[bytes]
) -> dict[bytes, tuple[StoredRow, Image]]:
    """Read rows with their members; those that are gone are left out."""
    rows = read_rows(model, ids)
    members = read_members(model, rows)
    return {key: (row, image_of(model, row, members[key])) for key, row in rows.items()}


def expand(model: Any, image: Image | None) -> Image | None:
    """Return an image in the shape that receivers read.

    A relation becomes `{id, object_type, name}`, members a list of those. Fields of
    a type whose module is gone stay as they are.
    """
    if image is None or model is None:
        return image
    meta = model._meta
    shown: Image = {}
    for name, value in image.items():
        field = meta.fields.get(name)
        if isinstance(field, peewee.ForeignKeyField) and value is not None:
            shown[name] = _expanded(field.rel_model, value)
        elif name in meta.members and not meta.members[name].by_name:
            other = meta.members[name].rel_model
            shown[name] = [_expanded(other, entry) for entry in value]
        else:
            shown[name] = value
    return shown


def _expanded(model: Any, entry: list[Any]) -> dict[str, Any]:
    label = getattr(model._meta, "label_lower", model.__name__.lower())
    return {"id": entry[0], "object_type": label, "name": entry[1]}
