"""Filters as conditions: what `k=v`, `k~v` and plain words mean for a type.

The words themselves are parsed in `tui.words.grammar`. Values are read by the kind of
the field they are compared with, relations by the natural name of what they point at.
"""

from __future__ import annotations

import datetime as dt
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import peewee

from models.errors import RequestError
from models.objects.customfields import definitions
from models.objects.fields import AddressField, JSONField, ListField, TimestampField
from models.objects.names import Finder, leaf_paths
from models.objects.names import not_found as no_such_row
from models.objects.queries import Q
from models.objects.relations import Members

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from tui.words.grammar import Filter, Term

NOTHING = frozenset({"", "null", "none"})
YES = frozenset({"true", "yes", "on", "1"})
NO = frozenset({"false", "no", "off", "0"})
TYPE_LISTS = frozenset({"object_types", "content_types"})
TEXT_LOOKUPS = frozenset(
    {"icontains", "contains", "startswith", "istartswith", "endswith", "iendswith"}
    | {"regex", "iregex", "iexact"}
)


def conditions(model: Any, filters: Filter, *, search: Iterable[str] = ()) -> Q:
    """Return what a whole filter means for a type.

    Args:
        model: The type whose rows are filtered.
        filters: The parsed filter.
        search: The columns that plain words are looked for in; default its texts.

    Raises:
        RequestError: A field is unknown, or a value cannot be read.
    """
    finder = Finder()
    columns = tuple(search) or text_columns(model)
    parts = [
        _searched(columns, term.values[0])
        if term.is_search
        else condition(model, term, finder)
        for term in filters.terms
    ]
    return Q(*parts)


def text_columns(model: Any) -> tuple[str, ...]:
    """Return the names of a type's text columns."""
    fields = model._meta.sorted_fields
    return tuple(f.name for f in fields if isinstance(f, peewee.TextField))


def _searched(columns: tuple[str, ...], word: str) -> Q:
    whole = Q(pk__in=[])
    for column in columns:
        whole = whole | Q(**{f"{column}__icontains": word})
    return whole


def condition(model: Any, term: Term, finder: Finder) -> Q:
    """Return what one term means for a type.

    Raises:
        RequestError: The field is unknown, or a value cannot be read.
    """
    path = term.key.replace(".", "__")
    path = {"tag": "tags"}.get(path, path)
    field = final_field(model, path)
    found = _Condition(path, field, finder).of(term)
    return ~found if term.negated else found


def filter_names(
    model: Any, *, more: Iterable[str] = (), internal: Collection[str] = ()
) -> list[str]:
    """Return the names by which people filter a type's rows.

    Args:
        model: The type.
        more: Names that are no fields; they come first.
        internal: Fields that nobody need know of.
    """
    meta = model._meta
    hidden = {*internal, "custom_field_data"}
    fields = [name for name in (*meta.fields, *meta.members) if name not in hidden]
    custom = definitions(model) if "custom_field_data" in meta.fields else ()
    return list(dict.fromkeys([*more, *fields, *(f"cf.{f.key}" for f in custom)]))


def no_such_filter(model: Any, name: str, known: Sequence[str]) -> RequestError:
    """Return the error for a filter that there is not: the nearest, and all."""
    near = get_close_matches(name, known, n=3)
    hint = f" Did you mean {near[0]}?" if near else ""
    return RequestError(
        f"There is no filter {name!r} for {model._meta.verbose_name_plural}.{hint}"
        f" There are: {', '.join(known)}.",
        on=name,
        candidates=near or list(known),
    )


def is_known(model: Any, path: str) -> bool:
    """Return whether a path begins with something that rows of a type have."""
    name = path.replace(".", "__").partition("__")[0]
    meta = model._meta
    return (
        name in {"cf", "custom_field_data", "pk", "tag"}
        or name in meta.members
        or name in meta.combined
        or name in getattr(model, "lookups", ())
        or any(backward.backref == name for backward in meta.backrefs)
    )


def final_field(model: Any, path: str) -> Any:
    """Return the field, or the members, that a path ends at.

    Raises:
        RequestError: The path leads nowhere; the near names are given.
    """
    name, _, rest = path.partition("__")
    meta = model._meta
    if name in {"cf", "custom_field_data"}:
        return None
    if name == "pk":
        return meta.primary_key
    members = meta.members.get(name)
    if members is not None:
        return final_field(members.rel_model, rest) if rest else members
    for backward in meta.backrefs:
        if backward.backref == name:
            inner = backward.model
            return final_field(inner, rest) if rest else inner._meta.primary_key
    field = meta.combined.get(name)
    if field is None and name not in getattr(model, "lookups", ()):
        raise no_such_filter(model, name, filter_names(model))
    crosses = rest and isinstance(field, peewee.ForeignKeyField)
    return final_field(field.rel_model, rest) if crosses else field


