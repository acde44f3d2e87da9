from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RequestError
from models.objects.lists import join_list, split_list
from tui.words.grammar import (
    Filter,
    Term,
    is_assignment,
    parse_assignment,
    parse_assignments,
    parse_filter,
    parse_filter_line,
    parse_reference,
    parse_term,
)
from tui.words.quoting import quote_word, split_line

if TYPE_CHECKING:
    from pathlib import Path

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
awkward = st.text(alphabet='a,\\ "=~!@:', min_size=1)


@given(st.lists(texts | awkward))
def test_a_joined_list_splits_into_the_same_items(items: list[str]) -> None:
    assert split_list(join_list(items)) == items


@given(st.lists(st.text() | awkward))
def test_a_line_of_quoted_words_splits_into_the_same_words(words: list[str]) -> None:
    assert split_line(" ".join(quote_word(word) for word in words)) == words


@given(
    st.lists(
        st.builds(
            Term,
            key=st.sampled_from(["name", "location__name", "cf.owner", "mtu"]),
            lookup=st.sampled_from(["exact", "icontains", "gt", "in", "isnull"]),
            values=st.lists(texts | awkward).map(tuple),
            negated=st.booleans(),
        )
    )
)
def test_a_filter_reads_back_from_its_own_line(terms: list[Term]) -> None:
    filters = Filter(terms=tuple(terms))
    assert parse_filter_line(str(filters)) == filters


@given(awkward)
def test_no_line_breaks_the_parser_in_another_way_than_saying_so(line: str) -> None:
    if line.count('"') % 2:
        with pytest.raises(RequestError, match="quote"):
            parse_filter_line(line)
    else:
        assert len(parse_filter_line(line).terms) <= len(line)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (" a , b ", ["a", "b"]),
        ("a\\,b", ["a,b"]),
        ("a\\\\,b", ["a\\", "b"]),
        ("a\\d+", ["a\\d+"]),
        ("a\\", ["a\\"]),
        (",,", []),
        ("\\ a", [" a"]),
    ],
)
def test_lists_are_split_at_bare_commas(text: str, items: list[str]) -> None:
    assert split_list(text) == items


def test_an_unclosed_quote_is_an_error() -> None:
    with pytest.raises(RequestError, match="quote is not closed"):
        split_line('name="core')


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("dcim.device:core-01", "dcim.device", "core-01"),
        ("interface:xe-0/0/0:1", "interface", "xe-0/0/0:1"),
        ("Device: core 01 ", "Device", "core 01"),
    ],
)
def test_a_reference_is_split_at_its_first_colon(
    text: str, kind: str, rest: str
) -> None:
    reference = parse_reference(text)
    assert (reference.type, reference.rest) == (kind, rest)
    assert str(parse_reference(str(reference))) == str(reference)


@pytest.mark.parametrize("text", ["device", "device:", ":core", "", " : "])
def test_what_has_no_two_sides_is_no_reference(text: str) -> None:
    with pytest.raises(RequestError, match="TYPE:NAME"):
        parse_reference(text)


@pytest.mark.parametrize(
    ("word", "key", "operator", "value"),
    [
        ("name=core-01", "name", "=", "core-01"),
        ("name=", "name", "=", ""),
        ("name=a=b", "name", "=", "a=b"),
        ("comments=a, b", "comments", "=", "a, b"),
        ("mtu:=9000", "mtu", ":=", 9000),
        ("serial:=null", "serial", ":=", None),
        ('tags:=["a"]', "tags", ":=", ["a"]),
        ("tags+=a,b", "tags", "+=", ["a", "b"]),
        (r"tags-=a\,b", "tags", "-=", ["a,b"]),
        ("cf.rack-row=7", "cf.rack-row", "=", "7"),
        ("email=@@home", "email", "=", "@home"),
        ("email=@", "email", "=", "@"),
        ("text=a\nb", "text", "=", "a\nb"),
    ],
)
def test_a_value_is_a_key_an_operator_and_a_text(
    word: str, key: str, operator: str, value: object
) -> None:
    assignment = parse_assignment(word)
    assert (assignment.key, assignment.operator) == (key, operator)
    assert assignment.value() == value


def test_custom_fields_are_named_by_cf() -> None:
    assert parse_assignment("cf.owner=x").custom_field == "owner"
    assert parse_assignment("name=x").custom_field is None


@pytest.mark.parametrize("word", ["", "name", "=x", "1a=x", "a b=x", "na me"])
def test_what_has_no_key_and_operator_is_no_value(word: str) -> None:
    assert not is_assignment(word)
    with pytest.raises(RequestError, match="key=text"):
        parse_assignment(word)


def test_wrong_json_is_said_with_the_plain_form() -> None:
    with pytest.raises(RequestError, match="name= takes plain text"):
        parse_assignment("name:=core").value()


def test_a_value_can_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "value"
    path.write_text("[1, 2]")
    assert parse_assignment(f"comments=@{path}").value() == "[1, 2]"
    assert parse_assignment(f"sizes:=@{path}").value() == [1, 2]


def test_a_missing_file_is_said_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="No such file") as caught:
        parse_assignment(f"comments=@{tmp_path}/none").value()
    assert caught.value.on == "comments"


def test_a_key_is_given_once() -> None:
    with pytest.raises(RequestError, match="given twice"):
        parse_assignments(["name=a", "name:=1"])
    assert len(parse_assignments(["tags+=a", "tags-=b"])) == 2


@pytest.mark.parametrize(
    ("word", "key", "lookup", "values", "negated"),
    [
        ("status=Active", "status", "exact", ("Active",), False),
        ("status=Active,Planned", "status", "exact", ("Active", "Planned"), False),
        ("status!=Active", "status", "exact", ("Active",), True),
        ("name~core", "name", "icontains", ("core",), False),
        ("name!~core", "name", "icontains", ("core",), True),
        ("mtu__gt=9000", "mtu", "gt", ("9000",), False),
        ("location__name=HQ", "location__name", "exact", ("HQ",), False),
        ("location__name__startswith=H", "location__name", "startswith", ("H",), False),
        ("serial=", "serial", "exact", (), False),
        ("serial!=", "serial", "exact", (), True),
        ("core", "", "search", ("core",), False),
        ("10.0.0.0/8", "", "search", ("10.0.0.0/8",), False),
        ("xe-0/0/0:1", "", "search", ("xe-0/0/0:1",), False),
    ],
)
def test_a_filter_word_is_a_condition_or_a_search(
    word: str, key: str, lookup: str, values: tuple[str, ...], *, negated: bool
) -> None:
    term = Term(key=key, lookup=lookup, values=values, negated=negated)
    assert parse_term(word) == term
    assert str(term) == word


def test_a_filter_knows_its_search_words_and_conditions() -> None:
    filters = parse_filter(["core", "status=Active", ""])
    assert filters.search == ("core",)
    assert [term.key for term in filters.conditions] == ["status"]
    assert not parse_filter([])
