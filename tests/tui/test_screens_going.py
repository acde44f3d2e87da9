from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.errors import AmbiguousError, NotFoundError
from models.people.access import os_user
from tests import factories
from tests.tui.automation import button, hook
from tests.tui.driver import open_screens
from tui.words.goto import completions, resolve

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def at(text: str, store: Store) -> tuple[Any, ...]:
    target = resolve(text, os_user(store))
    return (target.place, *target.arguments)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("home", ("home",)),
        ("types", ("home",)),
        ("q", ("quit",)),
        ("hooks", ("hooks", "")),
        ("results status=FAILURE", ("results", "status=FAILURE")),
        ("device", ("objects", "dcim.device", "")),
        ("dcim.Device_Type", ("objects", "dcim.devicetype", "")),
        ("device status=Active", ("objects", "dcim.device", "status=Active")),
        ("device core", ("objects", "dcim.device", "core")),
        ("typ", ("home",)),
        ("dev", ("objects", "dcim.device", "")),
        ("loc", ("objects", "dcim.location", "")),
        ("chang", ("changes", "")),
    ],
)
def test_a_line_names_a_place(
    store: Store, device: Device, text: str, place: tuple[Any, ...]
) -> None:
    assert at(text, store) == place


@pytest.mark.parametrize("text", ["device:core-01", "device core-01", "core-01"])
def test_a_line_names_an_object(store: Store, device: Device, text: str) -> None:
    assert at(text, store) == ("object", "dcim.device", device.pk)


def test_a_line_names_a_hook_a_button_or_a_run(store: Store, device: Device) -> None:
    made = hook("Serial guard")
    pressed = button("Reboot")
    device.serial = "X"
    device.validated_save()
    assert at("hook Serial guard", store) == ("hook", made.id)
    assert at("button reboot", store) == ("button", pressed.id)
    assert at("result 1", store) == at("#1", store) == ("result", 1)


def test_what_names_nothing_names_the_near(store: Store) -> None:
    with pytest.raises(NotFoundError) as caught:
        at("hoks", store)
    assert "hooks" in caught.value.candidates
    with pytest.raises(NotFoundError, match="'t'"):  # tags, tenants: too little
        at("t", store)


def test_a_name_that_two_have_names_both(store: Store) -> None:
    factories.device("HQ")
    factories.location("HQ")
    with pytest.raises(AmbiguousError, match="device:HQ, location:HQ"):
        at("HQ", store)


def test_half_a_word_may_become_what_begins_with_it_first(store: Store) -> None:
    found = completions("loc", os_user(store))
    assert found[:2] == ["location", "locationtype"]


@pytest.mark.parametrize("text", ["device:co", "device co"])
def test_half_a_name_may_become_an_object(
    store: Store, device: Device, text: str
) -> None:
    assert completions(text, os_user(store)) == [text[:7] + "core-01"]


def test_a_filter_is_not_completed_with_names(store: Store, device: Device) -> None:
    assert completions("device status=", os_user(store)) == []


async def test_tab_takes_the_next_completion(store: Store, device: Device) -> None:
    async with open_screens(store) as screens:
        await screens.type(":dev")
        await screens.until(lambda: "devicetype" in screens.keys, "the completions")
        await screens.press("tab", "tab")
        assert screens.bar.strip() == ":devicetype"
        assert "[devicetype]" in screens.keys
        await screens.press("shift+tab", "enter")
        await screens.is_at("Devices")


@pytest.mark.parametrize(
    ("line", "title"), [("device:core-01", "core-01"), ("jobs", "Jobs")]
)
async def test_going_where_one_is_opens_nothing(
    store: Store, device: Device, line: str, title: str
) -> None:
    async with open_screens(store) as screens:
        await screens.go(line)
        await screens.is_at(title)
        await screens.go(line)
        await screens.shows("You are there already.")
        await screens.press("escape")
        await screens.is_at("Hookline store")


async def test_going_to_a_list_that_is_filtered_otherwise_opens_it(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.is_at("Devices")
        await screens.type("/core")
        await screens.press("enter")
        await screens.settles()
        await screens.go("device status=Active")
        await screens.until(lambda: "/status" in screens.bar, "the other filter")
        await screens.press("escape")
        await screens.until(lambda: "/core" in screens.bar, "the first filter")
        await screens.go("device core")
        await screens.shows("You are there already.")


async def test_an_arrow_brings_back_what_was_typed_on_another_screen(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as screens:
        await screens.go("device core-01")
        await screens.is_at("core-01")
        await screens.press("colon", "up")
        await screens.until(
            lambda: screens.bar.strip() == ":device core-01", "what was typed before"
        )
        await screens.press("down")
        await screens.until(lambda: "core-01" not in screens.bar, "an empty line")
        assert screens.bar.strip().startswith(":")


async def test_escape_leaves_the_bar_and_gives_the_focus_back(store: Store) -> None:
    async with open_screens(store) as screens:
        await screens.type(":xyz")
        await screens.press("escape")
        assert screens.bar == ""
        assert screens.keys.strip().startswith("Enter Open")
        before = screens.cursor
        await screens.press("down")
        assert screens.cursor != before


async def test_a_line_that_names_nothing_says_so(store: Store) -> None:
    async with open_screens(store) as screens:
        await screens.go("nonsense")
        await screens.shows("There is no type, screen or object 'nonsense'.")


async def test_home_closes_everything_but_what_is_not_saved(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as screens:
        await screens.go("device:core-01")
        await screens.shows("Fields")
        await screens.press("e")
        await screens.shows("* Device type         X1")
        await screens.press("end", "x", "tab", "colon")
        await screens.type("home")
        await screens.press("enter")
        await screens.shows("Not saved yet")
        await screens.is_at("Edit core-01")
        await screens.press("escape", "y")
        await screens.is_at("core-01")
        await screens.go("home")
        await screens.is_at("Hookline store")


async def test_leaving_the_program_asks_when_something_is_not_saved(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as screens:
        await screens.go("device:core-01")
        await screens.shows("Fields")
        await screens.press("e")
        await screens.shows("* Device type         X1")
        await screens.press("end", "x", "ctrl+q")
        await screens.shows("Leave Hookline without saving?")
        await screens.press("enter")
        await screens.is_at("Edit core-01")
        await screens.press("ctrl+q", "y")
        await screens.until(lambda: not screens.app.is_running, "the end")
