"""What somebody who is no superuser may see and do, by command and on the screens."""

from __future__ import annotations

import datetime as dt
import grp
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from models.automation.breaker import Breaker, Tripped
from models.people.access import Group, ObjectPermission, User
from models.runs.jobs import JobRecord
from models.runs.queues import pause, resume
from models.runs.results import JobLogEntry, JobResult
from models.timing.schedules import JobSchedule
from receivers.service.runner import RunnerOptions
from receivers.service.runner import run as run_runner
from tests import factories
from tests.tui.automation import button, hook, job
from tests.tui.driver import open_screens
from tests.tui.rows import open_place
from tui.pages.overview import Overview, read_overview

if TYPE_CHECKING:
    from models.storage.store import Store
    from tests.tui.command_line import CommandLine


@pytest.fixture
def alice(store: Store) -> User:
    """Somebody without any permission."""
    person = User(username="alice")
    person.validated_save()
    return person


@pytest.fixture
def as_alice(alice: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """She is at the terminal."""
    monkeypatch.setattr("models.people.access.os_user_name", lambda: "alice")
    return alice


def grant(actions: str, types: str, **values: Any) -> None:
    """Let alice do something."""
    ObjectPermission(
        name=f"{actions} {types} {ObjectPermission.select().count()}",
        object_types=types.split(),
        actions=actions.split(),
        users=["alice"],
        **values,
    ).validated_save()


def result(user: User | None = None, **values: Any) -> JobResult:
    """Return a run that waits."""
    made = JobResult(name="Guard", job_path="acts.Guard", user=user, **values)
    made.save()
    return made


# By command


@pytest.mark.usefixtures("as_alice")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("object list dcim.device", 5),
        ("object show dcim.device:core-01", 2),
        ("object add extras.tag name=x", 5),
        ("change list", 5),
        ("change show 1", 2),
        ("change revert 1 --yes", 2),
        ("result list", 5),
        ("result show 1", 2),
        ("result follow 1", 2),
        ("result rerun 1", 2),
        ("result cancel 1 --yes", 2),
        ("result ack 1", 2),
        ("hook list", 5),
        ("hook show Guard", 2),
        ("hook add name=h", 5),
        ("button list", 5),
        ("job list", 5),
        ("job show acts.Reboot", 5),
        ("job new a.B", 5),
        ("job enable acts.Reboot", 5),
        ("queue list", 5),
        ("queue pause", 5),
        ("user list", 5),
        ("user add mallory", 5),
        ("user set alice is_superuser=yes", 2),
        ("group list", 5),
        ("group add name=g", 5),
        ("permission list", 5),
        ("permission add name=p object_types=dcim.device actions=view", 5),
        ("backup /tmp/access-must-not-be.tar.gz", 5),
        ("info --user root", 5),
    ],
)
def test_without_permission_nothing_is_seen_or_done(
    hookline: CommandLine, words: str, code: int
) -> None:
    factories.device("core-01")
    hook("Guard")
    button("Reboot")
    result()
    hookline(*words.split(), code=code)


@pytest.mark.usefixtures("as_alice")
def test_h1_h2_h4_running_by_hand_needs_the_permission_on_that_job(
    hookline: CommandLine,
) -> None:
    hookline.write_job("acts", JOBS)
    before = JobResult.select().count()
    assert "may not run" in hookline("--run", "acts.Other", code=5).err
    grant("run", "extras.job", constraints={"job_class_name": "Off"})
    assert "may not run" in hookline("--run", "acts.Other", code=5).err
    assert "not enabled" in hookline("--run", "acts.Off", code=5).err
    assert JobResult.select().count() == before


JOBS = """
from receivers import Job, register_jobs

class Other(Job):
    def run(self):
        return 1

class Off(Job):
    def run(self):
        return 1

register_jobs(Other, Off)
"""


@pytest.mark.usefixtures("as_alice")
def test_h14_log_entries_have_a_permission_of_their_own(hookline: CommandLine) -> None:
    row = result(status="SUCCESS")
    for level in ("info", "warning"):
        JobLogEntry(result=row, time=row.created, level=level, message=level).save()
    grant("view", "extras.jobresult")
    number = str(row.id)
    assert hookline.json("result", "show", number)["log"] == []
    grant("view", "extras.joblogentry", constraints={"level": "warning"})
    log = hookline.json("result", "show", number)["log"]
    assert [entry["message"] for entry in log] == ["warning"]
    assert " info " not in hookline("result", "follow", number).out
    grant("view", "extras.joblogentry")
    assert len(hookline.json("result", "show", number)["log"]) == 2


