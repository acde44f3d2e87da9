from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models import Location, LocationType, Tenant, TenantGroup, ValidationError
from tests import factories

if TYPE_CHECKING:
    from models.storage.store import Store


def test_a_place_lies_in_a_place_of_the_right_kind(store: Store) -> None:
    region = factories.location_type("Region")
    site = factories.location_type("Site", parent=region)
    emea = factories.location("EMEA", location_type=region)
    hq = factories.location("HQ", location_type=site, parent=emea)
    assert hq.ancestors() == [emea]
    hq.parent = None
    assert hq.validation_problems() == {"parent": ["a Site must lie in a Region"]}
    emea.parent = hq
    assert emea.validation_problems() == {
        "parent": ["a Region must lie in no other place; HQ is a Site"]
    }


def test_a_nestable_kind_lies_in_its_own_kind(store: Store) -> None:
    kind = factories.location_type("Region", nestable=True)
    emea = factories.location("EMEA", location_type=kind)
    dach = factories.location("DACH", location_type=kind, parent=emea)
    assert dach.parent == emea
    emea.parent = dach
    assert emea.validation_problems() == {"parent": ["EMEA would lie in itself"]}


def test_names_of_places_are_unique_in_their_parent(store: Store) -> None:
    hq = factories.location("HQ")
    again = Location(name="HQ", location_type=hq.location_type, status=hq.status)
    assert again.validation_problems() == {
        "name": ["there is a location with this name already"]
    }
    with pytest.raises(ValidationError):
        again.save()
    factories.location_type("Room", parent=hq.location_type)
    room = Location(
        name="HQ",
        location_type=LocationType.objects.get(name="Room"),
        parent=hq,
        status=hq.status,
    )
    assert room.validation_problems() == {}


@pytest.mark.parametrize("model", [TenantGroup, LocationType])
def test_nothing_lies_in_itself(store: Store, model: type[TenantGroup]) -> None:
    top = model.objects.create(name="top")
    low = model.objects.create(name="low", parent=top)
    top.parent = low
    assert top.validation_problems() == {"parent": ["top would lie in itself"]}
    low.parent = low
    assert set(low.validation_problems()) == {"parent"}


def test_object_types_are_written_in_one_way(store: Store) -> None:
    kind = factories.location_type("Site", content_types=["Device", "IPAM.Prefix"])
    assert kind.content_types == ["dcim.device", "ipam.prefix"]
    kind.content_types = ["gadget"]
    assert set(kind.validation_problems()) == {"content_types"}


def test_a_tenant_in_use_cannot_be_deleted(store: Store) -> None:
    factories.device(tenant=factories.tenant())
    with pytest.raises(ValidationError, match=r"1 devices need it \(core-01\)"):
        Tenant.objects.get().delete()


@pytest.mark.parametrize("color", ["red", "12345", "12345g"])
def test_a_colour_has_six_hex_digits(store: Store, color: str) -> None:
    status = factories.status()
    status.color = color
    assert set(status.validation_problems()) == {"color"}
