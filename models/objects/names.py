"""From what people call a row to the row itself.

A name is an id, any end of a UUID that only one has, the natural name, or
`field=value,…`. A type may know further names (`other_names`), such as an address
without its mask.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import uuid
from typing import TYPE_CHECKING, Any

import peewee

from models.errors import AmbiguousError, NotFoundError, RequestError
from models.objects.fields import IdField
from models.objects.lists import split_list
from models.objects.paths import converter_of, value_of
from models.objects.queries import Q
from models.storage.store import current_store
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from models.people.access import User

MOST_CANDIDATES = 5
MOST_READINGS = 200
SAMPLE = 300
WORDS = {"true": True, "yes": True, "false": False, "no": False}

_UUID_END = re.compile(r"[0-9a-fA-F][0-9a-fA-F-]{2,34}[0-9a-fA-F]")
_PAIR = re.compile(r"(?P<key>[A-Za-z_][\w.]*)=(?P<text>.*)", re.DOTALL)


@frozen
class NamePart:
    """One column of a natural name.

    Attributes:
        path: The lookup that leads to it, such as `device__name`.
        field: The column's field.
        separator: What stands before it, unless it comes first.
    """

    path: str
    field: Any
    separator: str = " "


def name_parts(model: Any, depth: int = 0) -> list[NamePart]:
    """Return the columns that make up a type's natural name."""
    meta = model._meta
    separator = getattr(meta, "natural_separator", " ")
    found: list[NamePart] = []
    for name in getattr(meta, "natural_name", None) or ("name",):
        field = meta.combined.get(name, meta.primary_key)
        if isinstance(field, peewee.ForeignKeyField) and depth < 3:
            first, *rest = (
                dataclasses.replace(part, path=f"{name}__{part.path}")
                for part in name_parts(field.rel_model, depth + 1)
            )
            found += [dataclasses.replace(first, separator=separator), *rest]
        else:
            path = name if name in meta.combined else "pk"
            found.append(NamePart(path=path, field=field, separator=separator))
    return found


def leaf_paths(model: Any) -> list[str]:
    """Return the lookups of the columns that make up a type's natural name."""
    return [part.path for part in name_parts(model)]


def find_row(model: Any, text: str, *, user: User | None = None) -> Any:
    """Return the row that a text names, among those the user may see.

    Args:
        model: An object type, or another kind of row, such as jobs.
        text: An id, the end of a UUID, a natural name, or `field=value,…`.
        user: Only what this user may see is found; None for everything.

    Raises:
        NotFoundError: None does; the near ones are named.
        AmbiguousError: More than one does; they are named.
    """
    from models.people.access import may
    from models.runs.jobs import JobRecord, find_job

    if model is JobRecord:
        found = find_job(text)
        if user is not None and not may(user, "view", found):
            raise not_found(model, text, rows=model.objects.restrict(user, "view"))
        return found
    return Finder(user).find(model, text)


