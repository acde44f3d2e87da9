"""Cases D: a change, the runs that it fires, and what the receivers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import factories
from tests.acceptance.conftest import LOGGING_HOOK, messages

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from tests.acceptance.conftest import Hookline

LOCATION = ("name=Annex", "location_type=Site", "status=Active")


@pytest.fixture(autouse=True)
def _watching(hookline: Hookline) -> None:
    hookline.write_job("watching", LOGGING_HOOK)


def test_D1_a_hook_runs_its_receiver_as_the_changing_user(
    hookline: Hookline, editor: User
) -> None:
    factories.location_type("Site")
    factories.status("Active")
    hookline.add_hook("watch", "watching.Watch", "create", "dcim.location")

    words = ("object", "add", "dcim.location", *LOCATION)
    hookline.run(*words, "--user", "editor", "--wait")

    (result,) = hookline.results()
    assert result["status"] == "SUCCESS"
    assert result["job"] == "watching.Watch"
    assert result["user"] == editor.username
    assert messages(result)[0].startswith("Running job (source version: ")
    assert messages(result)[1:] == [
        "location Annex created by editor",
        "action: create",
        "by editor",
        "object: Annex",
        "Job completed",
    ]
    assert result["log"][-1]["level"] == "success"


def test_D7_a_receivers_own_changes_are_its_users_and_fire_no_hook(
    hookline: Hookline, device: Device
) -> None:
    hookline.write_job(
        "making",
        """
        from models import Location, LocationType, Status
        from receivers import JobHookReceiver, register_jobs

        class Make(JobHookReceiver):
            def receive_job_hook(self, change, action, changed_object):
                Location(
                    name="Made",
                    location_type=LocationType.objects.get(name="Site"),
                    status=Status.objects.get(name="Active"),
                ).validated_save()

        register_jobs(Make)
        """,
    )
    hookline.add_hook("make", "making.Make", "update")
    hookline.add_hook("watch", "watching.Watch", "create", "dcim.location")

    hookline.run("object", "set", f"dcim.device:{device.name}", "serial=A", "--wait")

    (result,) = hookline.results()
    (made,) = hookline.changes("object=dcim.location:Made")
    assert result["status"] == "SUCCESS"
    assert made["kind"] == "job-hook"
    assert made["user"] == result["user"]
    assert [(v["hook"]["name"], v["verdict"]) for v in made["verdicts"]] == [
        ("watch", "caused by result")
    ]


def test_D8_a_receiver_without_its_method_fails(
    hookline: Hookline, device: Device
) -> None:
    hookline.write_job(
        "lacking",
        """
        from receivers import JobHookReceiver, register_jobs

        class Lacking(JobHookReceiver):
            pass

        register_jobs(Lacking)
        """,
    )
    hookline.add_hook("lack", "lacking.Lacking", "update")

    change = ("object", "set", f"dcim.device:{device.name}", "serial=A")
    hookline.run(*change, "--wait", code=1)

    (result,) = hookline.results()
    assert result["status"] == "FAILURE"
    assert "receive_job_hook" in result["error"]


def test_D14_each_hook_runs_once_in_name_order(
    hookline: Hookline, device: Device
) -> None:
    for name in ("three", "one", "two"):
        hookline.write_job(name, LOGGING_HOOK.replace("Watch", name.title()))
        hookline.add_hook(f"{name} hook", f"{name}.{name.title()}", "update")

    hookline.run("object", "set", f"dcim.device:{device.name}", "serial=A", "--wait")

    results = hookline.results()
    assert [r["hook"]["name"] for r in results] == [
        "one hook",
        "three hook",
        "two hook",
    ]
    assert [r["id"] for r in results] == sorted(r["id"] for r in results)
    assert {r["status"] for r in results} == {"SUCCESS"}


def test_D16_a_delete_gives_the_receiver_no_object(
    hookline: Hookline, device: Device
) -> None:
    hookline.add_hook("watch", "watching.Watch", "delete")

    hookline.run("object", "delete", f"dcim.device:{device.name}", "--yes", "--wait")

    (result,) = hookline.results()
    assert result["status"] == "SUCCESS"
    assert "action: delete" in messages(result)
    assert "object: None" in messages(result)


GROWING = """
    from models import JobRecord, Tag, change_context
    from models.runs.results import enqueue
    from receivers import Job, JobHookReceiver, StringVar, register_jobs


    def follow(name):
        Tag(name=name + "x").validated_save()


    class ByJob(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            record = JobRecord.get(JobRecord.job_class_name == "Follow")
            enqueue(record, self.user, arguments={"name_of_tag": changed_object.name})


    class ByContext(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            with change_context(self.user, reason="by hand"):
                follow(changed_object.name)


    class Follow(Job):
        name_of_tag = StringVar()

        def run(self, name_of_tag):
            follow(name_of_tag)

    register_jobs(ByJob, ByContext, Follow)
"""


def grow(hookline: Hookline, receiver: str) -> list[str]:
    """Let tags beget tags; return what the hook made of each, and check the end."""
    (hookline.folder / "config.yaml").write_text("hooks: {max_depth: 3}\n")
    hookline.write_job("growing", GROWING)
    hookline.run("job", "list")
    hookline.run("job", "enable", "growing.Follow")
    hookline.add_hook("grow", f"growing.{receiver}", "create", "extras.tag")
    hookline.run("hook", "set", "grow", "accept_chained=true")
    hookline.run("object", "add", "extras.tag", "name=t")
    hookline.run("--run", "--until-empty")
    found = [change["verdicts"][0] for change in hookline.changes("type=extras.tag")]
    last = found[-1]
    assert last["verdict"] == "depth"
    path = last["detail"].partition("results ")[2].split(" < ")
    assert len(path) >= 3
    assert all(number.isdigit() for number in path)
    return [verdict["verdict"] for verdict in found]


def test_J4_a_chain_by_queued_jobs_stops_at_the_depth_with_its_path(
    hookline: Hookline,
) -> None:
    assert grow(hookline, "ByJob") == ["fired"] * 3 + ["depth"]


def test_J5_a_chain_by_contexts_of_their_own_stops_at_the_depth_with_its_path(
    hookline: Hookline,
) -> None:
    assert grow(hookline, "ByContext") == ["fired"] * 3 + ["depth"]
