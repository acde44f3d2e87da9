from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from models.errors import StoreError
from models.inventory.extras import CustomField
from models.people.access import User
from tests.patience import PATIENCE_S
from tests.tui.command_line import TOP
from tui.commandline.exits import Exit, explain

if TYPE_CHECKING:
    from pathlib import Path

    from models.inventory.dcim import Device
    from tests.tui.command_line import CommandLine


def test_an_error_is_one_sentence_on_stderr(hookline: CommandLine) -> None:
    ended = hookline("object", "show", "dcim.device:none", code=2)
    assert ended.out == ""
    assert ended.err.startswith("hookline: There is no device 'none'.")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("form", ["--json", "--json-lines"])
def test_with_json_an_error_is_one_json_line(hookline: CommandLine, form: str) -> None:
    ended = hookline("object", "list", "dcim.devise", form, code=2)
    assert ended.out == ""
    assert len(ended.err.splitlines()) == 1
    assert set(ended.error) == {"code", "message", "on", "fields", "candidates"}
    assert ended.error["code"] == "not_found"
    assert ended.error["candidates"][0] == "dcim.device"


def test_wrong_values_are_said_by_field(hookline: CommandLine, device: Device) -> None:
    words = ("object", "add", "dcim.device", "name=x")
    fields = hookline(*words, "--json", code=2).error["fields"]
    assert set(fields) == {"device_type", "role", "status", "location"}
    ended = hookline(*words, code=2)
    for name in fields:
        assert f"  {name}: is required\n" in ended.err


def test_quiet_still_says_errors(hookline: CommandLine) -> None:
    assert hookline("object", "show", "dcim.device:none", "-q", code=2).err


def test_verbose_shows_where_an_error_came_from(hookline: CommandLine) -> None:
    ended = hookline("object", "show", "dcim.device:none", "-v", code=2)
    assert "Traceback" in ended.err


