"""Work on many objects shows how far it is, and can be stopped."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from models.history import pieces
from models.inventory.dcim import Device
from models.runs.results import JobResult
from tests import factories
from tests.patience import PATIENCE_S
from tests.tui.automation import button
from tests.tui.driver import Screens, open_screens
from tui.screens import working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.storage.store import Store


@pytest.fixture
async def screens(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Screens]:
    """A list of six devices, all marked; work goes on in pieces of two."""
    for number in range(6):
        factories.device(f"sw-{number}", serial="OLD")
    button("Ping", key="p")
    monkeypatch.setattr(pieces, "FIRST_PIECE", 2)
    monkeypatch.setattr(pieces, "SMALLEST_PIECE", 2)
    monkeypatch.setattr(pieces, "LARGEST_PIECE", 2)
    async with open_screens(store) as screens:
        await screens.go("device")
        await screens.shows("sw-5")
        await screens.press("asterisk")
        await screens.shows("6 marked")
        yield screens


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """What all work waits for after its first piece."""
    opened, original = threading.Event(), working.Work.watch

    def watch(work: working.Work, done: int) -> None:
        opened.wait(PATIENCE_S)
        original(work, done)

    monkeypatch.setattr(working.Work, "watch", watch)
    return opened


async def edit(screens: Screens) -> None:
    """Give all of them another serial number."""
    await screens.press("e")
    await screens.is_at("Edit 6 devices")
    while "Serial" not in str(getattr(screens.app.focused, "spec", "")):
        await screens.press("tab")
    await screens.type("NEW")
    await screens.press("ctrl+s")
    await screens.shows("Change 6 devices?")
    await screens.press("y")


async def delete(screens: Screens) -> None:
    await screens.press("D")
    await screens.shows("Delete 6 devices?")
    await screens.type("6")
    await screens.press("enter")


def serials() -> list[str]:
    return [device.serial for device in Device.select()]


async def test_a_stopped_edit_changes_nothing(
    screens: Screens, gate: threading.Event
) -> None:
    await edit(screens)
    await screens.shows("Changing 6 devices", "0 of 6", "nothing is changed then")
    await screens.press("escape")
    await screens.shows("Stopping …")
    gate.set()
    await screens.shows("Stopped: nothing was changed.")
    await screens.is_at("Edit 6 devices")
    assert serials() == ["OLD"] * 6


async def test_the_box_goes_when_the_work_is_done(
    screens: Screens, gate: threading.Event
) -> None:
    await edit(screens)
    await screens.shows("Changing 6 devices")
    gate.set()
    await screens.shows("6 devices saved")
    await screens.hides("Changing 6 devices")
    assert serials() == ["NEW"] * 6


async def test_a_question_that_was_asked_meanwhile_goes_with_the_box(
    screens: Screens, gate: threading.Event
) -> None:
    await edit(screens)
    await screens.shows("Changing 6 devices")
    await screens.press("ctrl+q")
    await screens.shows("Leave Hookline without saving?")
    gate.set()
    await screens.shows("6 devices saved")
    await screens.hides("Leave Hookline without saving?")
    await screens.is_at("Devices")


async def test_a_stopped_deletion_leaves_all(
    screens: Screens, gate: threading.Event
) -> None:
    await delete(screens)
    await screens.shows("Deleting 6 devices", "all of them stay then")
    await screens.press("escape")
    await screens.shows("Stopping")
    gate.set()
    await screens.shows("Stopped: nothing was deleted.")
    assert Device.objects.count() == 6


async def test_a_stopped_undo_reverts_nothing(
    screens: Screens, gate: threading.Event
) -> None:
    gate.set()
    await delete(screens)
    await screens.shows("6 objects deleted")
    gate.clear()
    await screens.press("U")
    await screens.shows("Take back what you did last?")
    await screens.press("y")
    await screens.shows("Reverting 6 changes")
    await screens.press("escape")
    await screens.shows("Stopping")
    gate.set()
    await screens.shows("Stopped: nothing was reverted.")
    assert Device.objects.count() == 0


async def test_a_stopped_press_says_how_many_are_queued(
    screens: Screens, gate: threading.Event
) -> None:
    await screens.press("b", "p")
    await screens.shows("Runs")
    await screens.press("y")
    await screens.shows("Ping on the device", "what is queued by then runs")
    await screens.press("escape")
    gate.set()
    await screens.shows("Ping: 2 runs queued; stopped, 4 were left out")
    assert JobResult.select().count() == 2


async def test_looking_at_what_would_go_can_be_left(
    screens: Screens, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = threading.Event()

    def slow(*_: object) -> None:
        opened.wait(PATIENCE_S)

    monkeypatch.setattr("tui.screens.objects.read_doomed", slow)
    await screens.press("D")
    await screens.shows("Looking at what would go along", "Esc leaves it")
    await screens.press("escape")
    await screens.hides("Looking at what would go along")
    opened.set()
    await screens.settles()
    assert "Delete" not in screens.text
    assert Device.objects.count() == 6
