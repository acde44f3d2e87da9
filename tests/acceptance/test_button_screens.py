"""Cases E on the screens, and the keys that lead to a press."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from models.automation.buttons import JobButton
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from tests.tui.list_screens import screen_lines, until
from tui.app import HooklineApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store

SIZE = (80, 24)


def button(name: str, **values: Any) -> JobButton:
    """Make a button on devices, with a job of its own: `guards.Name`."""
    record = JobRecord(
        module_name="guards",
        job_class_name=name,
        name=name,
        is_job_button_receiver=True,
    )
    record.enable()
    given = {"object_types": ["dcim.device"], "text": name, "confirmation": False}
    made = JobButton(name=name, job=record, **{**given, **values})
    made.validated_save()
    return made


class Seen:
    """The program on a screen, as a person sees it."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(screen_lines(self.pilot.app))

    async def sees(self, text: str) -> None:
        """Wait until a text is on the screen."""
        await until(self.pilot, lambda: text in self.text)

    async def misses(self, text: str) -> None:
        """Wait until a text is not on the screen any more."""
        await until(self.pilot, lambda: text not in self.text)

    async def queued(self, count: int) -> None:
        """Wait until so many runs were queued."""
        await until(self.pilot, lambda: JobResult.select().count() == count)


@asynccontextmanager
async def page_of(device: Device, store: Store, user: User) -> AsyncIterator[Seen]:
    """Open the page of a device."""
    app = HooklineApp(store, user)
    async with app.run_test(size=SIZE) as pilot:
        seen = Seen(pilot)
        await seen.sees("Devices")
        app.open_place("object", "dcim.device", device.pk)
        await seen.sees("b, then the key")
        yield seen


async def test_E1_an_objects_screen_shows_its_buttons_with_its_name(
    store: Store, user: User, device: Device
) -> None:
    button("Named", text="JobButton {{ obj.name }}")
    button("Plain", text="Click me!")

    async with page_of(device, store, user) as seen:
        assert "JobButton core-01" in seen.text
        assert "Click me!" in seen.text


async def test_E2_markup_in_a_label_is_shown_as_text_alone_and_in_a_group(
    store: Store, user: User, device: Device
) -> None:
    unsafe = "[b]bold[/b] <i>"
    button("Alone", text=unsafe)
    button("Grouped", text=unsafe, group_name="More")

    async with page_of(device, store, user) as seen:
        assert seen.text.count("[b]bold[/b]") == 2


async def test_E8_a_press_asks_first_where_the_button_says_so_and_not_elsewhere(
    store: Store, user: User, device: Device
) -> None:
    button("Careful", key="x", confirmation=True)
    button("Quick", key="z")

    async with page_of(device, store, user) as seen:
        await seen.pilot.press("b", "x")
        await seen.sees("guards.Careful")
        assert JobResult.select().count() == 0
        await seen.pilot.press("escape")
        await seen.misses("guards.Careful")
        await seen.pilot.press("b", "z")
        await seen.queued(1)


async def test_E11_a_press_queues_a_run_of_the_user_and_leads_to_it(
    store: Store, editor: User, device: Device
) -> None:
    button("Press", key="z")

    async with page_of(device, store, editor) as seen:
        await seen.pilot.press("b", "z")
        await seen.queued(1)
        result = JobResult.get()
        assert result.user_name == editor.username
        await seen.sees("PENDING")
        await seen.pilot.press("r")
        await seen.sees(f"Result {result.id}")
