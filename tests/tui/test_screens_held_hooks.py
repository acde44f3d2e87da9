"""Screens of hooks that are muted, held, missed runs, or are changed together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.automation import ascode
from models.automation.dispatch import Reason
from models.automation.hooks import JobHook
from models.history.context import change_context
from models.runs.results import JobResult
from tests.tui.driver import open_screens
from tests.tui.rows import hook, job, last_change, line_with, open_place

if TYPE_CHECKING:
    import pytest

    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store


def touch(device: Device, user: User, serial: str) -> None:
    with change_context(user, transaction=True):
        device.serial = serial
        device.save()


async def test_a_hook_is_muted_misses_a_run_and_catches_up_by_one_key(
    store: Store, user: User, device: Device
) -> None:
    row = hook()
    async with open_screens(store) as seen:
        await open_place(seen, "hook", row.id, shows="Latest verdicts")
        await seen.press("m")
        await seen.type("2h migration")
        await seen.press("enter")
        await seen.shows("Check serials is muted", ": migration")
        touch(device, user, "A")
        await seen.shows("1 run missed (muted 1); C runs them")
        await seen.press("M")
        await seen.shows("no longer muted")
        await seen.press("C")
        await seen.shows("Run what can be run now")
        await seen.press("y")
        await seen.shows("1 run queued.", "fired → result 1 PENDING")
        await seen.press("C")
        await seen.shows("Nothing was missed.")

    assert JobResult.select().count() == 1


async def test_what_was_missed_is_given_up(
    store: Store, user: User, device: Device
) -> None:
    row = hook()
    row.mute(by="alice")
    touch(device, user, "A")
    async with open_screens(store) as seen:
        await open_place(seen, "hook", row.id, shows="1 run missed")
        await seen.press("C")
        await seen.shows("Give it up for good")
        await seen.press("f")
        await seen.shows("passed over: muted; by")

    assert not JobResult.select().exists()


async def test_the_breaker_is_on_the_first_screen_and_closed_by_a_key(
    store: Store, user: User, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "models.automation.breaker.Breaker._has_rested", lambda *_: False
    )  # the hour that a slow machine may take
    row = hook()
    limit = store.settings.hooks.breaker_runs
    for number in range(limit + 1):
        touch(device, user, str(number))
    assert last_change().read_verdicts()[0][1] == Reason.BREAKER
    async with open_screens(store, size=(120, 36)) as seen:
        await seen.shows("! the hook Check serials is held for core-01 since")
        await seen.shows("! the hook Check serials missed 1 run (breaker)")
        await open_place(seen, "hook", row.id, shows="held")
        await seen.shows("for core-01 since", f"{limit} runs for this object")
        await seen.press("R")
        await seen.shows("The breaker of Check serials is closed.")
        await seen.hides("held")

    assert JobHook.get().breaker_reset is not None


async def test_C13_marked_hooks_are_changed_in_one_form(
    store: Store, user: User
) -> None:
    for name in ("One", "Two"):
        hook(name, job(name))
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Two")
        await seen.press("space", "down", "space", "e")
        await seen.shows("Edit 2 hooks", "as they are")
        await seen.press("right", "right")  # on, off
        await seen.shows("Enabled", "off")
        await seen.press("tab", "enter")
        await seen.shows("Type to narrow")
        await seen.type("create")
        await seen.press("tab", "enter")
        await seen.hides("Type to narrow")
        await seen.press("ctrl+s")
        await seen.shows("2 hooks saved")

    rows = list(JobHook.select().order_by(JobHook.name))
    assert [row.enabled for row in rows] == [False, False]
    assert [row.events for row in rows] == [["create"], ["create"]]
    assert [row.object_types for row in rows] == [["dcim.device"]] * 2


async def test_marked_hooks_are_switched_off_together(store: Store, user: User) -> None:
    for name in ("One", "Other", "Two"):
        hook(name, job(name))
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Two")
        await seen.press("space", "down", "space", "minus")
        await seen.shows("2 are off.")

    assert [row.enabled for row in JobHook.select().order_by(JobHook.name)] == [
        False,
        False,
        True,
    ]


async def test_a_managed_hook_says_so_and_is_not_changed_here(
    store: Store, user: User
) -> None:
    job()
    (store.folder / "config.yaml").write_text(
        "hooks:\n  managed:\n    Coded:\n      object_types: dcim.device\n"
        "      events: create\n      job: guards.SerialGuard\n"
    )
    async with open_screens(store, size=(120, 36)) as seen:
        await seen.shows("! config.yaml has changed and is not applied yet")
        ascode.apply(store)
        await open_place(seen, "hook", JobHook.get().id, shows="managed by")
        await seen.shows("config.yaml:3; it is changed there")
        await seen.press("e")
        await seen.shows("Coded is managed by config.yaml:3: change it there")
        await seen.press("minus")

    assert JobHook.get().enabled


async def test_an_objects_screen_says_what_hooks_made_of_its_changes(
    store: Store, user: User, device: Device
) -> None:
    hook()
    row = hook("Other", job("Second", enabled=False))
    hook("Elsewhere", job("Third"), events=["delete"])
    touch(device, user, "A")
    async with open_screens(store, size=(120, 40)) as seen:
        await open_place(seen, "object", "dcim.device", device.pk, shows="Changes")
        await seen.shows("hooks: fired 1, job off 1")
        await open_place(seen, "hook", row.id, shows="those that it did not fire for")
        await seen.press("end", "up", "enter")
        await seen.shows("/hook=", "core-01", "rows 1")


async def test_the_list_says_which_hooks_are_muted(store: Store, user: User) -> None:
    hook("Muted").mute(by="alice")
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Muted")

        assert " muted" in line_with(seen, "Muted")
