from __future__ import annotations

from typing import TYPE_CHECKING

from models.history.context import change_context
from models.runs.results import JobResult
from tests import factories
from tests.tui.driver import open_screens
from tests.tui.rows import hook, job, last_change, line_with, open_place

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store


def change_serial(device: Device, user: User, serial: str, reason: str = "") -> int:
    with change_context(user, kind="screen", reason=reason, transaction=True):
        device.serial = serial
        device.validated_save()
    return int(last_change().id)


async def test_the_list_shows_who_changed_what_newest_first(
    store: Store, user: User, device: Device
) -> None:
    change_serial(device, user, "ABC", reason="RMA 4711")
    async with open_screens(store) as seen:
        await open_place(seen, "changes", shows="core-01")
        first = seen.lines[2]

    for word in ("update", "dcim.device", "core-01", str(user), "screen"):
        assert word in first


async def test_a_filter_leaves_the_changes_that_fit(
    store: Store, user: User, device: Device
) -> None:
    change_serial(device, user, "ABC")
    async with open_screens(store) as seen:
        await open_place(seen, "changes", "object=dcim.device:core-01", shows="update")

        assert "HQ" not in seen.text
        await seen.shows("of 2 (100 %)")


async def test_enter_opens_the_change_under_the_cursor(
    store: Store, user: User, device: Device
) -> None:
    number = change_serial(device, user, "ABC", reason="RMA 4711")
    async with open_screens(store) as seen:
        await open_place(seen, "changes", shows="core-01")
        await seen.press("enter")
        await seen.shows(f"Change {number}", "RMA 4711", "empty → ABC")


async def test_a_change_shows_what_each_hook_made_of_it(
    store: Store, user: User, device: Device
) -> None:
    hook("Check serials")
    hook("Ignored", job("Other"), enabled=False)
    hook("Broken", job("Gone", error="gone.py:3: SyntaxError", installed=False))
    number = change_serial(device, user, "ABC")
    async with open_screens(store) as seen:
        await open_place(seen, "change", number, shows="Hooks")

        assert "1 of 3 fired" in seen.text
        assert "fired → result 1 PENDING" in line_with(seen, "Check serials")
        assert "hook off" in line_with(seen, "Ignored")
        assert "job missing: gone.py:3: SyntaxError" in line_with(seen, "Broken")


async def test_a_verdict_leads_to_its_result(
    store: Store, user: User, device: Device
) -> None:
    hook()
    number = change_serial(device, user, "ABC")
    async with open_screens(store) as seen:
        await open_place(seen, "change", number, shows="fired")
        await seen.press("end", "enter")
        await seen.shows("Result 1", "PENDING")


async def test_a_verdict_is_seen_to_change_when_the_run_ends(
    store: Store, user: User, device: Device
) -> None:
    hook()
    number = change_serial(device, user, "ABC")
    async with open_screens(store) as seen:
        await open_place(seen, "change", number, shows="PENDING")
        JobResult.update(status="SUCCESS").execute()
        await seen.shows("fired → result 1 SUCCESS")


async def test_brackets_step_through_the_changes_of_the_object(
    store: Store, user: User, device: Device
) -> None:
    change_serial(device, user, "ABC")
    number = change_serial(device, user, "DEF")
    async with open_screens(store) as seen:
        await open_place(seen, "change", number, shows="ABC → DEF")
        await seen.press("left_square_bracket")
        await seen.shows("empty → ABC")
        await seen.press("right_square_bracket")
        await seen.shows("ABC → DEF")
        await seen.press("right_square_bracket")
        await seen.shows("There is no newer change of core-01.")


async def test_going_to_the_change_that_one_stepped_away_from_opens_it(
    store: Store, user: User, device: Device
) -> None:
    older = change_serial(device, user, "ABC")
    number = change_serial(device, user, "DEF")
    async with open_screens(store) as seen:
        await open_place(seen, "change", number, shows="ABC → DEF")
        await seen.press("left_square_bracket")
        await seen.shows("empty → ABC")
        await seen.go(f"change {older}")
        await seen.shows("You are there already.")
        await seen.go(f"change {number}")
        await seen.shows("ABC → DEF")


