"""`hookline object …`: list, show, add, set, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import write
from models.access import require
from models.inputs import save_values
from models.names import leaf_paths
from models.specs import list_columns
from models.types import get_type
from tui.documents import object_document, object_documents
from tui.exits import Exit
from tui.grammar import parse_assignments
from tui.listing import Listing, write_list
from tui.lookup import find_object
from tui.runs import after_change, report
from tui.values import raw_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.call import Call
    from tui.documents import Document


def object_listing(model: Any) -> Listing:
    """Return how the objects of a type are listed."""

    def documents(rows: Any) -> Iterator[Document]:
        key = model._meta.primary_key
        ids = rows.query.clone().select(key).tuples().iterator()
        return object_documents(model, (key.db_value(row[0]) for row in ids))

    return Listing(
        model=model,
        columns=list_columns(model),
        documents=documents,
        sort=tuple(leaf_paths(model)),
        aliases={"tag": "tags", "display": leaf_paths(model)[-1]},
    )


def list_objects(call: Call) -> int:
    """List the objects of a type, among those that the user may see."""
    user = call.user
    model = get_type(call.given.word("TYPE"))
    rows = model.objects.restrict(user, "view")
    return write_list(call, object_listing(model), rows)


def show_object(call: Call) -> int:
    """Show one object."""
    row = find_object(call.given.word("OBJECT"), call.user)
    call.output.record(object_document(row))
    return Exit.OK


def add_object(call: Call) -> int:
    """Make an object, and write it as it now stands in the store."""
    user = call.user
    model = get_type(call.given.word("TYPE"))
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    require(user, "add", model, what=f"a {model._meta.verbose_name}")
    with call.change():
        row = model()
        save_values(row, raw_values(model, assignments))
        require(user, "view", row)
    return _written(call, row, "made")


def set_object(call: Call) -> int:
    """Change fields of an object."""
    user = call.user
    row = find_object(call.given.word("OBJECT"), user)
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    require(user, "change", row)
    with call.change():
        changed = save_values(row, raw_values(type(row), assignments))
    return _written(call, row, "changed" if changed else "left as it was")


def _written(call: Call, row: Any, verb: str) -> int:
    document = object_document(row)
    name = f"{document['object_type']}:{document['display']}"
    return report(call, document, f"{name} {verb}.", document["id"])


def delete_objects(call: Call) -> int:
    """Delete objects and what goes with them."""
    user = call.user
    rows = [find_object(word, user) for word in call.given.all("OBJECT")]
    for row in rows:
        require(user, "delete", row)
    names = ", ".join(str(row) for row in rows)
    call.confirm(f"Delete {names}?")
    with call.change():
        count = write.delete(rows)
    objects = "1 object" if count == 1 else f"{count} objects"
    call.output.say(f"{objects} deleted.")
    return after_change(call)
