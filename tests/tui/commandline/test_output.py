from __future__ import annotations

import csv
import datetime as dt
import enum
import io
import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ValidationError
from tui.commandline.output import Form, Output
from tui.commandline.progress import Progress
from tui.looks.cells import cell, dumps, plain

MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=dt.UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def output(form: Form = Form.TABLE, **more: Any) -> Output:
    return Output(results=io.StringIO(), talk=io.StringIO(), form=form, **more)


def text_of(found: Output) -> str:
    assert isinstance(found.results, io.StringIO)
    return found.results.getvalue()


def talk_of(found: Output) -> str:
    assert isinstance(found.talk, io.StringIO)
    return found.talk.getvalue()


@given(st.text())
def test_json_holds_no_character_that_a_terminal_acts_on(text: str) -> None:
    written = dumps({"a": text})
    assert json.loads(written) == {"a": text}
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in written)
    assert "\u202e" not in written


def test_json_leaves_letters_as_they_are() -> None:
    assert dumps("grün 東京") == '"grün 東京"'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (MOMENT, "2026-01-02T03:04:05.000060Z"),
        (MOMENT.astimezone(dt.timezone(dt.timedelta(hours=2))), plain(MOMENT)),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"\x01\xff", "01ff"),
        ({"b", "a"}, ["a", "b"]),
        (enum.Enum("E", {"A": "x"}).A, "x"),  # type: ignore[attr-defined]  # made here
    ],
)
def test_values_of_other_kinds_have_one_form_in_json(
    value: object, shown: object
) -> None:
    assert plain(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ([{"name": "a.csv", "size": 2000}], "a.csv (2000 bytes)"),
        ({"done": 1, "total": 4}, "1 of 4"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1.5, "1.5"),
        (2.0, "2"),
        (MOMENT, "2026-01-02T03:04:05Z"),
        ({"id": 1, "type": "a.b", "name": "HQ"}, "HQ"),
        ({}, ""),
        ({"a": 1}, '{"a": 1}'),
        (["a", "b,c"], "a,b\\,c"),
        ([["a", "b"]], '[["a", "b"]]'),
        ([], ""),
    ],
)
def test_a_cell_is_short_and_plain(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_a_table_is_aligned_and_its_last_column_is_whole() -> None:
    found = output()
    long = "x" * 100
    rows = [{"a_b": "1", "c": long}, {"a_b": "22222", "c": ""}]
    assert found.rows(("a_b", "c"), rows) == 2
    assert text_of(found).splitlines() == ["A B    C", f"1      {long}", "22222"]


def test_a_table_counts_cells_not_characters() -> None:
    found = output()
    found.rows(("a", "b"), [{"a": "東京", "b": "1"}, {"a": "x", "b": "2"}])
    assert text_of(found).splitlines()[1:] == ["東京  1", "x     2"]


def test_a_table_makes_foreign_text_harmless() -> None:
    found = output()
    found.rows(("a", "b"), [{"a": "\x1b[2J", "b": "x\ny\x9b"}])
    assert text_of(found).splitlines()[1] == "\ufffd[2J  x y\ufffd"


def test_a_table_without_rows_is_nothing() -> None:
    found = output()
    assert found.rows(("a",), []) == 0
    assert text_of(found) == ""


def test_json_rows_are_one_array_written_as_they_come() -> None:
    found = output(Form.JSON)

    def rows() -> Any:
        yield {"a": 1}
        assert text_of(found).startswith('[\n {"a": 1}')
        yield {"a": None}

    assert found.rows(("a",), rows()) == 2
    assert json.loads(text_of(found)) == [{"a": 1}, {"a": None}]


def test_csv_goes_raw_into_a_file_and_harmless_to_a_terminal() -> None:
    rows = [{"a": "x\n\x1b", "b": ["1", "2"]}]
    found = output(Form.CSV)
    found.rows(("a", "b"), rows)
    assert list(csv.reader(io.StringIO(text_of(found)))) == [
        ["a", "b"],
        ["x\n\x1b", "1,2"],
    ]
    shown = Output(results=Terminal(), talk=io.StringIO(), form=Form.CSV)
    shown.rows(("a", "b"), rows)
    assert "\x1b" not in text_of(shown)


def test_a_record_is_a_line_for_each_field_and_each_further_line() -> None:
    found = output()
    found.record({"name": "a", "long_name": "x\ny\x1b"})
    assert text_of(found).splitlines() == [
        "name       a",
        "long name  x",
        "           y\ufffd",
    ]


def test_talk_goes_to_stderr_unless_quiet() -> None:
    found = output()
    found.say("a\x1b\nb")
    found.detail("no")
    assert talk_of(found) == "a\ufffd\nb\n"
    assert text_of(found) == ""
    quiet = output(is_quiet=True)
    quiet.say("a")
    assert talk_of(quiet) == ""
    verbose = output(is_verbose=True)
    verbose.detail("yes")
    assert talk_of(verbose) == "yes\n"


def test_an_error_is_one_line_of_json_or_a_line_for_each_field() -> None:
    error = ValidationError({"a": ["is wrong"], "b": ["is late", "is long"]}, on="x")
    found = output(Form.JSON)
    found.error(error)
    document = json.loads(talk_of(found))["error"]
    assert document["fields"] == {"a": ["is wrong"], "b": ["is late", "is long"]}
    assert document["code"] == "invalid"
    found = output()
    found.error(error)
    assert talk_of(found).splitlines() == [
        "hookline: x: not valid.",
        "  a: is wrong",
        "  b: is late",
        "  b: is long",
    ]


def test_progress_is_drawn_on_a_terminal_only() -> None:
    found = Output(results=io.StringIO(), talk=Terminal())
    progress = Progress(found, "writing", 10)
    progress.show(5)
    progress.show(6)
    progress.close()
    drawn = talk_of(found)
    assert "5 of 10" in drawn
    assert "6 of 10" not in drawn
    assert drawn.endswith("\r\x1b[K")
    silent = output()
    Progress(silent, "writing", 10).show(5)
    assert talk_of(silent) == ""
