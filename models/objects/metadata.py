"""What a row's class knows of itself: its labels, its members, and its database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playhouse.shortcuts import ThreadSafeDatabaseMetadata

from models.errors import RequestError
from models.storage.store import current_store

if TYPE_CHECKING:
    from models.objects.relations import Members


class StoreMetadata(ThreadSafeDatabaseMetadata):
    """peewee's metadata, bound to the thread's current store, with Django's names."""

    def __init__(
        self,
        model: Any,
        *args: Any,
        verbose_name: str = "",
        verbose_name_plural: str = "",
        **options: Any,
    ) -> None:
        self.members: dict[str, Members] = {}
        self.verbose_name = verbose_name or _words(model.__name__)
        self.verbose_name_plural = verbose_name_plural or _plural(self.verbose_name)
        super().__init__(model, *args, **options)
        if "table_name" not in options and not _is_shipped(model):
            self.table_name = f"{self.app}_{self.make_table_name()}"

    @property
    def database(self) -> Any:
        """The database of the thread's current store; none while no store is open."""
        try:
            return current_store().database
        except RequestError:
            return None

    @database.setter
    def database(self, value: Any) -> None:
        """Ignore the assignment that peewee makes when a class is built."""

    @property
    def app(self) -> str:
        """The first half of the label."""
        *_, module = str(self.model.__module__).removesuffix(".models").split(".")
        return getattr(self, "app_label", None) or module

    @property
    def model_name(self) -> str:
        """The class's name in lower case, the second half of the label."""
        return str(self.model.__name__).lower()

    @property
    def label(self) -> str:
        """Return `dcim.Device`."""
        return f"{self.app}.{self.model.__name__}"

    @property
    def label_lower(self) -> str:
        """Return `dcim.device`, the TYPE of the command line."""
        return f"{self.app}.{self.model_name}"


def _is_shipped(model: Any) -> bool:
    """Return whether a class is Hookline's own; others' tables are named by app too."""
    return str(model.__module__).startswith("models.")


def _words(name: str) -> str:
    """Return `IPAddress` as `IP address`, `DeviceType` as `device type`."""
    parts = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", name)
    return " ".join(part if part.isupper() else part.lower() for part in parts)


def _plural(words: str) -> str:
    if words.endswith(("s", "x", "sh", "ch")):
        return words + "es"
    if words.endswith("y") and words[-2:-1] not in "aeiou":
        return words[:-1] + "ies"
    return words + "s"
