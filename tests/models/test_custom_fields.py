from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import CustomField, Device, ObjectChange, ValidationError
from models.history import write
from tests import factories

if TYPE_CHECKING:
    from models.storage.store import Store


@pytest.mark.parametrize(
    ("kind", "limits", "value", "message"),
    [
        ("text", {}, 5, "5 is no text"),
        ("text", {"regex": "[A-Z]+"}, "abc", "'abc' does not match [A-Z]+"),
        (
            "text",
            {"maximum": 2},
            "abc",
            "is 3 characters long; at most 2 fit",
        ),
        (
            "text",
            {"minimum": 4},
            "abc",
            "is 3 characters long; at least 4 are needed",
        ),
        ("integer", {}, "5", "'5' is no whole number"),
        ("integer", {}, True, "True is no whole number"),
        ("integer", {"minimum": 1}, 0, "0 is less than 1"),
        ("integer", {"maximum": 9}, 10, "10 is more than 9"),
        ("boolean", {}, "yes", "'yes' is neither yes nor no"),
        ("date", {}, "tomorrow", "'tomorrow' is no date; write it as 2026-01-31"),
        ("url", {}, "example", "'example' is no URL; it needs a scheme and a host"),
        ("url", {}, "http://[", "'http://[' is no URL; it needs a scheme and a host"),
        ("select", {"choices": ["a", "b"]}, "c", "'c' is none of a, b"),
        ("multi-select", {"choices": ["a", "b"]}, ["a", "c"], "'c' is none of a, b"),
        ("multi-select", {"choices": ["a"]}, "a", "'a' is no list"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    device: Device, kind: str, limits: dict[str, Any], value: Any, message: str
) -> None:
    factories.custom_field("extra", kind=kind, **limits)
    device.cf["extra"] = value
    assert device.validation_problems() == {"cf.extra": [message]}


@pytest.mark.parametrize(
    ("kind", "limits", "value"),
    [
        ("text", {"regex": "[A-Z]+"}, "ABC"),
        ("integer", {"minimum": 0}, 0),
        ("boolean", {}, False),
        ("date", {}, "2026-01-31"),
        ("url", {}, "https://example.com/x"),
        ("select", {"choices": ["a", "b"]}, "b"),
        ("multi-select", {"choices": ["a", "b"]}, ["b", "a"]),
        ("json", {}, {"a": [1]}),
        ("text", {"regex": "[A-Z]+"}, None),
    ],
)
def test_a_value_that_fits_is_kept_and_recorded(
    device: Device, kind: str, limits: dict[str, Any], value: Any
) -> None:
    factories.custom_field("extra", kind=kind, **limits)
    device.cf["extra"] = value
    device.validated_save()
    assert Device.get_by_id(device.pk).cf["extra"] == value
    last = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert last.object_data["custom_fields"] == {"extra": value}


def test_a_required_value_must_be_there(device: Device) -> None:
    factories.custom_field(required=True)
    assert device.validation_problems() == {"cf.site_code": ["is required"]}


def test_a_new_object_gets_the_defaults(store: Store) -> None:
    factories.custom_field(default="HQ1", required=True)
    assert factories.device().cf == {"site_code": "HQ1"}
    assert factories.device("core-02", custom_field_data={"site_code": "B"}).cf == {
        "site_code": "B"
    }


def test_a_default_is_filled_by_a_bare_save_too(device: Device) -> None:
    factories.custom_field(kind="json", default={"a": []})
    made = [
        Device(
            name=name,
            location=device.location,
            device_type=device.device_type,
            role=device.role,
            status=device.status,
        )
        for name in ("a", "b")
    ]
    write.save(made)
    made[0].cf["site_code"]["a"].append(1)
    assert [one.cf for one in made] == [
        {"site_code": {"a": [1]}},
        {"site_code": {"a": []}},
    ]


def test_other_types_do_not_have_it(device: Device) -> None:
    factories.custom_field(content_types=["dcim.location"], required=True)
    assert device.validation_problems() == {}


def test_an_unknown_key_is_refused(device: Device) -> None:
    factories.custom_field()
    device.cf["sitecode"] = "x"
    assert device.validation_problems() == {
        "cf.sitecode": ["is no custom field of a device; it has: site_code"]
    }


def test_the_value_of_a_field_that_was_deleted_may_stay(device: Device) -> None:
    field = factories.custom_field()
    device.cf["site_code"] = "x"
    device.validated_save()
    field.delete()
    device.refresh_from_db()
    device.serial = "S1"
    device.validated_save()
    assert Device.objects.get().cf == {"site_code": "x"}
    device.cf["other"] = "y"
    assert set(device.validation_problems()) == {"cf.other"}


def test_values_must_be_a_mapping(device: Device) -> None:
    device.custom_field_data = ["x"]
    assert set(device.validation_problems()) == {"custom_field_data"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"key": "Site Code"}, "key"),
        ({"content_types": []}, "content_types"),
        ({"content_types": ["dcim.gadget"]}, "content_types"),
        ({"kind": "select"}, "choices"),
        ({"kind": "colour"}, "kind"),
        ({"regex": "("}, "regex"),
        ({"minimum": 5, "maximum": 1}, "maximum"),
        ({"kind": "integer", "default": "x"}, "default"),
    ],
)
def test_what_a_custom_field_may_not_be(
    store: Store, values: dict[str, Any], field: str
) -> None:
    row = CustomField(
        **{"key": "site_code", "content_types": ["dcim.device"], **values}
    )
    assert set(row.validation_problems()) == {field}


@pytest.mark.parametrize(("name", "value"), [("key", "code"), ("kind", "integer")])
def test_key_and_kind_are_for_good(store: Store, name: str, value: str) -> None:
    row = factories.custom_field()
    setattr(row, name, value)
    with pytest.raises(ValidationError, match="make a new custom field"):
        row.validated_save()
