from __future__ import annotations

import csv
import io
import json
import uuid
from typing import TYPE_CHECKING

import pytest

from models.history.changes import ObjectChange
from models.inventory.dcim import Device
from models.inventory.extras import Tag
from tests import factories

if TYPE_CHECKING:
    from models.people.access import User
    from tests.tui.command_line import CommandLine

DEVICE = ("location=HQ", "role=Core", "status=Active", "device_type=X1")


def test_list_writes_a_table_for_people(hookline: CommandLine, device: Device) -> None:
    head, row = hookline("object", "list", "dcim.device").out.splitlines()
    assert head.split()[:3] == ["NAME", "STATUS", "ROLE"]
    assert row.split()[:3] == ["core-01", "Active", "Core"]


def test_list_writes_an_array_of_objects_as_json(
    hookline: CommandLine, device: Device
) -> None:
    (found,) = hookline.json("object", "list", "device")
    assert found["id"] == str(device.pk)
    assert found["object_type"] == "dcim.device"
    assert found["display"] == "core-01"
    assert set(found["location"]) == {"id", "type", "name"}
    assert found["location"]["type"] == "dcim.location"
    assert found["tenant"] is None
    assert found["tags"] == []
    assert found["created"].endswith("Z")


def test_an_empty_list_is_an_empty_array(hookline: CommandLine) -> None:
    ended = hookline("object", "list", "dcim.device", "--json")
    assert ended.out == "[]\n"
    assert hookline("object", "list", "dcim.device").err == "Nothing found.\n"


def test_json_lines_are_one_document_a_line(hookline: CommandLine) -> None:
    for name in "ab":
        factories.tag(name)
    lines = hookline("object", "list", "tag", "--json-lines").lines
    assert [line["name"] for line in lines] == ["a", "b"]


def test_csv_has_a_header_and_the_columns(
    hookline: CommandLine, device: Device
) -> None:
    out = hookline(
        "object", "list", "device", "--csv", "--columns", "name,location,tags"
    ).out
    rows = list(csv.reader(io.StringIO(out)))
    assert rows == [["name", "location", "tags"], ["core-01", "HQ", ""]]


def test_columns_limit_what_json_shows(hookline: CommandLine, device: Device) -> None:
    found = hookline.json("object", "list", "device", "--columns", "name,serial")
    assert found == [{"name": "core-01", "serial": ""}]


def test_an_unknown_column_is_an_error(hookline: CommandLine, device: Device) -> None:
    ended = hookline("object", "list", "device", "--columns", "nam", "--json", code=2)
    assert ended.error["candidates"][0] == "name"


def test_custom_fields_are_columns_values_and_filters(hookline: CommandLine) -> None:
    factories.custom_field("owner", content_types=["dcim.device"])
    factories.device("a", custom_field_data={"owner": "ops"})
    factories.device("b")
    hookline("object", "set", "device:b", "cf.owner=dev")
    found = hookline.json("object", "list", "device", "--columns", "name,cf.owner")
    assert found == [
        {"name": "a", "cf.owner": "ops"},
        {"name": "b", "cf.owner": "dev"},
    ]
    (found,) = hookline.json("object", "list", "device", "cf.owner=dev")
    assert found["name"] == "b"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], ["a1", "a2", "b1"]),
        (["a"], ["a1", "a2"]),
        (["name=a1,b1"], ["a1", "b1"]),
        (["name!=a1"], ["a2", "b1"]),
        (["name~1"], ["a1", "b1"]),
        (["name!~1"], ["a2"]),
        (["location=Annex"], ["b1"]),
        (["location!=Annex"], ["a1", "a2"]),
        (["location.name=Annex"], ["b1"]),
        (["location__name__startswith=A"], ["b1"]),
        (["tag=red"], ["a1"]),
        (["tags!=red"], ["a2", "b1"]),
        (["tags="], ["a2", "b1"]),
        (["serial="], ["a2", "b1"]),
        (["serial!="], ["a1"]),
        (["tenant=null"], ["a1", "a2", "b1"]),
        (["a", "serial=S1"], ["a1"]),
        (["created__lt=1h"], []),
        (["created__gt=1h"], ["a1", "a2", "b1"]),
        (["name__in=a1,a2", "--limit", "1"], ["a1"]),
        (["--sort", "-name"], ["b1", "a2", "a1"]),
        (["--sort", "-location,name"], ["a1", "a2", "b1"]),
    ],
)
def test_filters_sort_and_limit(
    hookline: CommandLine, words: list[str], names: list[str]
) -> None:
    first = factories.device("a1", serial="S1")
    factories.device("a2")
    factories.device("b1", location=factories.location("Annex"))
    first.tags.add(factories.tag("red"))
    found = hookline.json("object", "list", "device", *words, "--columns", "name")
    assert [row["name"] for row in found] == names


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("colour=red", "no filter 'colour'"),
        ("location=Nowhere", "no location 'Nowhere'"),
        ("created__gt=soon", "no time"),
    ],
)
def test_a_filter_that_cannot_be_read_is_an_error(
    hookline: CommandLine, word: str, message: str
) -> None:
    factories.device("a")
    assert message in hookline("object", "list", "device", word, code=2).err


