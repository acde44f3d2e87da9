from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from models.automation.hooks import JobHook
from models.history import write
from models.history.changes import ObjectChange
from models.inventory.dcim import Device
from models.inventory.extras import Tag
from models.inventory.organization import Location
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from tests import factories

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.command_line import CommandLine

NETWORK = """\
extras.tag:
  - name: edge
dcim.location:
  - {name: Campus, location_type: Site, status: Active}
  - {name: Annex, location_type: Site, status: Active, parent: Campus}
dcim.device:
  - name: edge-01
    location: Annex
    role: Core
    status: Active
    device_type: X1
    tags: [edge]
    cf.owner: ops
  - {name: core-01, serial: NEW}
"""


@pytest.fixture
def network(hookline: CommandLine, device: Device, tmp_path: Path) -> Path:
    factories.location_type("Site", nestable=True)
    factories.custom_field("owner", content_types=["dcim.device"])
    path = tmp_path / "network.yaml"
    path.write_text(NETWORK)
    return path


@pytest.fixture
def hook(hookline: CommandLine) -> JobHook:
    """A hook on created and changed tags, whose job is there by name only."""
    job = JobRecord(
        module_name="a",
        job_class_name="B",
        name="B",
        enabled=True,
        is_job_hook_receiver=True,
    )
    job.save()
    made = JobHook(name="H", object_types=["extras.tag"], job=job)
    made.events = ["create", "update"]
    made.save()
    return made


def write_tags(path: Path, count: int, *, description: str = "") -> Path:
    lines = [f"t{number:05},{description}\n" for number in range(count)]
    path.write_text("name,description\n" + "".join(lines))
    return path


def test_a_file_makes_and_changes_objects_in_one_request(
    hookline: CommandLine, network: Path
) -> None:
    ended = hookline("load", str(network), "--reason", "move")
    assert ended.out == "4 created, 1 updated, 0 unchanged\n"
    device = hookline.json("object", "show", "device:edge-01")
    assert device["tags"] == ["edge"]
    assert device["custom_fields"] == {"owner": "ops"}
    assert Location.objects.get(name="Annex").parent.name == "Campus"
    assert Device.objects.get(name="core-01").serial == "NEW"
    changes = hookline.json("change", "list", "kind=load")
    assert len(changes) == 5
    assert len({change["request"] for change in changes}) == 1
    assert {change["reason"] for change in changes} == {"move"}


def test_loading_again_changes_nothing(hookline: CommandLine, network: Path) -> None:
    hookline("load", str(network))
    before = ObjectChange.objects.count()
    tally = hookline.json("load", str(network))
    assert tally == {"created": 0, "updated": 0, "unchanged": 5, "runs": 0}
    assert ObjectChange.objects.count() == before


def test_all_errors_are_said_with_file_line_and_field_and_nothing_is_written(
    hookline: CommandLine, network: Path
) -> None:
    text = NETWORK.replace("role: Core", "role: Cor").replace("serial: NEW", "sn: NEW")
    network.write_text(text + "  - {name: edge-01, location: Annex}\nno.type:\n- {}\n")
    before = ObjectChange.objects.count()
    error = hookline("load", str(network), "--json", code=2).error
    assert error["code"] == "invalid"
    assert set(error["fields"]) == {
        f"{network}:7: role",
        f"{network}:14: sn",
        f"{network}:15",
        f"{network}:17: object_type",
    }
    assert "There is no role 'Cor'." in error["fields"][f"{network}:7: role"][0]
    assert f"{network}:7" in error["fields"][f"{network}:15"][0]
    assert ObjectChange.objects.count() == before
    assert f"{network}:7: role: " in hookline("load", str(network), code=2).err


def test_check_writes_nothing(hookline: CommandLine, network: Path) -> None:
    ended = hookline("load", str(network), "--check")
    assert "is right" in ended.err
    assert Tag.objects.count() == 0


def test_values_of_csv_are_read_by_their_kind(
    hookline: CommandLine, device: Device, tmp_path: Path
) -> None:
    factories.tag("a")
    factories.tag("b,c")
    path = tmp_path / "devices.csv"
    path.write_text(
        "name,location,role,status,device_type,tags,serial\n"
        'x,HQ,Core,Active,X1,"a,b\\,c",S1\n'
        "core-01,,,,,,S2\n"
    )
    hookline("load", str(path), "--type", "device")
    assert hookline.json("object", "show", "device:x")["tags"] == ["a", "b,c"]
    found = hookline.json("object", "show", "device:core-01")
    assert (found["serial"], found["location"]["name"]) == ("S2", "HQ")


