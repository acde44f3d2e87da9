"""Schedules: what may be saved, and what becomes of a fire time."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import RefusedError, ValidationError
from models.objects.fields import from_us, now_us, to_us
from models.objects.inputs import save_values
from models.runs.jobs import JobRecord
from models.runs.results import JobResult, enqueue
from models.storage.cached import version
from models.timing.firing import fire_due
from models.timing.schedules import JobSchedule, run_now, stale

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
DAY_US = 24 * HOUR_US


def job(name: str = "Report", **values: Any) -> JobRecord:
    made = JobRecord(
        module_name="jobs",
        job_class_name=name,
        name=name,
        **{"enabled": True, "has_sensitive_variables": False, **values},
    )
    made.save()
    return made


def schedule(user: User, **values: Any) -> JobSchedule:
    """Return a saved schedule: every hour, unless told otherwise."""
    given = {"name": "Nightly", "timezone": "UTC", "every": "1h", **values}
    if {"cron", "at"} & set(values) and "every" not in values:
        del given["every"]
    if "job" not in given:
        given["job"] = job()
    made = JobSchedule(owner=user, **given)
    made.validated_save()
    return read(made)


def read(row: JobSchedule) -> JobSchedule:
    found: JobSchedule = JobSchedule.get_by_id(row.id)
    return found


def problems(user: User, **values: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        schedule(user, **values)
    return caught.value.message_dict


def results() -> list[JobResult]:
    return list(JobResult.select().order_by(JobResult.id))


def next_us(row: JobSchedule) -> int:
    return to_us(read(row).next_fire)


# What may be saved


def test_i1_a_wrong_cron_text_is_refused_beside_its_field(user: User) -> None:
    assert "not five" in problems(user, cron="0 3 * *")["cron"][0]


def test_h10_an_unknown_interval_is_refused_beside_its_field(user: User) -> None:
    assert "is no interval" in problems(user, every="fortnightly")["every"][0]


def test_h11_a_job_with_sensitive_arguments_cannot_be_scheduled(user: User) -> None:
    secret = job(has_sensitive_variables=True)

    assert "sensitive arguments" in problems(user, job=secret)["job"][0]
    assert "sensitive arguments" in problems(user, job=secret, enabled=False)["job"][0]


@pytest.mark.parametrize(
    ("values", "field", "complaint"),
    [
        ({"every": ""}, "cron", "give one of cron, every and at"),
        ({"every": "1h", "cron": "0 3 * * *"}, "cron", "not several"),
        ({"at": "2020-01-01"}, "at", "has passed"),
        ({"at": "soon"}, "at", "is no time"),
        ({"at": "2199-01-01", "start": "2198-01-01"}, "start", "one time"),
        ({"start": "soon"}, "start", "is no time"),
        ({"timezone": "Mars/Olympus"}, "timezone", "no time zone"),
        ({"missed": "never"}, "missed", "is none of skip, once, all"),
        ({"inputs": [1]}, "inputs", "names with values"),
        ({"name": ""}, "name", "is required"),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field(
    user: User, values: dict[str, Any], field: str, complaint: str
) -> None:
    assert complaint in problems(user, **values)[field][0]


def test_a_job_that_is_off_cannot_be_scheduled_unless_the_schedule_is_off(
    user: User,
) -> None:
    record = job(enabled=False)

    assert "enable the job first" in problems(user, job=record)["enabled"][0]
    assert schedule(user, job=record, enabled=False).state == "paused"


def test_a_hook_receiver_cannot_be_scheduled(user: User) -> None:
    record = job(is_job_hook_receiver=True)

    assert "add a hook" in problems(user, job=record)["job"][0]


def test_who_may_not_run_a_job_cannot_schedule_it(store: Store, user: User) -> None:
    from models.people.access import User as Users

    bob = Users(username="bob")
    bob.save()

    assert problems(bob) == {"job": ["bob may not run jobs.Report"]}


def test_a_button_receiver_needs_an_object_that_its_owner_may_see(
    user: User, device: Device
) -> None:
    record = job(is_job_button_receiver=True)

    assert "needs one" in problems(user, job=record)["object"][0]
    assert "no object" in problems(user, job=job("Plain"), object="device:core-01")[
        "object"
    ][0].replace("takes no", "no")
    row = schedule(user, job=record, object="device:core-01")
    assert row.object == "dcim.device:core-01"
    assert row.target() == device


def test_an_unknown_object_is_refused(user: User) -> None:
    with pytest.raises(ValidationError) as caught:
        JobSchedule(object="dcim.device:none")
    assert list(caught.value.message_dict) == ["object"]


def test_two_schedules_cannot_have_one_name(user: User) -> None:
    first = schedule(user)

    assert "name" in problems(user, job=first.job)


# The next fire time


def test_i4_a_new_schedule_is_not_due(store: Store, user: User) -> None:
    row = schedule(user)

    assert row.next_fire is not None
    assert fire_due(store) == []
    assert results() == []


def test_a_paused_schedule_has_no_next_time_and_missed_nothing_when_it_goes_on(
    store: Store, user: User
) -> None:
    row = schedule(user)
    save_values(row, {"enabled": "no"})
    assert (read(row).next_fire, read(row).state) == (None, "paused")
    assert fire_due(store, now=now_us() + DAY_US) == []

    save_values(row, {"enabled": "yes"})

    assert read(row).state == "active"
    assert next_us(row) > now_us()


def test_new_words_take_the_place_of_the_old_ones(user: User) -> None:
    row = schedule(user)

    save_values(row, {"cron": "0 3 * * *"})

    assert (row.kind, row.cron, row.every) == ("cron", "0 3 * * *", "")
    assert read(row).next_fire.hour == 3


def test_a_form_may_take_old_words_away_before_or_after_it_gives_new_ones(
    user: User,
) -> None:
    row = schedule(user)

    save_values(row, {"every": "", "cron": "0 3 * * *"})
    save_values(row, {"every": "2h", "cron": ""})

    assert (row.kind, row.words) == ("interval", "2h")


def test_a_new_name_leaves_the_times_alone(store: Store, user: User) -> None:
    row = schedule(user)
    before = next_us(row)
    number = version(store)

    save_values(row, {"missed": "skip"})

    assert next_us(row) == before
    assert version(store) == number


def test_other_times_tell_every_process(store: Store, user: User) -> None:
    row = schedule(user)
    number = version(store)

    save_values(row, {"every": "2h"})

    assert version(store) > number


def test_a_firing_makes_nobody_read_the_configuration_again(
    store: Store, user: User
) -> None:
    row = schedule(user)
    number = version(store)

    fire_due(store, now=next_us(row))

    assert version(store) == number


# Firing


def test_a_fire_time_queues_one_run_and_moves_on(store: Store, user: User) -> None:
    row = schedule(user, inputs={"site": "HQ"})
    moment = next_us(row)

    fired = fire_due(store, now=moment + 5)

    assert [one.schedule_id for one in fired] == [row.id]
    [run] = results()
    assert (run.status, run.schedule_id, to_us(run.fire_time)) == (
        "PENDING",
        row.id,
        moment,
    )
    assert (run.user_id, run.user_name) == (user.id, user.username)
    assert run.arguments == {"site": "HQ"}
    assert run.reason == "schedule Nightly"
    assert to_us(read(row).last_fire) == moment
    assert next_us(row) == moment + HOUR_US
    assert fire_due(store, now=moment + 6) == []


def test_a_fire_time_has_one_result_whoever_inserts_it(
    store: Store, user: User
) -> None:
    row = schedule(user)
    moment = next_us(row)
    fire_due(store, now=moment)

    columns = store.execute("SELECT * FROM job_result").description
    names = ", ".join(column[0] for column in columns if column[0] != "id")
    with pytest.raises(sqlite3.IntegrityError, match="schedule_id"):
        store.execute(
            f"INSERT INTO job_result ({names}) SELECT {names} FROM job_result"
        )


def test_a_clock_that_was_set_back_fires_no_time_again(
    store: Store, user: User
) -> None:
    row = schedule(user)
    moment = next_us(row)
    fire_due(store, now=moment)
    JobSchedule.update(next_fire=moment).execute()  # as an edit would, by that clock

    fire_due(store, now=moment + 1)

    assert len(results()) == 1
    assert next_us(row) == moment + HOUR_US


@pytest.mark.parametrize(
    ("missed", "late_us", "runs"),
    [
        ("skip", 1 * SECOND_US, [3]),
        ("skip", 600 * SECOND_US, []),
        ("once", 1 * SECOND_US, [3]),
        ("once", 600 * SECOND_US, [3]),
        ("all", 1 * SECOND_US, [0, 1, 2, 3]),
        ("all", 600 * SECOND_US, [0, 1, 2, 3]),
    ],
)
def test_missed_times_are_made_up_by_the_rule(
    store: Store, user: User, missed: str, late_us: int, runs: list[int]
) -> None:
    row = schedule(user, missed=missed)
    first = next_us(row)

    fire_due(store, now=first + 3 * HOUR_US + late_us)

    assert [to_us(run.fire_time) for run in results()] == [
        first + number * HOUR_US for number in runs
    ]
    assert read(row).skipped == (0 if runs else 4)
    assert next_us(row) == first + 4 * HOUR_US


def test_all_missed_times_have_a_bound(store: Store, user: User) -> None:
    row = schedule(user, every="1s", missed="all")
    first = next_us(row)

    fire_due(store, now=first + 30 * DAY_US)

    most = store.settings.schedules.most_missed
    found = [to_us(run.fire_time) for run in results()]
    assert len(found) == most
    assert found[-1] == first + 30 * DAY_US


def test_one_run_for_several_times_says_so(store: Store, user: User) -> None:
    row = schedule(user)

    fire_due(store, now=next_us(row) + 2 * HOUR_US)

    assert results()[0].reason == "schedule Nightly, also for 2 missed times before"


def test_a_single_time_completes_its_schedule(store: Store, user: User) -> None:
    row = schedule(user, at="2199-01-01")

    fire_due(store, now=next_us(row))

    assert (read(row).state, read(row).next_fire) == ("completed", None)
    assert len(results()) == 1


def test_i8_a_deleted_owner_is_a_failure_and_switches_the_schedule_off(
    store: Store, user: User
) -> None:
    from models.people.access import User as Users

    row = schedule(user)
    moment = next_us(row)
    Users(username="other", is_superuser=True).save()
    user.delete_instance()

    fire_due(store, now=moment)

    [run] = results()
    assert run.status == "FAILURE"
    assert f"its owner {user.username} was deleted" in run.error
    after = read(row)
    assert (after.state, after.next_fire) == ("errored", None)
    assert "was deleted" in after.error
    assert fire_due(store, now=moment + DAY_US) == []


def test_i8_an_owner_who_is_not_active_counts_as_deleted(
    store: Store, user: User
) -> None:
    row = schedule(user)
    user.is_active = False
    user.save()

    fire_due(store, now=next_us(row))

    assert results()[0].status == "FAILURE"
    assert read(row).state == "errored"


def test_an_errored_schedule_goes_on_once_it_has_an_owner(
    store: Store, user: User
) -> None:
    from models.people.access import User as Users

    row = schedule(user)
    Users(username="other", is_superuser=True).save()
    user.delete_instance()
    fire_due(store, now=next_us(row))
    with pytest.raises(
        ValidationError, match="is gone or not active; whoever saves it"
    ):
        save_values(read(row), {"enabled": "yes"})
    carol = Users(username="carol", is_superuser=True)
    carol.save()

    taken = read(row)
    taken.owner = carol
    save_values(taken, {"enabled": "yes"})

    assert (read(row).state, read(row).error) == ("active", "")
    assert read(row).owner_name == "carol"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"enabled": False}, "job off: jobs.Report"),
        ({"installed": False, "error": "jobs/r.py:1: gone"}, "job missing: jobs/r.py"),
        ({"has_sensitive_variables": True}, "has sensitive arguments now"),
    ],
)
def test_a_job_that_cannot_run_is_one_failure_and_the_schedule_goes_on(
    store: Store, user: User, change: dict[str, Any], complaint: str
) -> None:
    row = schedule(user)
    first = next_us(row)
    record = row.job
    before = {name: getattr(record, name) for name in change}
    for name, value in change.items():
        setattr(record, name, value)
    record.save()

    for number in range(3):
        fire_due(store, now=first + number * HOUR_US)

    assert [run.status for run in results()] == ["FAILURE"]
    assert complaint in results()[0].error
    assert complaint in read(row).error
    assert read(row).state == "active"
    for name, value in before.items():
        setattr(record, name, value)
    record.save()

    fire_due(store, now=first + 3 * HOUR_US)

    assert [run.status for run in results()] == ["FAILURE", "PENDING"]
    assert read(row).error == ""


def test_an_owner_who_may_no_longer_run_the_job_is_told_once(
    store: Store, user: User
) -> None:
    row = schedule(user)
    user.is_superuser = False
    user.save()

    fire_due(store, now=next_us(row))

    assert results()[0].status == "FAILURE"
    assert "may not run jobs.Report" in read(row).error


def test_an_object_that_is_gone_is_told(
    store: Store, user: User, device: Device
) -> None:
    record = job(is_job_button_receiver=True)
    row = schedule(user, job=record, object="device:core-01")
    device.delete()

    fire_due(store, now=next_us(row))

    assert "dcim.device:core-01 is gone" in results()[0].error


def test_the_object_is_handed_to_the_run(
    store: Store, user: User, device: Device
) -> None:
    record = job(is_job_button_receiver=True)
    row = schedule(user, job=record, object="device:core-01")

    fire_due(store, now=next_us(row))

    run = results()[0]
    assert (run.object_type, bytes(run.object_id)) == ("dcim.device", device.pk.bytes)


def test_a_job_that_runs_alone_is_not_queued_beside_its_last_run(
    store: Store, user: User
) -> None:
    row = schedule(user, job=job(overlap="single"))
    first = next_us(row)

    fire_due(store, now=first)
    fire_due(store, now=first + HOUR_US)

    assert len(results()) == 1
    assert "runs alone" in read(row).error
    assert read(row).state == "active"


def test_one_schedule_that_fails_does_not_stop_the_others(
    store: Store, user: User
) -> None:
    first = schedule(user)
    other = schedule(user, name="Other", job=first.job)
    store.execute("UPDATE job_schedule SET words = '1 x' WHERE id = ?", [first.id])
    store.execute("UPDATE job_schedule SET timezone = 'X' WHERE id = ?", [first.id])

    fire_due(store, now=next_us(other))

    assert [run.schedule_id for run in results()] == [other.id]
    assert read(first).state == "errored"
    assert "no time zone 'X'" in read(first).error


def test_many_due_schedules_are_dealt_with_in_pieces(store: Store, user: User) -> None:
    record = job()
    rows = [schedule(user, name=f"S{number}", job=record) for number in range(5)]
    now = max(map(next_us, rows))

    sizes = [len(fire_due(store, now=now, most=2)) for _ in range(4)]

    assert sizes == [2, 2, 1, 0]
    assert len(results()) == 5


# By hand, and afterwards


def test_run_now_runs_as_who_asks_and_leaves_the_times_alone(
    store: Store, user: User
) -> None:
    row = schedule(user, inputs={"site": "HQ"})
    before = next_us(row)

    run = run_now(row, user)
    run_now(row, user)

    assert (run.schedule_id, run.fire_time, run.arguments) == (
        row.id,
        None,
        {"site": "HQ"},
    )
    assert next_us(row) == before


def test_run_now_is_refused_while_the_job_is_off(user: User) -> None:
    row = schedule(user)
    row.job.disable()

    with pytest.raises(RefusedError, match="is not enabled"):
        run_now(read(row), user)


def test_f37_a_scheduled_run_cannot_be_run_by_who_asks_for_it(
    store: Store, user: User
) -> None:
    row = schedule(user)

    with pytest.raises(ValueError, match="never run by who asks"):
        enqueue(row.job, user, schedule_id=row.id, owner=store.owner())
    assert results() == []


def test_f36_a_deleted_job_takes_its_schedules_with_it(
    store: Store, user: User
) -> None:
    row = schedule(user)
    fire_due(store, now=next_us(row))

    row.job.delete_instance()

    assert not JobSchedule.select().exists()
    assert [run.job_id for run in results()] == [None]


def test_i11_stale_schedules_are_those_of_one_time_that_is_over(
    store: Store, user: User
) -> None:
    record = job()
    over = schedule(user, name="Over", job=record, at="2199-01-01")
    schedule(user, name="To come", job=record, at="2199-06-01")
    paused = schedule(user, name="Paused", job=record)
    save_values(paused, {"enabled": "no"})
    schedule(user, name="Hourly", job=record)
    fire_due(store, now=next_us(over))
    store.execute("UPDATE job_schedule SET last_fire = ?", [now_us() - DAY_US])

    assert [row.name for row in stale()] == ["Over"]
    assert list(stale(days=2)) == []


def test_a_time_is_kept_to_the_microsecond(user: User) -> None:
    row = schedule(user)

    assert from_us(next_us(row)).microsecond == 0