def test_a_table_stops_at_its_limit_and_says_so(hookline: CommandLine) -> None:
    for number in range(5):
        factories.tag(f"t{number}")
    ended = hookline("object", "list", "tag", "--limit", "2")
    assert len(ended.out.splitlines()) == 3
    assert ended.err == "2 of 5 shown; --limit 0 shows all.\n"
    assert hookline("object", "list", "tag", "--limit", "5").err == ""


def test_show_finds_an_object_by_id_end_of_id_name_and_fields(
    hookline: CommandLine, device: Device
) -> None:
    for rest in (
        str(device.pk),
        device.pk.hex[-8:],
        "core-01",
        "CORE-01",
        "name=core-01,location=HQ",
    ):
        found = hookline.json("object", "show", f"dcim.device:{rest}")
        assert found["id"] == str(device.pk)


def test_show_writes_a_field_a_line_for_people(
    hookline: CommandLine, device: Device
) -> None:
    lines = hookline("object", "show", "device:core-01").out.splitlines()
    assert ["location", "HQ"] in [line.split() for line in lines]


def test_an_ambiguous_name_lists_the_candidates(hookline: CommandLine) -> None:
    for place in ("HQ", "Annex"):
        factories.device("twin", location=factories.location(place))
    error = hookline("object", "show", "device:twin", "--json", code=2).error
    assert error["code"] == "ambiguous"
    assert len(error["candidates"]) == 2
    for candidate in error["candidates"]:
        assert hookline.json("object", "show", candidate)["name"] == "twin"


def test_add_writes_the_new_object_and_records_why(
    hookline: CommandLine, device: Device
) -> None:
    words = ("object", "add", "dcim.device", "name=edge-01", *DEVICE)
    made = hookline.json(*words, "--reason", "RMA 4711")
    assert Device.objects.get(name="edge-01").pk == uuid.UUID(made["id"])
    assert made["runs"] == []
    change = hookline.json("change", "list", "object=device:edge-01")[0]
    assert change["action"] == "create"
    assert change["reason"] == "RMA 4711"
    assert change["kind"] == "command"
    assert change["detail"] == "hookline object add"


def test_add_gives_people_the_id_on_stdout(hookline: CommandLine) -> None:
    ended = hookline("object", "add", "extras.tag", "name=red")
    assert uuid.UUID(ended.out.strip()) == Tag.objects.get(name="red").pk
    assert ended.err == "extras.tag:red made.\n"
    assert hookline("object", "add", "extras.tag", "name=blue", "-q").err == ""


def test_members_and_values_are_one_change(
    hookline: CommandLine, device: Device
) -> None:
    for name in ("red", "a,b"):
        factories.tag(name)
    hookline("object", "add", "device", "name=x", *DEVICE, r"tags=red,a\,b")
    assert hookline.json("object", "show", "device:x")["tags"] == ["a,b", "red"]
    assert len(hookline.json("change", "list", "object=device:x")) == 1


