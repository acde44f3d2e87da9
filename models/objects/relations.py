"""How objects point at one another: relations, members, and tags.

A `Relation` is a column that holds another object's id. `Members` are rows of a link
table; the owner's side records the change, or both sides where the link is a thing
people see from either end (an interface and its addresses).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import peewee

from models.objects.fields import Described
from models.objects.queries import QuerySet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.objects.base import ChangeLoggedModel

WhenDeleted = Literal["protect", "cascade", "set_null"]


class RelatedManager(QuerySet[Any]):
    """The objects that point at one object; `create()` makes one that does."""


class RelatedAccessor(peewee.BackrefAccessor):
    """The far end of a relation: `device.interfaces`."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        query = self.rel_model.select().where(self.field == instance.pk)
        return RelatedManager(
            self.rel_model, query=query, defaults={self.field.name: instance}
        )


class Relation(Described, peewee.ForeignKeyField):
    """A column that holds another object's id.

    Args:
        model: The other type, or "self".
        when_deleted: What becomes of this object when the other is deleted:
            `protect` refuses the deletion, `cascade` deletes this one too (recorded),
            `set_null` empties the column (recorded).
    """

    backref_accessor_class = RelatedAccessor

    def __init__(
        self,
        model: Any,
        *args: Any,
        when_deleted: WhenDeleted = "protect",
        **options: Any,
    ) -> None:
        self.when_deleted = when_deleted
        super().__init__(model, *args, **options)


class Members:
    """A field of many objects, kept in a link table.

    Args:
        model: The members' type.
        backref: The name of the other side's manager; none without it.
        through: The link's own class, if it has one; made when left out.
        both_sides: Whether a change is recorded on the members too.
        help_text: One sentence for forms.
    """

    def __init__(  # noqa: PLR0913 - a field's options
        self,
        model: type[ChangeLoggedModel] | str,
        *,
        backref: str = "",
        through: Any = None,
        columns: tuple[str, str] | None = None,
        both_sides: bool = False,
        help_text: str = "",
    ) -> None:
        self.rel_model: Any = model
        self.backref = backref
        self.through = through
        self.columns = columns
        self.both_sides = both_sides
        self.help_text = help_text
        self.name = ""
        self.model: Any = None
        self.by_name = False
        self.is_kept = False
        """Whether the link is an object, by which alone it is made and taken away."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def add_to(self, model: Any, name: str) -> None:
        """Become a field of a type that exists already, as its link's class needs."""
        self.name = name
        setattr(model, name, self)
        self.attach(model)

    def attach(self, model: Any) -> None:
        """Bind to a type that has just been made, link table and other side too."""
        self.model = model
        if self.rel_model == "self":
            self.rel_model = model
        if self.through is None:
            self.through = self._make_link(model)
        if self.columns is None:
            self.columns = self._guess_columns()
        model._meta.members[self.name] = self
        if self.backref:
            other = self.mirrored()
            setattr(self.rel_model, self.backref, other)
            if self.both_sides:
                self.rel_model._meta.members[self.backref] = other

    def mirrored(self) -> Members:
        """Return the same link seen from the members' side."""
        assert self.columns is not None
        other = Members(
            self.model,
            through=self.through,
            columns=(self.columns[1], self.columns[0]),
            both_sides=self.both_sides,
        )
        other.name, other.model = self.backref, self.rel_model
        other.is_kept = self.is_kept
        return other

    def _make_link(self, model: Any) -> Any:
        from models.objects.base import StoreModel

        meta = type(
            "Meta",
            (),
            {
                "table_name": f"{model._meta.table_name}_{self.name}",
                "primary_key": peewee.CompositeKey("owner", "member"),
            },
        )
        return type(
            f"{model.__name__}{self.name.title().replace('_', '')}",
            (StoreModel,),
            {
                "__module__": model.__module__,
                "owner": peewee.ForeignKeyField(model, backref="+", index=False),
                "member": peewee.ForeignKeyField(self.rel_model, backref="+"),
                "Meta": meta,
            },
        )

    def _guess_columns(self) -> tuple[str, str]:
        mine = theirs = ""
        for field in self.through._meta.sorted_fields:
            if isinstance(field, peewee.ForeignKeyField):
                if field.rel_model is self.model and not mine:
                    mine = field.column_name
                elif field.rel_model is self.rel_model:
                    theirs = field.column_name
        return mine, theirs

    @property
    def owner_column(self) -> str:
        """The link's column that holds this side's id."""
        assert self.columns is not None
        return self.columns[0]

    @property
    def member_column(self) -> str:
        """The link's column that holds the other side's id."""
        assert self.columns is not None
        return self.columns[1]

    @property
    def table(self) -> str:
        """The link's table."""
        return str(self.through._meta.table_name)

    def constants(self) -> dict[str, Any]:
        """Return the columns that have one value for all of this type's links."""
        return {}

    def link_key(self, owner: bytes, member: bytes) -> dict[str, Any]:
        """Return the columns that tell one link from all others."""
        columns = {self.owner_column: owner, self.member_column: member}
        return {**columns, **self.constants()}

    def link_row(self, owner: bytes, member: bytes) -> dict[str, Any]:
        """Return a new link's columns, with the defaults of its class."""
        row = self.link_key(owner, member)
        for field, default in self.through._meta.defaults.items():
            value = default() if callable(default) else default
            row.setdefault(field.column_name, field.db_value(value))
        return row

    def before_unlink(self, owner: Any, members: Sequence[Any]) -> None:
        """Tell the link's class that members of an object are about to go."""
        from models.objects.links import LinkModel

        if issubclass(self.through, LinkModel):
            columns = self.through._meta.columns
            self.through.before_unlink(
                self.through.select().where(
                    columns[self.owner_column] == owner,
                    columns[self.member_column].in_(list(members)),
                )
            )

    def owner_ids(self, members: Any) -> Any:
        """Return a query of this side's ids for a query of members."""
        link = self.through
        query = link.select(link._meta.columns[self.owner_column]).where(
            link._meta.columns[self.member_column].in_(members)
        )
        for column, value in self.constants().items():
            query = query.where(link._meta.columns[column] == value)
        return query

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MembersManager(instance, self)

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(
            f"Members are not assigned; call {self.name}.set(…) on the saved object."
        )


