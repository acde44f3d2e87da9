"""Members of objects: the rows of link tables are made and taken away here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.history.context import recording
from models.history.write import recorded, refusals
from models.people import guard
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.objects.relations import Members


def relate(
    owner: Any, field: Members, *, add: Sequence[Any] = (), remove: Sequence[Any] = ()
) -> None:
    """Add and remove members of an object, recorded on the owner's side or on both."""
    relate_all(field, [(owner, add, remove)])


def relate_all(
    field: Members, links: Sequence[tuple[Any, Sequence[Any], Sequence[Any]]]
) -> None:
    """Add and remove members of several objects of a type, recorded as by `relate()`.

    Args:
        field: The members.
        links: Owners, each with whom to add and whom to remove.

    Raises:
        RequestError: The links are objects of their own, which are made and deleted.
    """
    if field.is_kept:
        meta = field.through._meta
        raise RequestError(
            f"The {field.name} follow from {meta.verbose_name_plural}, which are"
            f" objects: make or delete a {meta.verbose_name} ({meta.label_lower}).",
            on=field.name,
        )
    touched: dict[Any, list[bytes]] = {}
    for owner, add, remove in links:
        touched.setdefault(type(owner), []).append(owner.pk.bytes)
        if field.both_sides:
            keys = [member.pk.bytes for member in [*add, *remove]]
            touched.setdefault(field.rel_model, []).extend(keys)
    owners = [owner for owner, *_ in links]
    with (
        recording() as context,
        guard.saving(context, owners),
        recorded(touched),
        refusals(owners),
    ):
        _insert_links(field, [(o, m) for o, add, _ in links for m in add])
        for owner, _, remove in links:
            if remove:
                field.before_unlink(owner, remove)
        _delete_links(field, [(o, m) for o, _, remove in links for m in remove])


def _insert_links(field: Members, pairs: list[tuple[Any, Any]]) -> None:
    rows = [field.link_row(owner.pk.bytes, member.pk.bytes) for owner, member in pairs]
    if rows:
        names = ", ".join(f'"{column}"' for column in rows[0])
        marks = ", ".join("?" * len(rows[0]))
        current_store().database.connection().executemany(
            f'INSERT OR IGNORE INTO "{field.table}" ({names}) VALUES ({marks})',
            [list(row.values()) for row in rows],
        )


def _delete_links(field: Members, pairs: list[tuple[Any, Any]]) -> None:
    keys = [field.link_key(owner.pk.bytes, member.pk.bytes) for owner, member in pairs]
    if keys:
        where = " AND ".join(f'"{column}" = ?' for column in keys[0])
        current_store().database.connection().executemany(
            f'DELETE FROM "{field.table}" WHERE {where}',
            [list(key.values()) for key in keys],
        )
