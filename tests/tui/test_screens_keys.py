"""Every command of the registry that has a key is carried out by the screens."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.driver import open_screens
from tui.commands import Scope, registry
from tui.pages.places import PLACES
from tui.screens.base import TABLE_BINDINGS, HooklineScreen, handler_name
from tui.screens.inputs_form import InputsForm
from tui.screens.text import TextScreen
from tui.widgets.table import ObjectTable

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def screen_class(place: str) -> type[HooklineScreen[Any]]:
    module, _, name = PLACES[place].partition(":")
    found: type[HooklineScreen[Any]] = getattr(importlib.import_module(module), name)
    return found


CLASSES = {place: screen_class(place) for place in PLACES} | {
    "text": TextScreen,
    "inputs": InputsForm,
}
each = pytest.mark.parametrize("place", CLASSES)


@each
def test_a_screen_carries_out_the_commands_of_its_scopes(place: str) -> None:
    screen = CLASSES[place]
    missing = [
        command.id
        for command in registry().in_scope(*screen.SCOPES, Scope.EVERYWHERE)
        if command.keys and command.id not in TABLE_BINDINGS
        if not hasattr(screen, handler_name(command.id))
    ]
    assert missing == []


@each
def test_a_footer_names_commands_that_have_keys_here(place: str) -> None:
    screen = CLASSES[place]
    known = {c.id for c in registry().in_scope(*screen.SCOPES, Scope.EVERYWHERE)}
    assert set(screen.FOOTER) <= known


@each
def test_a_screen_explains_itself(place: str) -> None:
    assert CLASSES[place].ABOUT.endswith(".")


def test_every_scope_has_a_screen() -> None:
    served = {scope for screen in CLASSES.values() for scope in screen.SCOPES}
    assert set(Scope) - served == {Scope.EVERYWHERE}


def test_the_tables_own_keys_are_those_of_the_registry() -> None:
    own = {binding.id: set(binding.key.split(",")) for binding in ObjectTable.BINDINGS}  # type: ignore[union-attr] # all of them are Bindings
    for command, binding in TABLE_BINDINGS.items():
        assert set(registry().get(command).keys) == own[binding], command


async def test_help_explains_the_screen_and_why_something_cannot_be_done(
    store: Store,
) -> None:
    async with open_screens(store, size=(100, 30)) as screens:
        await screens.go("device")
        await screens.shows("There are no devices yet")
        await screens.press("question_mark")
        await screens.shows("Help: Devices", "not now: nothing is selected")
        await screens.press("escape")
        await screens.hides("Help: Devices")


async def test_a_command_that_is_not_available_says_why(store: Store) -> None:
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("There are no devices yet")
        await screens.press("e")
        await screens.shows("Edit: nothing is selected")


@pytest.mark.parametrize("columns", [40, 80, 100, 120, 200])
async def test_the_footer_shows_what_fits_and_always_the_way_on(
    store: Store, device: Device, columns: int
) -> None:
    async with open_screens(store, size=(columns, 30)) as screens:
        await screens.go("device")
        await screens.shows("core-01")
        assert screens.keys.endswith(": Go to  ? Help")
        assert ("Press a button" in screens.keys) == (columns >= 80)
        assert ("Undo" in screens.keys) == (columns >= 120)


async def test_the_palette_finds_commands_and_places(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("core-01")
        await screens.press("ctrl+p")
        await screens.type("add")
        await screens.shows("> Add")
        await screens.press("enter")
        await screens.is_at("Add device")
        await screens.press("escape", "ctrl+p")
        await screens.type("go to loc")
        await screens.shows("> location")
        await screens.press("enter")
        await screens.is_at("Locations")


async def test_keys_are_as_the_settings_have_them(store: Store, device: Device) -> None:
    import dataclasses

    store.settings = dataclasses.replace(store.settings, keys={"object.add": "insert"})
    async with open_screens(store, size=(100, 24)) as screens:
        await screens.go("device")
        await screens.shows("core-01", "insert Add")
        await screens.press("insert")
        await screens.is_at("Add device")


async def test_nothing_writes_in_a_store_that_cannot_be_written(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as screens:
        screens.app.read_only = True
        await screens.go("device:core-01")
        await screens.shows("Fields")
        await screens.press("e")
        await screens.shows("Edit: nothing can be written here")


async def test_q_goes_back_and_leaves_from_the_first_screen(store: Store) -> None:
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.is_at("Devices")
        await screens.press("q")
        await screens.is_at("Hookline store")
        await screens.press("q")
        await screens.until(lambda: not screens.app.is_running, "the end")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("look: {theme: pink}", "there is no theme 'pink'"),
        ("keys: {object.ad: x}", "no command 'object.ad'. Did you mean object.add?"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_before_the_screen_is_taken(
    store: Store, settings: str, message: str
) -> None:
    from models.errors import RequestError
    from models.people.access import os_user
    from models.settings.layers import load_settings
    from tui.app import HooklineApp
    from tui.looks.look import decide

    (store.folder / "config.yaml").write_text(settings)
    store.settings = load_settings(store.folder)
    look = decide(store.settings.look, {})
    with pytest.raises(RequestError, match=message):
        HooklineApp(store, os_user(store), look=look)
