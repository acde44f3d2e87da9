"""The list of schedules, their sheet and their form, driven by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.people.access import os_user
from models.runs.results import JobResult
from models.timing.firing import fire_due
from models.timing.schedules import JobSchedule
from receivers.authors.objectvars import ObjectVar
from receivers.authors.variables import IntegerVar, StringVar
from tests import factories
from tests.tui.driver import Screens, open_screens
from tests.tui.rows import job, line_with, open_place

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.runs.jobs import JobRecord
    from models.storage.store import Store


def schedule(name: str = "Nightly", **values: Any) -> JobSchedule:
    """Return a saved schedule: at three each night, unless told otherwise."""
    given = {"cron": "0 3 * * *", "timezone": "Europe/Amsterdam", **values}
    record = given.pop("job", None) or job(
        "Report", "job", has_sensitive_variables=False
    )
    row = JobSchedule(name=name, job=record, owner=os_user(), **given)
    row.validated_save()
    return row


def fire(store: Store) -> None:
    due = store.execute("SELECT max(next_fire) FROM job_schedule").fetchone()[0]
    fire_due(store, now=due)


async def test_the_list_shows_when_and_the_state(store: Store) -> None:
    schedule()
    schedule("Off", job=JobSchedule.get().job, enabled=False)
    async with open_screens(store, size=(120, 24)) as seen:
        await open_place(seen, "schedules", shows="Nightly")

        assert "active" in line_with(seen, "Nightly")
        assert "cron 0 3 * * *" in line_with(seen, "Nightly")
        assert "paused" in line_with(seen, "Off")


async def test_the_list_shows_the_last_result(store: Store) -> None:
    schedule()
    fire(store)
    async with open_screens(store, size=(120, 24)) as seen:
        await open_place(seen, "schedules", shows="PENDING")


async def test_the_line_and_the_palette_lead_to_schedules(store: Store) -> None:
    async with open_screens(store) as seen:
        await seen.type(":schedules")
        await seen.press("enter")
        await seen.shows("There are no schedules yet.")
        await seen.press("escape", "ctrl+p")
        await seen.type("Schedules")
        await seen.shows("List the schedules")


async def test_minus_pauses_and_plus_goes_on(store: Store) -> None:
    row = schedule()
    async with open_screens(store) as seen:
        await open_place(seen, "schedules", shows="Nightly")
        await seen.press("minus")
        await seen.shows("Nightly is off.")
        assert JobSchedule.get_by_id(row.id).state == "paused"
        await seen.press("plus")
        await seen.shows("Nightly is on.")

    assert JobSchedule.get_by_id(row.id).state == "active"


async def test_r_runs_it_now_and_shows_the_result(store: Store) -> None:
    row = schedule()
    async with open_screens(store) as seen:
        await open_place(seen, "schedule", row.id, shows="Next times")
        await seen.press("r")
        await seen.shows("Run Nightly now?")
        await seen.press("y")
        await seen.shows("Result 1")

    run = JobResult.get()
    assert (run.schedule_id, run.fire_time) == (row.id, None)


async def test_a_schedule_shows_its_next_times_on_both_clocks(store: Store) -> None:
    row = schedule()
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "schedule", row.id, shows="Next times")

        times = [line for line in seen.lines if " 03:00 CE" in line]
        assert len(times) == 5
        assert all(":00:00Z" in line for line in times)
        assert "runs as" in seen.text


async def test_an_errored_schedule_says_why(store: Store, user: User) -> None:
    row = schedule()
    user.is_active = False
    user.save()
    fire(store)
    user.is_active = True
    user.save()
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "schedule", row.id, shows="errored")

        assert "is not active" in seen.text


async def test_a_late_schedule_says_that_no_runner_was_there(store: Store) -> None:
    row = schedule()
    store.execute("UPDATE job_schedule SET next_fire = 1000000")
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "schedule", row.id, shows="no runner was there")


async def test_the_first_screen_says_that_a_schedule_waits(store: Store) -> None:
    schedule()
    store.execute("UPDATE job_schedule SET next_fire = 1000000")
    async with open_screens(store) as seen:
        await seen.shows("no runner is alive; 1 schedule waits")


async def test_a_schedule_is_deleted_after_a_question(store: Store) -> None:
    row = schedule()
    async with open_screens(store) as seen:
        await open_place(seen, "schedule", row.id, shows="Next times")
        await seen.press("D")
        await seen.shows("Delete the schedule Nightly?")
        await seen.press("y")
        await seen.shows("Nightly is deleted.")

    assert not JobSchedule.select().exists()


async def test_one_off_schedules_that_are_over_are_cleaned_up(store: Store) -> None:
    schedule("Once", cron="", at="2199-01-01")
    fire(store)
    store.execute("UPDATE job_schedule SET last_fire = 1000000")
    async with open_screens(store) as seen:
        await open_place(seen, "schedules", shows="completed")
        await seen.press("C")
        await seen.shows("Delete 1 one-off")
        await seen.press("y")
        await seen.shows("1 deleted.")

    assert not JobSchedule.select().exists()


async def test_the_job_shows_its_schedules_and_leads_to_a_new_one(store: Store) -> None:
    row = schedule()
    async with open_screens(store, size=(120, 40)) as seen:
        await open_place(seen, "job", row.job_id, shows="Used by")

        assert "Nightly" in line_with(seen, "cron 0 3 * * *")
        assert "schedule that runs it" in seen.text


async def test_a_result_leads_to_its_schedule(store: Store) -> None:
    schedule()
    fire(store)
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "result", 1, shows="fire time")

        assert "Nightly" in line_with(seen, "schedule ")


# The form


def asking(*variables: dict[str, Any], name: str = "Report") -> JobRecord:
    """Return a job that asks for inputs."""
    return job(name, "job", has_sensitive_variables=False, variables=list(variables))


async def new_form(seen: Screens) -> None:
    """Open the form of a new schedule, with its name and its job filled in."""
    await open_place(seen, "schedules", shows="There are no schedules yet.")
    await seen.press("a")
    await seen.shows("Add schedule", "Cron")
    await seen.type("Nightly")
    await seen.press("tab", "enter")
    await seen.shows("> Report")
    await seen.press("enter")
    await seen.hides("Type to narrow")


async def fill(seen: Screens, name: str, text: str) -> None:
    """Put a text into a field."""
    await seen.focus(name)
    field = seen.app.screen.fields[name]  # type: ignore[attr-defined]  # a form
    field.edit.insert_text_at_cursor(text)


async def test_the_form_shows_the_next_times_while_one_types(store: Store) -> None:
    job("Report", "job", has_sensitive_variables=False)
    async with open_screens(store) as seen:
        await new_form(seen)
        await seen.shows("cron, every or at says when")
        await fill(seen, "cron", "30 2 * *")
        await seen.shows("has 4 fields, not five")
        await fill(seen, "cron", " mon")
        await seen.shows("next: Mon ", " 02:30 ")
        await fill(seen, "every", "15m")
        await seen.shows("give one of cron, every and at, not several")


async def test_a_schedule_is_made_with_the_form_of_its_job(
    store: Store, user: User
) -> None:
    asking(IntegerVar().describe("minutes"), StringVar(required=False).describe("who"))
    async with open_screens(store, size=(120, 36)) as seen:
        await new_form(seen)
        await seen.shows("Inputs of guards.Report", "* Minutes")
        await fill(seen, "every", "15m")
        await seen.press("ctrl+s")
        await seen.shows("! This field is required.")
        await fill(seen, "inputs.minutes", "4")
        await seen.hides("! This field is required.")
        await seen.press("ctrl+s")
        await seen.shows("Nightly added")

    row = JobSchedule.get()
    assert (row.kind, row.words, row.owner) == ("interval", "15m", user)
    assert row.inputs == {"minutes": 4, "who": ""}
    assert row.next_fire is not None


async def test_the_form_asks_for_what_the_chosen_job_asks_for(store: Store) -> None:
    asking(IntegerVar().describe("minutes"))
    asking(StringVar(default="anna").describe("who"), name="Welcome")
    async with open_screens(store, size=(120, 36)) as seen:
        await new_form(seen)
        await seen.shows("* Minutes")
        await seen.press("enter")
        await seen.shows("Type to narrow")
        await seen.type("Welc")
        await seen.shows("> Welcome")
        await seen.press("enter")
        await seen.shows("Inputs of guards.Welcome", "* Who", "anna")
        assert "Minutes" not in seen.text
        await fill(seen, "every", "15m")
        await seen.press("ctrl+s")
        await seen.shows("Nightly added")

    assert JobSchedule.get().inputs == {"who": "anna"}


async def test_a_hidden_job_is_not_offered(store: Store) -> None:
    asking(StringVar(required=False).describe("who"))
    job("Hidden", "job", has_sensitive_variables=False, hidden=True)
    async with open_screens(store, size=(120, 36)) as seen:
        await new_form(seen)
        await seen.type(" ")
        await seen.shows("> Report")
        assert "Hidden" not in seen.text


async def test_a_schedule_is_edited_with_its_inputs_filled_in(
    store: Store, device: Device
) -> None:
    record = asking(
        IntegerVar().describe("minutes"),
        ObjectVar(model="dcim.device").describe("device"),
    )
    given = {"minutes": 4, "device": str(device.id)}
    row = schedule(job=record, inputs=given)
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "schedule", row.id, shows="Next times")
        await seen.press("e")
        await seen.shows("Edit Nightly", "Minutes             4", device.name)
        assert "not saved yet" not in seen.text
        await fill(seen, "inputs.minutes", "2")
        await seen.press("ctrl+s")
        await seen.shows("Nightly saved")

    assert JobSchedule.get().inputs == given | {"minutes": 42}


async def test_an_input_is_picked_among_what_fits_another(
    store: Store, device: Device
) -> None:
    factories.device("far-01", location=factories.location("Far"))
    record = asking(
        ObjectVar(model="dcim.location").describe("location"),
        ObjectVar(model="dcim.device", query_params={"location": "$location"}).describe(
            "device"
        ),
    )
    row = schedule(job=record, inputs={"location": str(device.location.id)})
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "schedule", row.id, shows="Next times")
        await seen.press("e")
        await seen.shows("Edit Nightly", device.location.name)
        await seen.focus("inputs.device")
        await seen.press("enter")
        await seen.shows("Type to narrow", device.name)
        assert "far-01" not in seen.text
        await seen.press("enter")
        await seen.hides("Type to narrow")
        await seen.press("ctrl+s")
        await seen.shows("Nightly saved")

    assert JobSchedule.get().inputs["device"] == str(device.id)


async def test_inputs_that_the_job_no_longer_asks_for_are_dropped(store: Store) -> None:
    record = asking(IntegerVar().describe("minutes"))
    row = schedule(job=record, inputs={"minutes": 4, "gone": "x"})
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "schedule", row.id, shows="Next times")
        await seen.press("e")
        await seen.shows("Inputs of guards.Report")
        await fill(seen, "inputs.minutes", "0")
        await seen.press("ctrl+s")
        await seen.shows("Nightly saved")

    assert JobSchedule.get().inputs == {"minutes": 40}


async def test_a_saved_schedule_is_edited(store: Store) -> None:
    row = schedule()
    async with open_screens(store) as seen:
        await open_place(seen, "schedule", row.id, shows="Next times")
        await seen.press("e")
        await seen.shows("Edit Nightly", "next: ", " 03:00 CE")
        await fill(seen, "every", "2h")
        await seen.press("ctrl+s")
        await seen.shows("Nightly saved")

    row = JobSchedule.get_by_id(row.id)
    assert (row.kind, row.words) == ("interval", "2h")


async def test_a_job_that_is_off_is_offered_to_be_enabled(store: Store) -> None:
    record = job("Report", "job", has_sensitive_variables=False, enabled=False)
    async with open_screens(store) as seen:
        await new_form(seen)
        await fill(seen, "every", "15m")
        await seen.press("ctrl+s")
        await seen.shows("The job stands in the way")
        await seen.press("y")
        await seen.shows("Nightly added")

    assert type(record).get_by_id(record.id).enabled


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_schedule_that_is_not_there_says_so(
    store: Store, size: tuple[int, int]
) -> None:
    async with open_screens(store, size=size) as seen:
        await open_place(seen, "schedule", 99, shows="There is no such schedule")
