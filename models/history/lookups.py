"""Changes under the names that Nautobot's authors know: lookups and attributes.

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

    from models.history.changes import ObjectChange
    from models.people.access import User

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


class ChangeNames:
    """What receivers ask of a change besides its own fields."""

    id: Any
    action: Any
    related_id: Any
    related_type_id: Any

    @property
    def related_object_type(self) -> str | None:
        """The label of the type of the object that this one is part of."""
        return (
            None if self.related_id is None else types.type_label(self.related_type_id)
        )

    @property
    def related_object_id(self) -> uuid.UUID | None:
        """The id of the object that this one is part of."""
        return None if self.related_id is None else uuid.UUID(bytes=self.related_id)

    @property
    def related_object(self) -> Any:
        """The object that this one is part of, as it is now; None when it is gone."""
        label = self.related_object_type
        if label is None or not types.is_type(label):
            return None
        model: Any = types.get_type(label)
        return model.objects.filter(pk=self.related_object_id).first()

    def get_action_display(self) -> str:
        """Return what happened, for people: Created, Updated or Deleted."""
        return f"{self.action.value}d".capitalize()

    def get_absolute_url(self) -> str:
        """Return the text by which log entries point at this change."""
        return f"hookline:extras.objectchange/{self.id}"

    def get_prev_change(self, user: User | None = None) -> ObjectChange | None:
        """Return the object's change before this one, of those the user may see."""
        return self._beside(-1, user)

    def get_next_change(self, user: User | None = None) -> ObjectChange | None:
        """Return the object's change after this one, of those the user may see."""
        return self._beside(1, user)

    def _beside(self, step: int, user: User | None) -> ObjectChange | None:
        from models.history.changes import ObjectChange
        from models.history.timeline import neighbour

        assert isinstance(self, ObjectChange)
        return neighbour(self, step, user=user)
