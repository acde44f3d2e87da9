"""From `TYPE:REST` to the object that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.names import Finder
from models.objects.types import get_type
from tui.words.grammar import parse_reference

if TYPE_CHECKING:
    from models.people.access import User


def find_object(text: str, user: User) -> Any:
    """Return the object that a reference names, among those the user may see.

    Raises:
        NotFoundError: The type or the object is unknown; the near ones are named.
        AmbiguousError: More than one fits; they are named.
    """
    reference = parse_reference(text)
    return Finder(user).find(get_type(reference.type), reference.rest)
