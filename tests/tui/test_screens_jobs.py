from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.automation.hooks import JobHook
from models.errors import RequestError
from models.objects.fields import now_us
from models.runs.jobs import JobImportError, JobRecord
from tests.tui.driver import Screens, open_screens
from tests.tui.rows import hook, job, last_result, line_with, open_place, result
from tui.actions import editor
from tui.actions.editor import editor_command
from tui.screens.job_commands import JobCommands, read_file

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store

Edits = list[tuple[str, int]]


@pytest.fixture
def edits(monkeypatch: pytest.MonkeyPatch) -> Edits:
    """The files that were opened in the editor; it leaves them as they are."""
    opened: Edits = []

    def run_editor(_: JobCommands, path: Path, line: int) -> bool:
        opened.append((path.name, line))
        return True

    monkeypatch.setattr(JobCommands, "run_editor", run_editor)
    monkeypatch.setattr("tui.screens.job_commands.ensure_fresh", lambda _: False)
    return opened


def write_job(store: Store, name: str = "guards.py") -> None:
    store.jobs_root.mkdir(exist_ok=True)
    (store.jobs_root / name).write_text("one\ntwo\nclass SerialGuard:\n    pass\n")


def import_error(path: str = "bad.py", line: int = 3, **values: str) -> None:
    given = {"message": "SyntaxError: oops", "hint": "Close the bracket.", **values}
    JobImportError(path=path, line=line, time=now_us(), **given).save()


# The list


async def test_the_list_shows_kind_and_state_of_each_job(store: Store) -> None:
    job("Serial guard")
    job("Power", "button", enabled=False)
    job("Audit", "job", error="guards.py:3: oops", installed=False)
    async with open_screens(store) as seen:
        await open_place(seen, "jobs", shows="Serial guard")
        rows = [line_with(seen, name) for name in ("Serial", "Power", "Audit")]

    assert rows[0].split()[-3:] == ["on", "hook", "guards.SerialGuard"]
    assert rows[1].split()[-3:] == ["off", "button", "guards.Power"]
    assert rows[2].split()[-3:] == ["missing", "job", "guards.Audit"]


async def test_files_that_cannot_be_loaded_stand_above(store: Store) -> None:
    import_error()
    async with open_screens(store) as seen:
        await open_place(seen, "jobs", shows="1 problem in 1 file")

        assert "SyntaxError: oops" in line_with(seen, "bad.py:3")
        assert "Close the bracket." in seen.text


async def test_a_file_that_breaks_is_seen_at_once(store: Store) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "jobs", shows="There are no jobs yet.")
        import_error()
        await seen.shows("bad.py:3")
        JobImportError.delete().execute()
        await seen.hides("bad.py:3")


async def test_tab_goes_to_a_broken_file_and_e_edits_its_line(
    store: Store, edits: Edits
) -> None:
    write_job(store, "bad.py")
    import_error()
    job()
    async with open_screens(store) as seen:
        await open_place(seen, "jobs", shows="bad.py:3")
        await seen.press("shift+tab")
        await seen.press("e")
        await seen.until(lambda: edits, "the editor")

    assert edits == [("bad.py", 3)]


async def test_enter_on_a_broken_file_shows_all_that_is_known(store: Store) -> None:
    import_error(message="x" * 100)
    job()
    async with open_screens(store, size=(130, 24)) as seen:
        await open_place(seen, "jobs", shows="bad.py:3")
        await seen.press("shift+tab", "enter")
        await seen.shows("x" * 100, "Close the bracket.")


async def test_plus_and_minus_trust_a_job_and_stop_it(store: Store) -> None:
    record = job(enabled=False, source_hash="abc")
    async with open_screens(store) as seen:
        await open_place(seen, "jobs", shows="Serial guard")
        await seen.press("plus")
        await seen.shows("guards.SerialGuard is enabled.")
        assert JobRecord.get_by_id(record.id).approved_hash == "abc"
        await seen.press("minus")
        await seen.shows("guards.SerialGuard is disabled.")

    assert not JobRecord.get_by_id(record.id).enabled


async def test_a_job_that_cannot_be_loaded_is_not_enabled(store: Store) -> None:
    job(enabled=False, error="guards.py:3: oops", installed=False)
    async with open_screens(store) as seen:
        await open_place(seen, "jobs", shows="Serial guard")
        await seen.press("plus")
        await seen.shows("it cannot be loaded: guards.py:3: oops")


# Files


async def test_a_new_job_is_written_and_opened_in_the_editor(
    store: Store, edits: Edits
) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "jobs", shows="There are no jobs yet.")
        await seen.press("a")
        await seen.type("guards.SerialGuard")
        await seen.press("enter")
        await seen.shows("What is guards.SerialGuard?")
        await seen.press("h")
        await seen.until(lambda: edits, "the editor")

    text = (store.jobs_root / "guards.py").read_text()
    assert "class SerialGuard(JobHookReceiver)" in text
    assert edits == [("guards.py", 1)]


