"""The screen of who is told of failed runs, driven by keys."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from models.people.access import User
from tests.tui.driver import open_screens
from tests.tui.rows import line_with, open_place

if TYPE_CHECKING:
    from models.storage.store import Store


def tell(store: Store, *targets: dict[str, Any]) -> None:
    store.settings = dataclasses.replace(store.settings, notify=targets)


async def test_the_line_leads_to_who_is_told_and_what_is_wrong(store: Store) -> None:
    tell(
        store,
        {"command": "true", "name": "pager"},
        {"webhook": "secret:chat", "name": "chat", "hooks": ["Gone"]},
    )
    async with open_screens(store, size=(120, 36)) as screens:
        await screens.press("colon")
        await screens.type("notif")
        await screens.press("enter")
        await screens.shows("Notifications", "Who is told", "None lately.")
        assert "FAILURE, INTERRUPTED of all" in line_with(screens, "pager")
        assert "hooks=Gone" in line_with(screens, "secret:chat")
        await screens.shows("What is wrong", "the settings name no secret 'chat'")


async def test_t_tries_them_and_shows_the_runs(store: Store) -> None:
    tell(store, {"command": "true", "name": "pager"})
    async with open_screens(store) as screens:
        await open_place(screens, "notifications", shows="pager")
        await screens.press("t")
        await screens.is_at("Results")
        await screens.shows("Notification", "PENDING")
        await screens.press("escape")
        await screens.shows("Latest notifications", "PENDING")


async def test_the_screen_says_where_the_setting_is_when_nobody_is_told(
    store: Store,
) -> None:
    async with open_screens(store, size=(120, 36)) as screens:
        await open_place(screens, "notifications", shows="Nobody is told")
        await screens.shows("config.yaml")


async def test_who_may_not_see_notifications_is_told_so(store: Store) -> None:
    user = User(username="ann")
    user.save()
    tell(store, {"command": "true", "name": "pager"})
    async with open_screens(store, user=user) as screens:
        await open_place(screens, "notifications", shows="could not be read")
        assert "pager" not in screens.text
