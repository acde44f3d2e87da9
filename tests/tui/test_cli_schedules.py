"""`hookline schedule …`, as people type it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from models.objects.fields import from_us
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from models.timing.firing import fire_due
from models.timing.schedules import JobSchedule

if TYPE_CHECKING:
    from models.storage.store import Store
    from tests.tui.command_line import CommandLine

REPORTS = """
from receivers import (
    FileVar, IntegerVar, Job, MultiChoiceVar, StringVar, register_jobs
)


class Nightly(Job):
    class Meta:
        has_sensitive_variables = False

    minutes = IntegerVar()
    parts = MultiChoiceVar(choices=(("a", "A"), ("b", "B")), required=False)

    def run(self, minutes, parts):
        self.logger.info("%s minutes", minutes)


class Greet(Job):
    class Meta:
        has_sensitive_variables = False

    who = StringVar(default="anna")

    def run(self, who):
        pass


class Read(Job):
    class Meta:
        has_sensitive_variables = False

    file = FileVar(required=False)

    def run(self, file):
        pass


class Secret(Job):
    def run(self):
        pass


register_jobs(Nightly, Greet, Read, Secret)
"""
NIGHTLY = ("name=Nightly", "job=reports.Nightly", "inputs.minutes=7")


@pytest.fixture
def reports(hookline: CommandLine) -> CommandLine:
    hookline.write_job("reports", REPORTS)
    for name in ("Nightly", "Greet", "Read", "Secret"):
        hookline("job", "enable", f"reports.{name}")
    return hookline


@pytest.fixture
def nightly(reports: CommandLine) -> CommandLine:
    words = ("cron=0 3 * * *", "timezone=Europe/Amsterdam", "missed=once")
    reports("schedule", "add", *NIGHTLY, *words)
    return reports


def fire(store: Store) -> None:
    """Let the time of the one schedule come."""
    due = store.execute("SELECT max(next_fire) FROM job_schedule").fetchone()[0]
    fire_due(store, now=due)


def test_a_schedule_is_added_and_shown_with_its_next_times(
    nightly: CommandLine,
) -> None:
    shown = nightly.json("schedule", "show", "Nightly")

    assert (shown["state"], shown["when"], shown["missed"]) == (
        "active",
        "cron 0 3 * * *",
        "once",
    )
    assert shown["inputs"] == {"minutes": 7, "parts": []}
    assert len(shown["next"]) == 5
    for time in shown["next"]:
        assert " 03:00 CE" in time["local"]
        utc = dt.datetime.fromisoformat(time["utc"])
        assert utc.hour in {1, 2}
    assert shown["next"][0]["utc"] == shown["next_fire"]


def test_people_are_shown_both_clocks_and_that_no_runner_is_there(
    nightly: CommandLine,
) -> None:
    ended = nightly("schedule", "show", "Nightly")

    assert " 03:00 CE" in ended.out
    assert "LOCAL" in ended.out
    assert "No runner is alive" in ended.err


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("every=15m", "interval"),
        ("at=2199-12-01T03:00", "at"),
        ("every=daily", "interval"),
    ],
)
def test_a_schedule_may_be_an_interval_or_one_time(
    reports: CommandLine, word: str, kind: str
) -> None:
    made = reports.json("schedule", "add", *NIGHTLY, word)

    assert made["kind"] == kind
    assert made["next_fire"] is not None


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("cron=0 3 * *",), "cron"),
        (("cron=0 3 L * *",), "cron"),
        (("every=fortnightly",), "every"),
        (("at=2020-01-01",), "at"),
        (("every=1h", "cron=0 3 * * *"), "cron"),
        (("every=1h", "timezone=Mars"), "timezone"),
        (("every=1h", "missed=never"), "missed"),
        (("every=1h", "inputs.parts=c"), "inputs.parts"),
        (("every=1h", "inputs.foo=1"), "inputs.foo"),
        (("every=1h", "inputs.parts+=a"), "inputs.parts"),
        (("every=1h", "inputs=[1]"), "inputs"),
        (("every=1h", "inputs={"), "inputs"),
        (("every=1h", "object=dcim.device:none"), "object"),
    ],
)
def test_i1_h10_what_is_wrong_is_said_beside_its_field(
    reports: CommandLine, words: tuple[str, ...], field: str
) -> None:
    ended = reports("schedule", "add", *NIGHTLY, *words, "--json", code=2)

    assert list(ended.error["fields"]) == [field]
    assert not JobSchedule.select().exists()


def test_h11_a_sensitive_job_is_refused(reports: CommandLine) -> None:
    words = ("name=S", "job=reports.Secret", "every=1h", "--json")

    ended = reports("schedule", "add", *words, code=2)

    assert "sensitive arguments" in ended.error["fields"]["job"][0]


def test_inputs_are_asked_for_and_kept_when_others_change(
    nightly: CommandLine,
) -> None:
    words = ("schedule", "add", "name=Other", "job=reports.Nightly", "every=1h")
    assert "minutes" in nightly(*words, code=2).err

    nightly("schedule", "set", "Nightly", "inputs.parts=a,b")

    assert JobSchedule.get().inputs == {"minutes": 7, "parts": ["a", "b"]}


def test_another_job_begins_with_no_inputs(nightly: CommandLine) -> None:
    nightly("schedule", "set", "Nightly", "job=reports.Greet", "inputs.who=bea")

    assert JobSchedule.get().inputs == {"who": "bea"}


def test_a_schedule_has_no_file_to_give(nightly: CommandLine) -> None:
    words = ("name=F", "job=reports.Read", "every=1h", "inputs.file=/etc/hostname")

    ended = nightly("schedule", "add", *words, "--json", code=2)

    assert "goes with one run" in ended.error["fields"]["inputs.file"][0]
    nightly("schedule", "add", *words[:-1])


def test_a_schedule_is_changed_and_runs_as_who_changed_it(
    nightly: CommandLine, store: Store
) -> None:
    nightly("user", "add", "carol", "is_superuser=true")

    nightly("schedule", "set", "Nightly", "every=2h", "--user", "carol")

    row = JobSchedule.get()
    assert (row.kind, row.words, row.owner_name) == ("interval", "2h", "carol")


def test_a_schedule_is_paused_and_goes_on(nightly: CommandLine) -> None:
    nightly("schedule", "disable", "Nightly")
    paused = nightly.json("schedule", "list", "enabled=false")
    assert [(row["state"], row["next_fire"]) for row in paused] == [("paused", None)]

    nightly("schedule", "enable", "Nightly")

    assert nightly.json("schedule", "show", "Nightly")["state"] == "active"


def test_a_schedule_is_run_now_and_its_results_are_found(
    nightly: CommandLine, store: Store
) -> None:
    nightly("schedule", "run", "Nightly")
    fire(store)

    found = nightly.json("result", "list", "schedule=Nightly")

    assert {run["schedule"]["name"] for run in found} == {"Nightly"}
    assert [run["fire_time"] is None for run in found] == [False, True]
    assert [run["arguments"]["minutes"] for run in found] == [7, 7]
    shown = nightly.json("schedule", "show", "Nightly")
    assert [run["status"] for run in shown["results"]] == ["PENDING", "PENDING"]
    assert shown["last_status"] == "PENDING"


def test_a_run_of_a_schedule_is_repeated_as_its_own(
    nightly: CommandLine, store: Store
) -> None:
    fire(store)
    store.execute("UPDATE job_result SET status = 'FAILURE', done = created")

    nightly("result", "rerun", "1")

    again = JobResult.get_by_id(2)
    assert (again.schedule_id, again.fire_time) == (1, None)


def test_a_schedule_is_deleted_and_its_results_stay(
    nightly: CommandLine, store: Store
) -> None:
    fire(store)

    nightly("schedule", "delete", "Nightly", "--yes")

    assert not JobSchedule.select().exists()
    assert nightly.json("result", "list")[0]["schedule"] == {
        "id": 1,
        "type": "extras.jobschedule",
        "name": "",
    }


def test_who_may_not_is_refused(nightly: CommandLine) -> None:
    nightly("user", "add", "bob")

    words = ("name=B", "job=reports.Nightly", "every=1h", "inputs.minutes=1")
    nightly("schedule", "add", *words, "--user", "bob", code=5)
    for verb, more in (("set", ("every=1h",)), ("run", ()), ("delete", ("--yes",))):
        nightly("schedule", verb, "Nightly", *more, "--user", "bob", code=2)

    assert [row.words for row in JobSchedule.select()] == ["0 3 * * *"]
    assert not JobResult.select().exists()


def test_i8_an_owner_who_is_gone_shows_in_the_list(
    nightly: CommandLine, store: Store
) -> None:
    nightly("user", "add", "carol", "is_superuser=true")
    nightly("schedule", "set", "Nightly", "every=2h", "--user", "carol")
    nightly("user", "set", "carol", "is_active=false")
    fire(store)

    [row] = nightly.json("schedule", "list")

    assert (row["state"], row["last_status"]) == ("errored", "FAILURE")
    assert "carol is not active" in row["error"]
    assert "whoever saves it" in nightly("schedule", "enable", "Nightly", code=2).err
    nightly("schedule", "set", "Nightly", "enabled=true")
    assert nightly.json("schedule", "show", "Nightly")["owner"] != "carol"


def test_a_job_that_vanished_is_shown_and_the_schedule_stays(
    nightly: CommandLine, store: Store
) -> None:
    (store.jobs_root / "reports.py").unlink()
    nightly("job", "list")
    fire(store)

    [row] = nightly.json("schedule", "list")

    assert row["state"] == "active"
    assert "job missing: reports.py:1" in row["error"]
    assert JobRecord.select().where(JobRecord.module_name == "reports").exists()


def test_i11_one_off_schedules_that_are_over_are_cleaned_up(
    nightly: CommandLine, store: Store
) -> None:
    words = ("name=Once", "job=reports.Nightly", "inputs.minutes=1")
    nightly("schedule", "add", *words, "at=2199-12-01T03:00")
    fire(store)
    long_ago = from_us(0)
    JobSchedule.update(last_fire=long_ago).execute()

    assert "confirm" not in nightly("schedule", "clean", "--days", "30", "--yes").out

    assert [row.name for row in JobSchedule.select()] == ["Nightly"]
    assert "0 deleted" in nightly("schedule", "clean").err


def test_check_names_schedules_whose_job_is_off(nightly: CommandLine) -> None:
    nightly("job", "disable", "reports.Nightly")

    assert "Nightly does nothing: job off" in nightly("check").out
