"""The deep difference: applied to the one side, it gives the other."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.history.diffs import Difference, diff, reduce

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
objects = st.dictionaries(
    st.text(min_size=1, max_size=4),
    scalars | st.dictionaries(st.text(min_size=1, max_size=4), scalars, max_size=3),
    max_size=5,
)


def apply(before: dict[str, Any], found: tuple[Difference, ...]) -> dict[str, Any]:
    result: dict[str, Any] = {
        k: dict(v) if isinstance(v, dict) else v for k, v in before.items()
    }
    for one in found:
        inside = result
        for key in one.path[:-1]:
            inside = inside[key]
        if one.operation == "remove":
            del inside[one.path[-1]]
        else:
            inside[one.path[-1]] = one.new
    return result


@given(before=objects, after=objects)
def test_the_difference_leads_from_one_to_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert apply(before, diff(before, after)) == after


@given(image=objects)
def test_nothing_differs_from_itself(image: dict[str, Any]) -> None:
    assert diff(image, image) == ()


def test_a_renamed_relation_is_the_same_one() -> None:
    old = {"id": "1", "object_type": "dcim.location", "name": "HQ"}
    assert diff({"location": old}, {"location": {**old, "name": "Head office"}}) == ()


def test_another_relation_is_one_change() -> None:
    old = {"id": "1", "object_type": "dcim.location", "name": "HQ"}
    new = {**old, "id": "2", "name": "Lab"}
    assert diff({"location": old}, {"location": new}) == (
        Difference("change", ("location",), old, new),
    )


def test_lists_are_compared_by_member() -> None:
    assert diff({"tags": ["a", "b"]}, {"tags": ["b", "c"]}) == (
        Difference("remove", ("tags", "a"), "a", None),
        Difference("add", ("tags", "c"), None, "c"),
    )


def test_reducing_takes_the_path_off() -> None:
    found = diff({"cf": {"site": 1}, "name": "a"}, {"cf": {"site": 2}, "name": "b"})
    assert reduce(found, ("cf",)) == (Difference("change", ("site",), 1, 2),)


def test_true_and_one_are_different_values() -> None:
    assert diff({"a": True}, {"a": 1}) == (Difference("change", ("a",), True, 1),)


def test_a_created_object_is_all_additions() -> None:
    assert diff(None, {"name": "a"}) == (Difference("add", ("name",), None, "a"),)


def test_a_deleted_object_is_all_removals() -> None:
    assert diff({"name": "a"}, None) == (Difference("remove", ("name",), "a", None),)
