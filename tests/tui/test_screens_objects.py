from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from models.inventory.dcim import Device
from tests import factories
from tests.tui.automation import button, hook, log, runs, set_status
from tests.tui.driver import Screens, open_screens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.storage.store import Store

REASON = {
    "name": "reason",
    "kind": "string",
    "label": "Reason",
    "description": "Why.",
    "required": True,
    "default": None,
}


@pytest.fixture
async def screens(device: Device, store: Store) -> AsyncIterator[Screens]:
    """The page of core-01, which has a hook and two buttons."""
    device.serial = "ABC"
    device.validated_save()
    hook()
    button("Reboot")
    button("Ping", confirmation=False)
    async with open_screens(store) as screens:
        await screens.go("device:core-01")
        await screens.shows("Buttons", "Fields")
        yield screens


# -- what is shown


async def test_a_page_shows_buttons_fields_and_the_past(screens: Screens) -> None:
    await screens.shows("p    Ping", "r    Reboot", "Serial                     ABC")
    await screens.press("4")
    await screens.shows("Changes", "update", "create")


async def test_enter_follows_a_relation_and_escape_comes_back(screens: Screens) -> None:
    await screens.press("2", *["j"] * 4, "enter")
    await screens.is_at("core-01 \u203a HQ")
    await screens.press("escape")
    await screens.is_at("core-01")
    await screens.until(lambda: "HQ" in screens.cursor, "the cursor where it was")


async def test_what_points_at_an_object_is_counted_and_listed(
    store: Store, device: Device
) -> None:
    factories.device("core-02")
    async with open_screens(store) as screens:
        await screens.go("location:HQ")
        await screens.shows("Fields")
        await screens.press("3")
        await screens.until(lambda: "Devices" in screens.cursor, "the devices")
        assert screens.cursor.split()[2] == "2"
        await screens.press("enter")
        await screens.shows("rows 1\u20132 of 2")


async def test_a_change_made_elsewhere_shows_by_itself(
    screens: Screens, device: Device
) -> None:
    device.serial = "NEW"
    device.validated_save()
    await screens.shows("Serial                     NEW")


async def test_a_page_closes_when_its_object_is_gone(
    screens: Screens, device: Device
) -> None:
    device.delete()
    await screens.shows("This object has been deleted.")
    await screens.is_at("Hookline store")


async def test_custom_fields_and_tags_are_shown(store: Store, device: Device) -> None:
    from models.inventory.extras import CustomField

    CustomField.create(key="rack_unit", content_types=["dcim.device"], kind="integer")
    device.tags.add(factories.tag("critical"))
    device.custom_field_data = {"rack_unit": 7}
    device.validated_save()
    async with open_screens(store, size=(80, 40)) as screens:
        await screens.go("device:core-01")
        await screens.shows("Rack unit                  7", "critical")


# -- buttons


async def test_b_shows_the_keys_and_a_key_presses(
    screens: Screens, store: Store
) -> None:
    await screens.press("b")
    await screens.until(lambda: "p Ping" in screens.keys, "the keys")
    await screens.press("p")
    await screens.shows("Ping: run queued", "PENDING")
    assert [run["name"] for run in runs(store)] == ["Ping"]


async def test_b_b_presses_the_last_again(screens: Screens, store: Store) -> None:
    await screens.press("b", "p")
    await screens.shows("PENDING")
    await screens.press("b")
    await screens.until(lambda: "b Ping" in screens.keys, "the offer to repeat")
    await screens.press("b")
    await screens.until(lambda: len(runs(store)) == 2, "a second run")


async def test_a_press_that_asks_has_no_for_its_default(
    screens: Screens, store: Store
) -> None:
    await screens.press("b", "r")
    await screens.shows("Reboot?", "Runs acts.Reboot on the device core-01.")
    assert "> n    No" in screens.text
    await screens.press("enter")
    await screens.hides("Reboot?")
    assert runs(store) == []
    await screens.press("b", "r")
    await screens.shows("Reboot?")
    await screens.press("y")
    await screens.until(lambda: runs(store), "the run")


