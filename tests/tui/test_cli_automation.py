from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from models.automation.hooks import JobHook
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from receivers.queueing.locks import RunnerLock
from tests.tui.command_line import TOP, Ended

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store
    from tests.tui.command_line import CommandLine

GUARD = """
from receivers import JobHookReceiver, register_jobs


class SerialGuard(JobHookReceiver):
    class Meta:
        name = "Serial guard"

    def receive_job_hook(self, change, action, changed_object):
        self.logger.info("serial is %s", changed_object.serial)
        if changed_object.serial == "bad":
            raise ValueError("a bad serial")
        return action


register_jobs(SerialGuard)
"""
KINDS = ("hook", "button", "job", "system")
POWER = """
from receivers import (
    ChoiceVar, IntegerVar, Job, JobButtonReceiver, MultiChoiceVar, register_jobs,
)


class Reboot(JobButtonReceiver):
    class Meta:
        has_sensitive_variables = False

    minutes = IntegerVar(default=0)

    def receive_job_button(self, obj, minutes):
        self.logger.info("reboot %s in %s", obj, minutes)
        return minutes


class Sum(Job):
    class Meta:
        has_sensitive_variables = False

    numbers = MultiChoiceVar(choices=(("1", "one"), ("2", "two"), ("3", "three")))
    sign = ChoiceVar(choices=(("+", "plus"), ("-", "minus")), default="+")

    def run(self, numbers, sign):
        self.logger.warning("\\x1b[2Jadding")
        print("printed")
        return sum(map(int, numbers))


class Ask(Job):
    def run(self):
        breakpoint()


register_jobs(Reboot, Sum, Ask)
"""
HOOK = ("name=Guard", "object_types=dcim.device", "events=update")


@pytest.fixture
def guarded(hookline: CommandLine, device: Device) -> CommandLine:
    hookline.write_job("guards", GUARD)
    hookline.start("hook", "add", *HOOK, "job=guards.SerialGuard", "--enable-job")
    return hookline


@pytest.fixture
def powered(hookline: CommandLine, device: Device) -> CommandLine:
    hookline.write_job("power", POWER)
    for name in ("Reboot", "Sum", "Ask"):
        hookline.start("job", "enable", f"power.{name}")
    return hookline


def test_job_list_reads_the_files_and_says_which_are_broken(
    hookline: CommandLine,
) -> None:
    hookline.write_job("guards", GUARD)
    hookline.write_job("broken", "import no_such_module\n")
    ended = hookline("job", "list", "--json")
    jobs = {job["job"]: job for job in ended.document}
    guard = jobs["guards.SerialGuard"]
    assert (guard["kind"], guard["enabled"], guard["runnable"]) == (
        "hook",
        False,
        False,
    )
    assert "broken.py:1" in ended.err


def test_job_show_tells_what_a_job_asks_for(powered: CommandLine) -> None:
    asked = {
        v["name"]: v for v in powered.json("job", "show", "power.Sum")["variables"]
    }
    assert asked["numbers"]["required"] is True
    assert asked["sign"]["default"] == "+"
    assert "multi choice of 1, 2, 3" in powered("job", "show", "power.Sum").out


def test_job_new_writes_a_file_that_works(hookline: CommandLine) -> None:
    for kind in ("hook", "button", "job"):
        hookline("job", "new", f"new_{kind}.Sample", "--kind", kind)
        job = hookline.json("job", "show", f"new_{kind}.Sample")
        assert job["kind"] == kind
        assert not job["error"]
    hookline("job", "new", "new_job.Sample", code=2)
    hookline("job", "new", "models.Sample", code=2)
    hookline("job", "new", "Sample", code=2)


def test_a_job_is_enabled_and_disabled(hookline: CommandLine) -> None:
    hookline.write_job("guards", GUARD)
    assert "is enabled" in hookline("job", "enable", "guards.SerialGuard").err
    assert hookline.json("job", "show", "Serial guard")["runnable"] is True
    hookline("job", "disable", "Serial guard")
    assert hookline.json("job", "show", "guards.SerialGuard")["enabled"] is False


def test_several_jobs_are_enabled_at_once(hookline: CommandLine) -> None:
    hookline.write_job("guards", GUARD)
    hookline.write_job("power", POWER)
    hookline("job", "enable", "Serial guard", "power.Sum", "Serial guard")
    kinds = {kind: hookline.json("job", "list", f"kind={kind}") for kind in KINDS}
    assert {job["job"] for jobs in kinds.values() for job in jobs if job["enabled"]} > {
        "guards.SerialGuard",
        "power.Sum",
    }
    assert {(kind, job["kind"]) for kind, jobs in kinds.items() for job in jobs} == {
        (kind, kind) for kind in KINDS
    }
    assert "kind is one of hook" in hookline("job", "list", "kind=x", code=2).err


