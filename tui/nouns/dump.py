"""`hookline dump`: objects in the form that load reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peewee
import yaml

from models.errors import RequestError
from models.objects.names import shared_names
from models.objects.specs import CUSTOM_PREFIX, FieldKind, fields_of
from models.objects.types import get_type, object_types
from tui.commandline.exits import Exit
from tui.commandline.output import Form
from tui.lists.documents import object_documents
from tui.loads.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.commandline.call import Call
    from tui.lists.documents import Document

Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def dump(call: Call) -> int:
    """Write objects, those that others refer to first."""
    user = call.user
    words = call.given.all("TYPE")
    models = [get_type(word) for word in words] or list(object_types().values())
    models = in_order(models)
    if call.output.form is Form.CSV and len(models) != 1:
        raise RequestError("CSV holds one type; name it: hookline dump TYPE --csv")
    dumper = _Dumper(user, models)
    if call.output.form is Form.TABLE:
        _write_yaml(call, dumper, models)
    elif call.output.form is Form.CSV:
        columns = [spec.name for spec in fields_of(models[0])]
        call.output.rows(["id", *columns], dumper.documents(models[0]))
    else:
        call.output.rows((), _labelled(dumper, models))
    return Exit.OK


def _labelled(dumper: _Dumper, models: list[Any]) -> Iterator[Document]:
    """Yield all objects with their types, in the order in which they can be loaded."""
    for late in (False, True):
        for model in models:
            label = {"object_type": model._meta.label_lower}
            for document in dumper.documents(model, late=late):
                yield {**label, **document}


def _write_yaml(call: Call, dumper: _Dumper, models: list[Any]) -> None:
    for late in (False, True):
        between = "---" if late else ""
        for model in models:
            head = f"{model._meta.label_lower}:"
            for document in dumper.documents(model, late=late):
                for line in (between, head):
                    if line:
                        call.output.write(line)
                between = head = ""
                text = yaml.dump(
                    [document],
                    Dumper=Dumper,
                    sort_keys=False,
                    allow_unicode=True,
                    default_flow_style=False,
                )
                call.output.write(text.rstrip("\n"))


FIRST = ("extras.customfield", "extras.tag")


def in_order(models: list[Any]) -> list[Any]:
    """Return types so that what a type refers to stands before it."""
    found: dict[Any, None] = {}
    under_way = set()

    def add(model: Any) -> None:
        if model in under_way or model not in models:
            return
        under_way.add(model)
        for field in model._meta.refs:
            add(field.rel_model)
        found[model] = None

    for model in sorted(models, key=lambda m: m._meta.label_lower not in FIRST):
        add(model)
    return list(found)


class _Dumper:
    """Turns objects into the documents that load reads."""

    def __init__(self, user: Any, models: list[Any]) -> None:
        self._user = user
        self._places = {model: place for place, model in enumerate(models)}
        self._shared: dict[str, set[str]] = {}

    def documents(self, model: Any, *, late: bool = False) -> Iterator[Document]:
        """Yield a type's objects, parents before children.

        Args:
            model: The type.
            late: Only what can be loaded once everything else is there.
        """
        behind = self._late_fields(model)
        if late and not behind:
            return
        identity = Identity(model)
        specs = [spec for spec in fields_of(model) if self._is_said(model, spec)]
        label = model._meta.label_lower
        for document in object_documents(model, self._ids(model)):
            kept = self._kept(document, specs)
            shared = document["display"] in self._shared_names(label)
            number = {"id": document["id"]} if shared else {}
            after = {name: kept.pop(name) for name in behind & set(kept)}
            if not late:
                yield {**number, **kept}
            elif after:
                names = identity.identifying(kept) or ()
                known = {name: kept[name] for name in names}
                yield {**number, **known, **after}

    def _kept(self, document: Document, specs: list[Any]) -> Document:
        kept: Document = {}
        for spec in specs:
            value = self._value(document, spec)
            if value not in (None, "", [], {}) and value != spec.default:
                kept[spec.name] = value
        return kept

    def _late_fields(self, model: Any) -> set[str]:
        """Return relations to what belongs to a part of the object itself.

        A device's address lies on one of its interfaces, which want the device first.
        """
        parts = {
            members.rel_model
            for other in self._places
            if any(field.rel_model is model for field in other._meta.refs)
            for members in other._meta.members.values()
        }
        fields = model._meta.refs
        return {f.name for f in fields if f.null and f.rel_model in parts}

    def _is_said(self, model: Any, spec: Any) -> bool:
        """Tell whether a field is dumped: members only from the later of two types."""
        if spec.kind is not FieldKind.MEMBERS or spec.relation not in self._places:
            return True
        members = model._meta.members[spec.name]
        is_first = self._places[model] < self._places[spec.relation]
        return not (members.both_sides and is_first)

    def _value(self, document: Document, spec: Any) -> Any:
        if spec.name.startswith(CUSTOM_PREFIX):
            return document["custom_fields"].get(spec.name[len(CUSTOM_PREFIX) :])
        value = document.get(spec.name)
        if spec.kind is FieldKind.RELATION and value is not None:
            return self._named(value)
        if spec.kind is FieldKind.MEMBERS:
            return [self._named(v) if isinstance(v, dict) else v for v in value or []]
        return value

    def _named(self, shown: Document) -> str:
        """Return a related object's name, or its id where others share the name."""
        is_shared = shown["name"] in self._shared_names(shown["type"])
        return str(shown["id"] if is_shared or not shown["name"] else shown["name"])

    def _shared_names(self, label: str) -> set[str]:
        """Return the names that several objects of a type have."""
        if label not in self._shared:
            self._shared[label] = shared_names(get_type(label))
        return self._shared[label]

    def _ids(self, model: Any) -> Iterator[bytes]:
        key = model._meta.primary_key
        rows = model.objects.restrict(self._user, "view").order_by("pk")
        above = [
            field
            for field in model._meta.sorted_fields
            if isinstance(field, peewee.ForeignKeyField) and field.rel_model is model
        ]
        query = rows.query.clone().select(key, *above[:1]).tuples()
        if not above:
            return (key.db_value(row[0]) for row in query.iterator())
        pairs = {key.db_value(row[0]): key.db_value(row[1]) for row in query}
        return iter(_parents_first(pairs))


def _parents_first(parents: dict[bytes, bytes | None]) -> list[bytes]:
    found: dict[bytes, None] = {}
    for key in parents:
        line = []
        at: bytes | None = key
        while at is not None and at in parents and at not in found and at not in line:
            line.append(at)
            at = parents[at]
        found.update(dict.fromkeys(reversed(line)))
    return list(found)
