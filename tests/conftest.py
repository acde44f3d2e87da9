"""Fixtures that every part's tests start from: an open store, and a device in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import factories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store, bound to the models; its commits do not wait for the disk."""
    from models.storage.store import open_store

    opened = open_store(tmp_path / "store", create=True, durable=False)
    yield opened
    opened.close()


@pytest.fixture
def user(store: Store) -> User:
    """The person at the terminal, who owns the store and may do everything."""
    from models.people.access import os_user

    return os_user(store)


@pytest.fixture
def device(store: Store) -> Device:
    """The device core-01 in HQ, with what it needs."""
    return factories.device("core-01")
