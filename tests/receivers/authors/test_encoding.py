from __future__ import annotations

import datetime as dt
import decimal
import enum
import ipaddress
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Device, Status, User
from models.errors import NotFoundError, ValidationError
from receivers.authors.encoding import encode, find_model, find_object, to_json
from receivers.authors.sanitiser import Sanitiser
from receivers.execution.lifecycle import encode_result
from tests import factories

if TYPE_CHECKING:
    from models.storage.store import Store

KEY = uuid.UUID("01890000-0000-7000-8000-000000000001")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (KEY, str(KEY)),
        (dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), "2026-01-02T03:04:00Z"),
        (
            dt.datetime(2026, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2026-01-02T01:00:00Z",
        ),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.timedelta(seconds=90), 90.0),
        ({"b", "a"}, ["a", "b"]),
        (b"caf\xe9", "caf\\xe9"),
        (Colour.RED, "red"),
        (decimal.Decimal("1.50"), "1.50"),
        (Path("/a"), "/a"),
        (ipaddress.ip_interface("192.0.2.1/24"), "192.0.2.1/24"),
        (ValueError("bad"), "bad"),
        ((1, 2), [1, 2]),
    ],
)
def test_what_receivers_return_has_a_json_form(value: object, expected: object) -> None:
    assert json.loads(encode({"value": value})) == {"value": expected}
    assert to_json(value) == expected


@pytest.mark.parametrize("value", [object(), print, 1j])
def test_what_has_none_is_a_type_error_saying_what_has(value: object) -> None:
    with pytest.raises(TypeError, match="return texts, numbers, lists"):
        encode(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="Circular"):
        encode(loop)


@given(VALUES)
def test_json_values_come_back_as_they_were(value: object) -> None:
    assert json.loads(encode(value)) == value


@given(VALUES)
def test_whatever_is_returned_fits_its_column(value: object) -> None:
    text = encode_result(value, Sanitiser())
    assert len(text.encode()) <= 65536
    json.loads(text)


def test_a_device_is_its_key_as_an_argument_and_named_as_a_result(
    device: Device,
) -> None:
    assert to_json({"d": [device]}) == {"d": [str(device.pk)]}
    assert json.loads(encode(device))["name"] == "core-01"


def test_models_are_found_by_label_even_those_that_are_no_object_types(
    store: Store,
) -> None:
    assert find_model("dcim.device") is Device
    assert find_model("users.user") is User
    with pytest.raises(NotFoundError):
        find_model("dcim.nothing")


def test_a_row_of_the_system_is_found_by_its_number(user: User) -> None:
    assert find_object(User, user.pk) == user
    assert find_object(User, str(user.pk)) == user
    assert find_object(User, user.username) == user


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nowhere", "There is no status 'nowhere'"),
        (str(KEY), "There is no status"),
        ({"name": "nowhere"}, "There is no status"),
        ({"no_such_field": 1}, "names no status"),
        (1.5, "names no status"),
        ({"color": "9e9e9e"}, "More than one status"),
    ],
)
def test_a_reference_that_names_nothing_or_too_much_is_refused(
    store: Store, reference: object, message: str
) -> None:
    for name in ("One", "Two"):
        factories.status(name, color="9e9e9e")
    with pytest.raises(ValidationError, match=message):
        find_object(Status, reference)
