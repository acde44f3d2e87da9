"""`hookline change …`: what was recorded."""

from __future__ import annotations

import functools
import json
import operator
import uuid
from typing import TYPE_CHECKING, Any

from peewee import fn

from models.automation.dispatch import LATER, Reason
from models.automation.hooks import JobHook, names_of
from models.errors import NotFoundError, RequestError
from models.history import revert
from models.history import timeline as history
from models.history.changes import ACTIONS, ChangeContext, ObjectChange
from models.objects.names import Finder, not_found
from models.objects.queries import Q, QuerySet
from models.objects.types import get_type, labels, type_id
from models.people.access import User, require
from models.people.grants import visible
from tui.commandline.exits import Exit
from tui.commandline.progress import Progress
from tui.commandline.runs import after_change
from tui.lists.documents import change_document
from tui.lists.listing import Listing, by_number, write_list
from tui.looks.changes import difference_lines, verdict_lines
from tui.looks.statuses import statuses_of
from tui.words.grammar import Term, parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from models.people.access import User
    from tui.commandline.call import Call
    from tui.lists.documents import Document

COLUMNS = ("id", "time", "user", "action", "object_type", "object", "kind", "reason")


def _documents(rows: Any, _user: User) -> Iterator[Document]:
    for row in rows.iterator():
        yield {**change_document(row), "object_type": row.changed_object_type}


def _action(term: Term) -> Q:
    names = [action.value for action in ACTIONS]
    unknown = [value for value in term.values if value not in names]
    if unknown:
        raise RequestError(
            f"action is one of {', '.join(names)}, not {unknown[0]!r}",
            on="action",
            candidates=names,
        )
    return Q(action_number__in=[names.index(value) for value in term.values])


def _type(term: Term) -> Q:
    return Q(type_id__in=[type_id(label) for label in labels(list(term.values))])


def any_of(parts: Iterable[Q]) -> Q:
    """Return what holds where one of several conditions does.

    Nothing is added to them: SQLite then uses the indices of each.
    """
    found = list(parts)
    return functools.reduce(operator.or_, found) if found else Q(pk__in=[])


def _object(term: Term) -> Q:
    known = [past_keys(value) for value in term.values]
    return any_of(Q(type_id=type_id(t), object_id__in=keys) for t, keys in known)


def _about(term: Term) -> Q:
    return any_of(history.about(*past_keys(value)) for value in term.values)


def past_keys(text: str, user: User | None = None) -> tuple[str, list[bytes]]:
    """Return the type and the keys of what is called so, or was before it was deleted.

    Args:
        text: `TYPE:REST`, as for an object that is there.
        user: Only what this user may see is found; None for everything.

    Raises:
        NotFoundError: Nothing is called so, and nothing was.
    """
    reference = parse_reference(text)
    model = get_type(reference.type)
    label = model._meta.label_lower
    rows = Finder(user).matching(model, reference.rest)
    if rows:
        return label, [row.pk.bytes for row in rows]
    query = (
        ObjectChange.select(ObjectChange.object_id)
        .where(
            ObjectChange.type_id == type_id(label),
            (ObjectChange.object_repr == reference.rest)
            | (ObjectChange.object_id == _key_of(reference.rest)),
        )
        .distinct()
    )
    keys = [bytes(row.object_id) for row in query]
    if user is not None and keys:
        there = model.objects.filter(pk__in=[uuid.UUID(bytes=key) for key in keys])
        keys = [key for key in keys if key not in {row.pk.bytes for row in there}]
        require(user, "view", model, what=text)
    if not keys:
        raise not_found(model, reference.rest)
    return label, keys


def _key_of(text: str) -> bytes:
    try:
        return uuid.UUID(text).bytes
    except ValueError:
        return b""


def _request(term: Term) -> Q:
    wrong = [value for value in term.values if not _key_of(value)]
    if wrong:
        raise RequestError(f"{wrong[0]!r} is no id of a request", on="request")
    return any_of(Q(context__request_id=_key_of(value)) for value in term.values)


def _field(term: Term) -> Q:
    return history.FieldTouched(*term.values)


class _HasVerdict(Q):
    """Changes of which a hook has made something: by its hooks, by its verdicts."""

    def __init__(self, hooks: list[int] | None, reasons: list[str] | None) -> None:
        super().__init__()
        self._hooks = hooks
        self._reasons = reasons

    def resolve(self, model: Any) -> Any:
        """Return the expression; what can be caught up is found by its index."""
        texts = [json.dumps(v) if v is not None else "" for v in self._given]
        found = fn.has_verdict(model.verdicts, *texts) == 1
        if self._reasons and LATER.issuperset(self._reasons):
            found = model.missed & found
        return found

    @property
    def _given(self) -> tuple[list[int] | None, list[str] | None]:
        return self._hooks, self._reasons


def _verdicts_filter(terms: Sequence[Term]) -> Q:
    """Return what `hook=NAME verdict=REASON` mean together: one verdict has both."""
    hooks: list[int] | None = None
    reasons: list[str] | None = None
    for term in terms:
        if term.key == "hook":
            finder = Finder()
            hooks = [finder.find(JobHook, value).id for value in term.values]
            if term.negated:
                every = [row.id for row in JobHook.select(JobHook.id)]
                hooks = [number for number in every if number not in hooks]
        else:
            reasons = [_reason(value) for value in term.values]
            if term.negated:
                reasons = [r.value for r in Reason if r.value not in reasons]
    return _HasVerdict(hooks, reasons)