class TagMembers(Members):
    """The tags of an object: one link table for all types."""

    def constants(self) -> dict[str, Any]:
        """Return the object's type."""
        from models.objects.types import type_id

        return {"type_id": type_id(self.model._meta.label_lower)}


class MembersManager(QuerySet[Any]):
    """The members of one object, and how they are changed."""

    def __init__(self, instance: Any, field: Members, query: Any = None) -> None:
        self._instance = instance
        self._field = field
        if query is None:
            link, columns = field.through, field.through._meta.columns
            ids = link.select(columns[field.member_column]).where(
                columns[field.owner_column] == instance.pk
            )
            for column, value in field.constants().items():
                ids = ids.where(columns[column] == value)
            key = field.rel_model._meta.primary_key
            query = field.rel_model.select().where(key.in_(ids))
        super().__init__(field.rel_model, query=query)

    def _clone(self, query: Any) -> QuerySet[Any]:
        return QuerySet(self.model, query=query)

    def names(self) -> list[str]:
        """Return the members' names, sorted."""
        return sorted(str(member) for member in self)

    def add(self, *members: Any) -> None:
        """Add members; those that are there already do not count as a change."""
        self._change(add=self._resolve(members))

    def remove(self, *members: Any) -> None:
        """Remove members."""
        self._change(remove=self._resolve(members))

    def clear(self) -> None:
        """Remove all members."""
        self._change(remove=list(self))

    def set(self, members: Iterable[Any]) -> None:
        """Make these the members, and no others."""
        wanted = self._resolve(members)
        present = list(self)
        self._change(
            add=[member for member in wanted if member not in present],
            remove=[member for member in present if member not in wanted],
        )

    def create(self, **values: Any) -> Any:
        """Make a new object and add it."""
        member = self.model.objects.create(**values)
        self.add(member)
        return member

    def _resolve(self, members: Iterable[Any]) -> list[Any]:
        model = self._field.rel_model
        found = []
        for member in members:
            if isinstance(member, model):
                found.append(member)
            elif isinstance(member, str) and "name" in model._meta.fields:
                found.append(model.objects.get(name=member))
            else:
                found.append(model.objects.get(id=member))
        return found

    def _change(self, *, add: list[Any] = [], remove: list[Any] = []) -> None:  # noqa: B006 - never written
        from models.history import linking

        linking.relate(self._instance, self._field, add=add, remove=remove)
