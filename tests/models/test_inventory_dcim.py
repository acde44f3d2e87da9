from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import (
    Device,
    DeviceType,
    Interface,
    IPAddress,
    IPAddressToInterface,
    ObjectChange,
    Rack,
    RackGroup,
    ValidationError,
    change_context,
)
from models.history.images import full_images
from tests import factories

if TYPE_CHECKING:
    from models.storage.store import Store


def changes_of(obj: Any) -> list[str]:
    rows = ObjectChange.select().where(ObjectChange.object_id == obj.pk.bytes)
    return [str(row.action) for row in rows.order_by(ObjectChange.id)]


def with_address(device: Device, text: str = "10.0.0.1/24") -> IPAddress:
    factories.prefix("10.0.0.0/24")
    factories.prefix("2001:db8::/64")
    address = factories.address(text)
    factories.interface(device).ip_addresses.add(address)
    return address


# Devices


def test_a_device_is_recorded(device: Device) -> None:
    assert changes_of(device) == ["create"]


def test_a_name_is_there_once_in_a_location(device: Device) -> None:
    again = Device(**{n: getattr(device, n) for n in ("device_type", "role", "status")})
    again.name, again.location = "core-01", device.location
    assert again.validation_problems() == {
        "name": ["there is a device with this location and name already"]
    }
    with pytest.raises(ValidationError, match="with this location and name"):
        again.save()
    again.location = factories.location("Branch")
    assert again.validation_problems() == {}


def test_each_tenant_may_have_a_device_of_that_name(device: Device) -> None:
    ours = Device(
        name="core-01",
        location=device.location,
        device_type=device.device_type,
        role=device.role,
        status=device.status,
        tenant=factories.tenant(),
    )
    ours.validated_save()
    ours.id, ours.present_in_database = None, False
    assert set(ours.validation_problems()) == {"name"}


def test_devices_without_a_name_do_not_clash(device: Device) -> None:
    values = {
        n: getattr(device, n) for n in ("device_type", "role", "status", "location")
    }
    first, second = Device.create(**values), Device.create(name="", **values)
    second.refresh_from_db()
    assert first.name is second.name is None
    assert str(first) == str(first.pk)


def test_empty_asset_tags_do_not_clash(device: Device) -> None:
    device.asset_tag = ""
    device.validated_save()
    assert factories.device("core-02", asset_tag="").asset_tag == ""
    assert Device.objects.filter(asset_tag=None).count() == 2


@pytest.mark.parametrize("field", ["status", "role", "location"])
def test_what_is_for_other_types_is_refused(device: Device, field: str) -> None:
    chosen = {
        "status": factories.status("Reserved", content_types=["ipam.prefix"]),
        "role": factories.role("Loopback", content_types=["ipam.ipaddress"]),
        "location": factories.location(
            "EMEA",
            location_type=factories.location_type(
                "Region", content_types=["ipam.prefix"]
            ),
        ),
    }[field]
    setattr(device, field, chosen)
    assert device.validation_problems() == {field: [f"{chosen} is not for devices"]}


def test_what_is_not_in_the_store_is_refused(device: Device) -> None:
    device.role = device.pk
    assert device.validation_problems() == {"role": ["there is no such role"]}


def test_a_platform_is_for_its_makers_devices(device: Device) -> None:
    device.platform = factories.platform(
        "Junos", manufacturer=factories.manufacturer("Juniper")
    )
    assert device.validation_problems() == {
        "platform": ["Junos is for devices by Juniper"]
    }


def test_facts_for_programs_are_kept_as_json(device: Device) -> None:
    device.local_config_context_data = {"ntp": ["10.0.0.9"]}
    device.save()
    assert Device.get_by_id(device.pk).local_config_context_data["ntp"] == ["10.0.0.9"]


# Primary addresses


def test_a_primary_address_is_on_one_of_the_interfaces(device: Device) -> None:
    device.primary_ip4 = with_address(device)
    device.validated_save()
    assert str(device.primary_ip) == "10.0.0.1/24"
    other = factories.device("core-02")
    other.primary_ip4 = device.primary_ip4
    assert other.validation_problems() == {
        "primary_ip4": ["10.0.0.1/24 is on none of core-02's interfaces"]
    }


def test_a_primary_address_is_of_its_version(device: Device) -> None:
    device.primary_ip4 = with_address(device, "2001:db8::1/64")
    assert device.validation_problems() == {
        "primary_ip4": ["2001:db8::1/64 is no IPv4 address"]
    }


def test_what_is_translated_to_an_address_on_the_device_will_do(
    device: Device,
) -> None:
    inside = with_address(device)
    outside = factories.address("10.0.0.99/24", nat_inside=inside)
    device.primary_ip4 = outside
    assert device.validation_problems() == {}


def test_ipv6_is_preferred(device: Device) -> None:
    device.primary_ip4 = with_address(device)
    device.primary_ip6 = with_address(device, "2001:db8::1/64")
    device.validated_save()
    assert str(device.primary_ip) == "2001:db8::1/64"