@dataclasses.dataclass
class Finder:
    """Finds rows by name, and remembers what it found.

    Attributes:
        user: Only what this user may see is found; None for everything.
    """

    user: User | None = None
    _known: dict[tuple[Any, str], Any] = dataclasses.field(default_factory=dict)

    def find(self, model: Any, text: str) -> Any:
        """Return the one row that a name names.

        Raises:
            NotFoundError: None does; the near ones are named.
            AmbiguousError: More than one does; they are named.
        """
        key = (model, text)
        if key not in self._known:
            rows = self.matching(model, text, most=MOST_CANDIDATES + 1)
            if not rows:
                raise not_found(model, text, rows=self._rows(model))
            if len(rows) > 1:
                raise ambiguous(model, text, rows)
            self._known[key] = rows[0]
        return self._known[key]

    def foresee(self, model: Any, texts: Iterable[str]) -> None:
        """Look up many names at once, where a name is one column of the type."""
        paths = leaf_paths(model)
        wanted = [text for text in texts if text and (model, text) not in self._known]
        wanted = [t for t in wanted if not named_fields(t) and not _whole_id(model, t)]
        if len(paths) != 1 or "__" in paths[0] or len(wanted) < 2:
            return
        found: dict[str, list[Any]] = {}
        for row in self._rows(model).filter(**{f"{paths[0]}__in": wanted}):
            found.setdefault(str(row.__data__.get(paths[0])), []).append(row)
        for text, rows in found.items():
            if len(rows) == 1:
                self._known[model, text] = rows[0]

    def matching(self, model: Any, text: str, *, most: int | None = None) -> list[Any]:
        """Return the rows that a name fits, by the first kind of name that any fits."""
        for condition in self._conditions(model, text):
            found = list(self._rows(model).filter(condition)[:most])
            if found:
                return found
        return []

    def _rows(self, model: Any) -> Any:
        rows = model.objects
        return rows if self.user is None else rows.restrict(self.user, "view")

    def _conditions(self, model: Any, text: str) -> Iterator[Q]:
        whole = _whole_id(model, text)
        if whole is not None:
            yield Q(pk=whole)
            return
        pairs = named_fields(text)
        if pairs and all(_has_field(model, name) for name in pairs):
            yield Q(*(self._equal(model, *pair) for pair in pairs.items()))
            return
        yield by_natural_name(model, text, "exact")
        other = getattr(model, "other_names", None)
        if other is not None:
            yield other(text)
        yield by_natural_name(model, text, "iexact")
        digits = id_suffix(text)
        if digits is not None and isinstance(model._meta.primary_key, IdField):
            yield Q(pk__in=_ids_ending_in(model, digits))

    def _equal(self, model: Any, name: str, text: str) -> Q:
        field = _field_at(model, name)
        if field is None:
            return Q(**{name.replace(".", "__"): text})
        if not text and field.null:
            return Q(**{f"{name}__isnull": True})
        if isinstance(field, peewee.ForeignKeyField):
            found = self.matching(field.rel_model, text)
            if not found:
                raise not_found(field.rel_model, text)
            return Q(**{f"{name}__in": [row.pk for row in found]})
        return Q(**{name: _typed(field, text)})


def _field_at(model: Any, name: str) -> Any:
    """Return the field that a path ends at; None when it is no column."""
    field = None
    for step in name.split("__"):
        field = model._meta.combined.get(step) if model is not None else None
        model = getattr(field, "rel_model", None)
    return field


def _typed(field: Any, text: str) -> Any:
    """Return a text as a value of a field.

    Raises:
        RequestError: It is none.
    """
    if isinstance(field, peewee.BooleanField) and text.lower() in WORDS:
        return WORDS[text.lower()]
    try:
        if isinstance(field, peewee.IntegerField):
            return int(text)
        field.db_value(text)
    except (TypeError, ValueError) as error:
        raise RequestError(
            f"{text!r} is no value of {field.name}: {error}.", on=text
        ) from error
    return text


def named_fields(text: str) -> dict[str, str] | None:
    """Return the fields and values of `field=value,…`; None when it is not that."""
    pairs = [_PAIR.fullmatch(item) for item in split_list(text)]
    if not pairs or None in pairs:
        return None
    return {pair["key"]: pair["text"] for pair in pairs if pair}


def _has_field(model: Any, name: str) -> bool:
    first = re.split(r"\.|__", name)[0]
    meta = model._meta
    known = {*getattr(meta, "members", ()), *getattr(model, "lookups", ())}
    return first in meta.combined or first in known | {"cf", "pk"}


def by_natural_name(model: Any, text: str, lookup: str) -> Q:
    """Return the condition that a natural name fits, however it is cut into parts.

    Args:
        model: The type.
        text: The whole name.
        lookup: `exact` or `iexact`.
    """
    parts = name_parts(model)
    whole = Q(pk__in=[])
    for texts in itertools.islice(_cuts(text, parts), MOST_READINGS):
        try:
            one = [_part_is(p, t, lookup) for p, t in zip(parts, texts, strict=True)]
        except RequestError:
            continue
        whole = whole | Q(*one)
    return whole


def _cuts(text: str, parts: list[NamePart]) -> Iterator[list[str]]:
    """Yield the ways to deal a text out to the parts of a name."""
    if len(parts) == 1:
        yield [text]
        return
    separator = parts[1].separator
    at = text.find(separator)
    while at >= 0:
        for rest in _cuts(text[at + len(separator) :], parts[1:]):
            yield [text[:at], *rest]
        at = text.find(separator, at + 1)


def _part_is(part: NamePart, text: str, lookup: str) -> Q:
    value = _typed(part.field, text)
    if isinstance(part.field, peewee.TextField):
        return Q(**{f"{part.path}__{lookup}": value})
    return Q(**{part.path: value})


