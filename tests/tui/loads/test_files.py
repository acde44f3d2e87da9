from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from models.errors import RequestError
from tui.loads.files import Source, read_document

if TYPE_CHECKING:
    from pathlib import Path


def read(
    path: Path, text: str, kind: str = ""
) -> list[tuple[int, str, dict[str, object]]]:
    path.write_text(text)
    items = Source.open(str(path), kind=kind).items()
    return [(int(i.where.rpartition(":")[2]), i.type, i.values) for i in items]


def test_yaml_holds_lists_by_type(tmp_path: Path) -> None:
    text = (
        "dcim.location:\n  - name: HQ\n  - {name: Annex}\ndevice:\n- name: a\n  n: 1\n"
    )
    assert read(tmp_path / "f.yaml", text) == [
        (2, "dcim.location", {"name": "HQ"}),
        (3, "dcim.location", {"name": "Annex"}),
        (5, "device", {"name": "a", "n": 1}),
    ]


def test_yaml_may_be_one_list_of_objects_that_say_what_they_are(tmp_path: Path) -> None:
    text = "- object_type: device\n  name: a\n- name: b\n"
    assert read(tmp_path / "f.yml", text, "tag") == [
        (1, "device", {"name": "a"}),
        (3, "tag", {"name": "b"}),
    ]


def test_dates_stay_as_they_are_written(tmp_path: Path) -> None:
    found = read(tmp_path / "f.yaml", "- since: 2026-01-02\n", "x")
    assert found[0][2] == {"since": "2026-01-02"}


@pytest.mark.parametrize(
    "text",
    [
        '[\n {"name": "a"},\n {"name": "b", "object_type": "tag"}\n]',
        '{"device": [\n {"name": "a"}], "tag": [\n{"name": "b"}]}',
    ],
)
def test_json_has_lines_too(tmp_path: Path, text: str) -> None:
    assert read(tmp_path / "f.json", text, "device") == [
        (2, "device", {"name": "a"}),
        (3, "tag", {"name": "b"}),
    ]


def test_what_json_shows_of_an_object_can_be_read_again(tmp_path: Path) -> None:
    text = (
        '[{"id": "x", "object_type": "device", "display": "a", "name": "a",'
        ' "created": "c", "last_updated": "l", "custom_fields": {"k": 1}}]'
    )
    found = read(tmp_path / "f.json", text)
    assert found == [(1, "device", {"id": "x", "name": "a", "cf.k": 1})]


def test_json_lines_are_read_one_by_one(tmp_path: Path) -> None:
    found = read(tmp_path / "f.jsonl", '{"name": "a"}\n\n{"name": "b"}\n', "tag")
    assert [(line, values) for line, _, values in found] == [
        (1, {"name": "a"}),
        (3, {"name": "b"}),
    ]


def test_csv_cells_are_texts_and_empty_ones_are_left_out(tmp_path: Path) -> None:
    text = 'name, serial,tags\na,,"x,y"\n\nb,S1\n'
    assert read(tmp_path / "f.csv", text, "device") == [
        (2, "device", {"name": "a", "tags": "x,y"}),
        (4, "device", {"name": "b", "serial": "S1"}),
    ]


def test_csv_rows_may_say_what_they_are(tmp_path: Path) -> None:
    found = read(tmp_path / "f.csv", "object_type,name\ntag,a\n")
    assert found == [(2, "tag", {"name": "a"})]


def test_a_mark_that_spreadsheets_put_first_is_no_part_of_a_name(
    tmp_path: Path,
) -> None:
    found = read(tmp_path / "f.csv", "\ufeffname\na\n", "tag")
    assert found == [(2, "tag", {"name": "a"})]


def test_csv_without_a_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--type"):
        read(tmp_path / "f.csv", "name\na\n")


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("f.yaml", "a:\n - x: [\n", 3, "not YAML"),
        ("f.yaml", "a:\n  b: c\n", 2, "wants a list"),
        ("f.yaml", "a:\n  - c\n", 2, "fields are wanted"),
        ("f.json", '[\n{"a": 1}\n{"a": 2}]', 3, "',' is wanted"),
        ("f.json", '[\n{"a": }]', 2, "not JSON"),
        ("f.json", "7", 1, "a list of objects"),
        ("f.jsonl", '{"a": 1}\n{"a"', 2, "not JSON"),
        ("f.csv", "a,b\n1,2\n1,2,3\n", 3, "3 cells under 2 columns"),
    ],
)
def test_a_broken_file_is_said_with_its_line(
    tmp_path: Path, name: str, text: str, line: int, message: str
) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        read(tmp_path / name, text, "x")
    assert caught.value.on == f"{tmp_path / name}:{line}"


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    for name in ("f.yaml", "f.csv", "f.jsonl"):
        assert read(tmp_path / name, "", "x") == []


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Cannot read"):
        list(Source.open(str(tmp_path / "none.yaml")).items())
    with pytest.raises(RequestError, match="Cannot read"):
        Source.open(str(tmp_path / "none.csv"))


def test_a_file_of_no_known_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"must end in \.yaml"):
        Source.open(str(tmp_path / "f.txt"))


@pytest.mark.parametrize(
    ("text", "kind", "form"),
    [
        ('[{"name": "a"}]', "tag", "json"),
        ('{"tag": [\n{"name": "a"}]}', "", "json"),
        ('{"name": "a"}\n{"name": "b"}\n', "tag", "jsonl"),
        ("name,serial\na,b\n", "tag", "csv"),
        ("tag:\n- name: a\n", "", "yaml"),
    ],
)
def test_the_form_of_stdin_is_seen_from_its_start(
    monkeypatch: pytest.MonkeyPatch, text: str, kind: str, form: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    source = Source.open("-", kind=kind)
    assert source.form == form
    first = next(source.items())
    assert first.values["name"] == "a"
    assert first.where.startswith("stdin:")


def test_a_document_is_json_or_yaml() -> None:
    assert read_document('{"a": 1}', "x") == {"a": 1}
    assert read_document("a: 1", "x") == {"a": 1}
    with pytest.raises(RequestError, match="neither JSON nor YAML"):
        read_document("[", "x")
