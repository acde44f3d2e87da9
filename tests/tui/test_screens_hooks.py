from __future__ import annotations

from typing import TYPE_CHECKING

from models.automation.hooks import JobHook
from models.history.context import change_context
from models.people.access import os_user
from models.runs import queues
from models.runs.jobs import JobRecord
from models.runs.queues import JobQueue
from tests.tui.driver import Screens, open_screens
from tests.tui.rows import hook, job, last_result, line_with, open_place

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store


async def fill_form(seen: Screens, *, picks_job: str = "Serial guard") -> None:
    """Fill in the form of a new hook, up to its job."""
    await seen.type("Check")
    await pick(seen, "Object types", "dcim.device")
    await pick(seen, "Events", "update")
    await pick(seen, "Job", picks_job)


async def pick(seen: Screens, label: str, name: str) -> None:
    """Go to the next field and pick what is named; several are marked first."""
    await seen.press("tab", "enter")
    await seen.shows(f" {label}", "Type to narrow")
    await seen.type(name)
    await seen.shows(f"> {name} ")
    await seen.press(*(["tab"] if label in {"Object types", "Events"} else []), "enter")
    await seen.hides("Type to narrow")


# The list


async def test_the_list_shows_how_each_hook_and_its_job_stand(
    store: Store, user: User
) -> None:
    hook("Check serials", events=["create", "update"])
    hook("Ignored", job("Other", enabled=False), enabled=False)
    hook("Broken", job("Gone", error="gone.py:3: oops", installed=False))
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Broken")
        rows = {name: line_with(seen, name) for name in ("Check", "Ignored", "Broken")}

    assert "create update" in rows["Check"]
    assert rows["Check"].endswith("on")
    assert " off" in rows["Ignored"][:30]
    assert rows["Ignored"].endswith("off")
    assert rows["Broken"].endswith("missing")


async def test_minus_and_plus_turn_a_hook_off_and_on(store: Store, user: User) -> None:
    row = hook()
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Check serials")
        await seen.press("minus")
        await seen.shows("Check serials is off.")
        assert not JobHook.get_by_id(row.id).enabled
        await seen.press("plus")
        await seen.shows("Check serials is on.")

    assert JobHook.get_by_id(row.id).enabled


async def test_turning_on_a_hook_offers_to_enable_its_job(
    store: Store, user: User
) -> None:
    record = job(enabled=False)
    row = hook(record=record, enabled=False)
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Check serials")
        await seen.press("plus")
        await seen.shows("Enable the job too", "guards.py:3")
        await seen.press("y")
        await seen.shows("Check serials is on.")

    assert JobHook.get_by_id(row.id).enabled
    assert JobRecord.get_by_id(record.id).enabled


async def test_a_job_that_is_missing_is_not_offered(store: Store, user: User) -> None:
    record = job(error="gone.py:3: oops", installed=False)
    hook(record=record, enabled=False)
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Check serials")
        await seen.press("plus")
        await seen.shows("job missing: gone.py:3: oops")

        assert "Enable the job too" not in seen.text


async def test_a_hook_is_deleted_after_a_question(store: Store, user: User) -> None:
    hook()
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Check serials")
        await seen.press("D")
        await seen.shows("Delete the hook Check serials?")
        await seen.press("y")
        await seen.shows("There are no hooks yet.")

    assert not JobHook.select().exists()


# The form


async def test_a_hook_is_made_by_picking(store: Store, user: User) -> None:
    job()
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="There are no hooks yet.")
        await seen.press("a")
        await seen.shows("Add hook", "Object types")
        await fill_form(seen)
        await seen.press("ctrl+s")
        await seen.shows("Check added")

    row = JobHook.get()
    assert (row.name, row.object_types, row.events) == (
        "Check",
        ["dcim.device"],
        ["update"],
    )


async def test_what_is_wrong_stands_beside_the_fields(store: Store, user: User) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="There are no hooks yet.")
        await seen.press("a")
        await seen.shows("Add hook")
        await seen.press("ctrl+s")
        await seen.shows(
            "choose at least one object type",
            "choose at least one of create, update, delete",
        )
        below = seen.lines.index(line_with(seen, "Events")) + 1
        assert "choose at least one of" in seen.lines[below]


async def test_a_conflict_stands_beside_the_events(store: Store, user: User) -> None:
    hook("Check serials")
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="Check serials")
        await seen.press("a")
        await seen.shows("Add hook")
        await fill_form(seen)
        await seen.press("ctrl+s")
        await seen.shows("the hook 'Check serials' already runs")
        below = seen.lines.index(line_with(seen, "Events")) + 1
        assert "already runs" in seen.lines[below]


async def test_a_job_that_is_off_is_enabled_from_the_form(
    store: Store, user: User
) -> None:
    record = job(enabled=False)
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="There are no hooks yet.")
        await seen.press("a")
        await seen.shows("Add hook")
        await fill_form(seen)
        await seen.press("ctrl+s")
        await seen.shows("Enable the job too", "Save it switched off")
        await seen.press("y")
        await seen.shows("Check added")

    assert JobRecord.get_by_id(record.id).enabled
    assert JobHook.get().enabled


