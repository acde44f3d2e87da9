"""Cases F, G and H: ordinary jobs, their settings, inputs and files."""

from __future__ import annotations

import json
import pstats
from typing import TYPE_CHECKING

import pytest

from models.people.access import ObjectPermission, User
from tests import factories
from tests.acceptance.conftest import messages

if TYPE_CHECKING:
    from pathlib import Path

    from models.inventory.dcim import Device
    from models.storage.store import Store
    from tests.acceptance.conftest import Hookline

WORKS = """
    from models import Device, Location
    from receivers import *

    name = "Works"

    class Greet(Job):
        class Meta:
            has_sensitive_variables = False

        who = StringVar(default="you", regex="^[a-z]+$")
        often = IntegerVar(default=1, min_value=0)

        def run(self, who, often):
            self.logger.warning("part one", extra={"grouping": "first"})
            self.logger.info("part two", extra={"grouping": "second"})
            print("printed")
            return f"hello {who}" * often

    class Report(Job):
        upload = FileVar(required=False)

        def run(self, upload):
            text = "" if upload is None else f"{upload.name}: {upload.read().decode()}"
            self.create_file("report.txt", text or "empty")
            return text

    class Pick(Job):
        class Meta:
            has_sensitive_variables = False

        location = ObjectVar(model=Location, required=False)
        device = ObjectVar(model=Device, query_params={"location": "$location"})

        def run(self, location, device):
            return str(device)

    class Fails(Job):
        def run(self):
            raise ValueError("no good")

    class Logs(Job):
        def run(self):
            self.job_result.log("by the result", level_choice="success", grouping="g")
            self.job_result.log("never", level_choice="loud")

    register_jobs(Greet, Report, Pick, Fails, Logs)
"""


@pytest.fixture(autouse=True)
def _works(hookline: Hookline) -> None:
    hookline.write_job("works", WORKS)
    for name in ("Greet", "Report", "Pick", "Fails", "Logs"):
        hookline.run("job", "enable", f"works.{name}")


def test_H26_a_job_runs_with_its_default_arguments(hookline: Hookline) -> None:
    done = hookline.run("--run", "works.Greet")
    assert "[first] part one" in done.out
    assert "SUCCESS in " in done.out
    assert done.out.rstrip().endswith("hello you")
    (result,) = hookline.results()
    assert (result["status"], result["result"]) == ("SUCCESS", "hello you")
    assert result["duration_s"] >= 0


def test_J16_a_failed_job_gives_another_exit_code(hookline: Hookline) -> None:
    done = hookline.run("--run", "works.Fails", code=1)
    assert "ValueError: no good" in done.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--run", "nothing"], 2, "There is no job 'nothing'"),
        (["--run", "works.Greet", "--user", "nobody"], 2, "no user 'nobody'"),
        (["--run", "works.Greet", "who:={"], 2, "who"),
        (["--run", "works.Greet", "--input", "list.json"], 2, "names with values"),
        (["--run", "works.Greet", "--user", "guest"], 5, "guest may not run"),
        (["--run", "works.Off"], 5, "not enabled"),
        (["--run", "works.Gone"], 5, "cannot be loaded"),
    ],
)
def test_H25_a_wrong_request_says_why_and_runs_nothing(
    hookline: Hookline, words: list[str], code: int, said: str, tmp_path: Path
) -> None:
    User(username="guest").save()
    text = WORKS + "\n    class Gone(Job):\n        def run(self): pass\n"
    hookline.write_job("works", f"{text}\n    register_jobs(Gone)\n")
    hookline.run("job", "enable", "works.Gone")
    off = "\n    class Off(Job):\n        def run(self): pass\n    register_jobs(Off)\n"
    hookline.write_job("works", WORKS + off)
    (tmp_path / "list.json").write_text("[1]")
    words = [str(tmp_path / word) if word == "list.json" else word for word in words]
    assert said in hookline.run(*words, code=code).err
    assert hookline.results() == []