def test_objects_are_filtered_by_their_members(
    hookline: CommandLine, device: Device
) -> None:
    port = factories.interface(device)
    factories.prefix()
    address = factories.address()
    port.ip_addresses.add(address)
    words = ("object", "list", "interface", f"ip_addresses={address}")
    assert [row["id"] for row in hookline.json(*words)] == [str(port.id)]
    assert (
        hookline.json("object", "list", "ipaddress", f"interfaces!=core-01 {port}")
        == []
    )


def test_set_writes_what_differs_and_nothing_else(
    hookline: CommandLine, device: Device
) -> None:
    before = ObjectChange.objects.count()
    assert "changed" in hookline("object", "set", "device:core-01", "serial=A").err
    assert (
        "left as it was" in hookline("object", "set", "device:core-01", "serial=A").err
    )
    assert ObjectChange.objects.count() == before + 1


def test_lists_are_added_to_and_taken_from(
    hookline: CommandLine, device: Device
) -> None:
    for name in "abc":
        factories.tag(name)
    hookline("object", "set", "device:core-01", "tags=a,b")
    hookline("object", "set", "device:core-01", "tags+=c", "tags-=a")
    assert hookline.json("object", "show", "device:core-01")["tags"] == ["b", "c"]
    hookline("object", "set", "device:core-01", "tags=")
    assert hookline.json("object", "show", "device:core-01")["tags"] == []


def test_a_custom_list_is_added_to_and_taken_from(
    hookline: CommandLine, device: Device
) -> None:
    field = ("key=colors", "kind=multi-select", "choices=red,blue,green")
    hookline("object", "add", "extras.customfield", *field, "content_types=dcim.device")
    hookline("object", "set", "device:core-01", "cf.colors+=red,blue")
    hookline("object", "set", "device:core-01", "cf.colors+=green", "cf.colors-=red")
    assert Device.objects.get(name="core-01").cf == {"colors": ["blue", "green"]}
    hookline("object", "set", "device:core-01", "cf.colors+=grey", code=2)


def test_json_values_can_empty_a_relation(
    hookline: CommandLine, device: Device
) -> None:
    factories.tenant("ACME")
    hookline("object", "set", "device:core-01", "tenant=ACME")
    found = hookline.json("object", "set", "device:core-01", "tenant:=null")
    assert found["tenant"] is None


def test_a_field_that_the_store_keeps_cannot_be_set(
    hookline: CommandLine, device: Device
) -> None:
    hookline("object", "set", "device:core-01", "created=2020-01-01", code=2)


def test_delete_asks_and_without_a_terminal_wants_yes(
    hookline: CommandLine, device: Device
) -> None:
    assert "--yes" in hookline.start("object", "delete", "device:core-01", code=2).err
    assert Device.objects.count() == 1
    ended = hookline("object", "delete", "device:core-01", "--yes")
    assert ended.err == "1 object deleted.\n"
    assert Device.objects.count() == 0
    change = hookline.json("change", "list", "object=device:core-01")[0]
    assert change["action"] == "delete"


def test_delete_of_several_is_one_change_request(
    hookline: CommandLine, user: User
) -> None:
    for name in "ab":
        factories.tag(name)
    hookline("object", "delete", "tag:a", "tag:b", "--yes")
    changes = hookline.json("change", "list", "action=delete")
    assert len({change["request"] for change in changes}) == 1
    assert {change["user"] for change in changes} == {user.username}


def test_what_others_point_at_is_not_deleted(
    hookline: CommandLine, device: Device
) -> None:
    hookline("object", "delete", "location:HQ", "--yes", code=2)


def test_foreign_text_brings_no_control_characters(hookline: CommandLine) -> None:
    device = factories.device("core-01")
    device.comments = "\x1b[31mred\x1b[0m \x9b2J\nsecond"
    device.save()
    words = ("object", "list", "device", "--columns", "name,comments")
    for form in ((), ("--json",), ("--json-lines",)):
        out = hookline(*words, *form).out
        assert "\x1b" not in out
        assert "\x9b" not in out
    assert hookline.json(*words)[0]["comments"] == device.comments
    shown = hookline("object", "show", "device:core-01").out
    assert "\x1b" not in shown
    assert "second" in shown