async def test_a_hook_can_be_saved_off_when_its_job_is(
    store: Store, user: User
) -> None:
    record = job(enabled=False)
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="There are no hooks yet.")
        await seen.press("a")
        await seen.shows("Add hook")
        await fill_form(seen)
        await seen.press("ctrl+s")
        await seen.shows("Save it switched off")
        await seen.press("o")
        await seen.shows("Check added")

    assert not JobRecord.get_by_id(record.id).enabled
    assert not JobHook.get().enabled


async def test_an_edit_changes_only_what_was_edited(store: Store, user: User) -> None:
    row = hook(accept_chained=True)
    async with open_screens(store) as seen:
        await open_place(seen, "hook", row.id, shows="Latest verdicts")
        await seen.press("e")
        await seen.shows("Edit Check serials")
        await seen.type("!")
        await seen.press("ctrl+s")
        await seen.shows("Hook Check serials!")

    changed = JobHook.get_by_id(row.id)
    assert changed.name == "Check serials!"
    assert changed.accept_chained


async def test_F130_the_queue_of_a_hook_is_picked_in_its_form(
    store: Store, user: User
) -> None:
    queues.save(JobQueue(name="slow", priority=7), os_user())
    row = hook()
    async with open_screens(store, size=(80, 30)) as seen:
        await open_place(seen, "hook", row.id, shows="Check serials")
        await seen.press("e")
        await seen.shows("Edit Check serials", "Queue", "Priority")
        await seen.focus("queue")
        await seen.press("enter")
        await seen.shows("Type to narrow", "default", "slow")
        await seen.type("slow")
        await seen.hides("default")
        await seen.press("enter")
        await seen.hides("Type to narrow")
        await seen.focus("priority")
        await seen.type("-2")
        await seen.press("ctrl+s")
        await seen.shows("slow, priority -2")

    row = JobHook.get_by_id(row.id)
    assert (row.queue, row.priority) == ("slow", -2)


async def test_the_form_tries_the_hook_on_past_changes(
    store: Store, user: User, device: Device
) -> None:
    with change_context(user, transaction=True):
        device.serial = "A"
        device.validated_save()
    job()
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="There are no hooks yet.")
        await seen.press("a")
        await seen.shows("Add hook")
        await fill_form(seen)
        await seen.shows("it would have fired for 1 of the last 2 changes")


async def test_a_condition_that_is_wrong_stands_beside_its_field(
    store: Store,
) -> None:
    job()
    async with open_screens(store) as seen:
        await open_place(seen, "hooks", shows="There are no hooks yet.")
        await seen.press("a")
        await seen.shows("Add hook")
        await fill_form(seen)
        await seen.press("tab", "tab")
        await seen.type("what is this")
        await seen.press("ctrl+s")
        await seen.shows("what is this", "! line 1")


# The screen


async def test_a_hook_shows_what_it_made_of_the_latest_changes(
    store: Store, user: User, device: Device
) -> None:
    row = hook()
    with change_context(user, transaction=True):
        device.serial = "A"
        device.validated_save()
    row.enabled = False
    row.save()
    with change_context(user, transaction=True):
        device.serial = "B"
        device.validated_save()
    async with open_screens(store) as seen:
        await open_place(seen, "hook", row.id, shows="Latest verdicts")

        assert "fired → result 1 PENDING" in seen.text
        assert "hook off" in seen.text
        await seen.press("end", *["up"] * 4, "enter")
        await seen.shows("Result 1", "PENDING")

    assert last_result().hook_id == row.id


async def test_a_new_verdict_is_seen_at_once(
    store: Store, user: User, device: Device
) -> None:
    row = hook()
    async with open_screens(store) as seen:
        await open_place(seen, "hook", row.id, shows="None of the latest")
        with change_context(user, transaction=True):
            device.serial = "A"
            device.validated_save()
        await seen.shows("fired → result 1 PENDING")


async def test_deleting_leaves_the_screen(store: Store, user: User) -> None:
    row = hook()
    async with open_screens(store) as seen:
        await open_place(seen, "hook", row.id, shows="Latest verdicts")
        await seen.press("D")
        await seen.shows("Its past results stay.")
        await seen.press("y")
        await seen.shows("Automation")


async def test_a_hook_that_is_not_there_says_so(store: Store, user: User) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "hook", 99, shows="There is no such hook")


async def test_a_hook_is_tried_on_past_changes(
    store: Store, user: User, device: Device
) -> None:
    with change_context(user, transaction=True):
        device.serial = "A"
        device.validated_save()
    row = hook(conditions="changed serial", enabled=False)
    async with open_screens(store) as seen:
        await open_place(seen, "hook", row.id, shows="changed serial")
        await seen.press("t")
        await seen.shows("would have fired for 1 of 2")

        assert "would fire" in line_with(seen, "update")
        assert "other event" in line_with(seen, "create")
        await seen.press("enter")
        await seen.shows("empty → A")

    assert not JobHook.get_by_id(row.id).enabled