def test_what_json_shows_can_be_loaded(
    hookline: CommandLine, device: Device, tmp_path: Path
) -> None:
    text = hookline("object", "list", "device", "--json").out
    path = tmp_path / "devices.json"
    path.write_text(text.replace('"serial": ""', '"serial": "S9"'))
    assert hookline.json("load", str(path))["updated"] == 1
    assert Device.objects.get(name="core-01").serial == "S9"


def test_stdin_is_loaded(hookline: CommandLine) -> None:
    given = json.dumps([{"name": "a"}, {"name": "b"}])
    ended = hookline.start("load", "-", "--type", "tag", input=given)
    assert ended.out == "2 created, 0 updated, 0 unchanged\n"


def test_a_name_that_fits_several_objects_wants_an_id(
    hookline: CommandLine, tmp_path: Path
) -> None:
    for place in ("HQ", "Annex"):
        twin = factories.device("twin", location=factories.location(place))
    path = tmp_path / "devices.yaml"
    path.write_text("dcim.device:\n- {name: twin, serial: A}\n")
    assert "give the id" in hookline("load", str(path), code=2).err
    path.write_text("dcim.device:\n- {name: twin, location: Annex, serial: A}\n")
    hookline("load", str(path))
    path.write_text(f"dcim.device:\n- {{id: {twin.pk}, asset_tag: B}}\n")
    hookline("load", str(path))
    found = hookline.json("object", "show", f"device:{twin.pk}")
    assert (found["serial"], found["asset_tag"]) == ("A", "B")


def test_values_that_another_object_has_are_refused(
    hookline: CommandLine, device: Device, tmp_path: Path
) -> None:
    device.asset_tag = "A1"
    device.save()
    path = tmp_path / "devices.csv"
    path.write_text(
        "name,location,role,status,device_type,asset_tag\nx,HQ,Core,Active,X1,A1\n"
    )
    error = hookline("load", str(path), "--type", "device", "--json", code=2).error
    assert list(error["fields"]) == [f"{path}:2: asset_tag"]


def test_hooks_fire_for_each_object(
    hookline: CommandLine, hook: JobHook, tmp_path: Path
) -> None:
    path = write_tags(tmp_path / "tags.csv", 3)
    ended = hookline("load", str(path), "--type", "tag")
    assert "3 runs queued" in ended.err
    assert JobResult.select().count() == 3


def test_more_runs_than_the_limit_want_a_word(
    hookline: CommandLine, hook: JobHook, tmp_path: Path
) -> None:
    (hookline.folder / "config.yaml").write_text("hooks: {bulk_limit: 5}\n")
    path = write_tags(tmp_path / "tags.csv", 6)
    words = ("load", str(path), "--type", "tag")
    assert "--hooks fire or --hooks mute" in hookline.start(*words, code=2).err
    assert Tag.objects.count() == 0
    hookline(*words, "--hooks", "mute")
    assert JobResult.select().count() == 0
    (verdict,) = hookline.json("change", "show", "1")["verdicts"]
    assert verdict["verdict"] == "muted"
    write_tags(path, 6, description="again")
    hookline(*words, "--hooks", "fire")
    assert JobResult.select().count() == 6


def test_a_big_file_is_written_in_pieces_under_one_request(
    hookline: CommandLine, hook: JobHook, tmp_path: Path
) -> None:
    path = write_tags(tmp_path / "tags.csv", 700)
    tally = hookline.json("load", str(path), "--type", "tag")
    assert tally == {"created": 700, "updated": 0, "unchanged": 0, "runs": 700}
    requests = ObjectChange.select(ObjectChange.context).distinct()
    assert requests.count() == 1
    assert hookline.json("load", str(path), "--type", "tag")["unchanged"] == 700


