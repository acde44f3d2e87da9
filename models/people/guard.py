"""Permissions at the one way in: what a front end writes is checked as it is written.

In the contexts of screens, commands and loads every save and delete is held against
the permissions of the context's user, on the rows as they are stored, before and after.
What a save entails (rows of other types that follow from it, what a delete takes along)
is nobody's to permit; receivers are not limited, as in Nautobot.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from models.errors import RefusedError
from models.people.access import require
from models.people.grants import permitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.history.context import ActiveContext
    from models.people.access import User


CHUNK = 500


@contextlib.contextmanager
def saving(context: ActiveContext, objects: Sequence[Any]) -> Iterator[None]:
    """Check the objects that the block saves, or whose members it changes.

    In a short context they are judged once more at its end, members included.

    Raises:
        RefusedError: The context's user may not.
    """
    if not context.checks:
        yield
        return
    new = [obj for obj in objects if not obj.present_in_database]
    old = [o for o in objects if o.present_in_database and o.pk not in context.added]
    require_all(context.user, "change", old)
    for model in dict.fromkeys(type(obj) for obj in new):
        require(context.user, "add", model)
    with _unchecked(context):
        yield
    context.added.update(obj.pk for obj in new)
    context.owed.update({(type(obj), obj.pk): obj for obj in objects})
    if not context.short:
        settle(context)


@contextlib.contextmanager
def deleting(context: ActiveContext, objects: Sequence[Any]) -> Iterator[None]:
    """Check the objects that the block deletes.

    Raises:
        RefusedError: The context's user may not.
    """
    if not context.checks:
        yield
        return
    require_all(context.user, "delete", objects)
    with _unchecked(context):
        yield


@contextlib.contextmanager
def _unchecked(context: ActiveContext) -> Iterator[None]:
    context.checks = False
    try:
        yield
    finally:
        context.checks = True


def settle(context: ActiveContext) -> None:
    """Judge what was written as it is now: nobody may move it out of their reach.

    Raises:
        RefusedError: An object is outside the constraints of the user's permissions.
    """
    owed = sorted(context.owed.values(), key=lambda obj: type(obj)._meta.label_lower)
    context.owed.clear()
    there = list(_those_there(owed))
    for action, is_new in (("add", True), ("change", False)):
        rows = [obj for obj in there if (obj.pk in context.added) is is_new]
        require_all(context.user, action, rows)


def _those_there(objects: Sequence[Any]) -> Iterator[Any]:
    """Yield the objects that are stored still; those of a type stand side by side."""
    by_type: Any = itertools.groupby(objects, key=type)
    for model, group in by_type:
        key = model._meta.primary_key
        while part := list(itertools.islice(group, CHUNK)):
            rows = model.select(key).where(key.in_([obj.pk for obj in part])).tuples()
            found = {key.python_value(one) for (one,) in rows}
            yield from (obj for obj in part if obj.pk in found)


def require_all(user: User | None, action: str, objects: Sequence[Any]) -> None:
    """Refuse what a user may not do to one of many objects; a query for each type.

    Raises:
        RefusedError: No permission grants it for the first such object.
    """
    if user is not None and user.is_active and user.is_superuser:
        return
    by_type: Any = itertools.groupby(objects, key=type)
    for model, group in by_type:
        rows = list(group)
        require(user, action, model, what=str(rows[0]))
        expression = permitted(user, model, action).resolve(model)
        if expression is None:
            continue
        key = model._meta.primary_key
        inside = model.select(key).where(key.in_([row.pk for row in rows]), expression)
        found = {key.python_value(one[0]) for one in inside.tuples()}
        outside = [row for row in rows if row.pk not in found]
        if outside:
            raise _outside(user, action, outside[0])


def _outside(user: User | None, action: str, row: Any) -> RefusedError:
    """Return the error for an object that the constraints leave out."""
    words = type(row)._meta.verbose_name
    return RefusedError(
        f"{user} may not {action} {row}: the {words} is outside the constraints of the"
        " permissions that grant it. Ask a superuser of the store.",
        on=str(row),
    )