def test_a_broken_job_is_not_enabled(hookline: CommandLine) -> None:
    path = hookline.write_job("guards", GUARD)
    hookline("job", "list")
    path.write_text("import no_such_module\n")
    assert "guards.py:1" in hookline("job", "enable", "Serial guard", code=5).err


def test_hook_add_says_what_is_wrong_by_field(hookline: CommandLine) -> None:
    hookline.write_job("guards", GUARD)
    words = ("hook", "add", "name=Guard", "job=guards.SerialGuard", "--enable-job")
    fields = hookline(*words, "--json", code=2).error["fields"]
    assert {"object_types", "events"} <= set(fields)
    assert "is enabled" not in hookline(*words, code=2).err
    assert JobHook.select().count() == 0
    assert JobRecord.get(JobRecord.name == "Serial guard").enabled is False


def test_a_hook_needs_an_enabled_job_or_stays_off(hookline: CommandLine) -> None:
    hookline.write_job("guards", GUARD)
    words = ("hook", "add", *HOOK, "job=guards.SerialGuard")
    assert "enabled" in hookline(*words, "--json", code=2).error["fields"]
    hookline(*words, "enabled=false")
    hookline("hook", "enable", "Guard", code=2)
    hookline("job", "enable", "guards.SerialGuard")
    hookline("hook", "enable", "Guard")
    assert hookline.json("hook", "show", "Guard")["enabled"] is True


def test_hooks_are_listed_changed_switched_and_deleted(guarded: CommandLine) -> None:
    (hook,) = guarded.json("hook", "list", "object_types=device")
    assert hook["object_types"] == ["dcim.device"]
    assert hook["events"] == ["update"]
    assert hook["job"] == "guards.SerialGuard"
    assert guarded.json("hook", "list", "enabled=false") == []
    guarded("hook", "set", "Guard", "events=create,update")
    assert guarded.json("hook", "show", "Guard")["events"] == ["create", "update"]
    guarded("hook", "disable", "Guard")
    assert guarded.json("hook", "show", str(hook["id"]))["enabled"] is False
    guarded("hook", "delete", "Guard", code=2)
    guarded("hook", "delete", "Guard", "--yes")
    assert guarded.json("hook", "list") == []


def test_two_hooks_that_would_run_the_same_job_conflict(guarded: CommandLine) -> None:
    words = ("name=Twin", "object_types=device", "job=guards.SerialGuard")
    fields = guarded("hook", "add", *words, "events=update,create", "--json", code=2)
    assert list(fields.error["fields"]) == ["type_update"]
    said = guarded("hook", "add", *words, "events=update", code=2).err
    assert "events: the hook 'Guard' already runs" in said
    guarded("hook", "add", *words, "events=create")


def test_a_change_says_who_takes_the_runs(guarded: CommandLine, store: Store) -> None:
    words = ("object", "set", "device:core-01")
    assert "no runner is alive" in guarded(*words, "serial=A").err
    lock = RunnerLock(store)
    assert lock.try_acquire()
    assert "the runner takes them" in guarded(*words, "serial=B").err
    lock.release()
    assert guarded(*words, "serial=C", "-q").err == ""


def test_waiting_works_the_run_off_and_shows_its_log_as_talk(
    guarded: CommandLine, device: Device
) -> None:
    ended = guarded.start("object", "set", "device:core-01", "serial=A", "--wait")
    assert ended.out == f"{device.pk}\n"
    assert "serial is A" in ended.err
    assert "SUCCESS" in ended.err
    assert JobResult.get().status == "SUCCESS"


def test_waiting_for_a_run_that_fails_exits_1(guarded: CommandLine) -> None:
    words = ("object", "set", "device:core-01", "serial=bad", "--wait")
    ended = guarded.start(*words, "--json", code=1)
    assert [run["status"] for run in ended.document["runs"]] == ["FAILURE"]


def test_waiting_for_several_runs_starts_a_runner_for_them(
    guarded: CommandLine,
) -> None:
    guarded("object", "set", "device:core-01", "serial=A")
    guarded("object", "set", "device:core-01", "serial=B")
    words = ("object", "set", "device:core-01", "serial=C", "--wait", "30")
    assert "SUCCESS" in guarded.start(*words).err
    last = JobResult.select().order_by(JobResult.id.desc()).get()
    assert last.status == "SUCCESS"


def test_waiting_has_an_end(guarded: CommandLine, store: Store) -> None:
    lock = RunnerLock(store)  # a runner that does nothing
    assert lock.try_acquire()
    words = ("object", "set", "device:core-01", "serial=A", "--wait", "0.1", "--json")
    error = guarded.start(*words, code=4).error
    lock.release()
    assert error["code"] == "timeout"


