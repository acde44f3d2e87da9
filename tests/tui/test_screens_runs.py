"""Runs on the screens: inputs filled in again, log parts, files, settings, queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.people.access import os_user
from models.runs import queues
from models.runs.jobs import JobRecord
from models.runs.queues import JobQueue
from models.runs.results import JobFile, JobResult
from receivers.authors.objectvars import MultiObjectVar, ObjectVar
from receivers.authors.variables import IntegerVar, StringVar
from tests import factories
from tests.tui.automation import set_status
from tests.tui.driver import open_screens
from tests.tui.rows import job, last_result, log, open_place, result

if TYPE_CHECKING:
    from pathlib import Path

    from models.inventory.dcim import Device
    from models.storage.store import Store


def asking(*variables: dict[str, Any]) -> JobRecord:
    return job("Greet", "job", variables=list(variables), has_sensitive_variables=False)


async def test_H13_r_opens_the_form_with_the_inputs_of_the_run(
    store: Store, device: Device
) -> None:
    record = asking(
        StringVar().describe("who"),
        IntegerVar(default=1).describe("often"),
        ObjectVar(model="dcim.device").describe("device"),
    )
    given = {"who": "anna", "often": 3, "device": str(device.id)}
    row = result(record, arguments=given)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="SUCCESS")
        await seen.press("r")
        await seen.shows("Run Greet again", "anna", "3", device.name)
        await seen.press("ctrl+s")
        await seen.until(lambda: last_result().id != row.id, "the new run")
    assert last_result().arguments == given
    assert last_result().rerun_of == row.id


async def test_F57_queue_and_profile_of_one_run_are_chosen_in_its_form(
    store: Store,
) -> None:
    queues.save(JobQueue(name="slow", priority=7), os_user())
    record = asking(StringVar(required=False).describe("who"))
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="Greet")
        await seen.press("r")
        await seen.shows("Run Greet", "Who", "^o Options")
        assert "Profile" not in seen.text
        await seen.press("ctrl+o")
        await seen.shows("How it runs", "* Queue               default", "Profile")
        await seen.has_focus("_queue")
        await seen.press("right")
        await seen.shows("* Queue               slow")
        await seen.focus("_profile")
        await seen.press("y")
        await seen.shows("Profile             yes")
        await seen.press("ctrl+s")
        await seen.until(JobResult.select().exists, "the run")
    assert (last_result().queue, last_result().priority) == ("slow", 7)
    assert last_result().profile


async def test_F57_a_job_that_asks_for_nothing_has_its_options_behind_a_key(
    store: Store,
) -> None:
    queues.save(JobQueue(name="slow", priority=7), os_user())
    record = asking()
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="Greet")
        await seen.press("r")
        await seen.shows("Run Greet?")
        await seen.press("o")
        await seen.shows("How it runs", "* Queue               default")
        await seen.has_focus("_queue")
        await seen.press("right")
        await seen.shows("* Queue               slow")
        await seen.press("ctrl+s")
        await seen.until(JobResult.select().exists, "the run")
    assert (last_result().queue, last_result().profile) == ("slow", False)


async def test_H13_the_form_of_a_repeated_run_has_its_queue_and_profile(
    store: Store,
) -> None:
    queues.save(JobQueue(name="slow", priority=7), os_user())
    record = asking(StringVar(required=False).describe("who"))
    row = result(record, queue="slow", profile=True)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="SUCCESS")
        await seen.press("r")
        await seen.shows("* Queue               slow", "Profile             yes")
        await seen.press("ctrl+s")
        await seen.until(lambda: last_result().id != row.id, "the new run")
    assert (last_result().queue, last_result().profile) == ("slow", True)


async def test_a_picker_shows_what_fits_the_other_field(
    store: Store, device: Device
) -> None:
    factories.device("far-01", location=factories.location("Far"))
    record = asking(
        ObjectVar(model="dcim.location").describe("location"),
        ObjectVar(model="dcim.device", query_params={"location": "$location"}).describe(
            "device"
        ),
    )
    row = result(record, arguments={"location": str(device.location.id)})
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="SUCCESS")
        await seen.press("r")
        await seen.shows("Run Greet again", device.location.name)
        await seen.press("tab", "enter")
        await seen.shows("Type to narrow", device.name)
        assert "far-01" not in seen.text


async def test_a_picker_shows_what_the_variable_says_and_offers_none(
    store: Store, device: Device
) -> None:
    device.serial = "XY-77"
    device.save()
    factories.device("bare-01")
    record = asking(
        ObjectVar(
            model="dcim.device", display_field="serial", null_option="No device"
        ).describe("device"),
        MultiObjectVar(
            model="dcim.device", display_field="serial", null_option="Without"
        ).describe("others"),
    )
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="Greet")
        await seen.press("r")
        await seen.shows("* Device")
        await seen.has_focus("device")
        await seen.press("enter")
        await seen.shows("No device", "XY-77", "core-01", "bare-01")
        await seen.type("y-7")
        await seen.hides("No device")
        await seen.press("enter")
        await seen.shows("* Device              XY-77")
        await seen.press("enter")
        await seen.shows("Type to narrow", "bare-01")
        await seen.type("no d")
        await seen.hides("bare-01")
        await seen.press("enter")
        await seen.shows("* Device              No device")
        await seen.focus("others")
        await seen.press("enter")
        await seen.shows("Type to narrow", "> Without")
        await seen.press("tab")
        await seen.type("xy")
        await seen.hides("bare-01")
        await seen.shows("> XY-77")
        await seen.press("tab", "enter")
        await seen.shows("* Others              Without, XY-77", "No device")
        await seen.press("ctrl+s")
        await seen.until(JobResult.select().exists, "the run")
        assert last_result().arguments == {
            "device": None,
            "others": [None, str(device.id)],
        }
        set_status(store, "SUCCESS", result=last_result().id)
        await open_place(seen, "result", last_result().id, shows="SUCCESS")
        await seen.press("r")
        await seen.shows("* Device              No device", "Without, XY-77")


async def test_the_log_is_filtered_by_grouping_and_exported(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    row = result()
    log(row, "alpha", grouping="first")
    log(row, "beta", grouping="second")
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="beta")
        await seen.press("y")
        await seen.shows("Grouping", "second")
        await seen.type("sec")
        await seen.hides("first")
        await seen.press("down", "enter")
        await seen.hides("alpha")
        await seen.shows("of second")
        await seen.press("w")
        await seen.shows(f"result-{row.id}.log")
        await seen.press("enter")
        await seen.shows("The log is written")
        await seen.press("escape")
        await seen.shows("alpha")
    text = (tmp_path / f"result-{row.id}.log").read_text()
    assert "beta" in text
    assert "alpha" not in text


async def test_F70_markdown_in_a_log_message_is_shown_as_written(
    store: Store,
) -> None:
    row = result()
    log(row, "## Done\n\n* **core-01** is [up](https://example.com), [red]`xe-0`[/]")
    async with open_screens(store, size=(100, 30)) as seen:
        line = "* **core-01** is [up](https://example.com), [red]`xe-0`[/]"
        await open_place(seen, "result", row.id, shows="## Done")
        await seen.shows(line)
        await seen.press("up", "enter")
        await seen.is_at("entry 1 of Result 1")
        assert [text.strip() for text in seen.lines[1:4]] == ["> ## Done", "", line]


async def test_F19_a_file_of_a_run_is_saved_by_a_key(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    row = result()
    (store.files_folder / "report.txt").write_text("content")
    JobFile(result=row, name="report.txt", size=7, path="report.txt").save()
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="report.txt, 7 bytes")
        await seen.press("s")
        await seen.shows("save as: report.txt")
        await seen.press("enter")
        await seen.shows("Saved as report.txt")
    assert (tmp_path / "report.txt").read_text() == "content"


async def test_G7_settings_of_a_job_are_filled_in(store: Store) -> None:
    record = job("Greet", "job", description="As written")
    async with open_screens(store, size=(100, 36)) as seen:
        await open_place(seen, "job", record.id, shows="Greet")
        await seen.press("o")
        await seen.shows("* Name", "Greet")
        await seen.press("end")
        await seen.type(" you")
        await seen.press("ctrl+s")
        await seen.shows("guards.Greet is changed", "set here")
    found = JobRecord.get_by_id(record.id)
    assert (found.name, found.overrides) == ("Greet you", ["name"])


async def test_limits_that_are_not_set_here_are_empty_beside_what_holds(
    store: Store,
) -> None:
    record = job("Greet", "job", soft_time_limit=20)
    async with open_screens(store, size=(100, 36)) as seen:
        await open_place(seen, "job", record.id, shows="Greet")
        await seen.press("o")
        await seen.shows("20: the class's", "600: the setting's")
        form: Any = seen.app.screen
        assert form.fields["time_limit"].raw == form.fields["soft_time_limit"].raw == ""
        form.fields["time_limit"].edit.focus()
        await seen.shows("0: the setting's; empty: its class's.")
        await seen.type("99")
        await seen.press("ctrl+s")
        await seen.shows("guards.Greet is changed", "set here")
        found = JobRecord.get_by_id(record.id)
        assert (found.time_limit, found.overrides) == (99, ["time_limit"])
        assert found.soft_time_limit == 20


@pytest.mark.parametrize(("typed", "own"), [("", []), ("0", ["time_limit"])])
async def test_a_limit_is_emptied_or_left_to_the_setting(
    store: Store, typed: str, own: list[str]
) -> None:
    record = job("Greet", "job", time_limit=99, overrides=["time_limit"])
    async with open_screens(store, size=(100, 36)) as seen:
        await open_place(seen, "job", record.id, shows="Greet")
        await seen.press("o")
        await seen.shows("300: the setting's", "99")
        form: Any = seen.app.screen
        assert form.fields["time_limit"].raw == "99"
        form.fields["time_limit"].edit.focus()
        await seen.shows("Seconds until it is stopped")
        await seen.press("end", "backspace", "backspace")
        await seen.type(typed)
        await seen.press("ctrl+s")
        await seen.shows("guards.Greet is changed")
    found = JobRecord.get_by_id(record.id)
    assert found.overrides == own
    assert found.time_limit == 0 or not own


async def test_changed_code_is_approved_with_the_key_that_enables(
    store: Store,
) -> None:
    record = job("Greet", "job", source_hash="new", approved_hash="old")
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="its code has changed")
        await seen.press("plus")
        await seen.shows("is enabled.")
        await seen.hides("its code has changed")
    assert not JobRecord.get_by_id(record.id).is_changed


async def test_queues_are_made_paused_and_deleted(store: Store) -> None:
    async with open_screens(store) as seen:
        await seen.go("queues")
        await seen.shows("default", "going")
        await seen.press("a")
        await seen.shows("* Name")
        await seen.type("slow")
        await seen.press("ctrl+s")
        await seen.shows("The queue slow is saved.")
        await seen.press("G", "minus")
        await seen.shows("The queue slow is paused.", "paused")
        assert JobQueue.get(JobQueue.name == "slow").paused
        await seen.press("plus")
        await seen.shows("The queue slow is going.")
        await seen.press("D")
        await seen.shows("Delete the queue slow?")
        await seen.press("y")
        await seen.shows("slow is deleted.")
    assert list(queues.priorities()) == ["default"]
