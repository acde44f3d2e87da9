from __future__ import annotations

from typing import Any

import pytest

from models.history.diffs import diff
from tui.looks.changes import (
    DiffLine,
    difference_lines,
    path_text,
    value_text,
    verdict_lines,
    whole_value,
    why_none,
)

HQ = {"id": "1", "object_type": "dcim.location", "name": "HQ"}
ANNEX = {"id": "2", "object_type": "dcim.location", "name": "Annex"}


def lines_of(before: Any, after: Any, **options: Any) -> list[str]:
    found = difference_lines(diff(before, after), **options)
    parts = [(line.sign, line.path, line.text) for line in found]
    return [" ".join(part for part in three if part) for three in parts]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"serial": "A"}, {"serial": "B"}, "~ serial A → B"),
        ({"serial": ""}, {"serial": "B"}, "~ serial empty → B"),
        ({"asset_tag": None}, {"asset_tag": "7"}, "~ asset_tag nothing → 7"),
        ({"location": HQ}, {"location": ANNEX}, "~ location HQ → Annex"),
        ({"location": HQ}, {"location": None}, "~ location HQ → nothing"),
        ({"is_full_depth": True}, {"is_full_depth": False}, "~ is_full_depth yes → no"),
        ({"tags": []}, {"tags": ["critical"]}, "+ tags.critical critical"),
        ({"tags": ["old"]}, {"tags": []}, "- tags.old old"),
    ],
)
def test_a_difference_is_one_line_a_value(
    before: Any, after: Any, expected: str
) -> None:
    assert lines_of(before, after) == [expected]


def test_a_custom_field_is_named_as_commands_name_it() -> None:
    before, after = {"custom_fields": {"unit": 4}}, {"custom_fields": {"unit": 5}}

    assert lines_of(before, after) == ["~ cf.unit 4 → 5"]


def test_without_unicode_the_arrow_is_two_letters() -> None:
    assert lines_of({"a": 1}, {"a": 2}, is_ascii=True) == ["~ a 1 -> 2"]


def test_a_text_of_several_lines_is_compared_line_by_line() -> None:
    before, after = {"comments": "one\ntwo\nthree"}, {"comments": "one\n2\nthree\n4"}

    assert difference_lines(diff(before, after)) == [
        DiffLine(sign="~", path="comments", text=""),
        DiffLine(sign="", path="", text="one"),
        DiffLine(sign="-", path="", text="two"),
        DiffLine(sign="+", path="", text="2"),
        DiffLine(sign="", path="", text="three"),
        DiffLine(sign="+", path="", text="4"),
    ]


def test_what_stands_far_apart_in_a_text_is_parted() -> None:
    middle = "\n".join(str(n) for n in range(20))

    found = lines_of({"a": f"x\n{middle}\ny"}, {"a": f"X\n{middle}\nY"})

    assert found == ["~ a", "- x", "+ X", "0", "...", "19", "- y", "+ Y"]


def test_texts_too_long_to_compare_are_counted() -> None:
    long = "\n".join(str(n) for n in range(5_000))

    assert lines_of({"a": "x\ny"}, {"a": long})[1] == (
        "2 lines before, 5,000 after: too long to compare"
    )


def test_a_created_object_stands_whole_and_what_is_empty_is_counted() -> None:
    image = {"name": "core-01", "serial": "", "tags": [], "location": HQ}

    assert lines_of(None, image, action="create") == [
        "+ name core-01",
        "+ location HQ",
        "2 fields are empty",
    ]


def test_a_deleted_object_stands_whole() -> None:
    found = lines_of({"name": "core-01", "serial": ""}, None, action="delete")

    assert found == ["- name core-01", "1 field is empty"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), "all"),
        (("serial",), "serial"),
        (("custom_fields", "unit"), "cf.unit"),
        (("local_config", "dns", "server"), "local_config.dns.server"),
    ],
)
def test_a_path_is_its_keys(path: tuple[str, ...], expected: str) -> None:
    assert path_text(path) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "nothing"), ("", "empty"), ([], "empty"), (0, "0"), (False, "no")],
)
def test_what_is_not_there_is_said_in_a_word(value: Any, expected: str) -> None:
    assert value_text(value) == expected


def test_a_nested_value_as_a_whole_takes_several_lines() -> None:
    assert whole_value({"a": {"b": 1}}) == '{\n  "a": {\n    "b": 1\n  }\n}'
    assert whole_value(HQ) == "HQ"
    assert whole_value("one\ntwo") == "one\ntwo"


VERDICTS = [
    [1, "other event", "", None],
    [2, "fired", "", 40],
    [3, "job missing", "guards.py:3: SyntaxError", None],
    [4, "caused by result", "12", None],
    [5, "fired", "", 41],
    [6, "hook off", "", None],
]


def words(**options: Any) -> list[str]:
    found = verdict_lines(
        VERDICTS,
        names={1: "A", 2: "B", 3: "C", 4: "D", 6: "F"},
        statuses={40: "SUCCESS"},
        **options,
    )
    return [f"{line.hook}: {line.words} {line.status}".rstrip() for line in found]


def test_verdicts_are_words_and_those_that_fired_come_first() -> None:
    assert words() == [
        "B: fired → result 40 SUCCESS",
        "hook 5, deleted: fired → result 41 gone",
        "C: job missing: guards.py:3: SyntaxError",
        "D: caused by result 12",
        "F: hook off",
        "A: other event",
    ]


def test_what_nobody_chose_is_a_problem() -> None:
    found = verdict_lines(VERDICTS, names={}, statuses={})

    assert [line.words for line in found if line.is_problem] == [
        "job missing: guards.py:3: SyntaxError"
    ]


def test_verdicts_have_an_arrow_of_letters_too() -> None:
    assert words(is_ascii=True)[0] == "B: fired -> result 40 SUCCESS"


def test_a_change_without_verdicts_says_why() -> None:
    assert "not judged yet" in why_none(None)
    assert "no hook" in why_none(b"")
