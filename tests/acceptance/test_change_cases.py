"""Cases A, B and E of what is recorded, and of what a press queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from models import change_context
from models.automation.buttons import press
from models.history import bulk
from models.history.changes import ObjectChange, differences
from models.history.timeline import changes_of_object
from models.inventory.dcim import Device
from models.inventory.interfaces import Interface, IPAddressToInterface
from models.inventory.organization import Location
from models.objects import links
from models.runs.jobs import JobRecord
from tests import factories
from tests.tui.automation import button

if TYPE_CHECKING:
    from models.inventory.addresses import IPAddress
    from models.people.access import User
    from models.storage.store import Store
    from tests.acceptance.conftest import Hookline


def changes_of(obj: Any) -> list[ObjectChange]:
    """Return the changes of an object, oldest first."""
    return list(changes_of_object(obj._meta.label_lower, obj.pk.bytes))


def actions(obj: Any) -> list[str]:
    """Return what happened to an object."""
    return [change.action.value for change in changes_of(obj)]


@pytest.fixture
def port(device: Device) -> Interface:
    """An interface of the device."""
    return factories.interface(device)


@pytest.fixture
def address(store: Store) -> IPAddress:
    """An address."""
    factories.prefix("10.0.0.0/24")
    return factories.address("10.0.0.1/24")


def test_A1_a_text_is_no_user(store: Store) -> None:
    with (
        pytest.raises(TypeError, match="is not a user"),
        change_context(cast("Any", "ann")),
    ):
        pass


@pytest.mark.parametrize("short", [True, False])
def test_A11_a_context_in_another_has_records_of_its_own(
    store: Store, *, short: bool
) -> None:
    factories.location()
    with change_context(transaction=short) as outer:
        with change_context(transaction=short) as inner:
            first = factories.location("inner")
        second = factories.location("outer")
    (one,), (other,) = changes_of(first), changes_of(second)
    assert (one.request_id, other.request_id) == (inner.request_id, outer.request_id)


def test_A13_create_edit_and_delete_tell_where_and_what(hookline: Hookline) -> None:
    factories.location_type("Site")
    factories.status("Active")
    factories.tag("old")
    factories.tag("new")
    factories.custom_field("site_code", content_types=["dcim.location"])
    values = ("location_type=Site", "status=Active", "tags=old", "cf.site_code=A")
    hookline.run("object", "add", "dcim.location", "name=Annex", *values)
    hookline.run("object", "set", "dcim.location:Annex", "tags=new", "cf.site_code=B")
    hookline.run("object", "delete", "dcim.location:Annex", "--yes")

    made, edited, gone = hookline.changes("object=dcim.location:Annex")
    assert [c["action"] for c in (made, edited, gone)] == ["create", "update", "delete"]
    assert {c["kind"] for c in (made, edited, gone)} == {"command"}
    assert [c["detail"] for c in (made, edited, gone)] == [
        f"hookline object {verb}" for verb in ("add", "set", "delete")
    ]
    assert edited["differences"]["removed"]["tags"] == ["old"]
    assert edited["differences"]["added"]["tags"] == ["new"]
    assert edited["prechange"]["custom_fields"] == {"site_code": "A"}
    assert edited["postchange"]["custom_fields"] == {"site_code": "B"}
    assert gone["prechange"]["tags"] == ["new"]
    assert gone["prechange"]["custom_fields"] == {"site_code": "B"}


def test_A17_clearing_members_records_the_old_list_and_the_empty_one(
    store: Store,
) -> None:
    prefix = factories.prefix()
    prefix.vrfs.add(factories.vrf())
    prefix.vrfs.clear()

    snapshot = changes_of(prefix)[-1].get_snapshots()
    assert [entry["name"] for entry in snapshot["prechange"]["vrfs"]] == ["blue"]
    assert snapshot["differences"]["removed"]["vrfs"] == snapshot["prechange"]["vrfs"]
    assert snapshot["differences"]["added"] == {"vrfs": []}


def test_A20_a_link_made_from_the_other_side_records_both(
    port: Interface, address: IPAddress
) -> None:
    address.interfaces.add(port)
    assert actions(port) == actions(address) == ["create", "update"]


@pytest.mark.parametrize("by_query", [False, True])
def test_A22_a_deleted_link_records_both_as_they_are_afterwards(
    port: Interface, address: IPAddress, *, by_query: bool
) -> None:
    port.ip_addresses.add(address)
    if by_query:
        IPAddressToInterface.objects.filter(interface=port).delete()
    else:
        IPAddressToInterface.get().delete_instance()

    assert not IPAddressToInterface.select().exists()
    assert actions(port) == actions(address) == ["create", "update", "update"]
    after = changes_of(port)[-1].get_snapshots()
    assert after["postchange"]["ip_addresses"] == []


def test_A23_of_a_link_with_an_empty_side_only_the_other_is_recorded(
    port: Interface,
) -> None:
    link = IPAddressToInterface(interface=port)
    assert links.touched_by_link(link) == {Interface: [port.pk.bytes]}


def test_A25_what_is_made_and_linked_in_one_context_is_one_create(
    device: Device, address: IPAddress
) -> None:
    with change_context(transaction=True):
        port = factories.interface(device)
        port.ip_addresses.add(address)
    (made,) = changes_of(port)
    assert made.action == "create"
    assert made.object_data["ip_addresses"][0]["id"] == str(address.pk)
    assert actions(address) == ["create", "update"]


def test_A26_plain_members_are_recorded_on_the_owners_side(store: Store) -> None:
    prefix, vrf = factories.prefix(), factories.vrf()
    prefix.vrfs.add(vrf)
    assert actions(prefix) == ["create", "update"]
    assert actions(vrf) == ["create"]


def test_A29_nobody_adds_a_link(port: Interface, address: IPAddress) -> None:
    with change_context(None):
        port.ip_addresses.add(address)
    last = changes_of(port)[-1]
    assert (last.action, last.user, last.user_name) == ("update", None, "Undefined")


@pytest.mark.parametrize("short", [True, False])
def test_A31_made_and_deleted_in_one_context_is_two_records_and_no_error(
    device: Device, *, short: bool
) -> None:
    """Nautobot's deferred mode raises here; the table of coalescing keeps both."""
    with change_context(transaction=short):
        port = factories.interface(device)
        port.delete()
    assert actions(port) == ["create", "delete"]


