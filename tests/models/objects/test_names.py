from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import (
    Device,
    Interface,
    IPAddress,
    Location,
    ObjectPermission,
    Prefix,
    Status,
    User,
)
from models.errors import AmbiguousError, NotFoundError, RequestError
from models.objects.names import find_row, near_names, shared_names
from tests import factories

if TYPE_CHECKING:
    from models.storage.store import Store


def test_by_id_in_any_spelling(device: Device) -> None:
    for text in (str(device.pk), device.pk.hex, str(device.pk).upper()):
        assert find_row(Device, text) == device


def test_by_any_end_of_the_id(device: Device) -> None:
    assert find_row(Device, device.pk.hex[-6:]) == device


def test_by_a_name_that_looks_like_the_end_of_an_id(device: Device) -> None:
    named = factories.device(device.pk.hex[-6:])
    assert find_row(Device, named.name) == named


def test_by_name_whatever_its_case(device: Device) -> None:
    upper = factories.device("CORE-01", location=factories.location("Branch"))
    assert find_row(Device, "core-01") == device
    assert find_row(Device, "CORE-01") == upper
    upper.delete()
    assert find_row(Device, "CORE-01") == device


@pytest.mark.parametrize(
    ("host", "port"),
    [("core-01", "xe-0/0/0:1"), ("core 01", "port 1"), ("a", "b c d"), ("a b c", "d")],
)
def test_by_a_name_of_several_parts(store: Store, host: str, port: str) -> None:
    interface = factories.interface(factories.device(host), port)
    assert find_row(Interface, f"{host} {port}") == interface


def test_by_a_name_that_can_be_cut_in_two_ways(store: Store) -> None:
    factories.interface(factories.device("a b"), "c")
    factories.interface(factories.device("a"), "b c")
    with pytest.raises(AmbiguousError) as caught:
        find_row(Interface, "a b c")
    assert len(caught.value.candidates) == 2
    assert find_row(Interface, "device=a,name=b c").name == "b c"


def test_by_fields(device: Device) -> None:
    other = factories.location("Branch")
    factories.device("core-01", location=device.location, serial="S1")
    assert find_row(Device, "name=core-01,serial=S1") == device
    assert find_row(Device, "location=HQ,position=") == device
    assert find_row(Device, "location__name=HQ") == device
    factories.device("core-02", location=other)
    with pytest.raises(NotFoundError):
        find_row(Device, "name=core-01,location=Branch")
    with pytest.raises(NotFoundError, match="There is no location 'HQQ'"):
        find_row(Device, "name=core-01,location=HQQ")


def test_by_a_value_with_a_comma(store: Store) -> None:
    made = factories.location("HQ, north wing")
    assert find_row(Location, r"name=HQ\, north wing") == made
    assert find_row(Location, "HQ, north wing") == made


def test_by_a_value_that_is_none_of_the_field(device: Device) -> None:
    with pytest.raises(RequestError, match="'tall' is no value of position"):
        find_row(Device, "position=tall")


def test_networks_go_by_their_text(store: Store) -> None:
    prefix = factories.prefix("10.0.0.0/24")
    wide = factories.prefix("10.0.0.0/16")
    address = factories.address("10.0.0.1/24")
    assert find_row(Prefix, "10.0.0.0/24") == prefix
    assert find_row(Prefix, "prefix=10.0.0.0/16,namespace=Global") == wide
    assert find_row(IPAddress, "10.0.0.1/24") == address
    assert find_row(IPAddress, "10.0.0.1") == address
    assert find_row(IPAddress, "address=10.0.0.1/24") == address
    with pytest.raises(NotFoundError):
        find_row(IPAddress, "10.0.0.1/25")
    with pytest.raises(NotFoundError):
        find_row(IPAddress, "not/an address")


def test_an_address_of_two_namespaces_is_ambiguous(store: Store) -> None:
    lab = factories.namespace("lab")
    for space in (None, lab):
        factories.prefix("10.0.0.0/24", namespace=space)
        factories.address("10.0.0.1/24", namespace=space)
    with pytest.raises(AmbiguousError):
        find_row(IPAddress, "10.0.0.1/24")
    found = find_row(IPAddress, "address=10.0.0.1/24,namespace=lab")
    assert found.namespace == lab
    assert find_row(IPAddress, "host=10.0.0.1,namespace__name=lab") == found


def test_other_rows_go_by_number_and_name(user: User) -> None:
    assert find_row(User, str(user.id)) == user
    assert find_row(User, user.username) == user


@pytest.mark.parametrize(
    ("text", "near"),
    [("core-1", ["core-01", "core-02"]), ("02", ["core-02"]), ("zzz", [])],
)
def test_what_is_not_there_brings_the_near_names(
    device: Device, text: str, near: list[str]
) -> None:
    factories.device("core-02")
    with pytest.raises(NotFoundError) as caught:
        find_row(Device, text)
    assert sorted(caught.value.candidates) == near
    assert ("Did you mean" in caught.value.message) is bool(near)


def test_near_names_are_whole_names(device: Device) -> None:
    factories.interface(device, "Ethernet1")
    assert near_names(Interface, "core-01 Ethernet2") == ["core-01 Ethernet1"]
    factories.prefix("10.0.0.0/24")
    assert near_names(Prefix, "10.0.0.0/23") == ["10.0.0.0/24"]


def test_names_that_several_rows_have(store: Store) -> None:
    for space in (factories.namespace(), factories.namespace("lab")):
        factories.prefix("10.0.0.0/24", namespace=space)
        factories.prefix(f"10.{len(space.name)}.0.0/24", namespace=space)
    for name in ("a", "a b"):
        factories.interface(factories.device(name), "b c" if name == "a" else "c")
    assert shared_names(Prefix) == {"10.0.0.0/24"}
    assert shared_names(Interface) == set()
    assert shared_names(Location) == set()


def test_what_a_user_may_not_see_is_not_found_and_not_named(device: Device) -> None:
    somebody = User.create(username="sam")
    other = factories.device("core-02")
    permission: dict[str, Any] = {
        "name": "one device",
        "object_types": ["dcim.device"],
        "actions": ["view"],
        "users": ["sam"],
        "constraints": {"name": "core-02"},
    }
    ObjectPermission.create(**permission)
    assert find_row(Device, "core-02", user=somebody) == other
    with pytest.raises(NotFoundError) as caught:
        find_row(Device, "core-01", user=somebody)
    assert caught.value.candidates == ["core-02"]


def test_many_rows_of_a_name_are_not_all_listed(store: Store) -> None:
    for number in range(8):
        factories.device("core-01", location=factories.location(f"site-{number}"))
    with pytest.raises(AmbiguousError) as caught:
        find_row(Device, "core-01")
    assert len(caught.value.candidates) == 5
    assert find_row(Status, "active") == factories.status()
