from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.history.changes import ObjectChange
from models.inventory.dcim import Device
from tests import factories
from tests.tui.automation import hook, runs
from tests.tui.driver import Screens, open_screens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.storage.store import Store


@pytest.fixture
async def screens(store: Store) -> AsyncIterator[Screens]:
    """A list of five devices, two of which have a serial number."""
    for number in range(5):
        factories.device(f"sw-{number}", serial="OLD" if number < 2 else "")
    factories.status("Planned")
    factories.tag("old")
    async with open_screens(store, size=(100, 30)) as screens:
        await screens.go("device")
        await screens.shows("sw-4")
        yield screens


def serials() -> list[str]:
    return [device.serial for device in Device.select().order_by(Device.name)]


async def fill_serial(screens: Screens, text: str) -> None:
    """Type into the field of the serial number of the open form."""
    while "Serial" not in str(getattr(screens.app.focused, "spec", "")):
        await screens.press("tab")
    await screens.type(text)
    await screens.shows("sets Serial")


async def test_capital_v_marks_from_the_last_mark_to_here(screens: Screens) -> None:
    await screens.press("space", "j", "j", "V")
    await screens.shows("3 marked")
    await screens.press("G", "V")
    await screens.shows("5 marked")


async def test_marked_objects_are_edited_in_one_form_and_one_request(
    screens: Screens, store: Store
) -> None:
    hook("Serial guard")
    await screens.press("space", "j", "j", "V", "e")
    await screens.is_at("Edit 3 devices")
    await fill_serial(screens, "OLD")
    await screens.press("ctrl+s")
    await screens.shows(
        "Change 3 devices?",
        "2 have these values already.",
        "Fires 1 hook: Serial guard.",
    )
    await screens.press("y")
    await screens.shows("1 device saved; 1 hook fired: Serial guard", "U takes it back")
    assert serials() == ["OLD", "OLD", "OLD", "", ""]
    assert len(runs(store)) == 1
    assert "marked" not in screens.text


async def test_only_what_was_touched_is_set_and_the_reason_stands_with_it(
    screens: Screens,
) -> None:
    await screens.press("asterisk")
    await screens.shows("5 marked")
    await screens.press("e")
    await screens.is_at("Edit 5 devices")
    await fill_serial(screens, "X")
    await screens.press("backspace")
    while "Reason" not in str(getattr(screens.app.focused, "spec", "")):
        await screens.press("tab")
    await screens.type("emptied")
    await screens.press("ctrl+s")
    await screens.shows("Change 5 devices?", "No hook fires.")
    await screens.press("y")
    await screens.shows("2 devices saved")
    assert serials() == [""] * 5
    changes = list(ObjectChange.select().where(ObjectChange.action_number == 1))
    assert {change.reason for change in changes} == {"emptied"}
    assert [set(c.get_snapshots()["differences"]["added"]) for c in changes] == [
        {"serial"},
        {"serial"},
    ]


async def test_tags_are_added_to_many(screens: Screens) -> None:
    await screens.press("asterisk")
    await screens.shows("5 marked")
    await screens.press("e")
    await screens.shows("Add tags")
    while "Add tags" not in str(getattr(screens.app.focused, "spec", "")):
        await screens.press("tab")
    await screens.press("enter")
    await screens.shows("Type to narrow", "old")
    await screens.press("space", "enter")
    await screens.shows("sets Add tags")
    await screens.press("ctrl+s")
    await screens.shows("Change 5 devices?")
    await screens.press("y")
    await screens.shows("5 devices saved")
    assert all(device.tags.names() == ["old"] for device in Device.objects.all())


async def test_no_changes_nothing(screens: Screens) -> None:
    await screens.press("asterisk")
    await screens.shows("5 marked")
    await screens.press("e")
    await screens.is_at("Edit 5 devices")
    await screens.press("ctrl+s")
    await screens.shows("Nothing is filled in yet.")
    await fill_serial(screens, "X")
    await screens.press("ctrl+s")
    await screens.shows("Change 5 devices?")
    await screens.press("enter")
    await screens.hides("Change 5 devices?")
    assert "X" not in serials()


async def test_capital_u_takes_back_the_last_request(screens: Screens) -> None:
    await screens.press("asterisk")
    await screens.shows("5 marked")
    await screens.press("D")
    await screens.shows("Delete 5 devices?", "No hook fires.")
    await screens.press("y")
    await screens.shows("5 objects deleted", "U takes it back")
    await screens.press("U")
    await screens.shows("Take back what you did last?", "5 deletes of a device")
    await screens.press("y")
    await screens.shows("5 changes reverted")
    assert Device.objects.count() == 5
    await screens.shows("sw-4")


async def test_why_can_be_said_of_a_deletion(screens: Screens) -> None:
    await screens.press("D")
    await screens.shows("Delete the device sw-0?")
    await screens.press("w")
    await screens.shows("Why?")
    await screens.type("scrapped")
    await screens.press("enter")
    await screens.shows("1 object deleted")
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).first()
    assert (change.object_repr, change.reason) == ("sw-0", "scrapped")
