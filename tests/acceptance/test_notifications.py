"""Whoever has to know of a failed run is told, from the command line to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from models.runs.results import JobResult
from tests.listeners import http_server

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store
    from tests.acceptance.conftest import Hookline

BROKEN = """
    from receivers import JobHookReceiver, register_jobs

    class Broken(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            self.logger.warning("about to fail")
            raise ValueError("no such port")

    register_jobs(Broken)
"""


def configure(hookline: Hookline, **settings: Any) -> None:
    (hookline.folder / "config.yaml").write_text(yaml.safe_dump(settings))


@pytest.fixture
def broken(hookline: Hookline, device: Device) -> Hookline:
    hookline.write_job("broken", BROKEN)
    hookline.add_hook("Break", "broken.Broken", "update")
    return hookline


def test_a_failed_hook_is_told_with_its_run(broken: Hookline) -> None:
    with http_server() as server:
        configure(
            broken,
            secrets={"token": "env:HOME"},
            notify=[
                {
                    "webhook": f"http://{server.address}/hook",
                    "secret_headers": {"Authorization": "token"},
                    "hooks": ["Break"],
                }
            ],
        )
        broken.run("object", "set", "device:core-01", "serial=A")
        broken.run("--run", "--until-empty", code=1)
    (message,) = server.bodies
    assert message["event"] == "run-failed"
    run = message["run"]
    assert (run["id"], run["status"], run["hook"]) == (1, "FAILURE", "Break")
    assert run["object"]["name"] == "core-01"
    assert "ValueError: no such port" in message["text"]
    assert "about to fail" in [entry["message"] for entry in run["log"]]
    statuses = [row["status"] for row in broken.json("result", "list", "--sort", "id")]
    assert statuses == ["FAILURE", "SUCCESS"]


def test_a_server_that_is_away_is_asked_again(
    broken: Hookline, store: Store, user: User
) -> None:
    with http_server(503, 200) as server:
        configure(broken, notify=[{"webhook": f"http://{server.address}"}])
        broken.run("object", "set", "device:core-01", "serial=A")
        broken.run("--run", "--until-empty", code=1)
        notice = JobResult.get_by_id(2)
        assert (notice.status, notice.attempt) == ("PENDING", 1)
        assert notice.due > notice.created
        with store.transaction():
            store.execute("UPDATE job_result SET due = created WHERE id = 2")
        broken.run("--run", "--until-empty")
    keys = {headers["Idempotency-Key"] for headers in server.headers}
    assert (len(server.bodies), len(keys)) == (2, 1)
    notice = JobResult.get_by_id(2)
    assert (notice.status, notice.attempt) == ("SUCCESS", 2)


def test_a_job_that_fails_by_hand_is_told_without_a_runner(broken: Hookline) -> None:
    broken.write_job(
        "byhand",
        """
        from receivers import Job, register_jobs

        class Fails(Job):
            def run(self):
                raise ValueError("by hand")

        register_jobs(Fails)
        """,
    )
    broken.run("job", "enable", "byhand.Fails")
    with http_server() as server:
        configure(broken, notify=[{"webhook": f"http://{server.address}"}])
        done = broken.run("--run", "byhand.Fails", code=1)
        assert "1 notification sent" in done.err
    assert [message["run"]["job"] for message in server.bodies] == ["byhand.Fails"]


def test_what_was_held_back_is_told_in_one_message(
    broken: Hookline, store: Store, user: User
) -> None:
    with http_server() as server:
        configure(
            broken,
            notify=[{"webhook": f"http://{server.address}"}],
            notify_limit={"most": 1},
        )
        for serial in "ABCD":
            broken.run("object", "set", "device:core-01", f"serial={serial}")
        broken.run("--run", "--until-empty", code=1)
        assert [m["event"] for m in server.bodies] == ["run-failed"]
        with store.transaction():
            store.execute(
                "UPDATE job_result SET due = created WHERE status = 'PENDING'"
            )
        broken.run("--run", "--until-empty")
    held = server.bodies[-1]
    assert (held["event"], held["count"]) == ("runs-held", 3)
    assert "3 more runs of broken.Broken failed" in held["text"]
    told = server.bodies[0]["run"]["id"]  # whichever of the four ended first
    assert [run["id"] for run in held["runs"]] == sorted({1, 2, 3, 4} - {told})


def test_targets_are_listed_with_what_is_wrong(hookline: Hookline) -> None:
    assert "Nobody is told" in hookline.run("notify", "list").err
    configure(
        hookline,
        notify=[{"webhook": "secret:chat", "hooks": ["Gone"], "jobs": ["no.Job"]}],
    )
    (target,) = hookline.json("notify", "list")
    assert target["place"] == "secret:chat"
    for part in ("no secret 'chat'", "no hook 'Gone'", "no job 'no.Job'"):
        assert part in target["problem"]


def test_a_target_can_be_tried_out(hookline: Hookline) -> None:
    hookline.run("notify", "test", code=2)
    with http_server(200, 503) as server:
        configure(hookline, notify=[{"webhook": f"http://{server.address}"}])
        assert "SUCCESS" in hookline.run("notify", "test").out
        done = hookline.run("notify", "test", "webhook", code=1)
        assert "refused it (503)" in done.out
    assert [message["event"] for message in server.bodies] == ["test", "test"]
    assert (
        "Did you mean webhook" in hookline.run("notify", "test", "webhok", code=2).err
    )


def test_a_secret_stands_nowhere(hookline: Hookline, store: Store) -> None:
    secret = "s3cr3t-t0ken"
    (hookline.folder / "token").write_text(secret)
    with http_server(400) as server:
        configure(
            hookline,
            secrets={"token": f"file:{hookline.folder / 'token'}"},
            notify=[
                {
                    "webhook": f"http://{server.address}",
                    "secret_headers": {"Authorization": "token"},
                }
            ],
        )
        hookline.run("notify", "test", code=1)
    assert server.headers[0]["Authorization"] == secret
    shown = hookline.run("result", "show", "1").out + hookline.run("notify", "list").out
    assert secret not in shown
