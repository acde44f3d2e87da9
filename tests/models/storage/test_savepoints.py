from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Device, ObjectChange, Prefix, ValidationError, change_context
from models.storage.savepoints import UndoLog
from tests import factories

if TYPE_CHECKING:
    from models.storage.store import Store


def unsaved(device: Device, name: str) -> Device:
    names = ("location", "device_type", "role", "status")
    return Device(name=name, **{n: getattr(device, n) for n in names})


def recorded() -> list[tuple[str, str]]:
    rows = ObjectChange.select().order_by(ObjectChange.id)
    return [(str(row.action), row.object_repr) for row in rows][-2:]


def fail_after(store: Store, *saves: Any) -> None:
    """Save in a block that fails afterwards."""
    with pytest.raises(ZeroDivisionError), store.transaction():
        for save in saves:
            save()
        raise ZeroDivisionError


def test_a_block_that_fails_leaves_no_change_behind(
    store: Store, device: Device
) -> None:
    before = recorded()
    with change_context(transaction=True):
        fail_after(store, unsaved(device, "a").save)
    assert recorded() == before
    assert Device.objects.count() == 1


def test_what_was_recorded_before_the_block_stays(store: Store, device: Device) -> None:
    with change_context(transaction=True):
        made = unsaved(device, "a")
        made.save()
        made.serial = "S1"
        fail_after(store, made.save, made.delete)
    assert Device.objects.get(name="a").serial == ""
    assert recorded()[-1] == ("create", "a")


def test_a_save_that_is_refused_late_leaves_no_change_behind(store: Store) -> None:
    prefix = factories.prefix("10.0.0.0/24")
    factories.address("10.0.0.200/24")
    before = recorded()
    prefix.prefix = "10.0.0.0/25"
    with change_context(transaction=True), pytest.raises(ValidationError):
        prefix.save()
    assert recorded() == before
    assert Prefix.objects.get().prefix == "10.0.0.0/24"


def test_blocks_within_blocks(store: Store, device: Device) -> None:
    with change_context(transaction=True):
        with store.transaction():
            unsaved(device, "a").save()
            fail_after(store, unsaved(device, "b").save)
        fail_after(store, unsaved(device, "c").save)
    assert recorded()[-1] == ("create", "a")
    assert sorted(d.name for d in Device.objects.all()) == ["a", "core-01"]


@pytest.mark.parametrize("inside", [True, False])
def test_an_object_can_be_saved_again_after_a_rollback(
    store: Store, device: Device, *, inside: bool
) -> None:
    made = unsaved(device, "a")
    device.serial, device.cf["x"] = "S1", "y"
    if inside:
        with change_context(transaction=True):
            fail_after(store, made.save, device.save)
    else:
        fail_after(store, made.save, device.save)
    made.save()
    assert device.save()
    assert Device.objects.get(name="a") == made
    assert Device.objects.get(serial="S1").cf == {"x": "y"}


def test_an_object_can_be_changed_after_a_failed_delete(
    store: Store, device: Device
) -> None:
    fail_after(store, device.delete)
    device.serial = "S1"
    assert device.save()
    assert Device.objects.get().serial == "S1"


def test_a_log_goes_back_step_by_step() -> None:
    log, seen = UndoLog(), []
    for number in range(4):
        log.add(lambda number=number: seen.append(number))  # type: ignore[misc]
    log.back_to(2)
    assert seen == [3, 2]
    log.clear()
    log.back_to(0)
    assert seen == [3, 2]
