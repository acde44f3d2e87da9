"""`hookline object …`: list, show, add, set, delete."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from models.errors import AmbiguousError
from models.history import bulk
from models.history import timeline as history
from models.history.revert import changes_of
from models.objects.inputs import save_values
from models.objects.names import leaf_paths
from models.objects.specs import list_columns
from models.objects.types import get_type
from models.people.access import require
from tui.actions.deleting import delete, doomed_of, read_doomed
from tui.actions.foreseeing import effects
from tui.commandline.exits import Exit
from tui.commandline.progress import Progress
from tui.commandline.runs import after_change, report
from tui.lists.documents import object_document, object_documents, state_document
from tui.lists.listing import Listing, by_number, write_list
from tui.nouns.changes import past_keys
from tui.nouns.chosen import chosen, is_by_filter
from tui.words.filters import read_moment
from tui.words.grammar import parse_assignments
from tui.words.lookup import find_object
from tui.words.values import raw_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.people.access import User
    from tui.commandline.call import Call
    from tui.lists.documents import Document


def object_listing(model: Any) -> Listing:
    """Return how the objects of a type are listed."""

    def documents(rows: Any, _user: User) -> Iterator[Document]:
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
    assert call.store
    model = get_type(call.given.word("TYPE"))
    return write_list(call, object_listing(model))


def show_object(call: Call) -> int:
    """Show one object, as it is or as it was."""
    if call.given.has("at"):
        return _show_past(call, str(call.given.option("at")))
    row = find_object(call.given.word("OBJECT"), call.user)
    call.output.record(object_document(row))
    return Exit.OK


def _show_past(call: Call, when: str) -> int:
    user = call.user
    word = call.given.word("OBJECT")
    label, keys = past_keys(word, user)
    if len(keys) > 1:
        names = [f"{label}:{uuid.UUID(bytes=key)}" for key in keys]
        raise AmbiguousError(
            f"Several objects were called so: {', '.join(names)}.",
            on=word,
            candidates=names,
        )
    number = by_number(when, "change") if _is_number(when) else None
    time = None if number is not None else read_moment(when, "--at")
    state = history.state_at(label, keys[0], time=time, change_id=number)
    call.output.record(state_document(label, keys[0], state))
    return Exit.OK


def _is_number(text: str) -> bool:
    return text.removeprefix("#").isdigit()


def add_object(call: Call) -> int:
    """Make an object, and write it as it now stands in the store."""
    user = call.user
    model = get_type(call.given.word("TYPE"))
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    require(user, "add", model, what=f"a {model._meta.verbose_name}")
    with call.change():
        row = model()
        save_values(row, raw_values(model, assignments))
    return _written(call, row, "made")


def set_objects(call: Call) -> int:
    """Change fields of an object, or of many at once."""
    if is_by_filter(call) or len(call.given.all("OBJECT")) > 1:
        return _set_many(call)
    user = call.user
    row = find_object(call.given.word("OBJECT"), user)
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    require(user, "change", row)
    with call.change(mute=_mute(call)):
        changed = save_values(row, raw_values(type(row), assignments))
    return _written(call, row, "changed" if changed else "left as it was")


def _mute(call: Call) -> str:
    """Return why no hook is to fire; empty when they fire."""
    is_muted = call.given.option("hooks") == "mute"
    return f"muted by {call.command.words}" if is_muted else ""


def _set_many(call: Call) -> int:
    found = chosen(call)
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    edit = bulk.Edit(
        model=found.model,
        keys=found.keys,
        values=raw_values(found.model, assignments),
        user=call.user,
    )
    told = "" if _mute(call) else effects(bulk.foresee(edit))
    call.confirm("\n".join(filter(None, (told, f"Change {found.words}?"))))
    stopped = "Nothing was changed."
    total = len(found.keys)
    with Progress(call.output, "changing", total, stopped=stopped) as progress:
        made = bulk.make(edit, call.change, mute=_mute(call), watch=progress.show)
    return _told(call, made.changed, "changed", made.request_id)


def _told(call: Call, count: int, verb: str, request_id: uuid.UUID) -> int:
    """Say what was done to many objects, and how it is taken back."""
    if call.output.is_for_people:
        objects = "1 object" if count == 1 else f"{count:,} objects"
        call.output.say(f"{objects} {verb}.")
        if count > 1:
            first = changes_of(request_id, most=1)[0]
            call.output.say(f"`hookline change revert {first.id} --request` undoes it.")
        return after_change(call)
    code = after_change(call)
    document = {verb: count, "request": str(request_id), "runs": len(call.queued)}
    call.output.record(document)
    return code


def _written(call: Call, row: Any, verb: str) -> int:
    document = object_document(row)
    name = f"{document['object_type']}:{document['display']}"
    return report(call, document, f"{name} {verb}.", document["id"])


def delete_objects(call: Call) -> int:
    """Delete objects and what goes with them."""
    user = call.user
    if is_by_filter(call):
        found = chosen(call)
        doomed = read_doomed(found.model._meta.label_lower, found.keys, user)
    else:
        rows = [find_object(word, user) for word in call.given.all("OBJECT")]
        for row in rows:
            require(user, "delete", row)
        doomed = doomed_of(rows, user)
    call.confirm("\n".join(filter(None, (doomed.text, f"Delete {doomed.what}?"))))
    stopped = "Nothing was deleted."
    with Progress(call.output, "deleting", doomed.total, stopped=stopped) as progress:
        gone = delete(doomed, call.change, mute=_mute(call), watch=progress.show)
    return _told(call, gone.count, "deleted", gone.request_id)
