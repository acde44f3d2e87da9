"""`hookline type …`: the object types and their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.specs import FieldSpec, fields_of
from models.objects.types import get_type, object_types
from tui.commandline.exits import Exit
from tui.lists.listing import where_words

if TYPE_CHECKING:
    from tui.commandline.call import Call
    from tui.lists.documents import Document

COLUMNS = ("type", "name", "objects")
FIELD_COLUMNS = ("field", "kind", "required", "of", "help")


def list_types(call: Call) -> int:
    """List the object types of the store."""
    user = call.user
    given = [*call.given.all("FILTER"), *where_words(call.given)]
    words = [word.lower() for word in given]
    rows = [
        _type_document(label, model, user)
        for label, model in object_types().items()
        if all(word in label or word in model._meta.verbose_name for word in words)
    ]
    call.output.rows(COLUMNS, rows)
    return Exit.OK


def _type_document(label: str, model: Any, user: Any) -> Document:
    meta = model._meta
    return {
        "type": label,
        "name": meta.verbose_name,
        "plural": meta.verbose_name_plural,
        "objects": model.objects.restrict(user, "view").count(),
    }


def show_type(call: Call) -> int:
    """Show the fields of a type."""
    assert call.store
    model = get_type(call.given.word("TYPE"))
    call.output.rows(
        FIELD_COLUMNS, [_field_document(spec) for spec in fields_of(model)]
    )
    return Exit.OK


def _field_document(spec: FieldSpec) -> Document:
    relation = spec.relation
    return {
        "field": spec.name,
        "kind": spec.kind.value,
        "required": spec.required,
        "of": None if relation is None else relation._meta.label_lower,
        "default": spec.default,
        "choices": [value for value, _ in spec.choices],
        "help": spec.help,
    }
