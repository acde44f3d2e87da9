"""What configuration rows have in common on the command line.

Hooks, buttons, schedules, users, groups and permissions are rows with a name and
fields, most with a switch; the modules of the nouns say what else each of them has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation import configuring
from models.errors import ValidationError
from models.objects.names import Finder, leaf_paths
from models.storage.store import current_store
from tui.commandline.exits import Exit
from tui.lists.documents import configured_document
from tui.lists.listing import Listing, write_list
from tui.nouns.jobs import enable
from tui.words.grammar import parse_assignments
from tui.words.jobs import find_job
from tui.words.values import raw_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.people.access import User
    from tui.commandline.call import Call
    from tui.lists.documents import Document


TYPES = {"object_type": "object_types", "type": "object_types"}
INTERNAL = ("type_create", "type_update", "type_delete", "breaker_reset")


def listing(
    model: Any,
    columns: tuple[str, ...],
    more: Callable[[list[Any], User], dict[int, Document]] | None = None,
) -> Listing:
    """Return how rows of a kind are listed.

    Args:
        model: Their class.
        columns: What a table shows.
        more: Returns further fields of rows, by their keys.
    """

    def documents(rows: Any, user: User) -> Iterator[Document]:
        found = list(rows)
        fields = more(found, user) if more is not None else {}
        return ({**configured_document(r, user), **fields.get(r.id, {})} for r in found)

    return Listing(
        model=model,
        columns=columns,
        documents=documents,
        sort=tuple(leaf_paths(model)),
        search=tuple(leaf_paths(model)),
        aliases=TYPES if "object_types" in model._meta.fields else {},
        internal=INTERNAL,
    )


def list_rows(call: Call, found: Listing) -> int:
    """List the rows that the user may see."""
    return write_list(call, found)


def find(call: Call, model: Any, argument: str) -> Any:
    """Return the row that a word of the call names, by its name or its number.

    Raises:
        NotFoundError: There is none; the near names are given.
    """
    return Finder(call.user).find(model, call.given.word(argument))


def find_all(call: Call, model: Any, argument: str) -> list[Any]:
    """Return the rows that the words of an argument name, each once.

    Raises:
        NotFoundError: There is none; the near names are given.
    """
    finder = Finder(call.user)
    rows = [finder.find(model, word) for word in call.given.all(argument)]
    return list({row.id: row for row in rows}.values())


def show(call: Call, model: Any, argument: str) -> int:
    """Show one row."""
    call.output.record(configured_document(find(call, model, argument), call.user))
    return Exit.OK


def save(
    call: Call,
    *rows: Any,
    prepare: Callable[[Any, dict[str, Any]], None] | None = None,
) -> int:
    """Give rows the values of the call, check and save them: all, or none.

    Args:
        call: The call.
        rows: The rows, new or stored.
        prepare: Gets a row and the raw values, and may change these.

    Raises:
        RefusedError: The user may not add or change one, or it is managed by a file.
        ValidationError: A value is wrong; with messages by field.
    """
    model = type(rows[0])
    verb = "changed" if rows[0].present_in_database else "made"
    assignments = parse_assignments(call.given.all("KEY=VALUE"))
    values = raw_values(model, assignments)
    if isinstance(values.get("job"), str):  # outside, as it may read the files anew
        values["job"] = find_job(values["job"])
    told: list[str] = []
    with current_store().transaction():
        for row in rows:
            given = dict(values)
            configuring.require_save(row, call.user)
            if prepare is not None:
                prepare(row, given)
            if call.given.has("enable_job"):
                told += enable(given.get("job") or row.job, call.user)
            _save(call, row, given)
    for said in told:
        call.output.say(said)
    if not call.output.is_for_people and len(rows) == 1:
        call.output.record(configured_document(rows[0], call.user))
    elif not call.output.is_for_people:
        found = [configured_document(row, call.user) for row in rows]
        call.output.rows(("id", "name"), found)
    for row in rows if call.output.is_for_people else ():
        call.output.say(f"{row} {verb}.")
        call.output.line(str(row.id))
    return Exit.OK


def _save(call: Call, row: Any, values: dict[str, Any]) -> None:
    """Save a row; people are told what is wrong by what they gave, not by columns."""
    from tui.actions.hooks import beside_fields

    assert call.user
    try:
        configuring.save(row, values, call.user)
    except ValidationError as error:
        if not call.output.is_for_people:
            raise
        fields = beside_fields(error.message_dict)
        raise ValidationError(fields, on=error.on) from error


def delete(call: Call, model: Any, argument: str) -> int:
    """Delete rows."""
    rows = find_all(call, model, argument)
    for row in rows:
        configuring.require_delete(row, call.user)
    words = (
        model._meta.verbose_name if len(rows) == 1 else model._meta.verbose_name_plural
    )
    call.confirm(f"Delete the {words} {', '.join(map(str, rows))}?")
    with current_store().transaction():
        for row in rows:
            configuring.delete(row, call.user)
    for row in rows:
        call.output.say(f"{row} deleted.")
    return Exit.OK


def switch(call: Call, model: Any, argument: str, *, on: bool) -> int:
    """Enable or disable rows."""
    rows = find_all(call, model, argument)
    configuring.switch(*rows, user=call.user, on=on)
    for row in rows:
        call.output.say(f"{row} is {'enabled' if on else 'disabled'}.")
    return Exit.OK