def id_suffix(text: str) -> str | None:
    """Return the hex digits of a text that can be the end of a UUID, else None.

    >>> id_suffix("9F-3c01")
    '9f3c01'
    >>> id_suffix("core-01") is None
    True
    """
    if not _UUID_END.fullmatch(text):
        return None
    digits = text.replace("-", "").lower()
    return digits if len(digits) <= 32 else None


def _whole_id(model: Any, text: str) -> Any:
    if not isinstance(model._meta.primary_key, IdField):
        return int(text) if text.isascii() and text.isdigit() else None
    digits = id_suffix(text)
    return uuid.UUID(digits) if digits is not None and len(digits) == 32 else None


def _ids_ending_in(model: Any, digits: str) -> list[bytes]:
    meta = model._meta
    column = f'"{meta.primary_key.column_name}"'
    rows = current_store().execute(
        f'SELECT {column} FROM "{meta.table_name}"'
        f" WHERE substr(hex({column}), ?) = ? LIMIT ?",
        (-len(digits), digits.upper(), MOST_CANDIDATES + 1),
    )
    return [bytes(row[0]) for row in rows]


def not_found(model: Any, text: str, *, rows: Any = None) -> NotFoundError:
    """Return the error for a name that names nothing, with the near ones."""
    near = near_names(model, text, rows=rows)
    hint = f" Did you mean {' or '.join(map(repr, near[:3]))}?" if near else ""
    words = model._meta.verbose_name
    return NotFoundError(
        f"There is no {words} {text!r}.{hint}", on=text, candidates=near
    )


def near_names(model: Any, text: str, *, rows: Any = None) -> list[str]:
    """Return the names of rows that look like a text, the nearest first.

    Args:
        model: The type.
        text: What was asked for.
        rows: The rows to look among; all by default.
    """
    rows = model.objects if rows is None else rows
    parts = name_parts(model)
    texts = [part for part in parts if isinstance(part.field, peewee.TextField)]
    found: list[str] = []
    if texts and text:
        lookup = Q(**{f"{texts[-1].path}__icontains": text})
        found = _names(rows.filter(lookup)[:MOST_CANDIDATES], parts)
    if not found:
        from difflib import get_close_matches

        found = get_close_matches(text, _sample(rows, parts, text), n=3)
    return list(dict.fromkeys(found))


def _sample(rows: Any, parts: list[NamePart], text: str) -> list[str]:
    """Return some hundred names: those with the same beginning, then any."""
    alike: list[str] = []
    if text and isinstance(parts[0].field, peewee.TextField):
        begins = Q(**{f"{parts[0].path}__istartswith": text[:2]})
        alike = _names(rows.filter(begins)[:SAMPLE], parts)
    rest = SAMPLE - len(alike)
    return alike + (_names(rows.all()[:rest], parts) if rest else [])


def _names(rows: Any, parts: list[NamePart]) -> list[str]:
    paths = [part.path for part in parts]
    names = [_joined(parts, values) for values in rows.values_list(*paths)]
    return [name for name in names if name]


def _joined(parts: list[NamePart], values: Sequence[Any]) -> str:
    name = ""
    for part, value in zip(parts, values, strict=True):
        piece = "" if value is None else str(value)
        name += part.separator + piece if name and piece else piece
    return name


def shared_names(model: Any) -> set[str]:
    """Return the natural names that more than one row has."""
    parts = name_parts(model)
    columns = [value_of(model, part.path) for part in parts]
    several = peewee.fn.COUNT(1) > 1
    rows = model.select(*columns).group_by(*columns).having(several).tuples()
    turned = [converter_of(model, part.path) for part in parts]
    return {
        _joined(parts, [turn(value) for turn, value in zip(turned, row, strict=True)])
        for row in rows
    }


def ambiguous(model: Any, text: str, rows: list[Any]) -> AmbiguousError:
    """Return the error for a name that fits several rows, with their ids."""
    meta = model._meta
    names = [f"{meta.label_lower}:{row.pk}" for row in rows[:MOST_CANDIDATES]]
    more = ", …" if len(rows) > MOST_CANDIDATES else ""
    return AmbiguousError(
        f"More than one {meta.verbose_name} is named {text!r}:"
        f" {', '.join(names)}{more}. Write the id, or field=value,… with more fields.",
        on=text,
        candidates=names,
    )
