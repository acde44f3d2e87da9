"""What a half-typed condition may go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import factories
from tests.tui.driver import open_screens
from tests.tui.rows import hook, open_place
from tui.words.condition_words import complete

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store

DEVICE = ("dcim.device",)


@pytest.mark.parametrize(
    ("line", "typed", "words"),
    [
        ("ch", "ch", ["changed "]),
        ("not us", "us", ["user is "]),
        ("changed ser", "ser", ["serial"]),
        ("changed serial", "serial", []),
        ("stat", "stat", ["status"]),
        ("status ", "", [": ", "!= ", ">= "]),
        ("serial st", "st", ["startswith "]),
        ("status = Ac", "Ac", ["Active"]),
        ("status.name: * -> ac", "ac", ["Active"]),
        ("status in Staged, A", "A", ["Active"]),
        ("location: H", "H", ["HQ"]),
        ("serial = a", "a", []),
        ("nothing = a", "a", []),
        ("mtu = 1; changed na", "na", ["name"]),
        ("when after.ser", "ser", ["serial"]),
        ("when len(bef", "bef", ["before."]),
    ],
)
def test_a_line_goes_on_with(
    store: Store, device: Device, line: str, typed: str, words: list[str]
) -> None:
    found = complete(line, DEVICE)

    assert found.typed == typed
    assert list(found.words[: len(words)]) == words
    assert bool(found.words) is bool(words)


def test_an_empty_line_offers_the_forms_and_the_fields(store: Store) -> None:
    found = complete("", DEVICE).words

    assert found[:4] == ("changed ", "user is ", "when ", "not ")
    assert "asset_tag" in found


def test_users_and_the_fields_of_all_types_are_offered(
    store: Store, user: User
) -> None:
    assert user.username in complete("user is ", DEVICE).words
    both = complete("changed ", ("dcim.device", "dcim.location")).words
    assert "location_type" in complete("location_t", ("dcim.location",)).words
    assert len(both) == 20


def test_what_the_words_have_in_common_comes_first(store: Store) -> None:
    found = complete("changed device_", DEVICE)
    assert found.addition == "device_type"
    assert complete("changed pri", ("dcim.device",)).addition.startswith("primary_ip")


async def test_the_form_completes_conditions(store: Store, device: Device) -> None:
    factories.status("Staged")
    row = hook()
    async with open_screens(store) as seen:
        await open_place(seen, "hook", row.id, shows="Latest verdicts")
        await seen.press("e")
        await seen.shows("Edit Check serials", "Conditions")
        await seen.press(*["tab"] * 5)
        await seen.shows("changed  ")
        await seen.type("status: *->Sta")
        await seen.until(lambda: seen.keys.strip() == "Staged", "what it may be")
        await seen.press("tab")
        await seen.shows("status: *->Staged")
        await seen.press("enter")
        await seen.type("changed ser")
        await seen.until(lambda: seen.keys.strip() == "serial", "the field")
        await seen.press("tab")
        await seen.shows("changed serial")
        await seen.press("ctrl+s")
        await seen.shows("Check serials saved")

    row.refresh_from_db()
    assert row.conditions.splitlines() == ["status: *->Staged", "changed serial"]


async def test_K11_every_bad_line_is_named_with_its_number_at_save(
    store: Store,
) -> None:
    row = hook()
    async with open_screens(store, size=(120, 30)) as seen:
        await open_place(seen, "hook", row.id, shows="Latest verdicts")
        await seen.press("e")
        await seen.shows("Edit Check serials", "Conditions")
        await seen.press(*["tab"] * 5)
        for line in ("changed serial", "{{ obj }}", "mtu ~ 3", "when open(1)"):
            await seen.type(line)
            await seen.press("enter")
        await seen.press("ctrl+s")
        await seen.shows("line 2: ", "line 3: ", "line 4: ")

        assert "line 1: " not in seen.text
