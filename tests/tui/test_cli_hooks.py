"""`hookline hook …` for hooks that are held back, changed together, or kept as code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.automation.hooks import JobHook
from models.history.changes import ObjectChange
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from tests.tui.automation import set_status

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store
    from tests.tui.command_line import CommandLine

GUARDS = """
from receivers import JobButtonReceiver, JobHookReceiver, register_jobs

class First(JobHookReceiver):
    def receive_job_hook(self, change, action, changed_object):
        pass

class Second(First):
    pass

class Press(JobButtonReceiver):
    def receive_job_button(self, obj):
        obj.serial = "pressed"
        obj.save()

register_jobs(First, Second, Press)
"""


PRESS = ("object_types=device", "job=guards.Press", "--enable-job", "enabled=yes")


@pytest.fixture
def guarded(hookline: CommandLine, device: Device) -> CommandLine:
    """Two hooks on updates of devices: `first` and `second`."""
    hookline.write_job("guards", GUARDS)
    for name in ("first", "second"):
        hookline(
            "hook",
            "add",
            f"name={name}",
            "object_types=dcim.device",
            "events=update",
            f"job=guards.{name.title()}",
            "--enable-job",
        )
    return hookline


def test_F130_a_hook_and_a_button_say_where_their_runs_wait(
    guarded: CommandLine,
) -> None:
    guarded("queue", "add", "name=slow", "priority=7")
    wrong = guarded("hook", "set", "first", "queue=fast", "--json", code=2)
    assert list(wrong.error["fields"]) == ["queue"]

    guarded("hook", "set", "first", "queue=slow", "priority=-2")
    change(guarded, "A")
    shown = guarded.json("hook", "show", "first")
    assert (shown["queue"], shown["priority"]) == ("slow", -2)
    rows = {row.name: (row.queue, row.priority) for row in JobResult.select()}
    assert rows == {"First": ("slow", -2), "Second": ("default", 0)}

    words = ("name=Press", "text=Press", "job=guards.Press", "queue=slow")
    guarded("button", "add", *words, "object_types=dcim.device", "--enable-job")
    guarded("button", "press", "Press", "dcim.device:core-01")
    pressed = JobResult.get(JobResult.name == "Press")
    assert (pressed.queue, pressed.priority) == ("slow", 7)
    refused = guarded("queue", "delete", "slow", "--yes", code=5)
    assert "that of the hook first" in refused.err

    guarded("hook", "set", "first", "queue=", "priority=")
    change(guarded, "B")
    last = JobResult.select().where(JobResult.name == "First")
    assert [row.queue for row in last.order_by(JobResult.id)] == ["slow", "default"]


def test_F130_a_repeated_run_waits_where_its_hook_says(
    guarded: CommandLine, store: Store
) -> None:
    guarded("queue", "add", "name=slow")
    change(guarded, "A")
    set_status(store, "FAILURE")
    guarded("hook", "set", "first", "queue=slow", "priority=-2")

    again = guarded.json("result", "rerun", "1")
    assert again["queue"] == "slow"
    assert JobResult.get_by_id(again["id"]).priority == -2


def change(hookline: CommandLine, serial: str) -> Any:
    """Change the device; return the verdicts by hook."""
    hookline("object", "set", "dcim.device:core-01", f"serial={serial}")
    (row,) = hookline.json("change", "list", "--limit", "1")
    return verdicts(hookline, row["id"])


def verdicts(hookline: CommandLine, number: int) -> dict[str, tuple[str, str]]:
    found = hookline.json("change", "show", str(number))["verdicts"]
    return {v["hook"]["name"]: (v["verdict"], v["detail"]) for v in found}


def reasons(hookline: CommandLine, serial: str) -> dict[str, str]:
    return {name: found[0] for name, found in change(hookline, serial).items()}


def test_C13_several_hooks_are_changed_at_once_or_none(guarded: CommandLine) -> None:
    guarded(
        "hook",
        "set",
        "first",
        "second",
        "enabled=false",
        "events=create,delete",
        "object_types+=dcim.location",
        "object_types-=dcim.device",
    )
    rows = guarded.json("hook", "list")
    assert [row["enabled"] for row in rows] == [False, False]
    assert [row["events"] for row in rows] == [["create", "delete"]] * 2
    assert [row["object_types"] for row in rows] == [["dcim.location"]] * 2

    job = JobRecord.get(JobRecord.job_class_name == "First")
    guarded("hook", "set", "first", "second", f"job={job.class_path}", code=2)
    guarded("job", "disable", "guards.Second")
    guarded("hook", "enable", "first", "second", code=2)
    assert [row["enabled"] for row in guarded.json("hook", "list")] == [False, False]
    guarded("hook", "delete", "first", "second", "--yes")
    assert guarded.json("hook", "list") == []


def test_lines_of_conditions_are_added_and_taken_away(guarded: CommandLine) -> None:
    def lines(name: str) -> list[str]:
        found: str = guarded.json("hook", "show", name)["conditions"]
        return found.splitlines()

    guarded("hook", "set", "first", "conditions=changed serial; name = core-01")
    guarded("hook", "set", "first", "second", "conditions+=user is alice, bob")
    assert lines("first") == ["changed serial", "name = core-01", "user is alice, bob"]
    assert lines("second") == ["user is alice, bob"]
    words = (
        "conditions-=changed serial",
        "conditions+=changed name; changed asset_tag",
    )
    guarded("hook", "set", "first", *words, "conditions+=name = core-01")
    assert lines("first") == [
        "name = core-01",
        "user is alice, bob",
        "changed name",
        "changed asset_tag",
    ]
    said = guarded("hook", "set", "first", "conditions+=no condition", code=2).err
    assert "line 5" in said
    words = ("conditions=changed serial", "conditions+=changed name")
    assert (
        "both set and added to" in guarded("hook", "set", "first", *words, code=2).err
    )
    assert len(lines("first")) == 4
    guarded("hook", "set", "second", "conditions-=user is alice, bob")
    assert lines("second") == []


def test_K14_a_hook_is_tested_on_one_change(guarded: CommandLine) -> None:
    change(guarded, "A")
    change(guarded, "B")
    older = guarded.json("change", "list", "--sort", "id")[-2]["id"]
    (row,) = guarded.json("hook", "test", "first", "--change", str(older))
    assert (row["change"], row["verdict"]) == (older, "fired")
    other = guarded.json("change", "list", "object_type=dcim.location")[0]["id"]
    words = ("hook", "test", "first", "--change", str(other))
    assert "is for: dcim.device" in guarded(*words, code=2).err


def test_a_change_of_a_run_names_its_result(guarded: CommandLine) -> None:
    change(guarded, "A")
    (row,) = guarded.json("change", "list", "--limit", "1")
    assert (row["result"], row["caused_by"]) == (None, None)
    guarded("button", "add", "name=Set", "text=Set", *PRESS)
    guarded("button", "press", "Set", "dcim.device:core-01", "--wait")
    (row,) = guarded.json("change", "list", "--limit", "1")
    (result,) = guarded.json("result", "list", "--limit", "1", "button=Set")
    assert row["result"] == result["id"]


def test_a_muted_hook_misses_what_catching_up_runs(guarded: CommandLine) -> None:
    said = guarded("hook", "mute", "first", "--for", "2h", "--reason", "migration").err
    assert "first is muted by" in said
    found = change(guarded, "A")
    assert found["first"][0] == "muted"
    assert found["first"][1].endswith("Z: migration")
    assert found["second"][0] == "fired"
    shown = guarded.json("hook", "show", "first")
    assert (shown["state"], shown["missed"]) == ("muted", {"muted": 1})

    assert "1 run missed (muted 1)" in guarded("hook", "unmute", "first").err
    listed = guarded.json("hook", "catch-up", "--list")
    assert [(row["hook"], row["verdict"], row["today"]) for row in listed] == [
        ("first", "muted", "fired")
    ]
    refused = guarded("hook", "catch-up", code=2)
    assert "1 run missed (muted 1). Run what can be run now? Say --yes" in refused.err

    done = guarded.json("hook", "catch-up", "first", "--yes")
    assert len(done["queued"]) == 1
    assert guarded.json("hook", "catch-up", "first", "--yes")["queued"] == []
    assert guarded.json("hook", "show", "first")["missed"] == {}


@pytest.mark.parametrize("span", ["2 hours", "0s", "h", "900d"])
def test_a_span_of_time_is_checked(guarded: CommandLine, span: str) -> None:
    assert (
        "is no span of time"
        in guarded("hook", "mute", "first", "--for", span, code=2).err
    )


def test_what_was_missed_can_be_given_up(guarded: CommandLine) -> None:
    guarded("hook", "mute", "first", "second")
    change(guarded, "A")

    guarded("hook", "catch-up", "first", "--forget", "--yes")

    found = guarded.json("change", "list", "verdict=passed-over")
    assert len(found) == 1
    assert guarded.json("hook", "show", "first")["missed"] == {}
    assert guarded.json("hook", "show", "second")["missed"] == {"muted": 1}


def test_catching_up_is_refused_for_what_never_can_be(guarded: CommandLine) -> None:
    error = guarded("hook", "catch-up", "--verdict", "depth", code=2).err
    assert "job missing" in error
    guarded("hook", "disable", "first")
    assert "hookline hook enable" in guarded("hook", "catch-up", "first", code=5).err


def test_a_job_that_was_missing_leaves_its_hook_on_and_is_caught_up(
    guarded: CommandLine,
) -> None:
    path = guarded.write_job("guards", "import nothing_there\n")
    guarded("job", "list")
    found = change(guarded, "A")
    assert found["first"] == ("job missing", found["first"][1])
    assert "guards.py:1: ModuleNotFoundError" in found["first"][1]

    path.write_text(GUARDS)
    said = guarded("job", "list").err + guarded("hook", "list").out
    assert "off" not in said
    done = guarded.json("hook", "catch-up", "--yes")
    assert len(done["queued"]) == 2
    assert all(row.enabled for row in JobHook.select())


def test_the_breaker_is_seen_and_reset(
    guarded: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOKLINE_HOOKS_BREAKER_RUNS", "2")
    monkeypatch.setenv("HOOKLINE_HOOKS_BREAKER_S", "86400")
    for serial in "ABC":
        found = change(guarded, serial)
    assert found["first"] == ("breaker", "2 runs for this object in 86400 s")
    listed = guarded.json("hook", "list")
    assert [(row["state"], row["held"]) for row in listed] == [("on", ["core-01"])] * 2
    shown = guarded.json("hook", "show", "first")
    (held,) = shown["held"]
    assert held["object"]["name"] == "core-01"
    assert held["why"] == "2 runs for this object in 86400 s"
    assert held["since"]
    assert shown["missed"] == {"breaker": 1}

    said = guarded("hook", "reset", "first").err
    assert "The breaker of first is closed. 1 run missed (breaker 1)" in said
    assert guarded.json("hook", "show", "first")["held"] == []
    assert reasons(guarded, "D") == {"first": "fired", "second": "breaker"}


def test_changes_are_filtered_by_what_hooks_made_of_them(guarded: CommandLine) -> None:
    change(guarded, "A")
    guarded("hook", "mute", "first")
    change(guarded, "B")
    guarded("hook", "disable", "second")
    change(guarded, "C")

    def found(*filters: str) -> list[str]:
        rows = guarded.json("change", "list", *filters, "--sort", "id")
        images = [ObjectChange.get_by_id(row["id"]).object_data for row in rows]
        return [image["serial"] for image in images]

    assert found("hook=first", "verdict=fired") == ["A"]
    assert found("hook=second", "verdict=fired") == ["A", "B"]
    assert found("hook=first", "verdict!=fired") == ["B", "C"]
    assert found("verdict=muted", "hook!=first") == []
    assert found("verdict=muted,hook-off") == ["B", "C"]
    assert found("hook=second") == ["A", "B", "C"]
    assert "is no verdict" in guarded("change", "list", "verdict=fird", code=2).err


MANAGED = """\
hooks:
  managed:
    Coded:
      object_types: [dcim.device]
      events: [create]
      job: guards.First
