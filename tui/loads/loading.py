"""From the items of a file to rows that can be written, all of them checked first.

An item that names a stored object changes it, any other makes a new one; what an
object is known by is its id, else its natural name with the fields that make that
unique. Relations may name what stands earlier in the same file. Nothing is written
here, and no lock is held.
"""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from typing import TYPE_CHECKING, Any

import peewee

from models.errors import HooklineError, NotFoundError, RequestError, ValidationError
from models.objects.customfields import definitions, fill_defaults
from models.objects.inputs import parse
from models.objects.lists import split_list
from models.objects.names import Finder
from models.objects.specs import CUSTOM_PREFIX, FieldKind, FieldSpec
from models.objects.types import get_type
from models.objects.validation import full_clean
from models.people.access import require
from tui.loads.identity import ID, Identity, Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from models.people.access import User
    from tui.loads.files import Item

CHUNK = 200
LISTS = frozenset({FieldKind.LIST, FieldKind.MEMBERS})

SETTLING = frozenset({"extras.customfield", "ipam.namespace", "ipam.prefix"})
"""Types that other rows find in the store by themselves, without naming them. Rows that
come behind new ones of these are judged once those are written."""


@dataclasses.dataclass(kw_only=True, slots=True)
class Planned:
    """One object, as it is to be written.

    Attributes:
        item: Where it comes from.
        row: The new or changed row.
        values: What was given, read; relations are rows.
        members: The many-to-many fields that were given.
    """

    item: Item
    row: Any
    values: dict[str, Any]
    members: dict[str, list[Any]]

    @property
    def is_new(self) -> bool:
        """Tell whether it makes an object."""
        return not self.row.present_in_database

    @property
    def may_change(self) -> bool:
        """Tell whether there is anything to write."""
        return self.is_new or bool(self.members) or self.row.is_dirty()