def test_h16_h17_h19_who_may_cancel(hookline: CommandLine, as_alice: User) -> None:
    record = job("Guard")
    grant("view", "extras.jobresult")
    mine, other = result(as_alice, job=record), result(job=record)
    orphan, my_orphan = result(), result(as_alice)
    hookline("result", "cancel", str(mine.id), "--yes")
    hookline("result", "cancel", str(my_orphan.id), "--yes")
    for row in (other, orphan):
        done = hookline("result", "cancel", str(row.id), "--yes", code=5)
        assert "extras.cancel_job" in done.err
    grant("cancel", "extras.job", constraints={"job_class_name": "Guard"})
    for row in (other, orphan):
        hookline("result", "cancel", str(row.id), "--yes")
    rows = JobResult.select(JobResult.status).distinct()
    assert [row.status for row in rows] == ["REVOKED"]


def test_users_groups_and_permissions_have_all_verbs(hookline: CommandLine) -> None:
    assert "alone" in hookline("user", "add", "username=alice", code=2).err
    hookline("user", "add", "alice")
    hookline("group", "add", "name=noc", "users=alice")
    said = hookline("user", "set", "alice", "groups=noc", code=2).err
    assert "hookline group set GROUP users+=alice" in said
    hookline(
        *("permission", "add", "name=hq", "object_types=device", "groups=noc"),
        *("actions=view,change", 'constraints:={"location__name": "HQ"}'),
    )
    assert hookline.json("user", "show", "alice")["groups"] == ["noc"]
    (row,) = hookline.json("permission", "list", "name=hq")
    assert row["object_types"] == ["dcim.device"]
    hookline("permission", "set", "hq", "actions+=delete")
    hookline("permission", "disable", "hq")
    shown = hookline.json("permission", "show", "hq")
    assert (shown["enabled"], shown["actions"][-1]) == (False, "delete")
    hookline("user", "disable", "alice")
    assert hookline.json("user", "list", "is_active=no")[0]["username"] == "alice"
    for noun, name in (("permission", "hq"), ("group", "noc"), ("user", "alice")):
        hookline(noun, "delete", name, "--yes")
    assert User.select().count() == 1
    hookline("user", "delete", User.get().username, "--yes", code=2)


def test_a_wrong_permission_names_its_field(hookline: CommandLine) -> None:
    words = ("permission", "add", "name=p", "object_types=dcim.device", "actions=fly")
    done = hookline(*words, "--json", code=2)
    assert "fly" in done.error["fields"]["actions"][0]


def test_both_names_stand_on_changes_and_runs(
    hookline: CommandLine, alice: User
) -> None:
    factories.device("core-01")
    button("Reboot")
    grant("view change", "dcim.device")
    grant("run view", "extras.job extras.jobbutton")
    person = ("--user", "alice")
    hookline("object", "set", "dcim.device:core-01", "serial=A", *person)
    hookline("button", "press", "Reboot", "dcim.device:core-01", *person)
    (change, *_) = hookline.json("change", "list")
    (run, *_) = hookline.json("result", "list")
    for row in (change, run):
        assert (row["user"], row["acted_for"]) == ("alice", _me())


def _me() -> str:
    from models.people.access import os_user_name

    return os_user_name()


def test_a_store_for_a_group(hookline: CommandLine, tmp_path: Any) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    folder = tmp_path / "shared"
    hookline("init", str(folder), "--group", group, "--owner", "carol")
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*")}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o2770
    assert modes["jobs"] == modes["run"] == modes["files"] == 0o2770
    assert modes["store.db"] == 0o660
    done = hookline("init", str(folder), "--owner", "dave", code=2)
    assert "is there already" in done.err
    hookline("init", str(tmp_path / "x"), "--group", "no-such-group", code=2)
    assert not (tmp_path / "x").exists()
    hookline("--store", str(folder), "info", code=5)