def test_A32_a_bulk_edit_is_one_update_each_by_its_user(
    store: Store, user: User
) -> None:
    devices = [factories.device(f"sw-{number}") for number in range(3)]
    edit = bulk.Edit(
        model=Device,
        keys=[device.pk for device in devices],
        values={"serial": "X"},
        user=user,
    )
    made = bulk.make(edit, lambda **o: change_context(user, kind="screen", **o))

    assert made.changed == 3
    for device in devices:
        _, update = changes_of(device)
        assert (update.action, update.user) == ("update", user)
        assert update.request_id == made.request_id


def test_A34_a_save_outside_a_context_is_recorded(device: Device, user: User) -> None:
    device.serial = "X"
    device.save()
    last = changes_of(device)[-1]
    assert (last.action, last.change_context, last.user) == ("update", "orm", user)


def test_A35_updates_and_inserts_by_query_are_recorded(device: Device) -> None:
    Device.objects.filter(name="core-01").update(serial="X")
    assert actions(device) == ["create", "update"]
    place = device.location
    fields = {"location_type": place.location_type, "status": place.status}
    (made,) = Location.objects.bulk_create([Location(name="Annex", **fields)])
    assert actions(made) == ["create"]


def test_A37_a_stale_copy_records_only_what_it_changed(device: Device) -> None:
    stale = Device.objects.get(id=device.pk)
    device.serial = "X"
    device.save()
    before = len(changes_of(device))
    stale.save()
    assert len(changes_of(device)) == before
    stale.comments = "mine"
    stale.save()
    differs = changes_of(device)[-1].get_snapshots()["differences"]
    assert differs["added"] == {"comments": "mine"}
    assert Device.objects.get(id=device.pk).serial == "X"


def test_B4_and_B5_there_is_one_form_of_data(device: Device) -> None:
    """Nautobot's older records lack the newer form; here every record has one."""
    (made,) = changes_of(device)
    assert made.object_data == made.object_data_v2
    assert made.object_data == made.get_snapshots()["postchange"]


def test_B10_the_time_of_the_last_save_is_no_difference(device: Device) -> None:
    (made,) = changes_of(device)
    assert "last_updated" not in made.object_data
    assert differences(made.object_data, made.object_data) == {
        "removed": {},
        "added": {},
    }


def test_B11_a_relation_renamed_elsewhere_is_no_difference(device: Device) -> None:
    place = device.location
    place.name = "Head office"
    place.save()
    device.serial = "X"
    device.save()
    snapshot = changes_of(device)[-1].get_snapshots()
    assert snapshot["differences"]["added"] == {"serial": "X"}
    assert snapshot["postchange"]["location"]["name"] == "Head office"


def test_E5_a_press_goes_to_the_queue_of_its_job(device: Device, user: User) -> None:
    """Nautobot takes the first queue by the alphabet, whatever the job's own is."""
    made = button("Ping")
    assert press(made, device, user).queue == JobRecord.get().queue
