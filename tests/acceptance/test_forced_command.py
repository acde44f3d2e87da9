"""`hookline --restricted NAME`, as sshd starts it, but without one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from models.history.changes import ObjectChange
from models.people.access import ObjectPermission, User
from tests import factories
from tests.acceptance.conftest import TOP, Done
from tests.patience import PATIENCE_S
from tests.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from models.storage.store import Store

OFF = "is off behind a forced command"


@pytest.fixture
def alice(store: Store) -> User:
    """Somebody whose key is tied to her name; she may edit devices."""
    factories.device("core-01")
    person = User(username="alice")
    person.validated_save()
    ObjectPermission(
        name="devices",
        object_types=["dcim.device", "extras.job"],
        actions=["view", "change", "add", "run"],
        users=["alice"],
    ).validated_save()
    store.database.close()
    return person


def command(store: Store) -> list[str]:
    """Return the line that stands in authorized_keys."""
    own = ["--store", str(store.folder), "--restricted", "alice"]
    return [sys.executable, "-m", "tui", *own]


def come(store: Store, typed: str, code: int, **environment: str) -> Done:
    """Do what sshd does for `ssh HOST TYPED`."""
    done = subprocess.run(
        command(store),
        cwd=TOP,
        env={"PATH": "/usr/bin", "SSH_ORIGINAL_COMMAND": typed, **environment},
        input="",
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == code, f"{typed}: {done.stdout}{done.stderr}"
    return Done(words=[typed], code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.mark.usefixtures("alice")
def test_the_name_comes_from_the_key_and_is_recorded(store: Store) -> None:
    come(store, "hookline object set dcim.device:core-01 serial=A1", 0)
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).first()
    assert (change.user_name, change.context.acted_for) == ("alice", "")
    assert '"alice"' in come(store, "info --json", 0).out


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    "environment",
    [
        {"HOOKLINE_STORE": "/tmp/elsewhere"},
        {"HOOKLINE_NO_SUCH_SETTING": "1"},
        {"XDG_CONFIG_HOME": "/tmp/elsewhere", "HOME": "/tmp/elsewhere"},
        {"USER": "root", "LOGNAME": "root", "SUDO_USER": "root"},
        {"TEXTUAL_LOG": "/tmp/hookline-must-not-be", "EDITOR": "/bin/sh"},
    ],
    ids=lambda found: next(iter(found)),
)
def test_the_environment_changes_nothing(
    store: Store, environment: dict[str, str]
) -> None:
    assert '"alice"' in come(store, "info --json", 0, **environment).out


@pytest.mark.usefixtures("alice")
def test_another_account_than_the_owners_cannot_name_anybody(
    store: Store, tmp_path: Path
) -> None:
    import os

    if os.getuid() != 0:
        pytest.skip("only root can give a folder to another account")
    os.chown(store.folder, 12345, -1)
    done = come(store, "info", 5)
    assert "the account that owns" in done.err


@pytest.mark.parametrize(
    "typed", ["", "hookline"], ids=["no command", "the program alone"]
)
@pytest.mark.usefixtures("alice")
def test_without_a_command_the_screens_open_and_nothing_leaves_them(
    store: Store, typed: str
) -> None:
    (store.jobs_root / "guards.py").write_text(JOB)
    env = {"SSH_ORIGINAL_COMMAND": typed, "TERM": "xterm", "EDITOR": "/bin/sh"}
    with Terminal(command(store), env=env, cwd=TOP) as terminal:
        leave_in_vain(terminal)


def leave_in_vain(terminal: Terminal) -> None:
    """Try on the screens what would leave them; end by leaving in good order."""
    terminal.wait_for("alice")
    terminal.press("ctrl+z")
    terminal.type(":jobs")
    terminal.wait_for(":jobs")
    terminal.press("enter")
    terminal.wait_for("guards.Watch")
    terminal.press("e")
    terminal.wait_for(OFF.removeprefix("is "))
    terminal.press("a")
    terminal.wait_for("New job file:")
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0


JOB = """
from receivers import Job, register_jobs

class Watch(Job):
    def run(self):
        return 1

register_jobs(Watch)
"""
