"""Every reason for which a hook did not fire, where people look for it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from models.automation.dispatch import Reason
from models.history.context import change_context
from models.people.access import User, os_user
from models.runs.results import JobResult
from tests.tui.rows import hook, job, last_change
from tui.looks.changes import made_of
from tui.screens.change_sheet import change_sheet
from tui.screens.hook import hook_sheet

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def save(device: Device, serial: str = "A", **context: Any) -> None:
    device.serial = serial
    with change_context(transaction=True, **context):
        device.save()


def caused() -> JobResult:
    row = JobResult(
        name="r", job_path="m.R", status="SUCCESS", user_name="alice", hook_id=9
    )
    row.save()
    return row


def off(store: Store, device: Device) -> None:
    hook(enabled=False)
    save(device)


def other_event(store: Store, device: Device) -> None:
    hook(events=["create", "delete"])
    save(device)


def job_off(store: Store, device: Device) -> None:
    hook(record=job(enabled=False))
    save(device)


def job_missing(store: Store, device: Device) -> None:
    hook(record=job(error="guards.py:3: boom"))
    save(device)


def no_user(store: Store, device: Device) -> None:
    hook()
    save(device, user=None)


def no_permission(store: Store, device: Device) -> None:
    hook()
    editor = User(username="editor")
    editor.save()
    save(device, user=editor)


def condition(store: Store, device: Device) -> None:
    hook(conditions="changed serial\nserial = B")
    save(device)


def by_result(store: Store, device: Device) -> None:
    hook()
    save(device, result_id=caused().id, depth=1)


def depth(store: Store, device: Device) -> None:
    hook(accept_chained=True)
    save(device, result_id=caused().id, depth=store.settings.hooks.max_depth)


def muted(store: Store, device: Device) -> None:
    hook().mute(by="alice", reason="migration")
    save(device)


def muted_by_a_load(store: Store, device: Device) -> None:
    hook()
    save(device, mute="muted by load")


def breaker(store: Store, device: Device) -> None:
    hooks = dataclasses.replace(
        store.settings.hooks, breaker_runs=1, breaker_s=86_400.0
    )
    store.settings = dataclasses.replace(store.settings, hooks=hooks)
    hook()
    save(device, "0")
    save(device)


@pytest.mark.parametrize(
    ("arrange", "reason", "words"),
    [
        (off, Reason.HOOK_OFF, "hook off"),
        (other_event, Reason.OTHER_EVENT, "other event"),
        (job_off, Reason.JOB_OFF, "job off: guards.SerialGuard"),
        (job_missing, Reason.JOB_MISSING, "job missing: guards.py:3: boom"),
        (no_user, Reason.NO_USER, "no user"),
        (no_permission, Reason.NO_PERMISSION, "no permission: editor"),
        (condition, Reason.CONDITION, "condition: 2: serial = B (serial is A)"),
        (by_result, Reason.CAUSED, "caused by result 1"),
        (depth, Reason.DEPTH, "depth: 5 runs led here"),
        (muted, Reason.MUTED, "muted: by alice: migration"),
        (muted_by_a_load, Reason.MUTED, "muted: muted by load"),
        (breaker, Reason.BREAKER, "breaker: 1 runs for this object"),
    ],
)
def test_J7_each_reason_stands_on_the_change_the_hook_and_the_object(
    store: Store, device: Device, arrange: Any, reason: Reason, words: str
) -> None:
    arrange(store, device)
    change = last_change()
    ((hook_id, found, _, _),) = change.read_verdicts()

    assert found == reason
    assert words in change_sheet(change.id, os_user()).text
    page = hook_sheet(store, hook_id, os_user()).text
    if reason is Reason.OTHER_EVENT:  # counted there, as nobody asks why
        assert "other event 1" in page or "None of" in page
    else:
        assert words in page
    if reason not in {Reason.OTHER_EVENT, Reason.HOOK_OFF}:
        assert made_of(change) == f"hooks: {reason} 1"
