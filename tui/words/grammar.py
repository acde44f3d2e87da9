"""What people type: references, values and filters, as plain values.

Pure parsing, shared by the command line, the `/` and `:` lines and saved views.
Nothing here knows a model; `tui.resolve` looks the parsed values up.

How several words make a line, and several items a text, stands in `tui.words.quoting`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from models.errors import RequestError
from models.objects.lists import join_list, split_lines, split_list
from models.values import frozen
from tui.words.quoting import quote_word, split_line

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = r"[A-Za-z_][\w.]*(?:-[\w.]+)*"

_ASSIGNMENT = re.compile(
    rf"(?P<key>{KEY})(?P<operator>:=|\+=|-=|=)(?P<text>.*)", re.DOTALL
)
_TERM = re.compile(rf"(?P<key>{KEY})(?P<operator>!=|!~|=|~)(?P<text>.*)", re.DOTALL)

LOOKUPS = frozenset(
    {
        *("exact", "iexact", "contains", "icontains", "startswith", "istartswith"),
        *("endswith", "iendswith", "regex", "iregex"),
        *("in", "gt", "gte", "lt", "lte", "range", "isnull"),
    }
)

AssignmentOperator = Literal["=", ":=", "+=", "-="]


# References


@frozen
class Reference:
    """`TYPE:REST`: REST is an id, a natural name, or `field=value,…`.

    Attributes:
        type: As typed; any case, underscores or not, bare where unique.
        rest: Everything after the first colon.
    """

    type: str
    rest: str

    def __str__(self) -> str:
        return f"{self.type}:{self.rest}"


def parse_reference(text: str) -> Reference:
    """Parse `TYPE:REST`, split at the first colon.

    Raises:
        RequestError: There is no colon, or nothing on one side of it.

    >>> parse_reference("interface:device=core-01,name=xe-0/0/0:1").rest
    'device=core-01,name=xe-0/0/0:1'
    """
    kind, colon, rest = text.partition(":")
    if not (colon and kind.strip() and rest.strip()):
        raise RequestError(
            f"{text!r} names no object; write TYPE:NAME, for instance "
            f"dcim.device:core-01",
            on=text,
        )
    return Reference(type=kind.strip(), rest=rest.strip())


# Values


@frozen
class Assignment:
    """One `key=text` word.

    Attributes:
        key: A field's name; `cf.NAME` for a custom field.
        operator: `=` text, `:=` JSON, `+=` and `-=` add to and take from a list.
        text: What stands behind the operator, without the `@` of a file.
        is_file: The text is the path of a file that holds the value.
    """

    key: str
    operator: AssignmentOperator
    text: str
    is_file: bool = False

    @property
    def custom_field(self) -> str | None:
        """The custom field's name, for `cf.NAME`."""
        return self.key[3:] if self.key.startswith("cf.") else None

    def value(self) -> Any:
        """Return the text, the parsed JSON, or a list for `+=` and `-=`.

        Raises:
            RequestError: The file cannot be read, or the JSON is none.
        """
        text = self._read() if self.is_file else self.text
        if self.operator == ":=":
            return self._json(text)
        if self.operator == "=":
            return text
        return split_list(text)

    def lines(self) -> list[str]:
        """Return what `+=` and `-=` say of a field that holds lines.

        Raises:
            RequestError: The file cannot be read.
        """
        return split_lines(self._read() if self.is_file else self.text)

    def _read(self) -> str:
        try:
            return Path(self.text).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise RequestError(
                f"Cannot read {self.text} for {self.key}: {reason}", on=self.key
            ) from error

    def _json(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise RequestError(
                f"{self.key}:= wants JSON: {error}; {self.key}= takes plain text",
                on=self.key,
            ) from error


def is_assignment(word: str) -> bool:
    """Tell whether a word has the form of an assignment."""
    return _ASSIGNMENT.fullmatch(word) is not None


def parse_assignment(word: str) -> Assignment:
    """Parse one `key=text` word; `@@` starts a text that begins with `@`.

    Raises:
        RequestError: It has no key, or no operator.
    """
    match = _ASSIGNMENT.fullmatch(word)
    if match is None:
        raise RequestError(
            f"{word!r} is no value; write key=text, key:=JSON, key+=item or key-=item",
            on=word,
        )
    text = match["text"]
    is_file = text.startswith("@") and not text.startswith("@@") and len(text) > 1
    return Assignment(
        key=match["key"],
        operator=cast("AssignmentOperator", match["operator"]),
        text=text[1:] if is_file or text.startswith("@@") else text,
        is_file=is_file,
    )


def parse_assignments(words: Iterable[str]) -> tuple[Assignment, ...]:
    """Parse several words.

    Raises:
        RequestError: A word is none, or a key is given twice with `=` or `:=`.
    """
    assignments = tuple(parse_assignment(word) for word in words)
    given: set[str] = set()
    for assignment in assignments:
        if assignment.operator in {"=", ":="}:
            if assignment.key in given:
                raise RequestError(
                    f"{assignment.key} is given twice", on=assignment.key
                )
            given.add(assignment.key)
    return assignments


# Filters


@frozen
class Term:
    """One condition of a filter.

    Attributes:
        key: The field, dotted or with `__` across relations; empty for a search word.
        lookup: `exact`, `icontains` (for `~`), or what followed the last `__`.
        values: Any of these; empty means "is empty".
        negated: The condition must not hold.
    """

    key: str
    lookup: str
    values: tuple[str, ...]
    negated: bool = False

    @property
    def is_search(self) -> bool:
        """Tell whether this is a plain word, looked for in every text column."""
        return not self.key

    def __str__(self) -> str:
        if self.is_search:
            return self.values[0]
        values = join_list(self.values)
        bang = "!" if self.negated else ""
        if self.lookup == "icontains":
            return f"{self.key}{bang}~{values}"
        suffix = "" if self.lookup == "exact" else f"__{self.lookup}"
        return f"{self.key}{suffix}{bang}={values}"


@frozen
class Filter:
    """Conditions that must all hold; `str()` gives the line that means the same."""

    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return " ".join(quote_word(str(term)) for term in self.terms)

    @property
    def search(self) -> tuple[str, ...]:
        """The plain words."""
        return tuple(term.values[0] for term in self.terms if term.is_search)

    @property
    def conditions(self) -> tuple[Term, ...]:
        """The terms that name a field."""
        return tuple(term for term in self.terms if not term.is_search)


def parse_term(word: str) -> Term:
    """Parse one word of a filter; what is no condition is searched for.

    >>> parse_term("mtu__gte=9000")
    Term(key='mtu', lookup='gte', values=('9000',), negated=False)
    """
    match = _TERM.fullmatch(word)
    if match is None:
        return Term(key="", lookup="search", values=(word,))
    key, operator = match["key"], match["operator"]
    head, dunder, last = key.rpartition("__")
    lookup = "exact"
    if dunder and head and last in LOOKUPS:
        key, lookup = head, last
    if operator.endswith("~"):
        lookup = "icontains"
    return Term(
        key=key,
        lookup=lookup,
        values=tuple(split_list(match["text"])),
        negated=operator.startswith("!"),
    )


def parse_filter(words: Iterable[str]) -> Filter:
    """Parse the words of a command line, or of `split_line`."""
    return Filter(terms=tuple(parse_term(word) for word in words if word))


def parse_filter_line(line: str) -> Filter:
    """Parse a typed line.

    Raises:
        RequestError: A quote is not closed.
    """
    return parse_filter(split_line(line))
