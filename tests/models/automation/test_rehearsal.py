"""A hook is judged against past changes, and nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.automation.dispatch import Reason
from models.automation.hooks import JobHook
from models.automation.rehearsal import rehearse
from models.history.context import change_context
from models.people.access import os_user
from models.runs.jobs import JobRecord
from models.runs.results import JobResult

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def test_K14_a_hook_is_judged_against_old_changes_without_effects(
    store: Store, device: Device
) -> None:
    for serial in ("A1", "B1"):
        device.serial = serial
        device.save()
    record = JobRecord(module_name="m", job_class_name="J", name="J", enabled=True)
    record.is_job_hook_receiver = True
    record.save()
    hook = JobHook(name="h", job=record, object_types=["dcim.device"], enabled=False)
    hook.events, hook.conditions = ["update"], "serial startswith A"
    found = [(one.change.action.value, one.reason) for one in rehearse(hook, os_user())]
    assert found == [
        ("update", Reason.CONDITION),
        ("update", Reason.FIRED),
        ("create", Reason.OTHER_EVENT),
    ]
    assert JobResult.select().count() == 0


def test_a_mute_does_not_count_in_a_test(store: Store, device: Device) -> None:
    record = JobRecord(module_name="m", job_class_name="J", name="J", enabled=True)
    record.is_job_hook_receiver = True
    record.save()
    hook = JobHook(name="h", job=record, object_types=["dcim.device"])
    hook.events = ["update"]
    hook.save()
    hook.mute(by="alice")
    device.serial = "A1"
    with change_context(mute="muted by load", transaction=True):
        device.save()

    assert [one.reason for one in rehearse(hook, os_user(), last=1)] == [Reason.FIRED]