async def test_the_state_of_a_press_is_live_in_place(
    screens: Screens, store: Store
) -> None:
    await screens.press("b", "p")
    await screens.shows("PENDING")
    log(store, "pinging 10.0.0.1")
    set_status(store, "STARTED")
    await screens.shows("STARTED", "pinging 10.0.0.1")
    log(store, "it answers")
    set_status(store, "SUCCESS")
    await screens.shows("SUCCESS  2.0 s  it answers")


async def test_enter_on_a_button_presses_it(screens: Screens, store: Store) -> None:
    await screens.press("1", "enter")
    await screens.until(lambda: runs(store), "the run")


async def test_a_button_that_is_not_available_says_why(
    store: Store, device: Device
) -> None:
    made = button("Reboot")
    made.job.disable()
    async with open_screens(store) as screens:
        await screens.go("device:core-01")
        await screens.shows("not now: job off")
        await screens.press("b", "r")
        await screens.shows("Reboot: not now, job off")
    assert runs(store) == []


async def test_an_unknown_key_says_so(screens: Screens) -> None:
    await screens.press("b", "z")
    await screens.shows("No button here has the key z.")


async def test_a_group_opens_as_a_menu(store: Store, device: Device) -> None:
    button("Power off", group_name="Power", key="o", confirmation=False)
    button("Power on", group_name="Power", key="n", confirmation=False)
    async with open_screens(store) as screens:
        await screens.go("device:core-01")
        await screens.shows("Power …")
        await screens.press("enter")
        await screens.shows("o    Power off", "n    Power on")
        await screens.press("o")
        await screens.until(lambda: runs(store), "the run")
        assert runs(store)[0]["name"] == "Power off"


async def test_a_receiver_with_variables_asks_for_them_in_a_form(
    store: Store, device: Device
) -> None:
    button("Upgrade", variables=[REASON])
    async with open_screens(store) as screens:
        await screens.go("device:core-01")
        await screens.shows("Upgrade")
        await screens.press("b", "u")
        await screens.shows("Runs acts.Upgrade on the device core-01.", "* Reason")
        await screens.press("ctrl+s")
        await screens.shows("! This field is required.")
        await screens.type("rma")
        await screens.press("ctrl+s")
        await screens.until(lambda: runs(store), "the run")
    assert '"reason": "rma"' in runs(store)[0]["arguments"]


async def test_l_opens_the_last_run(screens: Screens, store: Store) -> None:
    await screens.press("b", "p")
    await screens.shows("PENDING")
    await screens.press("l")
    await screens.is_at("Result 1")


async def test_b_in_a_list_presses_for_all_marked(store: Store, device: Device) -> None:
    factories.device("core-02")
    button("Ping", confirmation=False)
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("core-02")
        await screens.press("asterisk")
        await screens.shows("2 marked")
        await screens.press("b")
        await screens.until(lambda: "p Ping" in screens.keys, "the keys")
        await screens.press("p")
        await screens.shows("Runs acts.Ping on the devices core-01, core-02.")
        await screens.press("y")
        await screens.until(lambda: len(runs(store)) == 2, "two runs")
        await screens.shows("Ping: 2 runs queued", "r lists them")
        await screens.until(lambda: "2 PENDING" in screens.bar, "how they stand")
        set_status(store, "SUCCESS", result=1)
        await screens.until(
            lambda: "Ping: 1 PENDING, 1 SUCCESS" in screens.bar, "the first to end"
        )
        await screens.press("r")
        await screens.is_at("Results")
        await screens.shows("rows 1\u20132 of 2")