def test_another_account_starts_no_runner(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.errors import RefusedError

    monkeypatch.setattr("receivers.service.runner.is_owner", lambda _: False)
    with pytest.raises(RefusedError, match="Another account owns"):
        run_runner(store, RunnerOptions(until_empty=True))


# On the screens


async def test_the_screens_show_what_may_not_be_done_with_the_reason(
    store: Store, alice: User
) -> None:
    device = factories.device("core-01")
    hook("Guard")
    grant("view", "dcim.device extras.jobhook")
    async with open_screens(store, user=alice, size=(120, 48)) as seen:
        await open_place(seen, "hooks", shows="Guard")
        await seen.press("minus")
        await seen.shows("alice may not change Guard")
        await seen.press("a")
        await seen.shows("alice may not add")
        await open_place(seen, "jobs", shows="alice may not view job records")
        await open_place(seen, "changes", shows="alice may not view changes")
        place = ("object", "dcim.device", device.pk)
        await open_place(seen, *place, shows="alice may not view changes")
        await seen.press("D")
        await seen.shows("alice may not delete core-01")


async def test_e4_a_button_without_run_permission_says_so_on_the_page(
    store: Store, alice: User
) -> None:
    device = factories.device("core-01")
    button("Reboot")
    button("Reset")
    grant("view", "dcim.device")
    grant("run", "extras.job", constraints={"name": "Reboot"})
    async with open_screens(store, user=alice, size=(120, 36)) as seen:
        await open_place(seen, "object", "dcim.device", device.pk, shows="Reset")
        (off,) = [line for line in seen.lines if "not now" in line]
        assert "Reset" in off
        assert "may not run" in off


async def test_users_groups_and_permissions_are_made_on_the_screens(
    store: Store, user: User
) -> None:
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "users", shows="Super")
        await seen.press("a")
        await seen.is_at("Add user")
        await seen.shows("Username")
        await seen.type("bob")
        await seen.press("ctrl+s")
        await seen.shows("bob added")
        bob = User.get(User.username == "bob")
        await open_place(seen, "user", bob.id, shows="User bob")
        await seen.press("minus")
        await seen.shows("bob is off")
        await open_place(seen, "groups", shows="There are no groups yet")
        await open_place(seen, "permissions", shows="There are no permissions yet")
    assert not User.get(User.username == "bob").is_active


async def test_a_users_page_leads_to_groups_permissions_and_what_they_did(
    hookline: CommandLine, store: Store
) -> None:
    hookline("user", "add", "ann b")
    hookline("group", "add", "name=noc", "users=ann b")
    hookline("user", "add", "bob")
    async with open_screens(store, size=(120, 36)) as seen:
        await seen.go("users")
        await seen.shows("Groups", "noc", "Superuser")
        await seen.go("user ann b")
        await seen.shows("noc", "all changes of ann b", "all results of ann b")
        for _ in range(3):
            await seen.press("down")
        await seen.press("enter")
        await seen.shows('/user="ann b"', "Nothing fits")
        await seen.go("user bob")
        await seen.shows("none; a group's form says who is in it")


async def test_the_last_superuser_is_kept_with_a_message_beside_the_field(
    store: Store, user: User
) -> None:
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "user", user.id, shows="a superuser")
        await seen.press("minus")
        await seen.shows("is the last active superuser")
        await seen.press("D", "y")
        await seen.shows("is the last active superuser")
    assert Group.select().count() == 0
    assert JobRecord.select().count() == 0


# What counts and lists say of what one may not see


SEEN = {"name": "Seen"}


def schedule_with_results(store: Store) -> None:
    """A schedule whose newest result alice may not see, as its older one."""
    at_three = {"kind": "cron", "words": "0 3 * * *", "timezone": "UTC"}
    record = job(is_job_hook_receiver=False, has_sensitive_variables=False)
    row = JobSchedule(name="Nightly", job=record, owner=User.get(), **at_three)
    row.validated_save()
    for number, name in enumerate(("Seen", "Hidden")):
        made = result(schedule_id=row.id, fire_time=1_000_000 * (number + 1))
        values = {"name": name, "status": ("SUCCESS", "FAILURE")[number]}
        JobResult.update(**values).where(JobResult.id == made.id).execute()
    over = {**at_three, "kind": "at", "words": "2026-01-01T00:00:00"}
    for name in ("Over", "Hidden over"):
        gone = JobSchedule(name=name, job=record, owner=User.get(), **over)
        gone.enabled, gone.last_fire = False, 1
        gone.save()


@pytest.mark.usefixtures("as_alice")
def test_a_schedule_tells_of_those_results_that_one_may_see(
    hookline: CommandLine, store: Store
) -> None:
    schedule_with_results(store)
    grant("view", "extras.jobschedule")
    words = ("schedule", "show", "Nightly")
    shown = hookline.json(*words)
    assert (shown["last_status"], shown["last_result"], shown["results"]) == (
        None,
        None,
        [],
    )
    grant("view", "extras.jobresult", constraints=SEEN)
    assert hookline.json(*words)["last_status"] == "SUCCESS"
    assert len(hookline.json(*words)["results"]) == 1
    (listed,) = hookline.json("schedule", "list", "name=Nightly")
    assert listed["last_status"] == "SUCCESS"