class _Condition:
    """One field of one path, compared with texts."""

    def __init__(self, path: str, field: Any, finder: Finder) -> None:
        self.path = path
        self.field = field
        self.finder = finder

    def of(self, term: Term) -> Q:
        """Return the condition of a term, not negated."""
        if term.lookup == "isnull":
            return self._at("isnull", read_boolean(term.values[0], term.key))
        if not term.values:
            return self._empty()
        if term.lookup in TEXT_LOOKUPS:
            return self._any_of([self._text(term.lookup, v) for v in term.values])
        if term.lookup in {"exact", "in"}:
            return self._any_of([self._exactly(value) for value in term.values])
        values = [self._read(value) for value in term.values]
        if term.lookup == "range":
            if len(values) != 2:
                raise RequestError(f"{term} wants two values: from,to", on=term.key)
            return self._at("range", values)
        return self._any_of([self._at(term.lookup, value) for value in values])

    def _at(self, lookup: str, value: Any) -> Q:
        return Q(**{f"{self.path}__{lookup}": value})

    def _any_of(self, parts: list[Q]) -> Q:
        whole = parts[0]
        for part in parts[1:]:
            whole = whole | part
        return whole

    def _empty(self) -> Q:
        found = self._at("isnull", value=True)
        if isinstance(self.field, ListField):
            return found | Q(**{self.path: []})
        if isinstance(self.field, peewee.TextField):
            return found | Q(**{self.path: ""})
        return found

    @property
    def _points(self) -> bool:
        """Whether it holds other objects: one, or members but for tags."""
        is_members = isinstance(self.field, Members) and not self.field.by_name
        return is_members or isinstance(self.field, peewee.ForeignKeyField)

    def _text(self, lookup: str, value: str) -> Q:
        if self._points:
            leaf = leaf_paths(self.field.rel_model)[-1]
            return Q(**{f"{self.path}__{leaf}__{lookup}": value})
        if isinstance(self.field, AddressField):
            raise RequestError(
                f"{self.path} holds addresses: compare them with =, __gt or __lt",
                on=self.path,
            )
        return self._at(lookup, value)

    def _exactly(self, value: str) -> Q:
        if value.lower() in NOTHING:
            return self._empty()
        if self._points:
            return self._related(value)
        if isinstance(self.field, ListField):
            return self._holds(value)
        return Q(**{self.path: self._read(value)})

    def _related(self, value: str) -> Q:
        model = self.field.rel_model
        rows = self.finder.matching(model, value)
        if not rows:
            raise no_such_row(model, value)
        return self._at("in", [row.pk for row in rows])

    def _holds(self, value: str) -> Q:
        import json

        if self.path.rpartition("__")[2] in TYPE_LISTS:
            from models.objects.types import labels

            value = labels([value])[0]
        return self._at("contains", json.dumps(value))

    def _read(self, text: str) -> Any:
        """Return a text as a value of the field's kind."""
        return read_text(self.field, text, self.path)


def read_text(field: Any, text: str, name: str) -> Any:
    """Return a text as a value of a field's kind; what has no kind stays as it is.

    Raises:
        RequestError: It cannot be read.
    """
    for kind, read in READERS:
        if isinstance(field, kind):
            return read(text, name)
    plain = isinstance(field, (peewee.ForeignKeyField, JSONField))
    if plain or not hasattr(field, "db_value"):
        return text
    return _checked(field, text)


def _checked(field: Any, text: str) -> Any:
    try:
        field.db_value(text)
    except (TypeError, ValueError) as error:
        raise RequestError(f"{field.name}: {error}", on=field.name) from error
    return text


def read_boolean(text: str, name: str) -> bool:
    """Return what a text means as yes or no.

    Raises:
        RequestError: It means neither.
    """
    if text.lower() in YES | NO:
        return text.lower() in YES
    raise RequestError(f"{name}: {text!r} is neither yes nor no", on=name)


def read_integer(text: str, name: str) -> int:
    """Return a text as a whole number.

    Raises:
        RequestError: It is none.
    """
    try:
        return int(text)
    except ValueError:
        raise RequestError(f"{name}: {text!r} is no whole number", on=name) from None


def read_float(text: str, name: str) -> float:
    """Return a text as a number.

    Raises:
        RequestError: It is none.
    """
    try:
        return float(text)
    except ValueError:
        raise RequestError(f"{name}: {text!r} is no number", on=name) from None


AGES = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_moment(text: str, name: str) -> dt.datetime:
    """Return a moment from ISO text (UTC where no zone is given) or an age like `2h`.

    Raises:
        RequestError: It is neither.
    """
    if text[:-1].isdigit() and text[-1] in AGES:
        return dt.datetime.now(dt.UTC) - dt.timedelta(
            **{AGES[text[-1]]: int(text[:-1])}
        )
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise RequestError(
            f"{name}: {text!r} is no time; write 2026-01-31, 2026-01-31T12:00Z, or 2h"
            " for two hours ago",
            on=name,
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


READERS: tuple[tuple[Any, Callable[[str, str], Any]], ...] = (
    (peewee.BooleanField, read_boolean),
    (TimestampField, read_moment),
    (peewee.IntegerField, read_integer),
    (peewee.FloatField, read_float),
)
