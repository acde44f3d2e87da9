"""Reverting makes the opposite change, and never takes back somebody's later work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.errors import ConflictError, RefusedError, ValidationError
from models.history.changes import ObjectChange
from models.history.context import change_context
from models.history.revert import revert_change, revert_request
from models.inventory.dcim import Device
from tests import factories

if TYPE_CHECKING:
    from models.people.access import User
    from models.storage.store import Store


def opened(**options: Any) -> Any:
    """Open a change context, as screens and commands do."""
    return change_context(kind="screen", **options)


def newest() -> ObjectChange:
    found: ObjectChange = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    return found


def test_an_update_is_taken_back_by_a_recorded_one(
    store: Store, user: User, device: Device
) -> None:
    device.serial = "WRONG"
    device.save()
    change = newest()
    revert_change(change, user)
    assert Device.objects.get(id=device.pk).serial == ""
    assert newest().id > change.id
    assert newest().get_snapshots()["differences"]["added"] == {"serial": ""}


def test_fields_that_nobody_meant_stay(
    store: Store, user: User, device: Device
) -> None:
    device.serial = "WRONG"
    device.save()
    change = newest()
    device.comments = "later"
    device.save()
    revert_change(change, user)
    row = Device.objects.get(id=device.pk)
    assert (row.serial, row.comments) == ("", "later")


def test_somebodys_later_work_on_the_field_is_kept(
    store: Store, user: User, device: Device
) -> None:
    for serial in ("WRONG", "RIGHT"):
        device.serial = serial
        device.save()
    wrong = ObjectChange.get_by_id(newest().id - 1)
    with pytest.raises(ConflictError, match=f"serial changed since by {user.username}"):
        revert_change(wrong, user)
    assert Device.objects.get(id=device.pk).serial == "RIGHT"


def test_a_deleted_object_comes_back_with_its_id_and_tags(
    store: Store, user: User, device: Device
) -> None:
    device.tags.add(factories.tag("edge"))
    device.delete()
    revert_change(newest(), user)
    row = Device.objects.get(id=device.pk)
    assert (row.name, row.location, row.tags.names()) == (
        device.name,
        device.location,
        ["edge"],
    )


def test_a_created_object_goes(store: Store, user: User, device: Device) -> None:
    revert_change(newest(), user)
    assert not Device.objects.filter(id=device.pk).exists()


def test_a_created_object_that_was_changed_since_stays(
    store: Store, user: User, device: Device
) -> None:
    created = newest()
    device.serial = "X"
    device.save()
    with pytest.raises(ConflictError):
        revert_change(created, user)


def test_a_request_is_reverted_whole_or_not_at_all(
    store: Store, user: User, device: Device
) -> None:
    other = factories.device("core-02")
    with change_context(user, transaction=True):
        for one in (device, other):
            one.serial = "X"
            one.save()
    request = newest().request_id
    other.serial = "later"
    other.save()
    with pytest.raises(ConflictError):
        revert_request(request, user, opened)
    assert Device.objects.get(id=device.pk).serial == "X"
    other.serial = "X"
    other.save()
    assert revert_request(request, user, opened).count == 2
    assert set(Device.objects.values_list("serial", flat=True)) == {""}


def many(count: int = 30) -> list[Device]:
    """Make devices that differ in their names only."""
    return [factories.device(f"edge-{number:02}") for number in range(count)]


def test_a_change_of_one_tag_among_several_is_taken_back(
    store: Store, user: User, device: Device
) -> None:
    device.tags.set([factories.tag("core"), factories.tag("old")])
    device.tags.set([factories.tag("core"), factories.tag("new")])
    revert_change(newest(), user)
    assert device.tags.names() == ["core", "old"]
    change = newest()
    device.tags.add(factories.tag("late"))
    with pytest.raises(ConflictError, match="tags changed since"):
        revert_change(change, user)


def test_many_changes_are_reverted_by_lists(store: Store, user: User) -> None:
    devices, statements = many(), list[str]()
    with change_context(user, transaction=True):
        for one in devices:
            one.serial = "X"
            one.save()
    request = newest().request_id
    store.database.connection().set_trace_callback(statements.append)
    assert revert_request(request, user, opened).count == len(devices)
    reads = [s for s in statements if s.startswith("SELECT") and '"device"' in s]
    assert len(reads) < len(devices), "a query for each is no list"
    assert set(Device.objects.values_list("serial", flat=True)) == {""}


def test_many_that_were_deleted_come_back_with_their_members(
    store: Store, user: User
) -> None:
    devices = many()
    for number, one in enumerate(devices):
        one.tags.add(factories.tag(f"t{number % 3}"))
    with change_context(user, transaction=True):
        for one in devices:
            one.delete()
    assert revert_request(newest().request_id, user, opened).count == len(devices)
    for number, one in enumerate(devices):
        row = Device.objects.get(id=one.pk)
        assert (row.name, row.tags.names()) == (one.name, [f"t{number % 3}"])


def test_names_that_were_passed_on_are_passed_back(store: Store, user: User) -> None:
    """Each took the name that the one before it had just given up."""
    devices = many(5)
    names = [one.name for one in devices]
    with change_context(user, transaction=True):
        for one, name in zip(devices, ["edge-zz", *names[:-1]], strict=True):
            one.name = name
            one.save()
    revert_request(newest().request_id, user, opened)
    assert [Device.objects.get(id=one.pk).name for one in devices] == names


def test_a_name_that_is_taken_by_now_is_named_as_for_a_single_change(
    store: Store, user: User
) -> None:
    devices = many(5)
    with change_context(user, transaction=True):
        for one in devices:
            one.name = f"new-{one.name}"
            one.save()
    request = newest().request_id
    factories.device("edge-03")
    with pytest.raises(ValidationError, match="device with this"):
        revert_request(request, user, opened)
    names = set(Device.objects.values_list("name", flat=True))
    assert {f"new-edge-{number:02}" for number in range(5)} <= names


def test_a_tree_comes_back_parents_first_and_goes_children_first(
    store: Store, user: User
) -> None:
    with change_context(user, transaction=True):
        region = factories.location("EU", location_type=factories.location_type("R"))
        inner = factories.location_type("S", parent=factories.location_type("R"))
        for name in ("Bonn", "Lyon", "Oslo"):
            factories.location(name, location_type=inner, parent=region)
    made = newest().request_id
    with change_context(user, transaction=True):
        for row in [*region.children, region]:
            row.delete()
    revert_request(newest().request_id, user, opened)
    assert {row.name for row in region.children} == {"Bonn", "Lyon", "Oslo"}
    revert_request(made, user, opened)
    assert not type(region).objects.exists()


def test_reverting_needs_the_permission_of_its_opposite(
    store: Store, device: Device
) -> None:
    from models.people.access import ObjectPermission, User

    ann = User.create(username="ann")
    looking = ObjectPermission(name="looking", actions=["view"], users=["ann"])
    looking.object_types = ["dcim.device", "extras.objectchange"]
    looking.save()
    with pytest.raises(RefusedError, match="may not delete"):
        revert_change(newest(), ann)
