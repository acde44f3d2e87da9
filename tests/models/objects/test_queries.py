from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models import Device, ObjectChange
from models.errors import RequestError
from tests import factories

if TYPE_CHECKING:
    from models.storage.store import Store


def test_the_latest_and_the_earliest_by_a_field(store: Store) -> None:
    for name in ("b", "c", "a"):
        factories.device(name)
    assert Device.objects.latest("name").name == "c"
    assert Device.objects.earliest("name").name == "a"
    assert (
        Device.objects.filter(name__lt="c").latest("location__name", "name").name == "b"
    )
    assert Device.objects.latest("-name").name == "a"
    newest = ObjectChange.objects.filter(action="create").latest("id")
    assert newest.changed_object.name == "a"


def test_the_latest_of_nothing_and_by_nothing(store: Store) -> None:
    for find in (Device.objects.latest, Device.objects.earliest):
        with pytest.raises(Device.DoesNotExist, match="no device"):
            find("name")
        with pytest.raises(ValueError, match="Name the field"):
            find()
        with pytest.raises(RequestError, match="Did you mean name"):
            find("nam")


def test_several_by_their_keys(store: Store) -> None:
    one, other = factories.device("one"), factories.device("other")
    gone = factories.device("gone")
    key = gone.pk
    gone.delete()
    assert Device.objects.in_bulk([one.pk, key]) == {one.pk: one}
    assert Device.objects.in_bulk() == {one.pk: one, other.pk: other}
    assert Device.objects.in_bulk([]) == {}
    assert Device.objects.in_bulk(["other"], field_name="name") == {"other": other}


def test_only_and_defer_read_whole_rows(device: Device) -> None:
    for rows in (Device.objects.only("name"), Device.objects.defer("serial")):
        assert rows.filter(name="core-01").get().serial == device.serial