def test_type_list_and_show(hookline: CommandLine, device: Device) -> None:
    types = {row["type"]: row["objects"] for row in hookline.json("type", "list")}
    assert types["dcim.device"] == 1
    fields = {row["field"]: row for row in hookline.json("type", "show", "Device")}
    assert fields["location"]["of"] == "dcim.location"
    assert fields["location"]["required"] is True
    assert fields["serial"]["required"] is False


@pytest.mark.parametrize(
    "spelling", ["dcim.devicetype", "device_type", "DeviceType", "device types"]
)
def test_a_type_may_be_spelled_in_any_way(hookline: CommandLine, spelling: str) -> None:
    factories.device_type("X1")
    assert len(hookline.json("object", "list", spelling)) == 1


def test_changes_show_differences_and_verdicts(
    hookline: CommandLine, device: Device
) -> None:
    hookline("object", "set", "device:core-01", "serial=A")
    number = hookline.json("change", "list", "--limit", "1")[0]["id"]
    change = hookline.json("change", "show", str(number))
    assert change["differences"] == {
        "removed": {"serial": ""},
        "added": {"serial": "A"},
    }
    assert change["verdicts"] == []
    assert "~ serial: empty -> A" in hookline("change", "show", str(number)).out


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["action=create", "type=device"], 1),
        (["action=update"], 1),
        (["action=create,update", "type=device"], 2),
        (["object=dcim.device:core-01"], 2),
        (["kind=command"], 1),
        (["kind!=command", "type=device"], 1),
        (["reason~RMA"], 1),
        (["core", "type=device"], 2),
        (["time__gt=1h", "type=device"], 2),
    ],
)
def test_changes_are_filtered(
    hookline: CommandLine, device: Device, words: list[str], count: int
) -> None:
    hookline("object", "set", "device:core-01", "serial=A", "--reason", "RMA 1")
    assert len(hookline.json("change", "list", *words)) == count


def test_changes_of_an_object_that_is_gone_are_found_by_its_name(
    hookline: CommandLine, device: Device
) -> None:
    hookline("object", "delete", "device:core-01", "--yes")
    assert len(hookline.json("change", "list", "object=device:core-01")) == 2
    hookline("change", "list", "object=device:never", code=2)


def test_a_change_or_result_that_is_not_there(hookline: CommandLine) -> None:
    for noun in ("change", "result"):
        hookline(noun, "show", "7", code=2)
        hookline(noun, "show", "seven", code=2)


def test_json_is_utf_8_whatever_the_locale(hookline: CommandLine) -> None:
    factories.tag("grün")
    ended = hookline.start("object", "list", "tag", "--json")
    assert json.loads(ended.out)[0]["name"] == "grün"
    assert "grün" in ended.out


def test_an_object_is_shown_as_it_was_at_a_time(
    hookline: CommandLine, device: Device
) -> None:
    for serial in ("A", "B"):
        hookline("object", "set", "device:core-01", f"serial={serial}")
    newest, middle, *_ = hookline.json("change", "list", "object=device:core-01")

    def serial_at(when: str) -> str:
        words = ("object", "show", "device:core-01", "--at", when)
        return str(hookline.json(*words)["serial"])

    assert serial_at(f"#{middle['id']}") == "A"
    assert serial_at(middle["time"]) == "A"
    assert serial_at(middle["time"].replace("Z", "+00:00")) == "A"
    assert serial_at(newest["time"]) == "B"
    hookline("object", "delete", "device:core-01", "--yes")
    assert serial_at(str(middle["id"])) == "A"
    gone = hookline("object", "show", "device:core-01", "--at", "2020-01-01", code=2)
    assert "was not there yet" in gone.err


def test_history_is_filtered_by_field_user_time_request_and_parts(
    hookline: CommandLine, device: Device
) -> None:
    factories.interface(device, "eth0")
    hookline("object", "set", "device:core-01", "serial=A")
    (change,) = hookline.json("change", "list", "about=device:core-01", "field=serial")

    def count(*words: str) -> int:
        return len(hookline.json("change", "list", "about=device:core-01", *words))

    assert count() == 3
    assert count("type=interface") == 1
    assert count(f"request={change['request']}") == 1
    assert count(f"time__gte={change['time']}") == 1
    assert count(f"user={change['user']}", "kind=command") == 1
    assert count("user=nobody") == 0
