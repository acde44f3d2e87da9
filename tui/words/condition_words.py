"""What a half-typed condition may go on with: words, fields, values. No Textual.

The forms of conditions stand in `models.automation.conditions`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from models.automation.conditions import OPERATORS
from models.objects.specs import CUSTOM_PREFIX, FieldKind, FieldSpec, fields_of
from models.objects.types import get_type, is_type
from models.people.access import User
from models.values import frozen
from tui.words.form_values import LINKS, choices, rows_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST = 20
STARTS = ("changed ", "user is ", "when ", "not ")
IN_EXPRESSIONS = ("before.", "after.", "event", "user", "changed('", "len(", "lower(")
_FIELD = r"(?P<path>[A-Za-z_]\w*(?:\.\w+)*)"
_VALUE = re.compile(
    rf"{_FIELD}\s*(?:(?:!=|>=|<=|=|>|<|\b(?:in|contains|startswith|endswith)\b)\s*"
    r"|:\s*(?:.*->\s*)?)(?:.*,\s*)?(?P<typed>[^,]*)"
)
_OPERATOR = re.compile(rf"{_FIELD}\s+(?P<typed>\S*)")
_INSIDE = re.compile(r".*?(?P<typed>(?:(?:before|after)\.)?[\w.']*)")


@frozen
class Completion:
    """What the end of a line may become.

    Attributes:
        typed: The end of the line that is replaced.
        words: What may stand in its place, the likely ones first.
    """

    typed: str = ""
    words: tuple[str, ...] = ()

    @property
    def addition(self) -> str:
        """What all of the words begin with, else the first; there must be some."""
        first, *others = self.words
        lowered = [word.lower() for word in others]
        for length in range(len(first), len(self.typed), -1):
            if all(word.startswith(first[:length].lower()) for word in lowered):
                return first[:length]
        return first


def complete(line: str, labels: Sequence[str]) -> Completion:
    """Return what a line of conditions may go on with at its end.

    Args:
        line: The line up to the cursor.
        labels: The types that the hook is for.
    """
    text = re.split(r"[;\n]", line)[-1].lstrip()
    text = text.removeprefix("not ").lstrip()
    for begin, words in (
        ("changed ", lambda rest: _fields(labels, rest)),
        ("user is ", _users),
        ("when ", lambda rest: _in_expression(labels, rest)),
    ):
        if text.startswith(begin):
            return words(text.removeprefix(begin).lstrip())
    if match := _VALUE.fullmatch(text):
        typed = match["typed"]
        return _like(typed, _values(labels, match["path"], typed))
    if match := _OPERATOR.fullmatch(text):
        signs = (": ", *(f"{sign} " for sign in OPERATORS))
        return _like(match["typed"], signs)
    found = _fields(labels, text)
    starts = [word for word in STARTS if text and word.startswith(text)]
    words_ = (*(starts or (() if text else STARTS)), *found.words)
    return Completion(typed=text, words=words_[:MOST])


def _like(typed: str, words: Iterable[str]) -> Completion:
    """Return the words that go on from what is typed; what is whole needs none."""
    start = typed.lower()
    found = [w for w in words if w.lower().startswith(start) and w.strip() != typed]
    return Completion(typed=typed, words=tuple(found[:MOST]))


def _models(labels: Sequence[str]) -> list[Any]:
    return [get_type(label) for label in labels if is_type(label)]


def _paths(labels: Sequence[str]) -> Iterator[str]:
    seen = set()
    for model in _models(labels):
        for spec in fields_of(model):
            name = spec.name
            if name.startswith(CUSTOM_PREFIX):
                name = f"custom_fields.{name.removeprefix(CUSTOM_PREFIX)}"
            if name not in seen:
                seen.add(name)
                yield name


def _fields(labels: Sequence[str], typed: str) -> Completion:
    return _like(typed, sorted(_paths(labels)))


def _users(rest: str) -> Completion:
    typed = rest.rpartition(",")[2].lstrip()
    rows = User.select().where(User.username.startswith(typed)).order_by(User.username)
    return _like(typed, [row.username for row in rows.limit(MOST)])


def _in_expression(labels: Sequence[str], rest: str) -> Completion:
    typed = _INSIDE.fullmatch(rest)
    word = typed["typed"] if typed else ""
    side, dot, field = word.partition(".")
    if dot and side in {"before", "after"}:
        return _like(field, sorted(_paths(labels)))
    return _like(word, IN_EXPRESSIONS)


def _values(labels: Sequence[str], path: str, typed: str) -> Iterator[str]:
    """Yield the values of a field that begin like what is typed."""
    name, _, rest = path.partition(".")
    if name == "custom_fields":
        name = CUSTOM_PREFIX + rest
    elif rest not in {"", "name"}:
        return
    for model in _models(labels):
        for spec in fields_of(model):
            if spec.name == name:
                yield from _values_of(spec, typed)


def _values_of(spec: FieldSpec, typed: str) -> Iterator[str]:
    if spec.kind in LINKS:
        for row in rows_like(spec.relation.objects, typed)[:MOST]:
            yield str(row)
    elif spec.kind in {FieldKind.CHOICE, FieldKind.BOOLEAN} or spec.choices:
        yield from (str(option.value.raw) for option in choices(spec))
