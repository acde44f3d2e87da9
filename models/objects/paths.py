"""Fields by path, such as `location__name`: their values, their order, their errors."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import fn

from models.errors import RequestError


def unknown_field(
    model: Any, name: str, *, known: list[str] | None = None
) -> RequestError:
    """Return the error for a field that a type lacks, with the near ones."""
    import difflib

    meta = model._meta
    known = known or [*meta.fields, *meta.members]
    near = difflib.get_close_matches(name, known, n=3)
    hint = f" Did you mean {near[0]}?" if near else f" It has: {', '.join(known)}."
    label = getattr(meta, "verbose_name", model.__name__)
    return RequestError(
        f"A {label} has no field {name!r}.{hint}", on=name, candidates=near
    )


def value_of(model: Any, path: str) -> Any:
    """Return the expression for a field's value, across relations if need be."""
    parts = path.split("__")
    meta = model._meta
    name = {"pk": meta.primary_key.name, "cf": "custom_field_data"}.get(
        parts[0], parts[0]
    )
    field = meta.combined.get(name)
    if field is None:
        raise unknown_field(model, parts[0])
    if len(parts) == 1:
        return field
    if not isinstance(field, peewee.ForeignKeyField):
        return fn.json_extract(field, "$." + ".".join(f'"{k}"' for k in parts[1:]))
    other = field.rel_model.alias()
    inner = _value_in(other, field.rel_model, parts[1:])
    key = getattr(other, field.rel_model._meta.primary_key.name)
    return other.select(inner).where(key == field)


def converter_of(model: Any, path: str) -> Any:
    """Return what turns the stored value at a path into Python's."""
    field: Any = None
    for name in path.split("__"):
        meta = model._meta
        field = meta.primary_key if name == "pk" else meta.combined.get(name)
        if not isinstance(field, peewee.ForeignKeyField):
            break
        model = field.rel_model
    return (lambda value: value) if field is None else field.python_value


def _value_in(alias: Any, model: Any, parts: list[str]) -> Any:
    if len(parts) == 1:
        field = model._meta.combined.get(parts[0])
        if field is None:
            raise unknown_field(model, parts[0])
        return getattr(alias, field.name)
    return value_of(model, "__".join(parts))


def order_term(model: Any, name: str) -> Any:
    """Return the ORDER BY term for a name such as `-location__name`."""
    descending = name.startswith("-")
    path = name.lstrip("-")
    meta = model._meta
    field = meta.combined.get(path)
    if isinstance(field, peewee.ForeignKeyField) and path == field.name:
        natural = getattr(field.rel_model._meta, "natural_name", ())
        if natural:
            path = f"{path}__{natural[0]}"
    term = value_of(model, path)
    if isinstance(term, peewee.Select):
        return peewee.NodeList((term, peewee.SQL("DESC" if descending else "ASC")))
    return term.desc() if descending else term.asc()