def _reason(text: str) -> str:
    names = [reason.value for reason in Reason]
    found = text.replace("-", " ").replace("_", " ").lower()
    if found not in names:
        raise RequestError(
            f"{text!r} is no verdict: {', '.join(names)}",
            on="verdict",
            candidates=names,
        )
    return found


LISTING = Listing(
    model=ObjectChange,
    columns=COLUMNS,
    documents=_documents,
    sort=("-id",),
    search=("object_repr",),
    aliases={
        "user": "context__user_name",
        "kind": "context__kind",
        "reason": "context__reason",
        "detail": "context__detail",
        "result": "context__result_id",
    },
    special={
        "action": _action,
        "type": _type,
        "object_type": _type,
        "object": _object,
        "about": _about,
        "request": _request,
        "field": _field,
    },
    joint={("hook", "verdict"): _verdicts_filter},
    internal=(
        *("context", "action_number", "type_id", "object_id", "object_repr"),
        *("related_type_id", "related_id", "codec", "before", "after"),
        *("verdicts", "missed"),
    ),
)


def list_changes(call: Call) -> int:
    """List changes, newest first."""
    assert call.user
    query = ObjectChange.select(ObjectChange, ChangeContext).join(ChangeContext)
    return write_list(call, LISTING, QuerySet(ObjectChange, query=query))


def find_change(word: str, user: User) -> Any:
    """Return the change with a number, if the user may see it.

    Raises:
        NotFoundError: There is none.
    """
    number = by_number(word, "change")
    row = ObjectChange.get_or_none(
        ObjectChange.id == number, visible(user, ObjectChange)
    )
    if row is None:
        raise NotFoundError(
            f"There is no change {number}. `hookline change list` shows them.", on=word
        )
    return row


def show_change(call: Call) -> int:
    """Show one change with its difference and its verdicts."""
    row = find_change(call.given.word("CHANGE"), call.user)
    document = {
        **change_document(row),
        **row.get_snapshots(),
        "verdicts": verdicts(row),
    }
    if not call.output.is_for_people:
        call.output.record(document)
        return Exit.OK
    call.output.record(change_document(row))
    _write_differences(call, row)
    _write_verdicts(call, row)
    return Exit.OK


def _write_differences(call: Call, row: Any) -> None:
    lines = difference_lines(row.get_differences(), action=row.action, is_ascii=True)
    for line in lines:
        name = f"{line.path}: " if line.path else ""
        call.output.line(f"{line.sign or ' '} {name}{line.text}".rstrip())


def verdicts(row: Any) -> list[Document]:
    """Return why each hook of the object's type fired or not."""
    found = row.read_verdicts()
    names = names_of([hook for hook, *_ in found])
    return [
        {
            "hook": {"id": hook, "type": "extras.jobhook", "name": names.get(hook, "")},
            "verdict": reason,
            "detail": detail,
            "result": result,
        }
        for hook, reason, detail, result in found
    ]


def _write_verdicts(call: Call, row: Any) -> None:
    found = row.read_verdicts()
    lines = verdict_lines(
        found,
        names=names_of([hook for hook, *_ in found]),
        statuses=statuses_of([r for *_, r in found if r is not None]),
        is_ascii=True,
    )
    for line in lines:
        call.output.line(f"{line.hook}: {line.words} {line.status}".rstrip())


def revert_change(call: Call) -> int:
    """Make the opposite of a change, or of all changes of its request."""
    row = find_change(call.given.word("CHANGE"), call.user)
    if call.given.has("request"):
        return _revert_request(call, row)
    call.confirm(f"Revert {row}?")
    with call.change():
        revert.revert_change(row, call.user)
    call.output.say("1 change reverted.")
    return after_change(call)


def _revert_request(call: Call, row: Any) -> int:
    words, count = request_words(row.request_id)
    call.confirm(f"Revert {words}?")
    stopped = "Nothing was reverted."
    with Progress(call.output, "reverting", count, stopped=stopped) as progress:
        done = revert.revert_request(
            row.request_id, call.user, call.change, watch=progress.show
        )
    changes = "1 change" if done.count == 1 else f"{done.count:,} changes"
    call.output.say(f"{changes} reverted.")
    return after_change(call)


def undo(call: Call) -> int:
    """Make the opposite of the user's own last request."""
    return _revert_request(call, own_last_change(call.user))


def own_last_change(user: User) -> Any:
    """Return a change of a user's newest request.

    Raises:
        NotFoundError: There is none.
    """
    row = revert.last_request(user)
    if row is None:
        raise NotFoundError(f"{user} has changed nothing yet.", on=str(user))
    return row


def request_words(request_id: uuid.UUID) -> tuple[str, int]:
    """Say what a request was, and how many changes it made.

    `device core-01 updated by ann`, or `all 12 changes of the request (…)`.
    """
    parts = revert.parts_of(request_id)
    total = sum(part.count for part in parts)
    if total == 1:
        return str(revert.changes_of(request_id)[0]), total
    counts = [f"{part.count:,} {part.action}s of a {part.words}" for part in parts]
    return f"all {total:,} changes of the request ({', '.join(counts)})", total
