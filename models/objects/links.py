"""Explicit link rows, such as interface to address: both sides are recorded."""

from __future__ import annotations

from typing import Any

import peewee

from models.objects.base import StoreModel
from models.objects.fields import IdField, uuid7


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