def test_a_big_file_that_fails_midway_is_taken_back_whole(
    hookline: CommandLine,
    hook: JobHook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save = write.save

    def fail_late(rows: list[Tag], **more: Any) -> int:
        if any(row.name == "t00600" for row in rows):
            raise OSError(28, "No space left on device", "store.db")
        return save(rows, **more)

    kept = factories.tag("t00001", description="mine")
    before = (ObjectChange.objects.count(), JobResult.select().count())
    monkeypatch.setattr(write, "save", fail_late)
    path = write_tags(tmp_path / "tags.csv", 700, description="theirs")
    ended = hookline("load", str(path), "--type", "tag", code=3)
    assert "Taking back" in ended.err
    monkeypatch.undo()
    kept.refresh_from_db()
    assert kept.description == "mine"
    assert Tag.objects.count() == 1
    assert (ObjectChange.objects.count(), JobResult.select().count()) == before


def test_a_big_file_is_checked_before_anything_is_written(
    hookline: CommandLine, tmp_path: Path
) -> None:
    path = write_tags(tmp_path / "tags.csv", 600)
    with path.open("a") as file:
        file.write("t00000,twice\n,nameless\n")
    error = hookline("load", str(path), "--type", "tag", "--json", code=2).error
    assert set(error["fields"]) == {f"{path}:602", f"{path}:603: name"}
    assert Tag.objects.count() == 0


def test_what_is_dumped_can_be_loaded_into_another_store(
    hookline: CommandLine, network: Path, tmp_path: Path
) -> None:
    hookline("load", str(network))
    dumped = tmp_path / "dump.yaml"
    dumped.write_text(hookline("dump").out)
    other = tmp_path / "other"
    hookline("init", str(other))
    hookline("load", str(dumped), "--store", str(other))
    again = hookline("dump", "--store", str(other)).out
    assert again == dumped.read_text()


ADDRESSES = """\
ipam.prefix:
  - {prefix: 10.0.0.0/8, status: Active}
  - {prefix: 10.1.0.0/16, status: Active}
ipam.ipaddress:
  - {address: 10.1.0.1/24, status: Active}
dcim.interface:
  - {device: core-01, name: eth0, type: virtual, status: Active,
     ip_addresses: [10.1.0.1/24]}
---
dcim.device:
  - {name: core-01, primary_ip4: 10.1.0.1/24}
"""


def test_what_rows_find_by_themselves_may_stand_in_the_same_file(
    hookline: CommandLine, device: Device, tmp_path: Path
) -> None:
    path = tmp_path / "addresses.yaml"
    path.write_text(ADDRESSES)
    tally = hookline.json("load", str(path))
    assert (tally["created"], tally["updated"]) == (4, 1)
    address = hookline.json("object", "show", "ipaddress:10.1.0.1/24")
    assert address["parent"]["name"] == "10.1.0.0/16"
    found = hookline.json("object", "show", "device:core-01")
    assert found["primary_ip4"]["name"] == "10.1.0.1/24"
    assert hookline.json("load", str(path))["unchanged"] == 5


def test_what_could_not_be_judged_before_takes_all_back(
    hookline: CommandLine, device: Device, tmp_path: Path
) -> None:
    path = tmp_path / "addresses.yaml"
    path.write_text(ADDRESSES.replace("10.1.0.1/24, s", "11.1.0.1/24, s", 1))
    before = ObjectChange.objects.count()
    error = hookline("load", str(path), "--json", code=2).error
    assert all(where.startswith(f"{path}:") for where in error["fields"])
    assert ObjectChange.objects.count() == before


def test_an_object_may_be_finished_further_down(
    hookline: CommandLine, network: Path
) -> None:
    more = "---\ndcim.device:\n  - {name: edge-01, location: Annex, serial: S7}\n"
    network.write_text(NETWORK + more)
    hookline("load", str(network))
    assert Device.objects.get(name="edge-01").serial == "S7"
    changes = hookline.json("change", "list", "object=device:edge-01")
    assert [change["action"] for change in changes] == ["create"]


@pytest.mark.parametrize("form", ["--json", "--json-lines"])
def test_other_forms_of_a_dump_can_be_loaded_too(
    hookline: CommandLine, network: Path, tmp_path: Path, form: str
) -> None:
    hookline("load", str(network))
    path = tmp_path / f"dump.{'json' if form == '--json' else 'jsonl'}"
    path.write_text(hookline("dump", form).out)
    tally = hookline.json("load", str(path))
    assert (tally["created"], tally["updated"]) == (0, 0)


def test_objects_that_share_a_name_are_dumped_with_their_ids(
    hookline: CommandLine, tmp_path: Path
) -> None:
    for place in ("HQ", "Annex"):
        factories.device("twin", location=factories.location(place))
    path = tmp_path / "dump.yaml"
    path.write_text(hookline("dump", "device").out)
    assert path.read_text().count("id: ") == 2
    assert hookline.json("load", str(path))["unchanged"] == 2


def test_csv_dumps_one_type(hookline: CommandLine, device: Device) -> None:
    hookline("dump", "--csv", code=2)
    head, row = hookline("dump", "device", "--csv").out.splitlines()
    assert head.startswith("id,name,")
    assert ",core-01," in row
