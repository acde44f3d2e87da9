"""The real program in real processes, on a real store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from models.people.access import ObjectPermission, User
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.storage.store import Store

TOP = Path(__file__).parents[2]

LOGGING_HOOK = """
    from receivers import JobHookReceiver, register_jobs

    class Watch(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            self.logger.info("%s", change)
            self.logger.info("action: %s", action)
            self.logger.info("by %s", self.user.username)
            self.logger.info("object: %s", changed_object)

    register_jobs(Watch)
"""
"""A hook receiver that logs all that it is given: `watching.Watch`."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that has ended."""

    words: Sequence[str]
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it wrote as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error that it wrote as JSON, behind what it said."""
        return json.loads(self.err.splitlines()[-1])["error"]


@dataclass(frozen=True, kw_only=True)
class Hookline:
    """The command line of one store."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its processes."""
        return {**os.environ, "HOOKLINE_STORE": str(self.folder)}

    def command(self, *words: str) -> list[str]:
        """Return the command line of a process."""
        return [sys.executable, "-m", "tui", *words]

    def run(self, *words: str, code: int = 0) -> Done:
        """Run a command, and check how it ends."""
        done = subprocess.run(
            self.command(*words),
            cwd=TOP,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        return Done(words=words, code=code, out=done.stdout, err=done.stderr)

    def json(self, *words: str, code: int = 0) -> Any:
        """Run a command, and return the document that it writes."""
        return self.run(*words, "--json", code=code).document

    def write_job(self, name: str, text: str) -> Path:
        """Save an author's file, as an editor would."""
        path = self.folder / "jobs" / f"{name}.py"
        path.write_text(textwrap.dedent(text))
        return path

    def add_hook(
        self, name: str, job: str, events: str, types: str = "dcim.device"
    ) -> None:
        """Make a hook, and enable its job."""
        words = [f"name={name}", f"job={job}", f"events={events}"]
        self.run("hook", "add", *words, f"object_types={types}", "--enable-job")

    def add_button(self, name: str, job: str, *words: str, text: str = "") -> None:
        """Make a button for devices, and enable its job."""
        given = [f"name={name}", f"job={job}", f"text={text or name}", *words]
        self.run("button", "add", *given, "object_types=dcim.device", "--enable-job")

    def results(self, *filters: str) -> list[Any]:
        """Return the job results with their logs, oldest first."""
        rows = self.json("result", "list", "--sort", "id", *filters)
        return [self.json("result", "show", str(row["id"])) for row in rows]

    def changes(self, *filters: str) -> list[Any]:
        """Return the changes with what they hold, oldest first."""
        rows = self.json("change", "list", "--sort", "id", *filters)
        return [self.json("change", "show", str(row["id"])) for row in rows]


def messages(result: Any) -> list[str]:
    """Return the texts that a run logged."""
    return [entry["message"] for entry in result["log"]]


@pytest.fixture
def hookline(store: Store) -> Hookline:
    """The command line on the test's store."""
    return Hookline(folder=store.folder)


@pytest.fixture
def editor(store: Store) -> User:
    """Somebody who may edit the inventory and run every job, but owns nothing."""
    person = User(username="editor")
    person.save()
    ObjectPermission(
        name="editing",
        object_types=["dcim.location", "dcim.device"],
        actions=["view", "add", "change", "delete"],
        users=["editor"],
    ).save()
    ObjectPermission(
        name="looking",
        object_types=[
            *("dcim.locationtype", "extras.status", "extras.jobresult"),
            *("extras.joblogentry", "extras.objectchange"),
        ],
        actions=["view"],
        users=["editor"],
    ).save()
    ObjectPermission(
        name="running", object_types=["extras.job"], actions=["run"], users=["editor"]
    ).save()
    return person