async def test_the_list_of_schedules_shows_what_one_may_see_of_the_last_runs(
    store: Store, alice: User
) -> None:
    schedule_with_results(store)
    grant("view", "extras.jobschedule", constraints={"name__in": ["Nightly", "Over"]})
    grant("view delete", "extras.jobresult", constraints=SEEN)
    async with open_screens(store, size=(120, 36), user=alice) as seen:
        await open_place(seen, "schedules", shows="Nightly")
        await seen.shows("SUCCESS")
        assert "FAILURE" not in seen.text
        await seen.press("C")
        await seen.shows("Delete 1 one-off schedules")
    async with open_screens(store, size=(120, 36)) as seen:
        await open_place(seen, "schedules", shows="FAILURE")


@pytest.mark.usefixtures("as_alice")
def test_only_schedules_that_one_sees_are_cleaned_up(
    hookline: CommandLine, store: Store
) -> None:
    schedule_with_results(store)
    grant("view delete", "extras.jobschedule", constraints={"name": "Over"})
    assert "1 deleted." in hookline("schedule", "clean", "--yes").err
    names = {row.name for row in JobSchedule.select()}
    assert names == {"Nightly", "Hidden over"}


async def test_the_first_screen_counts_what_one_may_see(
    store: Store, alice: User
) -> None:
    hook("Secret", events=["update"])
    for name in ("Seen", "Hidden", "Hidden"):
        made = result()
        JobResult.update(name=name).where(JobResult.id == made.id).execute()
    late = JobSchedule(name="Late", job=job("Late"), owner=User.get(), kind="interval")
    late.words = "1h"
    late.save()
    JobSchedule.update(next_fire=1).execute()
    everything = read_overview(store, User.get(User.is_superuser))
    assert "3 runs waiting" in needs(everything)
    assert "waiting" not in needs(read_overview(store, alice))
    grant("view", "extras.jobresult", constraints=SEEN)
    assert "1 run waiting" in needs(read_overview(store, alice))
    pause(User.get(User.is_superuser), reason="a secret")
    told = needs(read_overview(store, alice))
    assert "a queue is paused; 1 run waiting" in told
    assert "secret" not in told
    resume(User.get(User.is_superuser))
    JobResult.delete().execute()
    assert "1 schedule waits" in needs(read_overview(store, User.get()))
    assert needs(read_overview(store, alice)) == ""
    async with open_screens(store, user=alice) as seen:
        await seen.shows("Automation")
        assert "Needs you" not in seen.text


def needs(overview: Overview) -> str:
    return "\n".join(str(line.values[0]) for line in overview.attention)


@pytest.mark.usefixtures("as_alice")
def test_info_counts_what_one_may_see(hookline: CommandLine, store: Store) -> None:
    factories.device("core-01")
    for status in ("SUCCESS", "FAILURE"):
        made = result()
        JobResult.update(status=status).where(JobResult.id == made.id).execute()
    shown = hookline.json("info")
    assert (shown["objects"], shown["results"], shown["last_failures"]) == (0, 0, [])
    grant("view", "extras.jobresult", constraints={"status": "FAILURE"})
    grant("view", "dcim.device")
    shown = hookline.json("info")
    assert (shown["objects"], shown["results"]) == (1, 1)
    assert len(shown["last_failures"]) == 1


@pytest.mark.usefixtures("as_alice")
def test_a_held_object_is_named_to_those_who_may_see_it(
    hookline: CommandLine, store: Store
) -> None:
    row = hook("Guard")
    device = factories.device("core-01")
    grant("view", "extras.jobhook")
    held = Tripped(
        hook_id=row.id,
        object_type="dcim.device",
        object_id=device.pk.bytes,
        object_name="core-01",
        since=dt.datetime.now(dt.UTC),
        why="too often",
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Breaker, "tripped", lambda *_: [held])
        assert hookline.json("hook", "show", "Guard")["held"] == []
        assert hookline.json("hook", "list")[0]["held"] == []
        grant("view", "dcim.device")
        assert hookline.json("hook", "list")[0]["held"] == ["core-01"]


@pytest.mark.usefixtures("as_alice")
def test_who_is_told_of_failed_runs_is_not_for_everybody(
    hookline: CommandLine,
) -> None:
    hookline("notify", "list", code=5)
    grant("view", "extras.job")
    hookline("notify", "list")
