from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from models.history import pieces, write
from models.history.changes import ObjectChange
from models.inventory.dcim import Device
from tests import factories
from tests.tui.automation import button, hook, runs
from tui.commandline.progress import Progress

if TYPE_CHECKING:
    from models.storage.store import Store
    from tests.tui.command_line import CommandLine


@pytest.fixture(autouse=True)
def devices(store: Store) -> None:
    """Five devices, three of them in the lab."""
    lab = factories.location("Lab")
    for number in range(3):
        factories.device(f"lab-{number}", location=lab)
    factories.device("core-01")
    factories.device("core-02")


def serials() -> dict[str, str]:
    return {device.name: device.serial for device in Device.select()}


def contexts(action: int) -> set[int]:
    rows = ObjectChange.select().where(ObjectChange.action_number == action)
    return {row.context_id for row in rows}


def test_set_changes_all_that_fit_a_filter_in_one_request(
    hookline: CommandLine,
) -> None:
    words = ("object", "set", "device", "serial=X", "--where", "location=Lab")
    ended = hookline(*words, "--reason", "clean up", "--yes")

    assert "3 objects changed." in ended.err
    assert [name for name, serial in serials().items() if serial == "X"] == [
        "lab-0",
        "lab-1",
        "lab-2",
    ]
    assert len(contexts(1)) == 1
    changes = hookline.json("change", "list", "action=update")
    assert {change["reason"] for change in changes} == {"clean up"}


def test_set_takes_several_objects_by_name(hookline: CommandLine) -> None:
    factories.tag("old")
    names = ("device:core-01", "device:lab-1")
    found = hookline.json("object", "set", *names, "tags+=old", "--yes")

    assert found["changed"] == 2
    assert len(contexts(1)) == 1
    assert hookline.json("object", "show", "device:lab-1")["tags"] == ["old"]


def test_set_by_filter_asks_and_tells_which_hooks_fire(hookline: CommandLine) -> None:
    hook("Serial guard")
    hookline("object", "set", "device:lab-0", "serial=X")
    words = ("object", "set", "device", "serial=X", "--where", "location=Lab")
    told = hookline.start(*words, code=2).err

    assert "1 has these values already." in told
    assert "Fires 1 hook: Serial guard (2 times)." in told
    assert "Change 3 devices? Say --yes" in told
    assert serials()["lab-1"] == ""


def test_hooks_are_muted_when_told_so(hookline: CommandLine, store: Store) -> None:
    hook("Serial guard")
    hookline("object", "set", "device", "serial=X", "--where", "", "--hooks=mute", "-y")

    assert runs(store) == []
    change = hookline.json("change", "list", "action=update")[0]
    verdicts = hookline.json("change", "show", str(change["id"]))["verdicts"]
    assert verdicts[0]["verdict"] == "muted"


def test_what_one_object_cannot_take_stops_all_by_name(hookline: CommandLine) -> None:
    ended = hookline(
        "object", "set", "device", "name=same", "--where", "location=Lab", "-y", code=2
    )

    assert "name" in ended.err
    assert "same" not in serials()


def test_pieces_that_fail_are_taken_back(
    hookline: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ONE_TRANSACTION", "FIRST_PIECE", "LARGEST_PIECE", "SMALLEST_PIECE"):
        monkeypatch.setattr(pieces, name, 2)
    save, calls = write.save, []

    def fail_late(objects: list[Device]) -> int:
        calls.append(objects)
        if len(calls) > 1:
            raise OSError("the disk is gone")
        return save(objects)

    monkeypatch.setattr(write, "save", fail_late)
    hookline("object", "set", "device", "serial=X", "--where", "", "-y", code=70)
    monkeypatch.undo()

    assert len(calls) == 2
    assert set(serials().values()) == {""}
    assert contexts(1) == set()


def test_delete_by_filter_is_one_request_and_comes_back(hookline: CommandLine) -> None:
    ended = hookline("object", "delete", "device", "--where", "location=Lab", "-y")
    assert "3 objects deleted." in ended.err
    assert Device.objects.count() == 2
    assert len(contexts(2)) == 1

    undo = ended.err.split("`")[1].removeprefix("hookline ").split()
    hookline(*undo, "--yes")
    assert sorted(serials()) == ["core-01", "core-02", "lab-0", "lab-1", "lab-2"]


def test_where_wants_a_type_and_something_that_fits(hookline: CommandLine) -> None:
    one = ("object", "delete", "device:core-01", "--where", "name=x", "-y")
    assert "--where goes with one TYPE" in hookline(*one, code=2).err
    none = ("object", "delete", "device", "--where", "name=x", "-y")
    assert "No device fits 'name=x'" in hookline(*none, code=2).err


def test_a_button_is_pressed_on_all_that_fit(
    hookline: CommandLine, store: Store
) -> None:
    button("Ping")
    hookline("button", "press", "Ping", "device", "--where", "location=Lab", "--yes")

    assert [run["object_name"] for run in runs(store)] == ["lab-0", "lab-1", "lab-2"]


def test_a_button_is_pressed_on_several_by_name(
    hookline: CommandLine, store: Store
) -> None:
    button("Ping")
    pressed = hookline.json("button", "press", "Ping", "device:lab-2", "device:core-01")

    assert [run["status"] for run in pressed] == ["PENDING", "PENDING"]
    assert [run["object_name"] for run in runs(store)] == ["lab-2", "core-01"]


def test_where_a_label_hides_the_button_it_is_not_pressed(
    hookline: CommandLine, store: Store
) -> None:
    button("Ping", text="{% if obj.name != 'lab-1' %}Ping{% endif %}")
    words = ("button", "press", "Ping", "device", "--where", "location=Lab", "--yes")
    assert "hidden for 1" in hookline(*words).err
    assert [run["object_name"] for run in runs(store)] == ["lab-0", "lab-2"]

    refused = hookline("button", "press", "Ping", "device:lab-1", code=5)
    assert "hides it there" in refused.err


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes after the first piece of two objects."""
    for name in ("FIRST_PIECE", "SMALLEST_PIECE", "LARGEST_PIECE"):
        monkeypatch.setattr(pieces, name, 2)
    show = Progress.show

    def interrupt(progress: Progress, done: int) -> None:
        signal.raise_signal(signal.SIGINT)
        show(progress, done)

    monkeypatch.setattr(Progress, "show", interrupt)


@pytest.mark.usefixtures("interrupted")
def test_ctrl_c_takes_back_an_edit_a_deletion_and_an_undo(
    hookline: CommandLine,
) -> None:
    chosen = ("--where", "", "--yes")
    ended = hookline("object", "set", "device", "serial=X", *chosen, code=130)
    assert "Stopped. Nothing was changed." in ended.err
    ended = hookline("object", "delete", "device", *chosen, code=130)
    assert "Stopped. Nothing was deleted." in ended.err
    assert set(serials().values()) == {""}
    assert len(serials()) == 5
    hookline("object", "set", "device:core-01", "serial=X")
    ended = hookline("change", "undo", "--yes", "--json", code=130)
    assert ended.error["code"] == "stopped"
    assert serials()["core-01"] == "X"


@pytest.mark.usefixtures("interrupted")
def test_ctrl_c_ends_a_press_and_says_how_many_are_queued(
    hookline: CommandLine, store: Store
) -> None:
    button("Ping")
    words = ("button", "press", "Ping", "device", "--where", "", "--yes")
    ended = hookline(*words, code=130)

    assert "Stopped: 2 queued, 3 left out." in ended.err
    assert len(runs(store)) == 2