def test_nobody_waits_on_a_shared_store_without_a_runner(
    guarded: CommandLine,
) -> None:
    guarded.folder.chmod(0o770)
    words = ("object", "set", "device:core-01", "serial=A", "--wait")
    assert "shared store" in guarded.start(*words, code=2).err


def test_the_queue_is_worked_off_and_tells_of_failures(guarded: CommandLine) -> None:
    guarded("object", "set", "device:core-01", "serial=A")
    worked = guarded.start("--run", "--until-empty")
    assert worked.out == ""
    assert "worked off 1 run, all succeeded" in worked.err
    guarded("object", "set", "device:core-01", "serial=bad")
    failed = guarded.start("--run", "--until-empty", code=1)
    assert "worked off 1 run, 1 did not succeed" in failed.err
    assert "worked off no runs" in guarded.start("--run", "--until-empty").err
    assert "worked off" not in guarded.start("--run", "--until-empty", "-q").err
    found = guarded.json("result", "list", "--sort", "id")
    assert [result["status"] for result in found] == ["SUCCESS", "FAILURE"]


def test_a_result_tells_all_about_its_run(guarded: CommandLine, user: User) -> None:
    guarded.start("object", "set", "device:core-01", "serial=A", "--wait", "-q")
    result = guarded.json("result", "show", "1")
    assert result["job"] == "guards.SerialGuard"
    assert result["status"] == "SUCCESS"
    assert result["user"] == user.username
    assert result["result"] == "update"
    assert result["hook"]["name"] == "Guard"
    assert result["button"] is None
    assert result["object"]["name"] == "core-01"
    assert result["duration_s"] > 0
    assert result["created"].endswith("Z")
    assert result["traceback"] is None
    assert [e["message"] for e in result["log"]][1] == "serial is A"
    assert set(result["log"][0]) == {"time", "level", "grouping", "message", "object"}
    change = guarded.json("change", "show", str(result["change"]))
    (verdict,) = change["verdicts"]
    assert (verdict["verdict"], verdict["result"]) == ("fired", 1)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["status=success"], 1),
        (["status!=SUCCESS"], 0),
        (["job=guards.SerialGuard"], 1),
        (["hook=Guard"], 1),
        (["object=dcim.device:core-01"], 1),
        (["user~o"], 1),
        (["created__gt=1h"], 1),
        (["nothing"], 0),
    ],
)
def test_results_are_filtered(
    guarded: CommandLine, words: list[str], count: int
) -> None:
    JobResult.update(user_name="root").execute()
    guarded("object", "set", "device:core-01", "serial=A")
    JobResult.update(status="SUCCESS", user_name="root").execute()
    assert len(guarded.json("result", "list", *words)) == count


def test_a_run_can_be_followed_repeated_and_seen(guarded: CommandLine) -> None:
    guarded.start("object", "set", "device:core-01", "serial=bad", "--wait", code=1)
    followed = guarded.start("result", "follow", "1", code=1)
    assert "serial is bad" in followed.out
    assert "ValueError: a bad serial" in followed.out
    assert "Traceback" in guarded("result", "show", "1").out
    again = guarded.start("result", "rerun", "1", "--wait", "--json-lines", code=1)
    assert [line["event"] for line in again.lines][-1] == "end"
    assert again.lines[-1]["rerun_of"] == 1
    assert "2 acknowledged" in guarded("result", "ack", "--all").err
    assert "0 acknowledged" in guarded("result", "ack", "1").err


def test_a_waiting_run_is_cancelled(guarded: CommandLine) -> None:
    guarded("object", "set", "device:core-01", "serial=A")
    guarded("result", "rerun", "1", code=2)
    guarded("result", "cancel", "1", code=2)
    guarded("result", "cancel", "1", "--yes")
    assert guarded.json("result", "show", "1")["status"] == "REVOKED"
    guarded("result", "cancel", "1", "--yes", code=2)


def test_a_paused_queue_begins_nothing(guarded: CommandLine) -> None:
    guarded("queue", "pause", "--reason", "moving")
    guarded("object", "set", "device:core-01", "serial=A")
    ended = guarded("queue", "list", "--json")
    assert [(row["paused"], row["waiting"]) for row in ended.document] == [(True, 1)]
    assert "moving" in ended.err
    waiting = guarded.json("queue", "show", "default")
    assert [run["status"] for run in waiting] == ["PENDING"]
    guarded.start("--run", "--until-empty")
    assert JobResult.get().status == "PENDING"
    guarded("queue", "resume")
    guarded.start("--run", "--until-empty")
    assert guarded.json("queue", "show", "default") == []


