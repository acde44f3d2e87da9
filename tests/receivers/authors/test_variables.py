from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

import pytest

from models import Device, Status
from models.errors import ValidationError
from receivers import (
    BooleanVar,
    ChoiceVar,
    DryRunVar,
    IntegerVar,
    IPAddressVar,
    IPAddressWithMaskVar,
    IPNetworkVar,
    Job,
    JobButtonReceiver,
    JSONVar,
    MultiChoiceVar,
    MultiObjectVar,
    ObjectVar,
    StringVar,
    TextVar,
)
from receivers.authors.arguments import (
    describe,
    deserialise,
    serialise,
    validate,
    variable_from,
    variables_of,
)
from receivers.authors.errors import JobDefinitionError
from receivers.authors.objectvars import filled_params

if TYPE_CHECKING:
    from models.storage.store import Store
    from receivers.authors.variables import ScriptVariable

LETTERS = StringVar(min_length=3, max_length=3, regex=r"^[a-z]+$")
PICK = ChoiceVar(choices=(("a", "Apple"), ("b", "Bean")))
PICKS = MultiChoiceVar(choices=(("a", "Apple"), ("b", "Bean")))
NETWORK = IPNetworkVar(min_prefix_length=16, max_prefix_length=24)

REFUSED: list[tuple[str, ScriptVariable, Any, str]] = [
    ("G14", LETTERS, "xx", "at least 3"),
    ("G14", LETTERS, "xxxx", "at most 3"),
    ("G14", LETTERS, "ABC", "does not match"),
    ("G16", PICK, "c", "Choose one of: a, b"),
    ("G16", PICKS, ["a", "c"], "'c' is no choice"),
    ("G17", IPAddressVar(), "1.2.3", "no IP address"),
    ("G17", IPAddressVar(), "192.0.2.1/24", "has a mask"),
    ("G19", IPNetworkVar(), "192.0.2.1/24", r"Did you mean 192.0.2.0/24\?"),
    ("G20", JSONVar(), "{'a': 1}", "no JSON"),
    ("", IPAddressWithMaskVar(), "192.0.2.1", "has no mask"),
    ("", NETWORK, "10.0.0.0/8", "at least 16"),
    ("", NETWORK, "192.0.2.0/25", "at most 24"),
    ("", IntegerVar(), "1.5", "not a whole number"),
    ("", IntegerVar(), True, "not a whole number"),
    ("", IntegerVar(min_value=0), -1, "at least 0"),
    ("", IntegerVar(max_value=0), 1, "at most 0"),
    ("", BooleanVar(), "perhaps", "neither true nor false"),
]

ACCEPTED: list[tuple[str, ScriptVariable, Any, Any]] = [
    ("G14", LETTERS, "abc", "abc"),
    ("G14", LETTERS, " abc ", "abc"),
    ("G16", PICK, "a", "a"),
    ("G16", PICKS, ["a", "b"], ["a", "b"]),
    ("G17", IPAddressVar(), "192.0.2.1", ipaddress.ip_address("192.0.2.1")),
    ("G19", IPNetworkVar(), "192.0.2.0/24", ipaddress.ip_network("192.0.2.0/24")),
    ("G20", JSONVar(), {"a": 1}, {"a": 1}),
    ("G20", JSONVar(), '{"a": 1}', {"a": 1}),
    ("", TextVar(), "two\nlines", "two\nlines"),
    ("", IntegerVar(), "17", 17),
    ("", BooleanVar(), "off", False),
    ("", BooleanVar(), "Yes", True),
    ("", ChoiceVar(choices=[(1, "One")]), "1", 1),
    (
        "",
        IPAddressWithMaskVar(),
        "192.0.2.1/24",
        ipaddress.ip_interface("192.0.2.1/24"),
    ),
]