def test_a_fault_of_the_program_is_no_traceback(
    hookline: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("tui.nouns.types.list_types", fail)
    ended = hookline("type", "list", code=Exit.INTERNAL)
    assert "ZeroDivisionError" in ended.err
    assert "Traceback" not in ended.err


def test_wrong_configuration_exits_2_with_file_and_line(hookline: CommandLine) -> None:
    path = hookline.folder / "config.yaml"
    path.write_text("runner:\n  concurency: 3\n")
    ended = hookline("type", "list", "--json", code=2)
    assert ended.error["code"] == "config"
    assert ended.error["on"] == f"{path}:2"
    assert ended.error["candidates"] == ["runner.concurrency"]


def test_a_file_that_is_no_store_exits_3(hookline: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "store.db").write_text("not a database, " * 100)
    ended = hookline("type", "list", "--store", str(folder), "--json", code=3)
    assert ended.error["code"] == "store"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_store_of_somebody_else_exits_3(hookline: CommandLine) -> None:
    hookline.folder.chmod(0o000)
    try:
        assert "hookline: " in hookline.start("type", "list", code=3).err
    finally:
        hookline.folder.chmod(0o700)


def test_a_store_on_a_server_is_not_there_yet(hookline: CommandLine) -> None:
    hookline("type", "list", "--store", "postgresql://host/db", code=2)


def test_somebody_whom_the_store_does_not_know_is_refused(
    hookline: CommandLine,
) -> None:
    User.update(username="somebody-else").execute()
    ended = hookline("object", "list", "dcim.device", "--json", code=5)
    assert ended.error["code"] == "refused"


def test_only_who_may_acts_for_others(hookline: CommandLine, user: User) -> None:
    User(username="alice").save()
    hookline("object", "add", "extras.tag", "name=x", "--user", "alice", code=5)
    User.update(is_superuser=True).where(User.username == "alice").execute()
    hookline("object", "add", "extras.tag", "name=x", "--user", "alice")
    change = hookline.json("change", "list", "--limit", "1")[0]
    assert change["user"] == "alice"
    User.update(is_superuser=False).where(User.id == user.id).execute()
    hookline("object", "add", "extras.tag", "name=y", "--user", "alice", code=5)


def test_without_permission_nothing_is_seen_or_done(
    hookline: CommandLine, user: User, device: Device
) -> None:
    User.update(is_superuser=False).where(User.id == user.id).execute()
    hookline("object", "list", "dcim.device", code=5)
    hookline("object", "show", f"dcim.device:{device.pk}", code=2)
    hookline("object", "add", "extras.tag", "name=x", code=5)
    hookline("queue", "pause", code=5)
    hookline("user", "add", "mallory", code=5)


def test_a_broken_pipe_is_no_fault(hookline: CommandLine) -> None:
    for number in range(300):
        hookline("object", "add", "extras.tag", f"name=t{number}", "-q")
    command = f"{sys.executable} -m tui object list extras.tag --limit 0 | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=TOP,
        env={**os.environ, "HOOKLINE_STORE": str(hookline.folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("NAME")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_a_command_with_its_code(
    hookline: CommandLine, number: signal.Signals, code: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "load", "-", "--type", "tag"],
        cwd=TOP,
        env={**os.environ, "HOOKLINE_STORE": str(hookline.folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_until_it_reads(process.pid)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code
    assert out == b""
    assert b"Traceback" not in err


def wait_until_it_reads(pid: int) -> None:
    """Wait until a process waits for its stdin, a pipe."""
    while True:
        with open(f"/proc/{pid}/wchan") as file:  # noqa: PTH123  # no file to keep
            if "pipe" in file.read():
                return
        os.sched_yield()


def test_database_errors_of_any_kind_are_errors_of_the_store() -> None:
    import sqlite3

    import peewee

    for error in (
        sqlite3.OperationalError("database is locked"),
        peewee.OperationalError("database or disk is full"),
        PermissionError(13, "Permission denied", "/x"),
    ):
        known = explain(error)
        assert isinstance(known, StoreError)
        assert known.exit_code == Exit.STORE
    assert explain(ZeroDivisionError()) is None


def test_every_error_that_is_shown_is_json(hookline: CommandLine) -> None:
    name = "\x1b]0;title\x07"
    ended = hookline("object", "show", f"dcim.device:{name}", "--json", code=2)
    assert "\x1b" not in ended.err
    assert json.loads(ended.err)["error"]["on"] == name


@pytest.mark.parametrize(
    ("words", "said", "internal"),
    [
        ("change list knid=x", "Did you mean kind?", "type_id"),
        ("change list --where foo=bar", "field, hook, verdict", "object_repr"),
        ("result list usr=x", "Did you mean user?", "user_name"),
        ("result rerun foo=bar", "acknowledged", "order_key"),
        ("result cancel --where foo=bar", "schedule", "schedule_id"),
        ("hook list foo=bar", "object_types", "type_create"),
        ("job list foo=bar", "class", "job_class_name"),
        ("schedule list foo=bar", "owner", "owner_name"),
        ("queue list foo=bar", "run_limit", "type_id"),
        ("object list device locaton=HQ", "Did you mean location?", "custom_field_d"),
        ("object list device foo=bar", "cf.rack_row", "custom_field_data"),
    ],
)
def test_an_unknown_filter_names_those_that_people_use(
    hookline: CommandLine, words: str, said: str, internal: str
) -> None:
    CustomField(key="rack_row", type="text", content_types=["dcim.device"]).save()
    told = hookline(*words.split(), code=2).err
    assert "There is no filter" in told
    assert said in told
    assert f" {internal}" not in told


def test_what_is_no_text_says_how_it_is_compared(hookline: CommandLine) -> None:
    told = hookline("change", "list", "object~core", code=2).err
    assert "object is compared with = and != only" in told


def test_an_unknown_order_names_those_that_there_are(hookline: CommandLine) -> None:
    told = hookline("change", "list", "--sort", "-tme", code=2).err
    assert "There is no order 'tme'. Did you mean time?" in told