class Planner:
    """Plans items, chunk by chunk; remembers what later ones may refer to.

    Args:
        user: Who loads; needs the permissions.
        keeps_rows: Whether new rows are remembered for later items to refer to.
        checks: Whether rows are checked in full; the second time a file is read,
            the store's own constraints are enough.
        waits: Whether nothing is written yet, so that what depends on new rows of the
            same file is judged later.
    """

    def __init__(
        self,
        user: User,
        *,
        keeps_rows: bool,
        checks: bool = True,
        waits: bool = False,
    ) -> None:
        self.user = user
        self.waits = waits
        self._checks = checks
        self.problems: dict[str, list[str] | str] = {}
        self.keeps_rows = keeps_rows
        self._types: dict[str, Identity] = {}
        self._finder = Finder(user)
        self._new: dict[tuple[Any, str], Any] = {}
        self.has_postponed = False
        self._seen: dict[int, tuple[str, int]] = {}
        self._group = 0
        self._settling: set[str] = set()
        self._wrong: set[str] = set()
        self._defaults: dict[Any, bool] = {}

    def chunks(self, items: Iterable[Item]) -> Iterator[list[Planned]]:
        """Yield planned objects in the order of the items, of one type each time."""
        runs = itertools.groupby(items, key=lambda item: (item.part, item.type))
        for (_, label), group in runs:
            self._group += 1
            while chunk := list(itertools.islice(group, CHUNK)):
                kind = self._type(label, chunk[0])
                if kind is None:
                    continue
                if any(kind.is_nested(item) for item in chunk):
                    for item in chunk:  # each may refer to the one before
                        yield self._plan(kind, [item])
                else:
                    yield self._plan(kind, chunk)

    def _type(self, label: str, item: Item) -> Identity | None:
        if label not in self._types:
            if not label:
                self._add_problem(item, "object_type", "is required, or --type")
                return None
            try:
                model = get_type(label)
                require(self.user, "add", model, what=f"a {model._meta.verbose_name}")
            except RequestError as error:
                self._add_problem(item, "object_type", error.message)
                return None
            self._types[label] = Identity(model)
        return self._types[label]

    def _add_problem(self, item: Item, field: str, *messages: str) -> None:
        self._wrong.add(item.where)
        where = item.where if field == "__all__" else f"{item.where}: {field}"
        self.problems[where] = list(messages)

    def _plan(self, kind: Identity, items: list[Item]) -> list[Planned]:
        self._foresee(kind, items)
        read = [(item, *self._read(kind, item)) for item in items]
        keys = [kind.identity(values) for _, values, _ in read]
        stored = kind.stored(keys, [values for _, values, _ in read])
        planned = []
        for (item, values, members), key, row in zip(read, keys, stored, strict=True):
            if isinstance(row, HooklineError):
                self._add_problem(item, "__all__", row.message)
                continue
            one = self._one(kind, item, values, row)
            one.members = _other_members(one.row, members)
            if not self._is_postponed_twin(key, one):
                self._check(kind, one)
                planned.append(one)
        if self._checks:
            self._check_unique(kind, planned)
        return planned

    def _foresee(self, kind: Identity, items: list[Item]) -> None:
        """Look up at once what the items of a chunk are related to."""
        texts: dict[Any, set[str]] = {}
        for item in items:
            for name, raw in item.values.items():
                relation = kind.relation(name)
                if relation is not None and isinstance(raw, str):
                    texts.setdefault(relation, set()).add(raw.strip())
        for model, names in texts.items():
            self._finder.foresee(model, names)

    def _check_unique(self, kind: Identity, planned: list[Planned]) -> None:
        changed = [one for one in planned if one.is_new or one.row.is_dirty()]
        for names, empty in kind.unique:
            by_key = {kind.key_of(one.row, names): one for one in changed}
            keys = [
                key
                for key, one in by_key.items()
                if None not in key[2]
                and (not empty or one.row.__data__.get(empty) is None)
            ]
            for key, rows in kind.read_stored(names, keys).items():
                others = [r for r in rows if not empty or r.__data__.get(empty) is None]
                if key in keys and any(r.pk != by_key[key].row.pk for r in others):
                    words = kind.model._meta.verbose_name
                    self._add_problem(
                        by_key[key].item,
                        names[-1],
                        f"there is a {words} with this {' and '.join(names)} already",
                    )

    def _read(
        self, kind: Identity, item: Item
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return an item's values and members, read; note what cannot be."""
        values: dict[str, Any] = {}
        members: dict[str, Any] = {}
        for name, raw in item.values.items():
            try:
                spec = kind.spec(name)
                value = self._value(spec, raw)
            except (HooklineError, ValueError, TypeError) as error:
                if name.startswith(CUSTOM_PREFIX) and self._settling and self.waits:
                    self.has_postponed = True
                else:
                    self._add_problem(item, name, str(error))
            else:
                target = members if spec.kind is FieldKind.MEMBERS else values
                target[name] = value
        return values, members

    def _value(self, spec: FieldSpec, raw: Any) -> Any:
        if spec.name == ID:
            return uuid.UUID(str(raw))
        if spec.kind in LISTS and isinstance(raw, str):
            raw = split_list(raw)
        if spec.kind is FieldKind.MEMBERS:
            return [self._related(spec.relation, one) for one in raw or []]
        if spec.kind is FieldKind.RELATION and raw not in (None, ""):
            return self._related(spec.relation, raw)
        return parse(spec, raw)

    def _related(self, model: Any, raw: Any) -> Any:
        if isinstance(raw, dict):
            return self._shown(model, raw)
        text = str(raw).strip()
        row = self._new.get((model, text))
        return row if row is not None else self._finder.find(model, text)

    def _shown(self, model: Any, raw: dict[str, Any]) -> Any:
        """Find what JSON shows as `{id, type, name}`: by id, else by name."""
        for name in (ID, "name"):
            if raw.get(name):
                try:
                    return self._related(model, raw[name])
                except NotFoundError:
                    if name == "name":
                        raise
        raise RequestError(f"wants a name or an id, not {raw!r}")

    def _one(
        self, kind: Identity, item: Item, values: dict[str, Any], row: Any
    ) -> Planned:
        if row is None:
            row = kind.model()
        elif not self.user.is_superuser:
            require(self.user, "change", row)
        custom = {}
        for name, value in values.items():
            if name.startswith(CUSTOM_PREFIX):
                custom[name.removeprefix(CUSTOM_PREFIX)] = value
            elif _differs(row, name, value):
                setattr(row, name, value)
        merged = {**row.custom_field_data, **custom}
        if merged != row.custom_field_data:
            row.custom_field_data = merged
        return Planned(item=item, row=row, values=values, members={})

    def _is_postponed_twin(self, key: Key | None, one: Planned) -> bool:
        """Tell whether an item says more of a new object that stands further above.

        Two that refer to each other are written so: the second relation comes behind.
        Within one run of items of a type it is a mistake.
        """
        place = (one.item.where, self._group)
        where, group = self._seen.setdefault(hash(key or one.item.where), place)
        if where == one.item.where:
            return False
        if group == self._group:
            text = f"stands there already, at {where}"
            self._add_problem(one.item, "__all__", text)
        elif one.is_new and self.waits:
            self.has_postponed = True
            return True
        return False

    def _check(self, kind: Identity, one: Planned) -> None:
        """Note what is wrong with a row as a whole, and remember the row."""
        if one.is_new:
            if kind.label in SETTLING:
                self._settling.add(kind.label)
            if self.keeps_rows or kind.may_nest:
                self._new[kind.model, kind.name_of(one.row)] = one.row
                self._new[kind.model, str(one.row.pk)] = one.row
        if one.item.where in self._wrong or not (one.row.is_dirty() or one.is_new):
            return
        try:
            self._clean(one.row)
        except ValidationError as error:
            if self._settling and self.waits:
                self.has_postponed = True
                return
            for name, messages in error.message_dict.items():
                self._add_problem(one.item, name, *messages)

    def _clean(self, row: Any) -> None:
        if self._checks:
            full_clean(row, asks_unique=False)
            return
        if not row.present_in_database and self._has_defaults(type(row)):
            fill_defaults(type(row), [row])
        row.clean()

    def _has_defaults(self, model: Any) -> bool:
        """Tell whether custom fields have defaults; asked once for each type."""
        if model not in self._defaults:
            fields = definitions(model)
            self._defaults[model] = any(f.default is not None for f in fields)
        return self._defaults[model]


def _other_members(row: Any, members: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the members that differ from a stored row's."""
    if not row.present_in_database:
        return {name: given for name, given in members.items() if given}
    return {
        name: given
        for name, given in members.items()
        if {one.pk for one in given} != {one.pk for one in getattr(row, name).all()}
    }


def _differs(row: Any, name: str, value: Any) -> bool:
    if not row.present_in_database:
        return True
    if name not in row._meta.fields:  # stands for several columns
        return bool(str(getattr(row, name)) != str(value))
    stored = row.__data__.get(name)
    return bool(stored != (value.pk if isinstance(value, peewee.Model) else value))
