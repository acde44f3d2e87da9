from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.errors import RequestError
from tests import factories
from tests.tui.driver import Screens, open_screens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.storage.store import Store


@pytest.fixture
async def screens(store: Store) -> AsyncIterator[Screens]:
    planned = factories.status("Planned")
    for number in range(1, 31):
        factories.device(f"sw-{number:02}")
    factories.device("edge-01", status=planned, location=factories.location("Annex"))
    async with open_screens(store, size=(100, 24)) as screens:
        await screens.go("device")
        await screens.shows("edge-01")
        yield screens


async def test_a_list_shows_relations_by_name_and_says_which_rows(
    screens: Screens,
) -> None:
    assert screens.cursor.split() == ["edge-01", "Planned", "Core", "X1", "Annex"] or (
        screens.cursor.startswith("> edge-01")
    )
    assert "Planned" in screens.cursor
    await screens.shows("of 31")


async def test_a_filter_leaves_what_fits_and_escape_takes_it_off(
    screens: Screens,
) -> None:
    await screens.type("/status=Planned")
    await screens.press("enter")
    await screens.shows("rows 1\u20131 of 1")
    assert screens.bar.strip() == "/status=Planned"
    await screens.press("escape")
    await screens.shows("of 31")


async def test_the_list_follows_what_is_typed(screens: Screens) -> None:
    await screens.type("/edge")
    await screens.shows("rows 1\u20131 of 1")
    await screens.press("escape")
    await screens.shows("of 31")


async def test_a_wrong_filter_says_why_and_can_be_put_right(screens: Screens) -> None:
    await screens.type("/colour=red")
    await screens.press("enter")
    await screens.shows("There is no filter 'colour' for devices.")
    assert screens.bar.strip() == "/colour=red"


async def test_nothing_that_fits_says_what_to_do(screens: Screens) -> None:
    await screens.type("/nowhere")
    await screens.press("enter")
    await screens.shows("Nothing fits nowhere", "Esc to clear it")


async def test_an_empty_list_says_how_to_begin(store: Store) -> None:
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("There are no devices yet. Press a to add one.")


async def test_s_sorts_by_the_chosen_column_and_turns_round(screens: Screens) -> None:
    await screens.press("s")
    await screens.shows("Name ▼")
    await screens.press("l", "s")
    await screens.shows("Status ▲")


async def test_marks_stay_with_their_rows(screens: Screens) -> None:
    await screens.press("space", "j", "space")
    await screens.shows("2 marked")
    await screens.press("escape")
    await screens.hides("marked")


async def test_an_asterisk_marks_all_that_fit(screens: Screens) -> None:
    await screens.press("asterisk")
    await screens.shows("31 marked")
    await screens.press("asterisk")
    await screens.hides("marked")


async def test_n_asks_what_for_then_goes_on(screens: Screens) -> None:
    await screens.press("n")
    await screens.type("sw-1")
    await screens.press("enter")
    await screens.until(lambda: "sw-10" in screens.cursor, "the first match")
    await screens.press("n")
    await screens.until(lambda: "sw-11" in screens.cursor, "the next match")
    await screens.press("N")
    await screens.until(lambda: "sw-10" in screens.cursor, "the match before")


async def test_an_object_made_elsewhere_appears_by_itself(
    screens: Screens, store: Store
) -> None:
    factories.device("aaa-new")
    await screens.shows("aaa-new", "of 32")
    assert "edge-01" in screens.cursor


async def test_text_of_objects_is_never_markup_nor_control(store: Store) -> None:
    device = factories.device("plain")
    with store.transaction():  # the door refuses this; old rows may hold it
        name = "[red]x[/]\x1b[2J"
        store.execute(
            "UPDATE device SET name = ? WHERE id = ?", (name, device.pk.bytes)
        )
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("[red]x[/]�[2J")
        await screens.press("enter")
        await screens.is_at("[red]x[/]�[2J")
        await screens.press("e")
        await screens.is_at("Edit [red]x[/]�[2J")


async def test_a_list_of_fields_of_every_type_can_be_opened(store: Store) -> None:
    from models.objects.types import object_types

    async with open_screens(store) as screens:
        for label, model in object_types().items():
            await screens.go(label)
            plural = model._meta.verbose_name_plural
            await screens.is_at(plural[:1].upper() + plural[1:])
            await screens.press("a")
            await screens.is_at(f"Add {model._meta.verbose_name}")
            await screens.settles()
            await screens.press("escape")
            await screens.press("escape")
            await screens.is_at(f"Hookline {store.folder.name}")


def test_a_filter_that_means_nothing_is_refused_by_the_spec(store: Store) -> None:
    from models.inventory.dcim import Device
    from models.people.access import os_user
    from tui.lists.spec import spec_of

    with pytest.raises(RequestError):
        spec_of(Device).query(os_user(store), "location=Nowhere")