"""


def test_hooks_as_code_are_applied_shown_and_refused_elsewhere(
    guarded: CommandLine, store: Store
) -> None:
    (store.folder / "config.yaml").write_text(MANAGED)
    assert "made Coded" in guarded("config", "apply").err
    assert guarded.json("hook", "show", "Coded")["managed"] == "config.yaml:3"
    for words in (
        ("set", "Coded", "enabled=false"),
        ("disable", "Coded"),
        ("delete", "Coded", "--yes"),
    ):
        error = guarded("hook", *words, code=5).err
        assert "Coded is managed by config.yaml:3: change it there" in error
    guarded("hook", "mute", "Coded")  # what holds it is no part of the file

    (store.folder / "config.yaml").write_text(MANAGED.replace("create", "creat"))
    error = guarded("config", "apply", code=2).err
    assert "config.yaml:5: the hook 'Coded': events: 'creat' is none of" in error
    assert guarded.json("hook", "show", "Coded")["events"] == ["create"]


def test_J17_enabling_a_job_tells_what_stayed_off(guarded: CommandLine) -> None:
    guarded("hook", "disable", "first")
    guarded(
        "button",
        "add",
        "name=Press",
        "text=Press",
        "object_types=dcim.device",
        "job=guards.Press",
        "enabled=false",
    )
    guarded("job", "disable", "guards.First")

    said = guarded("job", "enable", "guards.First").err
    assert "The hook first is off" in said
    said = guarded("job", "enable", "guards.Press").err
    assert "The button Press is off" in said


def test_C14_a_deleted_hook_leaves_its_results(guarded: CommandLine) -> None:
    change(guarded, "A")
    guarded("hook", "delete", "first", "--yes")

    assert JobResult.select().count() == 2
    assert JobHook.select().count() == 1