def removed(device: Device, address: IPAddress, how: str) -> None:
    interface = device.interfaces.get()
    match how:
        case "members":
            interface.ip_addresses.remove(address)
        case "other side":
            address.interfaces.clear()
        case "link":
            IPAddressToInterface.get().delete_instance()
        case "interface":
            interface.delete()
        case "address":
            address.delete()


WAYS = ["members", "other side", "link", "interface", "address"]


@pytest.mark.parametrize("how", WAYS)
def test_a_device_loses_a_primary_address_that_leaves_it(
    device: Device, how: str
) -> None:
    device.primary_ip4 = address = with_address(device)
    device.validated_save()
    removed(device, address, how)
    device.refresh_from_db()
    assert device.primary_ip4 is None
    assert changes_of(device) == ["create", "update", "update"]


@pytest.mark.parametrize("how", WAYS)
def test_an_address_that_goes_leaves_no_link(device: Device, how: str) -> None:
    address = with_address(device)
    removed(device, address, how)
    assert not IPAddressToInterface.select().exists()


def test_a_device_keeps_a_primary_address_that_another_interface_has(
    device: Device,
) -> None:
    device.primary_ip4 = address = with_address(device)
    device.validated_save()
    factories.interface(device, "Ethernet2").ip_addresses.add(address)
    factories.interface(device).delete()
    device.refresh_from_db()
    assert device.primary_ip4 == address


def test_a_deleted_device_shows_the_primary_address_that_it_had(
    device: Device,
) -> None:
    device.primary_ip4 = with_address(device)
    device.validated_save()
    device.delete()
    assert changes_of(device) == ["create", "update", "delete"]
    last = ObjectChange.select().where(ObjectChange.object_id == device.pk.bytes)
    assert (
        last.order_by(ObjectChange.id)[-1].object_data["primary_ip4"]["name"]
        == "10.0.0.1/24"
    )
    assert not Interface.objects.exists()


# Interfaces


def test_an_interface_is_named_with_its_device_in_images(device: Device) -> None:
    made = factories.interface(device, "xe-0/0/0:1")
    row, image = full_images(Interface, [made.pk.bytes])[made.pk.bytes]
    assert row.name == "core-01 xe-0/0/0:1"
    assert image["device"] == [str(device.pk), "core-01"]
    assert str(made) == "xe-0/0/0:1"


def test_changes_of_interfaces_are_found_with_their_device(device: Device) -> None:
    made = factories.interface(device)
    (change,) = ObjectChange.select().where(ObjectChange.object_id == made.pk.bytes)
    assert change.related_object_id == device.pk


def test_an_interface_name_is_there_once_on_a_device(device: Device) -> None:
    factories.interface(device)
    again = Interface(
        device=device, name="Ethernet1", status=device.status, type="virtual"
    )
    assert set(again.validation_problems()) == {"name"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("001c.7300.0001", "00:1C:73:00:00:01"),
        ("00-1c-73-00-00-01", "00:1C:73:00:00:01"),
        ("", ""),
    ],
)
def test_mac_addresses_are_written_in_one_way(
    device: Device, text: str, kept: str
) -> None:
    assert factories.interface(device, mac_address=text).mac_address == kept


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"mac_address": "00:1c"}, "mac_address", "'00:1c' is no MAC address"),
        ({"mtu": 0}, "mtu", "is not between 1 and 65536"),
        ({"type": "bogus"}, "type", None),
        ({"mode": "bogus"}, "mode", None),
        ({"untagged_vlan": 10}, "mode", "is required where an untagged VLAN is given"),
    ],
)
def test_what_an_interface_may_not_be(
    device: Device, values: dict[str, Any], field: str, message: str | None
) -> None:
    interface = factories.interface(device)
    for name, value in values.items():
        vlan = name == "untagged_vlan"
        setattr(interface, name, factories.vlan(value) if vlan else value)
    problems = interface.validation_problems()
    assert set(problems) == {field}
    assert message is None or problems[field] == [message]


def test_a_vlan_is_where_the_device_is(device: Device) -> None:
    vlan = factories.vlan()
    vlan.locations.add(factories.location("Branch"))
    interface = factories.interface(device)
    interface.mode, interface.untagged_vlan = "access", vlan
    assert interface.validation_problems() == {"untagged_vlan": ["VLAN10 is not in HQ"]}
    vlan.locations.add(device.location)
    assert interface.validation_problems() == {}


def test_tagged_vlans_hold_the_mode(device: Device) -> None:
    interface = factories.interface(device, mode="tagged")
    interface.tagged_vlans.add(factories.vlan())
    interface.mode = "access"
    assert set(interface.validation_problems()) == {"mode"}


def test_groups_and_parents_are_on_the_same_device(device: Device) -> None:
    other = factories.device("core-02")
    group = factories.interface(other, "Port-Channel1", type="lag")
    interface = factories.interface(device)
    interface.lag = group
    assert interface.validation_problems() == {"lag": ["Port-Channel1 is on core-02"]}
    interface.lag, interface.parent_interface = None, group
    assert set(interface.validation_problems()) == {"parent_interface"}
    interface.type = "virtual"
    assert interface.validation_problems() == {
        "parent_interface": ["Port-Channel1 is on core-02"]
    }