@pytest.mark.parametrize(("case", "variable", "value", "message"), REFUSED)
def test_G14_to_G20_a_wrong_value_is_refused_saying_why(
    case: str, variable: ScriptVariable, value: object, message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        variable.clean(value)


@pytest.mark.parametrize(("case", "variable", "value", "expected"), ACCEPTED)
def test_G14_to_G20_a_fitting_value_arrives_in_its_own_type(
    case: str, variable: ScriptVariable, value: object, expected: object
) -> None:
    assert variable.clean(value) == expected


@pytest.mark.parametrize(("case", "variable", "value", "expected"), ACCEPTED)
def test_a_variable_survives_its_schema(
    case: str, variable: ScriptVariable, value: object, expected: object
) -> None:
    schema = json.loads(json.dumps(variable.describe("x")))
    assert variable_from(schema).clean(value) == expected


class Base(Job):
    first = StringVar()
    second = IntegerVar(default=2)


class Derived(Base):
    third = BooleanVar()


class Ordered(Base):
    class Meta:
        field_order = ("third", "second")

    third = BooleanVar()


def test_G11_inherited_variables_come_first_then_ones_own() -> None:
    assert list(variables_of(Derived)) == ["first", "second", "third"]


def test_G11_field_order_comes_before_everything() -> None:
    assert list(variables_of(Ordered)) == ["third", "second", "first"]


def test_G13_a_read_only_job_has_no_dry_run_field() -> None:
    class ReadOnly(Job):
        class Meta:
            read_only = True

    assert describe(ReadOnly) == []


def test_a_schema_says_all_that_a_form_needs() -> None:
    class Asked(Job):
        port = IntegerVar(
            label="TCP port", description="Where to knock.", default=22, min_value=0
        )

    assert describe(Asked) == [
        {
            "name": "port",
            "kind": "integer",
            "label": "TCP port",
            "description": "Where to knock.",
            "required": True,
            "default": 22,
            "min_value": 0,
        }
    ]


def test_a_buttons_form_leaves_out_what_the_button_fills_in() -> None:
    class Pressed(JobButtonReceiver):
        port = IntegerVar(default=22)

    assert [entry["name"] for entry in describe(Pressed)] == ["port"]


def test_a_variable_that_is_taken_back_is_gone() -> None:
    class Without(Base):
        second = None  # type: ignore[assignment]  # how a base's variable is taken back

    assert list(variables_of(Without)) == ["first"]


def test_defaults_fill_in_what_is_missing() -> None:
    assert validate(Derived, {"first": "a"}) == {
        "first": "a",
        "second": 2,
        "third": False,
    }


class Optional(Job):
    text = StringVar(required=False, default="abc")
    pick = ChoiceVar(choices=("a", "b"), required=False)
    picks = MultiChoiceVar(choices=("a", "b"), required=False)
    devices = MultiObjectVar(model="dcim.device", required=False)
    number = IntegerVar(required=False)
    json = JSONVar(required=False)


NOTHING: dict[str, Any] = {
    "pick": "",
    "picks": [],
    "devices": [],
    "number": None,
    "json": None,
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"text": "abc", **NOTHING}),
        ({"text": ""}, {"text": "", **NOTHING}),
        (dict.fromkeys(("text", *NOTHING)), {"text": "", **NOTHING}),
        ({"json": []}, {"text": "abc", **NOTHING, "json": []}),
        ({"json": ""}, {"text": "abc", **NOTHING}),
    ],
)
def test_what_was_not_given_arrives_as_in_nautobot(
    store: Store, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = validate(Optional, given)
    assert found == expected
    assert deserialise(Optional, serialise(found)) == expected
    assert validate(describe(Optional), given) == expected


def test_problems_come_by_variable() -> None:
    with pytest.raises(ValidationError) as caught:
        validate(describe(Derived), {"second": "x", "fourth": 1})

    assert caught.value.fields == {
        "fourth": ["There is no input of that name; there are: first, second, third."],
        "first": ["This field is required."],
        "second": ["'x' is not a whole number."],
    }


def test_inputs_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(ValidationError, match="by name"):
        validate(Derived, ["a"])  # type: ignore[arg-type]


def test_a_dry_run_variable_has_its_fixed_name() -> None:
    class Misnamed(Job):
        dry = DryRunVar()

    with pytest.raises(JobDefinitionError, match="must be called 'dryrun'"):
        describe(Misnamed)


def test_a_variable_may_not_depend_on_one_that_is_not_there() -> None:
    class Depending(Job):
        device = ObjectVar(model="dcim.device", query_params={"role": "$role"})

    with pytest.raises(JobDefinitionError, match="no variable 'role'"):
        describe(Depending)


def test_lookups_take_the_values_of_the_variables_they_name() -> None:
    params = {"role": "$role", "status": "$status", "name": "a", "tag": "$tags"}
    values = {"role": 5, "status": None, "tags": [1, 2]}
    assert filled_params(params, values) == {"role": 5, "name": "a", "tag__in": [1, 2]}


def test_an_object_variable_needs_a_model() -> None:
    with pytest.raises(TypeError, match="model"):
        ObjectVar()  # type: ignore[call-arg]


class Picking(Job):
    device = ObjectVar(model=Device, required=False)
    statuses = MultiObjectVar(model="extras.status", required=False)


def test_the_schema_names_an_objects_type(store: Store) -> None:
    assert [entry["model"] for entry in describe(Picking)] == [
        "dcim.device",
        "extras.status",
    ]


@pytest.mark.parametrize("how", ["itself", "key", "name", "lookup"])
def test_an_object_may_be_given_in_several_ways(device: Device, how: str) -> None:
    given = {
        "itself": device,
        "key": str(device.pk),
        "name": "core-01",
        "lookup": {"name": "core-01"},
    }[how]
    assert validate(Picking, {"device": given})["device"] == device


def test_an_object_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(ValidationError, match="There is no device 'core-77'"):
        validate(Picking, {"device": "core-77"})


class Nullable(Job):
    device = ObjectVar(model=Device, null_option="No device")
    statuses = MultiObjectVar(model="extras.status", null_option="Without")


def test_null_stands_for_the_null_option_even_of_what_is_required(
    device: Device,
) -> None:
    status = Status.objects.get(name="Active")
    given = validate(Nullable, {"device": "null", "statuses": ["null", "Active"]})
    assert given == {"device": None, "statuses": [None, status]}

    stored = serialise(given)
    assert stored == {"device": None, "statuses": [None, str(status.pk)]}
    assert deserialise(Nullable, stored) == given


def test_what_has_a_null_option_is_still_asked_for(store: Store) -> None:
    with pytest.raises(ValidationError) as caught:
        validate(Nullable, {"device": "core-77"})
    problems = caught.value.message_dict
    assert "null stands for 'No device'" in problems["device"][0]
    assert problems["statuses"] == ["This field is required."]


def test_null_is_a_name_like_others_without_a_null_option(store: Store) -> None:
    with pytest.raises(ValidationError, match="There is no device 'null'"):
        validate(Picking, {"device": "null"})


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"display_field": "colour"}, "display_field 'colour', which a device has not"),
        ({"display_field": "save"}, "which a device has not"),
        ({"null_option": True}, "must be a text, not True"),
        ({"null_option": " "}, "must be a text"),
    ],
)
def test_what_a_picker_cannot_show_is_refused(
    store: Store, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(JobDefinitionError, match=problem):
        ObjectVar(model=Device, **options).describe("device")


@pytest.mark.parametrize("field", ["display", "serial", "location", "cf"])
def test_a_picker_may_show_any_attribute_that_says_something(
    store: Store, field: str
) -> None:
    entry = MultiObjectVar(model=Device, display_field=field).describe("device")
    assert entry["display_field"] == field


def test_an_object_must_fit_fixed_lookups(device: Device) -> None:
    variable = ObjectVar(model=Device, query_params={"name": "other"})
    with pytest.raises(ValidationError, match="core-01 does not fit"):
        variable.clean("core-01")


def test_objects_are_carried_by_their_keys(device: Device) -> None:
    status = Status.objects.get(name="Active")
    stored = serialise({"device": device, "statuses": [status], "n": None})
    assert stored == {
        "device": str(device.pk),
        "statuses": [str(status.pk)],
        "n": None,
    }
    assert deserialise(Picking, stored) == {"device": device, "statuses": [status]}


def test_missing_objects_of_a_list_are_all_named(device: Device) -> None:
    gone = [f"00000000-0000-7000-8000-00000000000{last}" for last in "ab"]
    with pytest.raises(ValidationError) as caught:
        deserialise(Picking, {"statuses": gone})
    assert all(key in caught.value.message for key in gone)


def test_F14_none_for_a_required_variable_is_an_error() -> None:
    with pytest.raises(ValidationError, match="first is a required field"):
        deserialise(Base, {"first": None})


def test_unknown_stored_arguments_are_dropped() -> None:
    assert deserialise(Base, {"first": "a", "gone": 1}) == {"first": "a"}


def test_addresses_are_carried_as_texts() -> None:
    address = ipaddress.ip_address("192.0.2.1")
    assert serialise({"address": address}) == {"address": "192.0.2.1"}