async def test_a_deleted_object_stands_whole_and_is_said_to_be_gone(
    store: Store, user: User, device: Device
) -> None:
    device.delete()
    async with open_screens(store) as seen:
        await open_place(seen, "change", last_change().id, shows="Deleted with")

        assert "core-01 (gone)" in line_with(seen, "object")
        await seen.press("o")
        await seen.shows("core-01 is gone.")


async def test_changes_of_the_same_request_stand_below(
    store: Store, user: User, device: Device
) -> None:
    with change_context(user, transaction=True):
        factories.tenant("ACME")
        factories.tenant("Umbrella")
    async with open_screens(store) as seen:
        await open_place(seen, "change", last_change().id, shows="same request")
        await seen.press("end", "enter")
        await seen.shows("tenant ACME")


async def test_enter_on_a_value_shows_all_of_it(
    store: Store, user: User, device: Device
) -> None:
    number = change_serial(device, user, "X" * 150)
    async with open_screens(store, size=(200, 24)) as seen:
        await open_place(seen, "change", number, shows="Changed")
        await seen.press(*["down"] * 3, "enter")
        await seen.shows("before:", "after:", "X" * 150)


async def test_text_in_a_change_is_data(
    store: Store, user: User, device: Device
) -> None:
    number = change_serial(device, user, "A", reason="[bold]\x1b[2J")
    async with open_screens(store) as seen:
        await open_place(seen, "change", number, shows="reason")

        assert "[bold]\ufffd[2J" in line_with(seen, "reason")


async def test_a_change_that_is_not_there_says_so(store: Store, user: User) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "change", 99, shows="There is no such change")


# Reverting


async def test_a_change_is_reverted_with_a_reason(
    store: Store, user: User, device: Device
) -> None:
    hook()
    number = change_serial(device, user, "ABC")
    async with open_screens(store) as seen:
        await open_place(seen, "change", number, shows="empty → ABC")
        await seen.press("R")
        await seen.shows(f"Revert change {number}?")
        await seen.press("y")
        await seen.shows("reason:")
        await seen.type("typo")
        await seen.press("enter")
        await seen.shows("1 change reverted; 1 hook fired: Check serials")

    made = last_change()
    assert (made.reason, made.get_snapshots()["differences"]["added"]["serial"]) == (
        "typo",
        "",
    )


async def test_what_changed_since_is_not_reverted(
    store: Store, user: User, device: Device
) -> None:
    number = change_serial(device, user, "ABC")
    newest = change_serial(device, user, "DEF")
    async with open_screens(store) as seen:
        await open_place(seen, "change", number, shows="empty → ABC")
        await seen.press("R")
        await seen.shows("Revert change")
        await seen.press("y")
        await seen.shows("reason:")
        await seen.press("enter")
        await seen.shows("Changed meanwhile")

    assert last_change().id == newest


async def test_all_changes_of_a_request_are_reverted_together(
    store: Store, user: User
) -> None:
    with change_context(user, transaction=True):
        factories.tenant("ACME")
        factories.tenant("Umbrella")
    async with open_screens(store) as seen:
        await open_place(seen, "changes", shows="Umbrella")
        await seen.press("R")
        await seen.shows("Revert all 2 changes of its request")
        await seen.press("a")
        await seen.shows("reason:")
        await seen.press("enter")
        await seen.shows("2 changes reverted")

    assert last_change().action == "delete"


async def test_t_shows_the_whole_object_as_a_change_left_it(
    store: Store, user: User, device: Device
) -> None:
    number = change_serial(device, user, "ABC")
    later = change_serial(device, user, "DEF")
    async with open_screens(store, size=(100, 40)) as seen:
        await open_place(seen, "change", number, shows="empty → ABC")
        await seen.press("t")
        await seen.is_at(f"State {number}")
        assert "ABC" in line_with(seen, "serial")
        assert f"change {later}" in line_with(seen, "until")
        assert "UTC" in line_with(seen, "created")
        await seen.shows("local config context data")


async def test_an_objects_history_has_the_changes_of_its_parts(
    store: Store, user: User, device: Device
) -> None:
    factories.interface(device, "eth0")
    async with open_screens(store, size=(100, 40)) as seen:
        await open_place(seen, "object", "dcim.device", device.pk, shows="Changes")
        await seen.shows("interface core-01 eth0")
        await seen.press("c")
        await seen.shows("rows 1\u20132 of 2")
        await seen.type("/ type=dcim.device field=name")
        await seen.press("enter")
        await seen.shows("rows 1\u20131 of 1")
