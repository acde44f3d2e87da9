"""Explicit link rows, such as interface to address: both sides are recorded.

A link that says something of its own, such as the port, is an object: it has a history,
forms and commands as any other, and what it ties shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import peewee

from models.history import images
from models.objects.base import ChangeLoggedModel, StoreModel
from models.objects.fields import IdField, uuid7
from models.objects.relations import Members

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class LinkModel(StoreModel):
    """A row that ties two objects together; a change of it is one of both."""

    id = IdField(primary_key=True, default=uuid7)

    @classmethod
    def before_unlink(cls, links: Any) -> None:
        """Part other rows from what these links tie, before they are deleted.

        Args:
            links: A query of the link rows.
        """

    def save(self, force_insert: bool = False, only: Any = None) -> Any:  # noqa: FBT001, FBT002 - peewee's signature
        """Write the row, and record an update of each side."""
        from models.history import write

        with write.recorded(touched_by_link(self)):
            return super().save(force_insert=force_insert, only=only)

    def delete_instance(
        self,
        recursive: bool = False,  # noqa: FBT001, FBT002 - peewee's signature
        delete_nullable: bool = False,  # noqa: FBT001, FBT002 - the same
    ) -> Any:
        """Delete the row, and record an update of each side."""
        from models.history import write

        with write.recorded(touched_by_link(self)):
            self.before_unlink([self])
            return super().delete_instance(recursive, delete_nullable)


def touched_by_link(link: Any) -> dict[Any, list[bytes]]:
    """Return the objects that a link row ties together; an empty side is left out."""
    touched: dict[Any, list[bytes]] = {}
    for field in link._meta.sorted_fields:
        key = link.__data__.get(field.name)
        if isinstance(field, peewee.ForeignKeyField) and key is not None:
            touched.setdefault(field.rel_model, []).append(field.db_value(key))
    return touched


class ChangeLoggedLink(ChangeLoggedModel):
    """An object that ties two others together: its changes are changes of both, too.

    `Meta.ends` names its two relations, each with the name under which that end shows
    the other: `{"circuit": "devices", "device": "circuits"}` gives `circuit.devices`
    and `device.circuits`. These are read, and recorded; to tie is to make a link.
    """

    is_base = True

    class Meta:
        ends: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def validate_model(cls) -> None:
        """Let both ends show the other, once the class is built.

        Raises:
            TypeError: `Meta.ends` does not name two relations, or a name is taken.
        """
        super().validate_model()
        if not vars(cls).get("is_base"):
            cls._check_ends()
            cls._attach_ends()

    @classmethod
    def _check_ends(cls) -> None:
        fields, ends = cls._meta.fields, dict(cls._meta.ends)
        relations = [name for name in ends if hasattr(fields.get(name), "when_deleted")]
        if len(relations) != 2 or len(ends) != 2 or len({*ends.values()}) != 2:
            raise TypeError(
                f"{cls.__name__} ties two objects: Meta.ends must name two relations,"
                " each with what that end calls the other, as in"
                ' ends = {"circuit": "devices", "device": "circuits"}'
            )
        for name, shown in ends.items():
            other = fields[name].rel_model
            if hasattr(other, shown):
                raise TypeError(
                    f"{cls.__name__}: a {other.__name__} has {shown!r} already;"
                    " Meta.ends needs another name"
                )

    @classmethod
    def _attach_ends(cls) -> None:
        one, other = (cls._meta.fields[name] for name in cls._meta.ends)
        members = Members(
            other.rel_model,
            backref=cls._meta.ends[other.name],
            through=cls,
            columns=(one.column_name, other.column_name),
            both_sides=True,
        )
        members.is_kept = True
        members.add_to(one.rel_model, cls._meta.ends[one.name])

    @classmethod
    def detach(cls) -> None:
        """Take away what it gave its ends, when its store is closed."""
        for name, shown in cls._meta.ends.items():
            model: Any = getattr(cls._meta.fields.get(name), "rel_model", cls)
            members = model._meta.members.get(shown)
            if members is not None and members.through is cls:
                del model._meta.members[shown]
                delattr(model, shown)

    @classmethod
    def also_touched(cls, objects: Sequence[Any]) -> dict[Any, list[bytes]]:
        """Return the ends of links, those before the save and those after."""
        rows = images.read_rows(cls, [obj.pk.bytes for obj in objects])
        touched: dict[Any, dict[bytes, None]] = {}
        for name in cls._meta.ends:
            field = cls._meta.fields[name]
            given = [field.db_value(obj.__data__.get(name)) for obj in objects]
            for key in [*given, *(row.values[name] for row in rows.values())]:
                if key is not None:
                    touched.setdefault(field.rel_model, {})[bytes(key)] = None
        return {model: list(keys) for model, keys in touched.items()}
