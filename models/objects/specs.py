"""What each field of a type is, for forms, commands and loads alike.

Worked out from the model's own fields, so that a user's type has forms and commands
from its field definitions alone.
"""

from __future__ import annotations

import enum
from typing import Any

import peewee

from models.objects.fields import (
    AddressField,
    ChoiceField,
    JSONField,
    LinesField,
    ListField,
    NameField,
    TimestampField,
)
from models.storage.cached import cached
from models.storage.store import current_store
from models.values import frozen

NEVER_EDITED = frozenset({"created", "last_updated", "custom_field_data"})
TYPE_LISTS = frozenset({"object_types", "content_types"})
CUSTOM_PREFIX = "cf."


class FieldKind(enum.StrEnum):
    """How a field's value is written and shown."""

    NAME = "name"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    TIME = "time"
    ADDRESS = "address"
    JSON = "json"
    LIST = "list"
    RELATION = "relation"
    MEMBERS = "members"


@frozen
class FieldSpec:
    """One field of a type.

    Attributes:
        name: As in commands and images; custom fields begin with `cf.`.
        label: In words, for a form.
        kind: How its value is written.
        required: Whether it must have a value.
        default: The value of a new object; None when it has none.
        choices: (value, label) pairs to pick from; empty when anything goes.
        relation: The type that a relation or members are of.
        help: One sentence.
        sortable: Whether a list can be sorted by it quickly.
        max_length: The most letters that it takes.
        has_lines: Whether it is text of which lines are added and taken away.
    """

    name: str
    label: str
    kind: FieldKind
    required: bool = False
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    relation: Any = None
    help: str = ""
    sortable: bool = False
    max_length: int | None = None
    has_lines: bool = False


def fields_of(model: Any) -> tuple[FieldSpec, ...]:
    """Return the fields that people edit, in the order of the form."""
    own = getattr(model, "form_fields", None)
    if own is not None:
        return tuple(_named(model, name) for name in own)
    meta = model._meta
    read_only = set(getattr(meta, "read_only", ())) | NEVER_EDITED
    plain = [
        spec_of(field)
        for field in meta.sorted_fields
        if not field.primary_key and field.name not in read_only
    ]
    members = [
        _members_spec(m)
        for name, m in meta.members.items()
        if name not in read_only and not m.is_kept
    ]
    virtual = getattr(model, "virtual_fields", {}).values()
    return (*virtual, *plain, *custom_specs(model), *members)


def _named(model: Any, name: str) -> FieldSpec:
    virtual: dict[str, FieldSpec] = getattr(model, "virtual_fields", {})
    return virtual[name] if name in virtual else spec_of(model._meta.fields[name])


def field_named(model: Any, name: str) -> FieldSpec:
    """Return one field that people edit.

    Raises:
        RequestError: The type has no such field, or it is not edited by hand.
    """
    from models.errors import RequestError
    from models.objects.paths import unknown_field

    specs = {spec.name: spec for spec in fields_of(model)}
    spec = specs.get(name)
    if spec is not None:
        return spec
    if name in model._meta.fields:
        raise RequestError(f"The field {name!r} is kept by the store itself.", on=name)
    members = getattr(model._meta, "members", {}).get(name)
    if members is not None and members.is_kept:
        link = members.through._meta.label_lower
        raise RequestError(f"The {name} follow from objects of {link}.", on=name)
    raise unknown_field(model, name, known=list(specs))


def spec_of(field: Any) -> FieldSpec:
    """Return the spec of one of peewee's fields."""
    default = None if callable(field.default) else field.default
    return FieldSpec(
        name=field.name,
        label=field.verbose_name or field.name.replace("_", " ").capitalize(),
        kind=_kind(field),
        required=not field.null and field.default is None,
        default=default,
        choices=_choices(field),
        relation=getattr(field, "rel_model", None),
        help=field.help_text or "",
        sortable=bool(field.index or field.unique) or _leads_an_index(field),
        max_length=getattr(field, "max_length", None),
        has_lines=isinstance(field, LinesField),
    )


def _leads_an_index(field: Any) -> bool:
    indices = [index for index in field.model._meta.indexes if isinstance(index, tuple)]
    return any(names[0] == field.name for names, _ in indices)


def _choices(field: Any) -> tuple[tuple[str, str], ...]:
    choose = getattr(field, "choose", None)
    if choose is not None:
        return tuple((name, name) for name in choose())
    if isinstance(field, ListField) and field.name in TYPE_LISTS:
        return _type_choices()
    return tuple(field.choices or ())


def _type_choices() -> tuple[tuple[str, str], ...]:
    from models.objects.types import object_types

    return tuple(
        (label, model._meta.verbose_name) for label, model in object_types().items()
    )


KINDS: tuple[tuple[Any, FieldKind], ...] = (
    (peewee.ForeignKeyField, FieldKind.RELATION),
    (ListField, FieldKind.LIST),
    (JSONField, FieldKind.JSON),
    (TimestampField, FieldKind.TIME),
    (AddressField, FieldKind.ADDRESS),
    (peewee.BooleanField, FieldKind.BOOLEAN),
    (peewee.IntegerField, FieldKind.INTEGER),
    (peewee.FloatField, FieldKind.NUMBER),
    (ChoiceField, FieldKind.CHOICE),
    (NameField, FieldKind.NAME),
)


def _kind(field: Any) -> FieldKind:
    for cls, kind in KINDS:
        if isinstance(field, cls):
            return kind
    return FieldKind.TEXT


def _members_spec(members: Any) -> FieldSpec:
    return FieldSpec(
        name=members.name,
        label=members.name.replace("_", " ").capitalize(),
        kind=FieldKind.MEMBERS,
        relation=members.rel_model,
        help=members.help_text,
    )


CUSTOM_KINDS = {
    "integer": FieldKind.INTEGER,
    "boolean": FieldKind.BOOLEAN,
    "select": FieldKind.CHOICE,
    "multi-select": FieldKind.LIST,
    "json": FieldKind.JSON,
}


def custom_specs(model: Any) -> tuple[FieldSpec, ...]:
    """Return the custom fields that the store adds to a type."""
    by_type = cached(current_store(), "custom_specs", _load_custom)
    return by_type.get(model._meta.label_lower, ())


def _load_custom() -> dict[str, tuple[FieldSpec, ...]]:
    from models.inventory.extras import CustomField

    found: dict[str, tuple[FieldSpec, ...]] = {}
    for row in CustomField.select().order_by(CustomField.weight, CustomField.key):
        spec = FieldSpec(
            name=CUSTOM_PREFIX + row.key,
            label=row.label or row.key.replace("_", " ").capitalize(),
            kind=CUSTOM_KINDS.get(row.kind, FieldKind.NAME),
            required=row.required,
            default=row.default,
            choices=tuple((choice, choice) for choice in row.choices),
            help=row.description,
        )
        for label in row.content_types:
            found[label] = (*found.get(label, ()), spec)
    return found


def list_columns(model: Any) -> tuple[str, ...]:
    """Return the columns of a type's list, the natural name first."""
    meta = model._meta
    chosen = tuple(meta.list_fields or ())
    if chosen:
        return chosen
    return tuple(
        field.name
        for field in meta.sorted_fields
        if not field.primary_key and field.name not in NEVER_EDITED
    )[:6]
