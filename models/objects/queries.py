"""A Django-like manager over peewee's queries, because receivers are written that way.

A lookup that crosses a relation becomes a subquery, never a join: rows are not
doubled, and `exclude()` means what it says.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import peewee
from peewee import fn

from models.errors import AmbiguousError, NotFoundError, RequestError
from models.objects.paths import converter_of, order_term, unknown_field, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

M = TypeVar("M")
LIKE_ESCAPE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


class DoesNotExist(NotFoundError):  # noqa: N818 - Django's name
    """No object fits."""


class MultipleObjectsReturned(AmbiguousError):  # noqa: N818 - Django's name
    """More than one object fits."""


@functools.cache
def _missing(model: Any) -> type[DoesNotExist]:
    """Return what `except Model.DoesNotExist` catches, as Django's authors write."""
    own = model.DoesNotExist
    return type(own.__name__, (DoesNotExist, own), {"__module__": own.__module__})


class Q:
    """Lookups that can be joined with `&`, `|` and `~`, as in Django."""

    def __init__(self, *children: Q, **lookups: Any) -> None:
        self.children: tuple[Q, ...] = children
        self.lookups = lookups
        self.joiner = operator.and_
        self.negated = False

    def __and__(self, other: Q) -> Q:
        return Q(self, other)

    def __or__(self, other: Q) -> Q:
        both = Q(self, other)
        both.joiner = operator.or_
        return both

    def __invert__(self) -> Q:
        other = Q(self)
        other.negated = True
        return other

    def resolve(self, model: Any) -> Any:
        """Return peewee's expression for a model; None when it says nothing."""
        parts = [child.resolve(model) for child in self.children]
        parts += [condition(model, path, v) for path, v in self.lookups.items()]
        present = [part for part in parts if part is not None]
        if not present:
            return None
        joined = functools.reduce(self.joiner, present)
        return negate(joined) if self.negated else joined


def negate(expression: Any) -> Any:
    """Return NOT, where the unknown counts as false, as people expect."""
    return fn.COALESCE(expression, 0) == 0


def like(column: Any, pattern: str) -> Any:
    r"""Return a case-insensitive match with `\` as the escape sign."""
    return peewee.Expression(
        column, peewee.OP.ILIKE, peewee.NodeList((peewee.Value(pattern), ESCAPE))
    )


ESCAPE = peewee.SQL("ESCAPE '\\'")


def _pattern(value: Any) -> str:
    return str(value).translate(LIKE_ESCAPE)


def _case_sensitive(column: Any, value: Any, where: str) -> Any:
    text = str(value)
    match where:
        case "contains":
            return fn.INSTR(column, text) > 0
        case "startswith":
            return fn.SUBSTR(column, 1, len(text)) == text
    return (fn.SUBSTR(column, -len(text)) == text) | peewee.Value(text == "")


def _in(column: Any, value: Any) -> Any:
    if isinstance(value, QuerySet):
        return column.in_(value.ids())
    if isinstance(value, peewee.BaseQuery):
        return column.in_(value)
    items = list(value)
    return column.in_(items) if items else peewee.Value(0) == 1


OPERATORS: dict[str, Any] = {
    "exact": lambda c, v: c.is_null() if v is None else c == v,
    "iexact": lambda c, v: like(c, _pattern(v)),
    "contains": lambda c, v: _case_sensitive(c, v, "contains"),
    "icontains": lambda c, v: like(c, f"%{_pattern(v)}%"),
    "startswith": lambda c, v: _case_sensitive(c, v, "startswith"),
    "istartswith": lambda c, v: like(c, f"{_pattern(v)}%"),
    "endswith": lambda c, v: _case_sensitive(c, v, "endswith"),
    "iendswith": lambda c, v: like(c, f"%{_pattern(v)}"),
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "ne": lambda c, v: negate(c == v),
    "in": _in,
    "isnull": lambda c, v: c.is_null(bool(v)),
    "range": lambda c, v: c.between(*v),
    "regex": lambda c, v: c.regexp(v),
    "iregex": lambda c, v: c.regexp(f"(?i){v}"),
}