def test_a_button_is_pressed_with_its_values(powered: CommandLine) -> None:
    words = ("name=Reboot", "text=Reboot {{ obj.name }}", "job=power.Reboot")
    powered("button", "add", *words, "object_types=device")
    ended = powered("button", "press", "Reboot", "device:core-01")
    assert ended.out == "1\n"
    pressed = powered.start(
        *("button", "press", "Reboot", "device:core-01", "minutes=5", "--wait"),
        "--json",
    ).document
    assert pressed["status"] == "SUCCESS"
    assert pressed["result"] == 5
    assert pressed["button"]["name"] == "Reboot"
    error = powered(
        "button", "press", "Reboot", "device:core-01", "minutes=x", "--json", code=2
    ).error
    assert list(error["fields"]) == ["minutes"]
    powered("button", "press", "Reboot", "location:HQ", code=5)
    powered("button", "press", "Rebot", "device:core-01", code=2)
    powered("button", "set", "Reboot", "enabled=false")
    powered("button", "press", "Reboot", "device:core-01", code=5)


def test_run_runs_one_job_and_tells_how_it_went(powered: CommandLine) -> None:
    ended = powered.start("--run", "power.Sum", "numbers=1,3")
    *_, last = ended.out.splitlines()
    assert last.startswith("SUCCESS in ")
    assert last.endswith(": 4")
    assert "\x1b" not in ended.out
    assert "[run] printed" in ended.out
    document = powered.start("--run", "power.Sum", "numbers=2", "--json").document
    assert (document["status"], document["result"]) == ("SUCCESS", 2)
    assert document["arguments"] == {"numbers": ["2"], "sign": "+"}


def test_run_takes_its_values_from_a_file_or_stdin(powered: CommandLine) -> None:
    def result(*words: str, text: str) -> object:
        given = ("--run", "power.Sum", "--input", "-", *words, "--json")
        return powered.start(*given, input=text).document["result"]

    assert result(text='{"numbers": ["1", "2"]}') == 3
    assert result("numbers=3", text="numbers: ['1']\n") == 3


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["power.Sum"], 2, "numbers"),
        (["power.Sum", "numbers=7"], 2, "numbers"),
        (["power.Sum", "numbers=1", "colour=red"], 2, "colour"),
        (["power.Summ"], 2, "power.Sum"),
        (["power.Reboot"], 2, "--object"),
        (["power.Reboot", "--object", "device:none"], 2, "no device"),
        (["power.Sum", "numbers=1", "--object", "device:core-01"], 2, "--object"),
        (
            ["power.Reboot", "--object", "device:core-01", "--change", "1"],
            2,
            "--change",
        ),
        (["power.Sum", "--until-empty"], 2, "--until-empty"),
        (["--object", "device:core-01"], 2, "--object"),
    ],
)
def test_a_wrong_run_is_refused_before_it_begins(
    powered: CommandLine, words: list[str], code: int, message: str
) -> None:
    assert message in powered("--run", *words, code=code).err
    assert JobResult.select().count() == 0


def test_a_disabled_job_is_refused(powered: CommandLine) -> None:
    powered("job", "disable", "power.Sum")
    error = powered("--run", "power.Sum", "numbers=1", "--json", code=5).error
    assert error["code"] == "refused"
    assert "job enable" in error["message"]


def test_a_failing_run_exits_1_with_its_traceback_as_talk(
    guarded: CommandLine,
) -> None:
    guarded("object", "set", "device:core-01", "serial=bad")
    number = guarded.json("change", "list", "--limit", "1")[0]["id"]
    words = ("--run", "guards.SerialGuard", "--change", str(number))
    ended = guarded.start(*words, code=1)
    assert "Traceback" in ended.err
    assert ended.out.splitlines()[-1].endswith("ValueError: a bad serial")
    lines = guarded.start(*words, "--json-lines", code=1).lines
    assert [line["event"] for line in lines][-2:] == ["log", "end"]


def test_debug_gives_the_terminal_to_a_breakpoint(powered: CommandLine) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui", "--run", "power.Ask", "--debug", "--json"],
        cwd=TOP,
        env={**os.environ, "HOOKLINE_STORE": str(powered.folder)},
        input="p 40 + 2\nc\n",
        capture_output=True,
        text=True,
        check=False,
    )
    ended = Ended(code=done.returncode, out=done.stdout, err=done.stderr)
    assert ended.document["status"] == "SUCCESS"
    assert "42" in ended.err


def test_a_demo_serves_every_command(hookline: CommandLine) -> None:
    elsewhere = dataclasses.replace(hookline, folder=hookline.folder / "none")
    ended = elsewhere.start("--demo", "object", "list", "dcim.device", "--json")
    assert len(ended.document) > 3
    assert not elsewhere.folder.exists()