AUDIT = """from receivers import Job, register_jobs


class Audit(Job):
    def run(self):
        pass


register_jobs(Audit)
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class X(:\n", "guards.py:1: SyntaxError"),
        (AUDIT, "+ enables guards.Audit"),
    ],
)
def test_an_edited_file_is_read_at_once(store: Store, text: str, said: str) -> None:
    write_job(store)
    (store.jobs_root / "guards.py").write_text(text)

    assert said in read_file(store, "guards.py")


async def test_a_name_that_names_no_class_is_refused(store: Store) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "jobs", shows="There are no jobs yet.")
        await seen.press("a")
        await seen.type("guards")
        await seen.press("enter")
        await seen.shows("What is guards?")
        await seen.press("j")
        await seen.shows("names no class")


async def test_e_opens_the_line_of_the_class(store: Store, edits: Edits) -> None:
    write_job(store)
    record = job()
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="job is")
        await seen.press("e")
        await seen.until(lambda: edits, "the editor")

    assert edits == [("guards.py", 3)]


async def test_a_file_of_a_package_is_not_edited(
    store: Store, edits: Edits, tmp_path: Path
) -> None:
    (tmp_path / "packaged.py").write_text("pass\n")
    record = job(source_path=str(tmp_path / "packaged.py"))
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="job is")
        await seen.press("e")
        await seen.shows("belongs to a package")

    assert not edits


async def test_the_code_can_be_read_before_it_is_trusted(store: Store) -> None:
    write_job(store)
    record = job(enabled=False)
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="once you have read its code")
        await seen.press("down", "down", "enter")
        await seen.shows("class SerialGuard:")

        assert "class SerialGuard:" in seen.cursor


async def test_without_a_terminal_to_hand_on_the_file_is_named(store: Store) -> None:
    write_job(store)
    record = job()
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="job is")
        await seen.press("e")
        await seen.shows("cannot be handed on")


# One job


async def test_a_job_shows_what_it_asks_for_and_what_runs_it(store: Store) -> None:
    record = job(
        variables=[
            {
                "name": "depth",
                "kind": "integer",
                "label": "Depth",
                "description": "How deep to look",
                "required": True,
                "default": None,
            }
        ]
    )
    hook("Check serials", record)
    result(record, status="FAILURE", object_name="core-01")
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="Asks for")

        assert line_with(seen, "depth").split()[:3] == ["depth", "integer", "required"]
        assert "Check serials" in line_with(seen, "hook  ")
        assert "core-01" in line_with(seen, "FAILURE")
        assert "asked to stop after 5 min" in line_with(seen, "limits")


async def test_code_that_changed_since_it_was_trusted_is_said(store: Store) -> None:
    record = job(source_hash="new", approved_hash="old")
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="has changed since")


async def test_a_hook_is_added_from_its_job(store: Store) -> None:
    record = job()
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="hook that runs it")
        await seen.until(lambda: seen.app.focused is not None, "the list")
        await go_to(seen, "hook that runs it")
        await seen.press("enter")
        await seen.shows("Add hook", "Serial guard")
        await seen.type("Check")
        await seen.press("ctrl+s")
        await seen.shows("choose at least one object type")

    assert not JobHook.select().exists()


async def go_to(seen: Screens, text: str) -> None:
    """Move the cursor down to a row."""
    for _ in range(20):
        if text in seen.cursor:
            return
        await seen.press("down")
    raise AssertionError(f"there is no row {text!r}:\n{seen.text}")


async def test_a_job_that_is_not_there_says_so(store: Store) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "job", 99, shows="There is no such job")


# Runs by hand


async def test_a_plain_job_runs_after_a_question(store: Store) -> None:
    record = job("Audit", "job")
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="job is")
        await seen.press("r")
        await seen.shows("Run Audit?")
        await seen.press("y")
        await seen.shows("Result 1", "PENDING")

    assert last_result().job_path == "guards.Audit"


async def test_a_button_receiver_asks_for_its_object(
    store: Store, device: Device
) -> None:
    record = job("Power", "button")
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="job is")
        await seen.press("r")
        await seen.shows("Run Power", "Object")
        await seen.type("dcim.device:core-02")
        await seen.press("ctrl+s")
        await seen.shows("There is no device 'core-02'")
        await seen.press("backspace")
        await seen.type("1")
        await seen.press("ctrl+s")
        await seen.shows("Result 1", "core-01")


async def test_a_hook_receiver_asks_for_a_change(store: Store, device: Device) -> None:
    record = job()
    async with open_screens(store) as seen:
        await open_place(seen, "job", record.id, shows="job is")
        await seen.press("r")
        await seen.shows("Run Serial guard", "Change")
        await seen.type("1")
        await seen.press("ctrl+s")
        await seen.shows("Result 1", "PENDING")

    assert last_result().change_id == 1


# The editor


@pytest.mark.parametrize(
    ("environ", "line", "expected"),
    [
        ({"EDITOR": "vim"}, 7, ["vim", "+7", "x.py"]),
        ({"EDITOR": "vim"}, 1, ["vim", "x.py"]),
        ({"EDITOR": "/usr/bin/nano -w"}, 7, ["/usr/bin/nano", "-w", "+7", "x.py"]),
        ({"EDITOR": "code --wait"}, 7, ["code", "--wait", "x.py"]),
        ({"EDITOR": "vim", "VISUAL": "emacs"}, 7, ["emacs", "+7", "x.py"]),
    ],
)
def test_editors_that_can_are_opened_at_the_line(
    environ: dict[str, str], line: int, expected: list[str]
) -> None:
    assert editor_command(Path("x.py"), line, environ) == expected


@pytest.mark.parametrize(
    ("program", "message"),
    [("false", "ended with status 1"), ("no-such-editor", "does not start")],
)
def test_an_editor_that_fails_is_said_to(
    program: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", program)

    with pytest.raises(RequestError, match=message):
        editor.edit(Path("x.py"))


def test_without_any_editor_it_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.which", nothing)

    with pytest.raises(RequestError, match="Set EDITOR"):
        editor_command(Path("x.py"), 1, {})


def nothing(_: str) -> str | None:
    return None
