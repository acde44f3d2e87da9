"""The form of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.types import get_type
from tui.screens.forms import FormScreen

if TYPE_CHECKING:
    from collections.abc import Mapping


class ObjectForm(FormScreen):
    """Make or change an object.

    Args:
        label: The type, such as `dcim.device`.
        key: The object's id; None for a new one.
        given: Values by field name to start a new one with.
    """

    def __init__(
        self, label: str, key: Any = None, *, given: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(get_type(label), key, given=given)
