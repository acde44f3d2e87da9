"""What changes are looked up by under the names that Nautobot's authors know.

Their columns are others here: numbers for actions and types, bytes for keys.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.objects import types
from models.objects.queries import Q

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Lookup = Callable[[Sequence[str], Any], Q]


def _elsewhere(path: str) -> Lookup:
    def lookup(rest: Sequence[str], value: Any) -> Q:
        return Q(**{"__".join((path, *rest)): value})

    return lookup


def _one_of(path: str, stored: Callable[[Any], Any]) -> Lookup:
    """Return the lookup of a value, or with `__in` of several."""

    def lookup(rest: Sequence[str], value: Any) -> Q:
        if rest and list(rest) not in (["in"], ["exact"]):
            raise RequestError(f"{'__'.join(rest)!r} does not fit here; write __in.")
        values = value if list(rest) == ["in"] else [value]
        return Q(**{f"{path}__in": [stored(one) for one in values]})

    return lookup


def _action(value: Any) -> int:
    from models.history.changes import ACTIONS

    names = [action.value for action in ACTIONS]
    name = str(getattr(value, "value", value))
    if name not in names:
        raise RequestError(
            f"action is one of {', '.join(names)}, not {name!r}", candidates=names
        )
    return names.index(name)


def _key(value: Any) -> bytes:
    found = getattr(value, "pk", value)
    return (found if isinstance(found, uuid.UUID) else uuid.UUID(str(found))).bytes


def _type(value: Any) -> int:
    meta = getattr(value, "_meta", None)
    return types.type_id(str(value) if meta is None else meta.label_lower)


CHANGE_LOOKUPS: dict[str, Lookup] = {
    "action": _one_of("action_number", _action),
    "changed_object_id": _one_of("object_id", _key),
    "changed_object_type": _one_of("type_id", _type),
    "related_object_id": _one_of("related_id", _key),
    "request_id": _one_of("context__request_id", _key),
    "user": _elsewhere("context__user"),
    "user_name": _elsewhere("context__user_name"),
    "reason": _elsewhere("context__reason"),
    "change_context": _elsewhere("context__kind"),
    "change_context_detail": _elsewhere("context__detail"),
}
