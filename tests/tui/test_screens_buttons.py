from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.automation.buttons import JobButton
from models.people.access import os_user
from tests.tui.driver import Screens, open_screens
from tests.tui.rows import button, job, line_with, open_place, result
from tui.actions.button_preview import Preview, preview

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store


async def new_form(seen: Screens) -> None:
    """Open the form of a new button, with its name and its type filled in."""
    await open_place(seen, "buttons", shows="There are no buttons yet.")
    await seen.press("a")
    await seen.shows("Add button", "Object types")
    await seen.type("Reboot")
    await seen.press("tab", "enter")
    await seen.shows("Type to narrow")
    await seen.type("dcim.device")
    await seen.shows("> dcim.device ")
    await seen.press("tab", "enter", "tab")


async def test_the_list_shows_keys_and_labels(store: Store) -> None:
    button("Reboot it", text="Reboot {{ obj.name }}")
    async with open_screens(store, size=(120, 24)) as seen:
        await open_place(seen, "buttons", shows="Reboot it")
        row = line_with(seen, "Reboot it")

    assert "Reboot {{" in row
    assert " r " in row


async def test_minus_and_plus_turn_a_button_off_and_on(store: Store) -> None:
    row = button()
    async with open_screens(store) as seen:
        await open_place(seen, "buttons", shows="Reboot")
        await seen.press("minus")
        await seen.shows("Reboot is off.")
        assert not JobButton.get_by_id(row.id).enabled
        await seen.press("plus")
        await seen.shows("Reboot is on.")

    assert JobButton.get_by_id(row.id).enabled


async def test_a_button_is_deleted_after_a_question(store: Store) -> None:
    row = button()
    async with open_screens(store) as seen:
        await open_place(seen, "button", row.id, shows="Latest presses")
        await seen.press("D")
        await seen.shows("Delete the button Reboot?")
        await seen.press("y")
        await seen.shows("Reboot is deleted.")

    assert not JobButton.select().exists()


async def test_the_form_tries_the_label_on_an_object_while_one_types(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as seen:
        await new_form(seen)
        await seen.press("tab", "shift+tab")
        await type_label(seen, "Go {{ obj.name }}")
        await seen.shows("on core-01: [Go core-01], key b r (proposed)")


async def type_label(seen: Screens, text: str) -> None:
    """Put a label into the field that has the focus."""
    field = seen.app.focused
    assert field is not None
    field.insert_text_at_cursor(text)  # type: ignore[attr-defined] # a field takes text


async def test_the_form_says_what_is_wrong_with_a_label(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as seen:
        await new_form(seen)
        await type_label(seen, "Go {{ obj.nam }}")
        await seen.shows("the label cannot be shown: UndefinedError")
        await type_label(seen, " {{")
        await seen.shows("the label cannot be shown: line 1")


async def test_a_button_is_made_with_a_proposed_key(
    store: Store, device: Device
) -> None:
    job("Power", "button")
    async with open_screens(store) as seen:
        await new_form(seen)
        await type_label(seen, "Go")
        await seen.press("tab", "tab", "enter")
        await seen.shows("> Power")
        await seen.press("enter")
        await seen.hides("Type to narrow")
        await seen.press("ctrl+s")
        await seen.shows("Reboot added")

    made = JobButton.get()
    assert (made.text, made.key, made.object_types) == ("Go", "r", ["dcim.device"])


async def test_a_button_shows_its_label_and_its_latest_presses(
    store: Store, device: Device
) -> None:
    row = button(text="Reboot {{ obj.name }}")
    result(row.job, button_id=row.id, object_name="core-01", status="FAILURE")
    async with open_screens(store) as seen:
        await open_place(seen, "button", row.id, shows="Latest presses")

        assert "on core-01: [Reboot core-01], key b r" in seen.text
        assert "core-01" in line_with(seen, "FAILURE")


async def test_a_button_that_is_not_there_says_so(store: Store) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "button", 99, shows="There is no such button")


# The preview


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Preview(problem="line 1: oops"), "the label cannot be shown: line 1: oops"),
        (Preview(key="r"), "no object to try the label on, key b r"),
        (Preview(sample="core-01"), "on core-01 it is hidden: its label is empty"),
        (
            Preview(sample="core-01", label="Go", key="g", is_proposed=True),
            "on core-01: [Go], key b g (proposed)",
        ),
    ],
)
def test_a_preview_says_what_will_be_seen(found: Preview, text: str) -> None:
    assert found.text == text


def test_the_key_of_a_button_on_other_types_is_free(
    store: Store, user: User, device: Device
) -> None:
    button("Reboot", object_types=["dcim.location"], key="r")
    new = JobButton(name="Reset", text="Reset", object_types=["dcim.device"])

    assert preview(user, new).key == "r"


def test_a_key_that_is_taken_is_not_proposed(
    store: Store, user: User, device: Device
) -> None:
    button("Reboot", key="r")
    new = JobButton(name="Reset", text="Reset", object_types=["dcim.device"])

    assert preview(os_user(store), new).key == "e"