def test_a_group_is_a_group_and_not_the_interface_itself(device: Device) -> None:
    interface = factories.interface(device)
    interface.lag = factories.interface(device, "Ethernet2")
    assert interface.validation_problems() == {
        "lag": ["Ethernet2 is no link aggregation group"]
    }
    interface.lag = interface
    assert interface.validation_problems() == {"lag": ["an interface is not in itself"]}


def test_what_is_part_of_an_interface_goes_with_it(device: Device) -> None:
    parent = factories.interface(device)
    factories.interface(device, "Ethernet1.10", type="virtual", parent_interface=parent)
    parent.delete()
    assert not Interface.objects.exists()


def test_A19_an_interface_and_its_addresses_are_recorded_once_each(
    device: Device,
) -> None:
    factories.prefix("10.0.0.0/24")
    interface = factories.interface(device)
    addresses = [factories.address(f"10.0.0.{n}/24") for n in (1, 2)]
    with change_context(transaction=True):
        interface.ip_addresses.add(addresses[0])
        interface.ip_addresses.add(addresses[1])
    for obj in (interface, *addresses):
        assert changes_of(obj) == ["create", "update"]
    image = full_images(IPAddress, [addresses[0].pk.bytes])[addresses[0].pk.bytes][1]
    assert image["interfaces"] == [[str(interface.pk), "core-01 Ethernet1"]]


def test_an_address_is_added_once(device: Device) -> None:
    address = with_address(device)
    device.interfaces.get().ip_addresses.add(address)
    address.interfaces.add(device.interfaces.get())
    assert IPAddressToInterface.select().count() == 1
    assert IPAddressToInterface.get().id is not None
    assert changes_of(address) == ["create", "update"]


def test_objects_are_found_through_addresses(device: Device) -> None:
    with_address(device)
    assert Device.objects.get(interfaces__ip_addresses__address="10.0.0.1/24") == device
    assert IPAddress.objects.get(interfaces__device__name="core-01")


# Racks


def in_rack(name: str, position: int, **values: Any) -> Device:
    rack = factories.rack()
    values.setdefault("face", "front")
    return factories.device(name, rack=rack, position=position, **values)


def test_a_device_stands_where_its_rack_is(device: Device) -> None:
    device.rack = factories.rack("R9", location=factories.location("Branch"))
    assert device.validation_problems() == {"rack": ["R9 is in Branch, not in HQ"]}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"position": 0}, "position"),
        ({"position": 43}, "position"),
        ({"position": 5, "face": ""}, "face"),
        ({"position": None, "face": "front"}, "position"),
    ],
)
def test_places_that_a_rack_does_not_have(
    store: Store, values: dict[str, Any], field: str
) -> None:
    device = in_rack("core-01", 1)
    for name, value in values.items():
        setattr(device, name, value)
    assert set(device.validation_problems()) == {field}


@pytest.mark.parametrize("field", ["position", "face"])
def test_a_place_needs_a_rack(device: Device, field: str) -> None:
    setattr(device, field, {"position": 1, "face": "front"}[field])
    assert device.validation_problems() == {field: ["is only for a device in a rack"]}


def test_two_devices_do_not_fill_one_unit(store: Store) -> None:
    tall = factories.device_type("X4", u_height=4)
    in_rack("core-01", 10, device_type=tall)
    with pytest.raises(ValidationError, match="unit 13 of R1 is core-01's"):
        in_rack("core-02", 13)
    assert in_rack("core-03", 14).position == 14


def test_two_shallow_devices_stand_back_to_back(store: Store) -> None:
    shallow = factories.device_type("S1", is_full_depth=False)
    in_rack("core-01", 10, device_type=shallow)
    assert in_rack("core-02", 10, device_type=shallow, face="rear").position == 10


def test_rack_names_are_unique_in_group_or_location(store: Store) -> None:
    rack = factories.rack()
    again = Rack(name="R1", location=rack.location, status=rack.status)
    assert set(again.validation_problems()) == {"name"}
    again.rack_group = RackGroup.objects.create(name="Row A", location=rack.location)
    assert again.validation_problems() == {}
    again.save()
    third = Rack(
        name="R1",
        location=rack.location,
        status=rack.status,
        rack_group=again.rack_group,
    )
    assert set(third.validation_problems()) == {"name"}


@pytest.mark.parametrize(("field", "value"), [("width", 20), ("u_height", 0)])
def test_measures_of_a_rack(store: Store, field: str, value: int) -> None:
    rack = factories.rack()
    setattr(rack, field, value)
    assert set(rack.validation_problems()) == {field}


def test_a_group_is_where_its_racks_are(store: Store) -> None:
    rack = factories.rack()
    rack.rack_group = RackGroup.objects.create(
        name="Row A", location=factories.location("Branch")
    )
    assert rack.validation_problems() == {"rack_group": ["Row A is in Branch"]}


def test_a_device_type_is_unique_for_its_maker(store: Store) -> None:
    kind = factories.device_type("X1")
    again = DeviceType(model="X1", manufacturer=kind.manufacturer)
    assert set(again.validation_problems()) == {"model"}
    assert str(kind) == "X1"