def test_H7_wrong_missing_and_unknown_inputs_are_named(hookline: Hookline) -> None:
    words = ["who=UPPER", "often=-1", "nothing=1", "--json"]
    fields = hookline.run("--run", "works.Greet", *words, code=2).error["fields"]
    assert sorted(fields) == ["nothing", "often", "who"]
    missing = hookline.run("--run", "works.Pick", "--json", code=2).error["fields"]
    assert missing == {"device": ["This field is required."]}


def test_H13_F28_a_repeated_run_has_the_inputs_of_the_first(hookline: Hookline) -> None:
    hookline.run("--run", "works.Greet", "who=anna", "often=2")
    (first,) = hookline.results()
    assert first["arguments"] == {"who": "anna", "often": 2}

    again = hookline.json("result", "rerun", str(first["id"]), "--wait")
    assert again["result"] == "hello annahello anna"
    other = hookline.json("result", "rerun", str(first["id"]), "often=1", "--wait")
    assert other["result"] == "hello anna"
    assert other["rerun_of"] == first["id"]


def test_a_run_with_sensitive_inputs_is_repeated_with_new_ones(
    hookline: Hookline,
) -> None:
    hookline.write_job("works", WORKS.replace("variables = False", "variables = True"))
    hookline.run("job", "enable", "works.Greet")
    hookline.run("--run", "works.Greet", "who=anna")
    (first,) = hookline.results()
    assert first["arguments"] == {}
    other = hookline.json("result", "rerun", str(first["id"]), "who=bob", "--wait")
    assert other["result"] == "hello bob"


