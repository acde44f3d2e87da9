"""Case A28 as people see it: links of one's own on the command line and the screens."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from models.history.changes import ObjectChange
from models.objects.types import get_type
from tests import factories
from tests.models.objects.test_links import CIRCUITS, tie
from tests.models.objects.test_owntypes import Folder
from tests.tui.driver import open_screens
from tests.tui.rows import hook, open_place
from tests.tui.test_cli_migrate import hookline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Folder]:
    """A store that is open here, with a circuit, a device and the type of the links."""
    made = Folder(tmp_path / "store")
    made.write(CIRCUITS)
    made.open()
    factories.device("core-01")
    get_type("circuit").objects.create(name="C1")
    yield made
    made.close()


@pytest.fixture
def folder(opened: Folder) -> Path:
    """The same store, closed, for the command line."""
    opened.close()
    (opened.path / "config.yaml").write_text("object_types: [circuits]\n")
    return opened.path


def called(folder: Path, *words: str) -> Any:
    """Return what a command writes as JSON."""
    done = hookline(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_A28_links_are_made_listed_and_deleted_as_any_object(folder: Path) -> None:
    words = ("circuit=C1", "device=core-01", "port=xe-0")
    made = called(folder, "object", "add", "circuits.termination", *words)
    for term in ("circuits=C1", "circuits~C", "circuits.name=C1"):
        (shown,) = called(folder, "object", "list", "dcim.device", term)
        assert shown["name"] == "core-01"
    (change, *_) = called(folder, "change", "list", "object=dcim.device:core-01")
    assert change["action"] == "update"

    refused = hookline(folder, "object", "set", "dcim.device:core-01", "circuits=C1")
    assert refused.returncode == 2
    assert "follow from objects of circuits.termination" in refused.stderr

    name = f"circuits.termination:{made['id']}"
    assert hookline(folder, "object", "delete", name, "--yes").returncode == 0
    assert called(folder, "object", "list", "dcim.device", "circuits=C1") == []


def test_a_dump_with_links_is_loaded_again(folder: Path, tmp_path: Path) -> None:
    words = ("circuit=C1", "device=core-01", "port=xe-0")
    called(folder, "object", "add", "circuits.termination", *words)
    dumped = hookline(folder, "dump")
    assert "devices:" not in dumped.stdout
    file = tmp_path / "all.yaml"
    file.write_text(dumped.stdout)

    other = tmp_path / "other"
    hookline(other, "init")
    (other / "types").mkdir(exist_ok=True)
    (other / "types" / "circuits.py").write_text(textwrap.dedent(CIRCUITS))
    (other / "config.yaml").write_text("object_types: [circuits]\n")
    loaded = hookline(other, "load", str(file), "--yes")
    assert loaded.returncode == 0, loaded.stderr
    (shown,) = called(other, "object", "list", "dcim.device", "circuits=C1")
    assert shown["name"] == "core-01"


async def test_A28_a_link_is_made_by_its_form_and_seen_from_both_ends(
    opened: Folder,
) -> None:
    (store,) = opened.opened
    device = get_type("device").objects.get()
    hook("Watch", object_types=["dcim.device"], conditions="changed circuits")
    async with open_screens(store, size=(100, 40)) as seen:
        await seen.go("termination")
        await seen.shows("There are no terminations yet")
        await seen.press("a")
        await seen.shows("Add termination", "* Circuit")
        for field, name in (("circuit", "C1"), ("device", "core-01")):
            await seen.focus(field)
            await seen.press("enter")
            await seen.shows("Type to narrow", f"> {name}")
            await seen.press("enter")
            await seen.hides("Type to narrow")
        await seen.press("ctrl+s")
        await seen.shows("C1 core-01 added; 1 hook fired: Watch")
        await open_place(seen, "object", "dcim.device", device.pk, shows="Terminations")
        await open_place(seen, "object", "dcim.device", device.pk, shows="update")
        change = ObjectChange.select().where(ObjectChange.object_id == device.pk.bytes)
        await open_place(seen, "change", max(c.id for c in change), shows="circuits")


async def test_the_form_of_an_end_leaves_its_links_alone(opened: Folder) -> None:
    (store,) = opened.opened
    device = get_type("device").objects.get()
    tie(get_type("circuit").objects.get(), device)
    async with open_screens(store, size=(100, 40)) as seen:
        await open_place(seen, "object", "dcim.device", device.pk, shows="core-01")
        await seen.press("e")
        await seen.shows("Edit core-01")
        await seen.has_focus("name")
        assert "Circuits" not in seen.text
        await seen.type("x")
        await seen.press("ctrl+s")
        await seen.shows("core-01x saved")
    assert [str(circuit) for circuit in device.circuits] == ["C1"]
