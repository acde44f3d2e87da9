from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.errors import NotFoundError
from models.history import timeline as history
from models.history.changes import ObjectChange
from models.history.context import change_context
from models.history.timeline import FieldTouched, neighbour, state_at
from models.people.access import ObjectPermission, User
from tests import factories

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store

DEVICE = "dcim.device"


def serials(device: Device) -> list[ObjectChange]:
    """Give the device three serial numbers in turn; return all its changes."""
    for number, serial in enumerate("ABC"):
        with change_context(User.get_or_create(username=f"user-{number}")[0]):
            device.serial = serial
            device.save()
    return list(history.changes_of_object(DEVICE, device.pk.bytes))


def serial_at(device: Device, change: ObjectChange) -> object:
    return state_at(DEVICE, device.pk.bytes, change_id=change.id).image["serial"]


def test_the_state_after_each_change_is_known(store: Store, device: Device) -> None:
    found = [serial_at(device, change) for change in serials(device)]
    assert found == ["", "A", "B", "C"]


def test_the_state_at_a_time_is_what_the_last_change_before_left(
    store: Store, device: Device
) -> None:
    changes = serials(device)
    state = state_at(DEVICE, device.pk.bytes, time=changes[2].time)
    assert state.image["serial"] == "B"
    assert (state.change, state.next) == (changes[2], changes[3])
    assert state_at(DEVICE, device.pk.bytes).image["serial"] == "C"


def test_before_it_was_made_and_after_it_was_deleted_it_was_not_there(
    store: Store, device: Device
) -> None:
    key, before = device.pk.bytes, serials(device)[0].id - 1
    with pytest.raises(NotFoundError, match="was not there yet"):
        state_at(DEVICE, key, change_id=before)
    device.delete()
    with pytest.raises(NotFoundError, match="had deleted it in change"):
        state_at(DEVICE, key)


def test_what_was_before_the_oldest_record_stands_in_it(
    store: Store, device: Device
) -> None:
    created = serials(device)[0]
    with store.transaction():  # as after pruning
        store.execute("DELETE FROM object_change WHERE id = ?", [created.id])
    state = state_at(DEVICE, device.pk.bytes, change_id=created.id)
    assert (state.image["serial"], state.change) == ("", None)


def test_B13_previous_and_next_go_by_time_across_requests_and_users(
    store: Store, device: Device
) -> None:
    factories.device("other")
    changes = serials(device)

    assert len({change.request_id for change in changes}) == 4
    assert len({change.user_name for change in changes}) == 4
    assert [neighbour(change, 1) for change in changes] == [*changes[1:], None]
    assert [neighbour(change, -1) for change in changes] == [None, *changes[:-1]]


def test_B13_previous_and_next_are_those_that_the_user_may_see(
    store: Store, device: Device
) -> None:
    changes = serials(device)
    ann = User.create(username="ann")
    assert neighbour(changes[0], 1, user=ann) is None
    ObjectPermission.create(
        name="some",
        object_types=["extras.objectchange"],
        actions=["view"],
        users=["ann"],
        constraints={"context__user_name": "user-2"},
    )
    assert neighbour(changes[0], 1, user=ann) == changes[3]
    assert neighbour(changes[3], -1, user=ann) is None


def test_a_change_of_a_part_stands_in_the_history_of_the_whole(
    store: Store, device: Device
) -> None:
    port = factories.interface(device, "eth0")
    factories.interface(factories.device("other"), "eth0")
    rows = ObjectChange.objects.filter(history.about(DEVICE, [device.pk.bytes]))
    assert {bytes(row.object_id) for row in rows} == {device.pk.bytes, port.pk.bytes}


def test_changes_are_found_by_the_field_that_they_touched(
    store: Store, device: Device
) -> None:
    factories.custom_field("rack_unit", kind="integer")
    changes = serials(device)
    device.custom_field_data = {"rack_unit": 7}
    device.save()

    def found(*names: str) -> list[str]:
        rows = ObjectChange.objects.filter(FieldTouched(*names)).order_by("id")
        return [row.action.value for row in rows if row.type_id == changes[0].type_id]

    assert found("serial") == ["update"] * 3
    assert found("comments") == []
    assert found("cf.rack_unit") == ["update"]
    assert found("cf.other") == []
    assert found("serial", "cf.rack_unit") == ["update"] * 4