def condition(model: Any, path: str, value: Any) -> Any:
    """Return the expression for one lookup, such as `location__name__icontains`.

    Raises:
        RequestError: The path names no field or lookup; the near ones are named.
    """
    return _walk(model, path.split("__"), value, path)


def _walk(model: Any, parts: list[str], value: Any, path: str) -> Any:
    name, rest = parts[0], parts[1:]
    meta = model._meta
    name = {"pk": meta.primary_key.name, "cf": "custom_field_data"}.get(name, name)
    if name.startswith("_custom_field_data"):
        name = "custom_field_data"
    members = _members(model, name)
    if members is not None:
        return _through(meta.primary_key, members, rest, value, path)
    backward = _backward(model, name)
    if backward is not None:
        inner = _inner(backward.model, rest, value, path)
        return meta.primary_key.in_(backward.model.select(backward).where(inner))
    virtual = getattr(model, "lookups", {}).get(name)
    if virtual is not None:
        return virtual(rest, value).resolve(model)
    field = meta.combined.get(name)
    if field is None:
        raise unknown_field(model, name)
    if rest and isinstance(field, peewee.ForeignKeyField) and rest[0] not in OPERATORS:
        key = field.rel_model._meta.primary_key
        inner = _inner(field.rel_model, rest, value, path)
        return field.in_(field.rel_model.select(key).where(inner))
    return _compare(field, rest, value, path)


def _members(model: Any, name: str) -> Any:
    """Return the members of that name, from whichever side they are declared."""
    found = getattr(model, name, None)
    return found if hasattr(found, "owner_ids") else None


def _inner(model: Any, rest: list[str], value: Any, path: str) -> Any:
    if rest and rest[0] not in OPERATORS:
        return _walk(model, rest, value, path)
    return _walk(model, ["pk", *rest], value, path)


def _through(key: Any, members: Any, rest: list[str], value: Any, path: str) -> Any:
    model = members.rel_model
    pk = model._meta.primary_key
    if rest == ["isnull"]:
        found = key.in_(members.owner_ids(model.select(pk)))
        return negate(found) if value else found
    by_name = (not rest or rest[0] in OPERATORS) and members.by_name
    texts = by_name and not hasattr(value, "_meta")
    inner = _inner(model, ["name", *rest] if texts else rest, value, path)
    return key.in_(members.owner_ids(model.select(pk).where(inner)))


def _backward(model: Any, name: str) -> Any:
    for field in model._meta.backrefs:
        if field.backref == name:
            return field
    return None


def _compare(field: Any, rest: list[str], value: Any, path: str) -> Any:
    from models.objects.fields import JSONField

    column: Any = field
    if isinstance(field, JSONField) and rest:
        keys = [part for part in rest if part not in OPERATORS]
        if keys:
            column = fn.json_extract(field, "$." + ".".join(f'"{k}"' for k in keys))
            rest = rest[len(keys) :]
    if len(rest) > 1 or (rest and rest[0] not in OPERATORS):
        raise RequestError(
            f"{path!r} is no lookup: after {field.name!r} may come one of"
            f" {', '.join(OPERATORS)}.",
            on=path,
            candidates=list(OPERATORS),
        )
    try:
        return OPERATORS[rest[0] if rest else "exact"](column, value)
    except (TypeError, ValueError) as error:
        raise RequestError(f"{path}={value!r} does not work: {error}.") from error


class Values(list[Any]):
    """Values of fields, with what Django's authors ask of them next."""

    def distinct(self) -> Values:
        """Return each value once, in the order in which they came."""
        return Values(dict.fromkeys(self))

    def first(self) -> Any:
        """Return the first value; None without any."""
        return self[0] if self else None

    def exists(self) -> bool:
        """Return whether there is any."""
        return bool(self)


class ManagerAccessor:
    """`Model.objects`."""

    def __get__(self, instance: Any, owner: Any) -> QuerySet[Any]:
        return QuerySet(owner)


