from __future__ import annotations

import dataclasses
import functools
from typing import ClassVar

import pytest

from models.values import frozen


@frozen
class Spot:
    """A place on a plan."""

    ORIGIN: ClassVar[str] = "top left"

    row: int
    column: int = 0
    note: str = dataclasses.field(default="", compare=False, repr=False)
    tags: list[str] = dataclasses.field(default_factory=list, compare=False)

    @functools.cached_property
    def name(self) -> str:
        """What people call it."""
        return f"{self.row}/{self.column}"


@frozen
class HighSpot(Spot):
    """A place on one floor of a plan."""

    floor: int = 1


def test_a_value_has_its_parts_and_their_defaults() -> None:
    spot = Spot(row=2)

    assert (spot.row, spot.column, spot.note, spot.tags) == (2, 0, "", [])


def test_each_value_has_a_mutable_default_of_its_own() -> None:
    assert Spot(row=1).tags is not Spot(row=1).tags


def test_a_value_stays_as_it_is() -> None:
    spot = Spot(row=2)

    with pytest.raises(dataclasses.FrozenInstanceError, match=r"Spot\.row"):
        spot.row = 3  # type: ignore[misc]  # what is tested
    with pytest.raises(dataclasses.FrozenInstanceError):
        del spot.row
    assert spot.row == 2


def test_a_missing_part_is_named() -> None:
    with pytest.raises(TypeError, match=r"^Spot lacks row$"):
        Spot()  # type: ignore[call-arg]  # what is tested


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(TypeError, match=r"^Spot has no depth$"):
        Spot(row=1, depth=2)  # type: ignore[call-arg]  # what is tested


def test_values_with_equal_parts_are_equal_and_hash_alike() -> None:
    one, other = Spot(row=1, note="here"), Spot(row=1, note="there")
    assert one.name == "1/0"  # what is kept in it is no part

    assert one == other
    assert hash(one) == hash(other)
    assert one != Spot(row=2)
    assert one != HighSpot(row=1)


def test_a_value_shows_its_parts() -> None:
    assert repr(Spot(row=1, note="x")) == "Spot(row=1, column=0, tags=[])"


def test_a_class_of_values_adds_parts_to_those_of_its_base() -> None:
    high = HighSpot(row=1, floor=3)

    assert (high.row, high.column, high.floor) == (1, 0, 3)


def test_what_knows_data_classes_knows_values() -> None:
    spot = Spot(row=1, tags=["a"])

    assert dataclasses.replace(spot, column=4) == Spot(row=1, column=4)
    assert dataclasses.asdict(spot) == {
        "row": 1,
        "column": 0,
        "note": "",
        "tags": ["a"],
    }
    assert [part.name for part in dataclasses.fields(Spot)] == [
        *("row", "column", "note", "tags")
    ]


def test_a_method_that_a_class_brings_stays() -> None:
    @frozen
    class Named:
        name: str

        def __repr__(self) -> str:
            return self.name

    assert repr(Named(name="x")) == "x"