async def test_marked_objects_that_hide_the_button_are_left_out(
    store: Store, device: Device
) -> None:
    factories.device("core-02")
    button("Ping", text="{% if obj.name == 'core-01' %}Ping{% endif %}")
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("core-02")
        await screens.press("asterisk", "b", "p")
        await screens.shows("Runs acts.Ping on the devices core-01, core-02.")
        await screens.press("y")
        await screens.shows("Ping: run queued; hidden for 1, which were left out")
    assert [run["object_name"] for run in runs(store)] == ["core-01"]


async def test_E7_a_group_looks_like_its_lightest_member_and_is_in_weight_order(
    store: Store, device: Device
) -> None:
    look = {"group_name": "Power", "confirmation": False}
    button("Off", weight=200, button_class="danger", **look)
    button("Cycle", weight=100, button_class="warning", **look)
    async with open_screens(store) as screens:
        await screens.go("device:core-01")
        await screens.shows("Power … (warning)", "Cycle (warning)", "Off (danger)")
        assert screens.text.index("Cycle") < screens.text.index("Off (danger)")
        await screens.press("enter")
        await screens.until(lambda: "> c    Cycle (warning)" in screens.text, "a menu")


@pytest.mark.parametrize("place", ["device:core-01", "device"])
async def test_a_key_typed_right_behind_b_presses(
    store: Store, device: Device, place: str
) -> None:
    button("Ping", confirmation=False)
    async with open_screens(store) as screens:
        await screens.go(place)
        await screens.shows("core-01")
        await screens.settles()
        for key in "bp":
            screens.app.post_message(Key(key, key))
        await screens.until(lambda: runs(store), "the run")


# -- deleting


async def test_a_delete_asks_and_no_is_the_default(screens: Screens) -> None:
    await screens.press("D")
    await screens.shows("Delete the device core-01?")
    await screens.press("enter")
    await screens.hides("Delete the device")
    assert Device.objects.count() == 1


async def test_a_confirmed_delete_goes_back_to_where_one_came_from(
    screens: Screens,
) -> None:
    await screens.press("D")
    await screens.shows("Delete the device core-01?")
    await screens.press("y")
    await screens.is_at("Hookline store")
    await screens.shows("1 object deleted")
    assert Device.objects.count() == 0


async def test_a_delete_that_is_refused_says_why(store: Store, device: Device) -> None:
    async with open_screens(store) as screens:
        await screens.go("location:HQ")
        await screens.shows("Fields")
        await screens.press("D")
        await screens.shows("1 devices need it (core-01)")


async def test_many_are_deleted_only_after_their_number_was_typed(
    store: Store,
) -> None:
    for number in range(8):
        factories.device(f"old-{number}")
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("old-7")
        await screens.press("asterisk")
        await screens.shows("8 marked")
        await screens.press("D")
        await screens.shows("Delete 8 devices?", "Type 8 to do it")
        await screens.press("7", "enter")
        await screens.shows("Type 8 to do it")
        await screens.press("backspace", "8", "enter")
        await screens.shows("8 objects deleted")
    assert Device.objects.count() == 0


async def test_what_goes_along_is_named(store: Store, device: Device) -> None:
    factories.interface(device, "eth0")
    factories.interface(device, "eth1")
    async with open_screens(store) as screens:
        await screens.go("device:core-01")
        await screens.shows("Fields")
        await screens.press("D")
        await screens.shows("With it go 2 interfaces.")


async def test_very_many_go_in_pieces_under_one_request(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.history import pieces
    from models.history.changes import ObjectChange

    monkeypatch.setattr(pieces, "ONE_TRANSACTION", 3)
    monkeypatch.setattr(pieces, "FIRST_PIECE", 3)
    for number in range(8):
        factories.device(f"old-{number}")
    hook("Gone", type_update=False, type_delete=True)
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("old-7")
        await screens.press("asterisk", "D")
        await screens.shows("Type 8 to do it")
        await screens.press("8", "enter")
        await screens.shows("8 objects deleted; 1 hook fired: Gone (8 times)")
    deleted = ObjectChange.select().where(ObjectChange.action_number == 2)
    assert len({change.context_id for change in deleted}) == 1