class QuerySet(Generic[M]):
    """A lazy list of objects.

    Args:
        model: The type.
        query: peewee's query to start from; all rows without it.
        defaults: Values that `create()` adds.
    """

    def __init__(
        self, model: Any, *, query: Any = None, defaults: dict[str, Any] | None = None
    ) -> None:
        self.model = model
        self.query = model.select() if query is None else query
        self.defaults = defaults or {}
        self._rows: list[M] | None = None

    def _clone(self, query: Any) -> QuerySet[M]:
        return QuerySet(self.model, query=query, defaults=self.defaults)

    def all(self) -> QuerySet[M]:
        """Return the same, to be read anew."""
        return self._clone(self.query.clone())

    def filter(self, *conditions: Q, **lookups: Any) -> QuerySet[M]:
        """Return the objects that fit all of these."""
        return self._where(Q(*conditions, **lookups))

    def exclude(self, *conditions: Q, **lookups: Any) -> QuerySet[M]:
        """Return the objects that do not fit all of these."""
        return self._where(~Q(*conditions, **lookups))

    def none(self) -> QuerySet[M]:
        """Return nothing."""
        return self._clone(self.query.where(peewee.Value(0) == 1))

    def _where(self, q: Q) -> QuerySet[M]:
        expression = q.resolve(self.model)
        query = self.query.clone()
        return self._clone(query if expression is None else query.where(expression))

    def restrict(self, user: Any, action: str = "view") -> QuerySet[M]:
        """Return what a user may see, change, and so on."""
        from models.people.grants import permitted

        return self._where(permitted(user, self.model, action))

    def order_by(self, *names: str) -> QuerySet[M]:
        """Return them sorted; a leading minus turns the order round."""
        terms = [order_term(self.model, name) for name in names]
        return self._clone(self.query.order_by(*terms))

    def distinct(self) -> QuerySet[M]:
        """Return each once."""
        return self._clone(self.query.distinct())

    def select_related(self, *_names: str) -> QuerySet[M]:
        """Return the same: rows are read whole, relations when they are used."""
        return self.all()

    prefetch_related = only = defer = select_related

    def get(self, *conditions: Q, **lookups: Any) -> M:
        """Return the one object that fits.

        Raises:
            DoesNotExist: None fits.
            MultipleObjectsReturned: More than one fits.
        """
        found = list(self.filter(*conditions, **lookups)[:2])
        if len(found) == 1:
            one: M = found[0]
            return one
        words = self.model._meta.verbose_name
        what = ", ".join(f"{k}={v}" for k, v in lookups.items()) or "this"
        if found:
            raise MultipleObjectsReturned(
                f"More than one {words} fits {what}.", on=what
            )
        raise _missing(self.model)(f"No {words} fits {what}.", on=what)

    def first(self) -> M | None:
        """Return the first, by the given order or by key; None when there is none."""
        ordered = self if self.query._order_by else self.order_by("pk")  # noqa: SLF001 - no public way to ask
        return next(iter(ordered[:1]), None)

    def last(self) -> M | None:
        """Return the last, by the given order or by key; None when there is none."""
        rows = list(self if self.query._order_by else self.order_by("pk"))  # noqa: SLF001 - as above
        return rows[-1] if rows else None

    def earliest(self, *names: str) -> M:
        """Return the one with the lowest value of the fields; nothing is the lowest.

        Raises:
            DoesNotExist: There is none.
            ValueError: No field is named.
        """
        if not names:
            raise ValueError("Name the field: earliest('created'), latest('created').")
        found = self.order_by(*names).first()
        if found is None:
            words = self.model._meta.verbose_name
            raise _missing(self.model)(f"There is no {words}.", on=words)
        return found

    def latest(self, *names: str) -> M:
        """Return the one with the highest value of the fields; see `earliest()`."""
        turned = [n[1:] if n.startswith("-") else f"-{n}" for n in names]
        return self.earliest(*turned)

    def in_bulk(
        self, keys: Iterable[Any] | None = None, *, field_name: str = "pk"
    ) -> dict[Any, M]:
        """Return objects by their keys: all, or those of these keys that exist."""
        found = self.filter(**({} if keys is None else {f"{field_name}__in": keys}))
        return {getattr(row, field_name): row for row in found}

    def exists(self) -> bool:
        """Return whether there is any."""
        return bool(self.query.exists())

    def count(self) -> int:
        """Return how many there are."""
        return int(self.query.count())

    def ids(self) -> Any:
        """Return peewee's query of the keys."""
        key = self.model._meta.primary_key
        return self.query.clone().select(key)

    def values(self, *names: str) -> list[dict[str, Any]]:
        """Return dictionaries of the named fields; relations as keys."""
        return [
            dict(zip(self._names(names), row, strict=True))
            for row in self._tuples(names)
        ]

    def values_list(self, *names: str, flat: bool = False) -> Values:
        """Return tuples of the named fields, or with `flat` the single values."""
        rows = self._tuples(names)
        return Values(row[0] for row in rows) if flat else Values(map(tuple, rows))

    def _names(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return names or tuple(self.model._meta.sorted_field_names)

    def _tuples(self, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
        paths = self._names(names)
        columns = [
            peewee.Alias(peewee.NodeList((value_of(self.model, name),)), f"_{number}")
            for number, name in enumerate(
                paths
            )  # aliased, lest peewee converts by name
        ]
        converters = [converter_of(self.model, name) for name in paths]
        rows = self.query.clone().select(*columns).tuples()
        return [
            tuple(
                convert(value) for convert, value in zip(converters, row, strict=True)
            )
            for row in rows
        ]

    def iterator(self, chunk_size: int = 1000) -> Iterator[M]:  # noqa: ARG002 - Django's argument
        """Read row by row, keeping none."""
        return iter(self.query.clone().iterator())

    def __iter__(self) -> Iterator[M]:
        if self._rows is None:
            self._rows = list(self.query)
        return iter(self._rows)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __bool__(self) -> bool:
        return self.exists() if self._rows is None else bool(self._rows)

    def __contains__(self, item: object) -> bool:
        return item in list(iter(self))

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, int):
            rows = list(self.query.clone().offset(index).limit(1))
            if not rows:
                raise IndexError(index)
            return rows[0]
        start = index.start or 0
        query = self.query.clone().offset(start) if start else self.query.clone()
        if index.stop is not None:
            query = query.limit(max(0, index.stop - start))
        return self._clone(query)

    def __repr__(self) -> str:
        return f"<QuerySet {list(self[:20])!r}>"

    def create(self, **values: Any) -> M:
        """Make, check and save an object."""
        made: M = self.model.create(**{**self.defaults, **values})
        return made

    def get_or_create(
        self, defaults: dict[str, Any] | None = None, **lookups: Any
    ) -> tuple[M, bool]:
        """Return the object that fits, or make it; and whether it was made."""
        from models.storage.store import current_store

        with current_store().transaction():
            try:
                return self.get(**lookups), False
            except DoesNotExist:
                plain = {k: v for k, v in lookups.items() if "__" not in k}
                return self.create(**plain, **(defaults or {})), True

    def update_or_create(
        self, defaults: dict[str, Any] | None = None, **lookups: Any
    ) -> tuple[M, bool]:
        """Return the object that fits, changed, or make it; and whether it was made."""
        found, made = self.get_or_create(defaults, **lookups)
        if not made:
            for name, value in (defaults or {}).items():
                setattr(found, name, value)
            cast("Any", found).validated_save()
        return found, made

    def update(self, **values: Any) -> int:
        """Change each object, recorded; return how many changed."""
        from models.history import write

        rows = list(self)
        for row in rows:
            for name, value in values.items():
                setattr(row, name, value)
        if self._is_of_objects:
            return write.save(rows)
        return self._one_by_one(rows, "save")

    def delete(self) -> int:
        """Delete each object, recorded; return how many went."""
        from models.history import write

        if self._is_of_objects:
            return write.delete(list(self))
        return self._one_by_one(list(self), "delete_instance")

    @property
    def _is_of_objects(self) -> bool:
        """Whether the write core takes the rows; others write themselves."""
        return hasattr(self.model, "before_delete")

    def _one_by_one(self, rows: list[Any], action: str) -> int:
        from models.storage.store import current_store

        with current_store().transaction():
            for row in rows:
                getattr(row, action)()
        return len(rows)

    def bulk_create(self, objects: list[M], batch_size: int = 500) -> list[M]:
        """Insert objects, recorded."""
        from models.history import write

        for start in range(0, len(objects), batch_size):
            write.save(objects[start : start + batch_size])
        return objects
