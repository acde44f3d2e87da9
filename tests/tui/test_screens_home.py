from __future__ import annotations

from typing import TYPE_CHECKING

from models.runs.jobs import JobImportError
from tests import factories
from tests.tui.automation import button, hook, runs, set_status
from tests.tui.driver import open_screens
from tests.tui.rows import result
from tui.pages.overview import read_overview

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store


async def test_the_first_screen_counts_what_there_is(
    store: Store, device: Device
) -> None:
    hook()
    made = button()
    made.enabled = False
    made.save()
    async with open_screens(store) as screens:
        await screens.shows("Devices", "Automation", "Last changes")
        devices = next(line for line in screens.lines if "Devices" in line)
        assert devices.split()[:3] == [">", "Devices", "1"]
        await screens.shows("1 off")


async def test_what_failed_stands_above_until_it_is_acknowledged(
    store: Store, device: Device
) -> None:
    hook()
    device.serial = "X"
    device.validated_save()
    async with open_screens(store) as screens:
        await screens.shows("no runner is alive; 1 run waiting")
        set_status(store, "FAILURE")
        await screens.shows("! 1 run failed")
        await screens.press("up")
        await screens.until(lambda: "failed" in screens.cursor, "the cursor above")
        await screens.press("enter")
        await screens.is_at("Results")
        await screens.shows("FAILURE")
        await screens.press("A")
        await screens.shows("1 acknowledged")
        await screens.press("escape")
        await screens.hides("failed;")


async def test_one_key_acknowledges_all_from_the_first_screen(
    store: Store, user: User
) -> None:
    result(status="FAILURE")
    result(status="INTERRUPTED")
    async with open_screens(store) as screens:
        await screens.shows("! 1 run failed", "! 1 run interrupted")
        await screens.press("A")
        await screens.shows("2 acknowledged")
        await screens.hides("! 1 run")


async def test_a_broken_job_file_is_named_with_its_line(store: Store) -> None:
    with store.transaction():
        JobImportError(path="guards.py", line=3, message="no colon", time=0).save()
    async with open_screens(store) as screens:
        await screens.shows("! guards.py:3: no colon")


async def test_tab_goes_to_the_other_side(store: Store, device: Device) -> None:
    async with open_screens(store) as screens:
        await screens.press("tab")
        await screens.press("down", "down", "enter")
        await screens.is_at("Jobs")


async def test_the_hint_of_a_demo_is_shown(store: Store) -> None:
    async with open_screens(store, hint="This is a demo.") as screens:
        await screens.shows("This is a demo.")


async def test_counts_follow_the_store(store: Store) -> None:
    def devices() -> list[str]:
        line = next(line for line in screens.lines if "Devices" in line)
        return line.replace(">", " ").split()[:2]

    async with open_screens(store) as screens:
        assert devices() == ["Devices", "0"]
        factories.device()
        await screens.until(lambda: devices() == ["Devices", "1"], "the new count")


async def test_types_without_objects_come_last(store: Store) -> None:
    factories.tag()
    async with open_screens(store) as screens:
        left = [line[:36].strip(" >") for line in screens.lines[2:-2]]
        counts = [line.split()[-1] for line in left if line]
        assert counts[:3] == ["1", "1", "0"]


def test_a_paused_queue_needs_somebody(store: Store, user: User) -> None:
    from models.runs.queues import JobQueue

    with store.transaction():
        JobQueue.update(paused=True, reason="restored").execute()
    lines = read_overview(store, user).attention
    assert lines[0].values[0].startswith("! the queue is paused (restored)")


def test_nothing_needs_anybody_in_a_new_store(store: Store, user: User) -> None:
    assert read_overview(store, user).attention == ()
    assert runs(store) == []