def test_F17_F18_an_upload_is_read_by_the_run_and_then_deleted(
    hookline: Hookline, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b")
    hookline.run("--run", "works.Report", f"upload={path}")
    (result,) = hookline.results()
    assert result["result"] == "list.csv: a,b"
    assert store.execute("SELECT count(*) FROM job_upload").fetchone()[0] == 0

    path.unlink()
    fields = hookline.run(
        "--run", "works.Report", f"upload={path}", "--json", code=2
    ).error["fields"]
    assert "cannot be read" in fields["upload"][0]


def test_F19_a_file_that_a_run_made_is_saved_and_goes_with_the_result(
    hookline: Hookline, tmp_path: Path
) -> None:
    hookline.run("--run", "works.Report")
    (result,) = hookline.results()
    assert result["files"] == [{"name": "report.txt", "size": 5}]
    assert "Attached the file report.txt (5 bytes)" in messages(result)
    number = str(result["id"])
    assert hookline.run("result", "file", number).out == "empty"
    target = tmp_path / "copy.txt"
    hookline.run("result", "file", number, "report.txt", "--output", str(target))
    assert target.read_text() == "empty"
    refused = hookline.run("result", "file", number, "--output", str(target), code=2)
    assert "is there already" in refused.err
    assert "report.txt" in hookline.run("result", "file", number, "x", code=2).err


def test_F23_a_profile_is_attached_and_can_be_read(
    hookline: Hookline, tmp_path: Path
) -> None:
    hookline.run("--run", "works.Greet", "--profile")
    (result,) = hookline.results()
    target = tmp_path / "profile.pstats"
    hookline.run("result", "file", str(result["id"]), "--output", str(target))
    assert pstats.Stats(str(target)).get_stats_profile().total_tt >= 0


def test_H8_F57_one_run_waits_in_another_queue_and_is_profiled(
    hookline: Hookline,
) -> None:
    hookline.run("queue", "add", "name=slow", "priority=7")
    words = ("--run", "works.Greet", "who=anna", "--profile", "--json")
    refused = hookline.run(*words, "--queue", "fast", code=2)
    assert refused.error["candidates"] == ["default", "slow"]
    assert hookline.results() == []

    queued = hookline.json(*words[:-1], "--queue", "slow")
    assert (queued["status"], queued["queue"]) == ("PENDING", "slow")
    waited = hookline.json(*words[:-1], "--queue", "slow", "--wait")
    assert (waited["status"], waited["queue"]) == ("SUCCESS", "slow")
    assert [file["name"] for file in waited["files"]] == ["profile.pstats"]


def test_H13_a_repeated_run_is_profiled_again_and_may_wait_elsewhere(
    hookline: Hookline,
) -> None:
    hookline.run("queue", "add", "name=slow")
    words = ("works.Greet", "--profile", "--queue", "slow", "--wait")
    first = str(hookline.json("--run", *words)["id"])

    again = hookline.json("result", "rerun", first, "--wait")
    assert again["queue"] == "default"
    assert [file["name"] for file in again["files"]] == ["profile.pstats"]
    other = hookline.json("result", "rerun", first, "--queue", "slow")
    assert other["queue"] == "slow"


def test_null_on_the_command_line_stands_for_a_null_option(
    hookline: Hookline,
) -> None:
    hookline.write_job(
        "nulls",
        """
        from models import Device
        from receivers import *

        class Free(Job):
            class Meta:
                has_sensitive_variables = False

            device = ObjectVar(model=Device, null_option="No device")

            def run(self, device):
                return repr(device)

        register_jobs(Free)
        """,
    )
    hookline.run("job", "enable", "nulls.Free")
    done = hookline.json("--run", "nulls.Free", "device=null")
    assert (done["arguments"], done["result"]) == ({"device": None}, "None")
    missing = hookline.run("--run", "nulls.Free", "--json", code=2).error["fields"]
    assert missing == {"device": ["This field is required."]}


def test_F31_logging_through_the_result_refuses_an_unknown_level(
    hookline: Hookline,
) -> None:
    hookline.run("--run", "works.Logs", code=1)
    (result,) = hookline.results()
    assert result["error"].startswith("ValueError: There is no level 'loud'")
    assert {"success"} == {
        entry["level"] for entry in result["log"] if entry["grouping"] == "g"
    }


def test_F8_what_is_printed_stands_in_the_log_once_and_is_exported(
    hookline: Hookline, tmp_path: Path
) -> None:
    hookline.run("--run", "works.Greet")
    (result,) = hookline.results()
    number = str(result["id"])
    assert messages(result).count("printed") == 1
    lines = hookline.run("result", "export", number).out.splitlines()
    assert len(lines) == len(result["log"])
    assert any(line.endswith("] warning [run] printed") for line in lines)
    assert all(line.startswith("[") and line[13] == "]" for line in lines)

    high = hookline.run("result", "export", number, "--level", "warning").out
    assert "part one" in high
    assert "part two" not in high
    words = ("--grouping", "second", "--form", "csv")
    rows = hookline.run("result", "export", number, *words).out.splitlines()
    assert rows[0] == "time,level,grouping,message,object"
    assert [row.split(",")[3] for row in rows[1:]] == ["part two"]
    target = tmp_path / "run.json"
    hookline.run("result", "export", number, "--output", str(target))
    assert json.loads(target.read_text())["log"] == result["log"]


MARKDOWN = "## Done\n\n* **core-01** is [up](https://example.com), `xe-0` _down_"
"""Markup that a log message may hold, and a link; nothing of it is rendered."""


def test_F67_a_result_counts_what_was_logged_at_each_level(hookline: Hookline) -> None:
    hookline.write_job(
        "levels",
        """
        from receivers import Job, register_jobs

        class Levels(Job):
            def run(self):
                for name in ("debug", "info", "success", "warning"):
                    getattr(self.logger, name)(name)
                for name in ("failure", "error", "critical"):
                    getattr(self.logger, name)("bad")

        register_jobs(Levels)
        """,
    )
    hookline.run("job", "enable", "levels.Levels")
    done = hookline.json("--run", "levels.Levels")
    logged = [entry["level"] for entry in done["log"]]
    assert done["log_counts"] == {
        "debug": 1,
        "info": logged.count("info"),
        "success": logged.count("success"),
        "warning": 1,
        "error": 3,
    }
    assert done["status"] == "SUCCESS"  # what is logged decides nothing


def test_F70_markdown_in_a_log_message_is_kept_and_shown_as_written(
    hookline: Hookline,
) -> None:
    hookline.write_job(
        "notes",
        f"""
        from receivers import Job, register_jobs

        class Tell(Job):
            def run(self):
                self.logger.info({MARKDOWN!r})

        register_jobs(Tell)
        """,
    )
    hookline.run("job", "enable", "notes.Tell")
    last = MARKDOWN.splitlines()[-1]
    assert last in hookline.run("--run", "notes.Tell").out

    (result,) = hookline.results()
    assert MARKDOWN in messages(result)
    number = str(result["id"])
    assert last in hookline.run("result", "show", number).out
    for form in ("text", "csv", "json"):
        assert last in hookline.run("result", "export", number, "--form", form).out


def test_a_picker_that_depends_on_another_is_checked(
    hookline: Hookline, device: Device
) -> None:
    factories.location("Elsewhere")
    right = f"location={device.location.name}"
    done = hookline.json("--run", "works.Pick", right, f"device={device.name}")
    assert done["result"] == device.name
    words = ["location=Elsewhere", f"device={device.name}", "--json"]
    fields = hookline.run("--run", "works.Pick", *words, code=2).error["fields"]
    assert "does not fit" in fields["device"][0]


def test_G7_a_setting_of_a_job_stays_until_it_is_reset(hookline: Hookline) -> None:
    words = ["description=Ours", "time_limit=99", "hidden=yes"]
    changed = hookline.json("job", "set", "works.Greet", *words)
    assert changed["overrides"] == ["description", "hidden", "time_limit"]
    hookline.write_job("works", WORKS + "\n    # saved again\n")
    (found,) = hookline.json("job", "list", "hidden=yes", "module=works")
    assert (found["description"], found["time_limit"]) == ("Ours", 99)
    listed = [job["job"] for job in hookline.json("job", "list")]
    assert "works.Greet" not in listed
    assert "works.Fails" in listed

    hookline.run("job", "set", "works.Greet", "time_limit=0")
    assert "time_limit" in hookline.json("job", "show", "works.Greet")["overrides"]
    hookline.run("job", "set", "works.Greet", "time_limit=", "description=Ours")
    assert "time_limit" not in hookline.json("job", "show", "works.Greet")["overrides"]
    hookline.run("job", "set", "works.Greet", "time_limit=98")
    hookline.run("job", "reset", "works.Greet", "time_limit")
    kept = hookline.json("job", "show", "works.Greet")
    assert (kept["time_limit"], kept["description"]) == (0, "Ours")
    hookline.run("job", "reset", "works.Greet")
    assert hookline.json("job", "show", "works.Greet")["overrides"] == []
    assert (
        "job_path"
        in hookline.run("job", "set", "works.Greet", "job_path=x", code=2).err
    )


def test_H8_a_queue_that_is_not_there_is_refused(hookline: Hookline) -> None:
    wrong = hookline.run("job", "set", "works.Greet", "queue=nothing", "--json", code=2)
    assert list(wrong.error["fields"]) == ["queue"]
    assert "default" in wrong.error["fields"]["queue"][0]


def test_G22_a_queue_that_a_job_uses_is_not_deleted(hookline: Hookline) -> None:
    hookline.run("queue", "add", "name=slow", "priority=5", "run_limit=2")
    hookline.run("job", "set", "works.Greet", "queue=slow")
    refused = hookline.run("queue", "delete", "slow", "--yes", code=5)
    assert "works.Greet" in refused.err
    hookline.run("queue", "delete", "default", "--yes", code=5)
    hookline.run("job", "reset", "works.Greet")
    hookline.run("queue", "delete", "slow", "--yes")
    assert [row["name"] for row in hookline.json("queue", "list")] == ["default"]


def test_a_paused_queue_keeps_its_runs(hookline: Hookline) -> None:
    hookline.run("--run", "works.Greet")
    hookline.run("queue", "add", "name=slow")
    hookline.run("job", "set", "works.Greet", "queue=slow")
    hookline.run("queue", "pause", "slow", "--reason", "maintenance")
    first = str(hookline.results()[0]["id"])
    hookline.run("result", "rerun", first)
    hookline.run("--run", "--until-empty")
    waiting = hookline.json("queue", "show", "slow")
    assert [row["status"] for row in waiting] == ["PENDING"]
    (slow,) = hookline.json("queue", "list", "name=slow")
    assert (slow["waiting"], slow["paused"], slow["reason"]) == (1, True, "maintenance")
    hookline.run("queue", "resume", "slow")
    hookline.run("--run", "--until-empty")
    assert [row["status"] for row in hookline.results()] == ["SUCCESS", "SUCCESS"]


def test_G23_F32_a_job_that_ships_cannot_be_deleted(hookline: Hookline) -> None:
    shipped = [
        job["job"]
        for job in hookline.json("job", "list")
        if job["job"].startswith("receivers.")
    ]
    refused = hookline.run("job", "delete", shipped[0], "--yes", code=5)
    assert "came with Hookline" in refused.err


def test_a_deleted_job_takes_its_hooks_with_it_and_leaves_its_results(
    hookline: Hookline,
) -> None:
    hookline.run("--run", "works.Greet")
    (hookline.folder / "jobs" / "works.py").unlink()
    hookline.run("job", "delete", "works.Greet", "--yes")
    assert [row["job"] for row in hookline.results()] == ["works.Greet"]
    assert "works.Greet" not in [job["job"] for job in hookline.json("job", "list")]


def test_H5_a_run_that_nobody_takes_says_so(hookline: Hookline) -> None:
    hookline.run("--run", "works.Greet")
    done = hookline.run("result", "rerun", "1")
    assert "no runner is alive" in done.err


def test_H23_a_run_that_is_over_is_not_cancelled(hookline: Hookline) -> None:
    hookline.run("--run", "works.Greet")
    refused = hookline.run("result", "cancel", "1", "--yes", code=2)
    assert "is over already: SUCCESS" in refused.err
    assert hookline.results()[0]["status"] == "SUCCESS"


def test_H20_a_cancelled_run_says_who_and_when(hookline: Hookline) -> None:
    hookline.run("--run", "works.Greet")
    hookline.run("result", "rerun", "1")
    hookline.run("result", "cancel", "2", "--yes")
    row = hookline.json("result", "show", "2")
    assert row["status"] == "REVOKED"
    assert row["cancelled_by"] == row["user"]
    assert row["done"]


def test_changed_code_waits_for_approval_where_that_is_asked_for(
    hookline: Hookline,
) -> None:
    config = hookline.folder / "config.yaml"
    config.write_text("jobs:\n  require_reapproval: true\n")
    hookline.write_job("works", WORKS.replace("hello", "goodbye"))
    refused = hookline.run("--run", "works.Greet", code=1)
    assert "has changed since it was enabled" in refused.out
    assert hookline.json("job", "show", "works.Greet")["changed"]
    hookline.run("job", "enable", "works.Greet")
    assert hookline.json("--run", "works.Greet")["result"] == "goodbye you"


def test_F35_a_job_may_queue_another_as_in_nautobot(hookline: Hookline) -> None:
    hookline.write_job(
        "chain",
        """
        from models import JobResult
        from receivers import Job, register_jobs

        class Chain(Job):
            def run(self):
                try:
                    JobResult.enqueue_job("works.Greet", self.user)
                except ValueError as error:
                    self.logger.info("%s", error)
                new = JobResult.enqueue_job(
                    "works.Greet", self.user, job_kwargs={"who": "anna", "often": 1}
                )
                return new.id

        register_jobs(Chain)
        """,
    )
    hookline.run("job", "enable", "chain.Chain")
    hookline.run("--run", "chain.Chain", "--wait")
    first, second = hookline.results()
    assert any("needs job_kwargs" in text for text in messages(first))
    assert second["result"] == "hello anna"


def test_permissions_of_a_user_hold_for_settings(hookline: Hookline) -> None:
    User(username="guest").save()
    ObjectPermission(
        name="see", object_types=["extras.job"], actions=["view"], users=["guest"]
    ).save()
    words = ("job", "set", "works.Greet", "time_limit=5", "--user", "guest")
    assert "may not change" in hookline.run(*words, code=5).err
