"""Settings that a runner takes over while it works: notify, retention, secrets."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

from models.errors import ConfigError
from models.settings.layers import load_settings
from receivers.discovery.sources import stamp

if TYPE_CHECKING:
    from models.storage.store import Store

_log = logging.getLogger(__name__)

CONFIG = "config.yaml"
LIVE = ("notify", "notify_limit", "retention", "secrets")


class LiveSettings:
    """Takes over what has changed in a store's config.yaml.

    Args:
        store: The store, whose settings are as the file is now.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path = str(store.folder / CONFIG)
        self._seen = stamp(self._path)

    def keep(self) -> bool:
        """Look at the file; return whether its settings were taken over."""
        seen = stamp(self._path)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            fresh = load_settings(self._store.folder)
        except ConfigError as error:
            _log.warning("config.yaml is not taken over: %s", error.message)
            return False
        values = {name: getattr(fresh, name) for name in LIVE}
        self._store.settings = dataclasses.replace(self._store.settings, **values)
        return True
