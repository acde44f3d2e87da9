from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import (
    IPAddress,
    Namespace,
    ObjectChange,
    Prefix,
    ValidationError,
    change_context,
)
from models.automation.outbox import revert_context
from models.history import write
from models.history.images import full_images
from tests import factories

if TYPE_CHECKING:
    from models import User
    from models.inventory.dcim import Device
    from models.storage.store import Store


def changes_of(obj: object) -> list[str]:
    rows = ObjectChange.select().where(ObjectChange.object_id == obj.pk.bytes)  # type: ignore[attr-defined]
    return [str(row.action) for row in rows.order_by(ObjectChange.id)]


def fresh(prefix: Prefix) -> Prefix:
    prefix.refresh_from_db()
    return prefix


# Prefixes


def test_a_prefix_is_made_from_its_text(store: Store) -> None:
    made = Prefix.objects.create(prefix="10.0.0.0/24", status=factories.status())
    assert (str(made.network), str(made.broadcast)) == ("10.0.0.0", "10.0.0.255")
    assert (made.prefix_length, made.ip_version) == (24, 4)
    assert made.namespace.name == "Global"


def test_bits_behind_the_length_are_dropped(store: Store) -> None:
    assert factories.prefix("10.0.0.77/24").prefix == "10.0.0.0/24"


def test_a_prefix_is_named_by_its_text_in_images(store: Store) -> None:
    made = factories.prefix("2001:db8::/32")
    row, image = full_images(Prefix, [made.pk.bytes])[made.pk.bytes]
    assert str(made) == row.name == "2001:db8::/32"
    assert image["namespace"][1] == "Global"


@pytest.mark.parametrize("text", ["10.0.0.0/33", "ten", "10.0.0/24", ""])
def test_what_is_no_prefix_is_refused(store: Store, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        factories.prefix(text)
    assert set(caught.value.fields) == {"prefix"}


def test_a_prefix_needs_its_text(store: Store) -> None:
    problems = Prefix(status=factories.status()).validation_problems()
    assert problems == {"prefix": ["is required"]}


def test_a_prefix_is_there_once_in_a_namespace(store: Store) -> None:
    factories.prefix("10.0.0.0/24")
    again = Prefix(prefix="10.0.0.0/24", status=factories.status())
    assert again.validation_problems() == {
        "prefix": ["there is a prefix with this namespace and prefix already"]
    }


def test_another_namespace_may_have_the_same_prefix(store: Store) -> None:
    factories.prefix("10.0.0.0/24")
    other = factories.prefix("10.0.0.0/24", namespace=factories.namespace("lab"))
    assert other.namespace.name == "lab"


def test_a_prefix_is_found_by_its_text(store: Store) -> None:
    made = factories.prefix("10.0.0.0/24")
    factories.prefix("10.0.0.0/16")
    assert Prefix.objects.get(prefix="10.0.0.0/24") == made
    assert list(Prefix.objects.filter(prefix__in=["10.0.0.0/24"])) == [made]
    assert Prefix.objects.filter(parent__prefix="10.0.0.0/16").count() == 1


# Containment


def test_the_parent_is_the_longest_prefix_around(store: Store) -> None:
    factories.prefix("10.0.0.0/8")
    middle = factories.prefix("10.0.0.0/16")
    factories.prefix("10.1.0.0/16")
    assert factories.prefix("10.0.3.0/24").parent == middle


def test_parents_do_not_cross_namespaces(store: Store) -> None:
    factories.prefix("10.0.0.0/8")
    lab = factories.prefix("10.0.0.0/24", namespace=factories.namespace("lab"))
    assert lab.parent is None


def test_parents_do_not_cross_versions(store: Store) -> None:
    factories.prefix("0.0.0.0/0")
    assert factories.prefix("2001:db8::/32").parent is None


def test_a_new_prefix_adopts_what_lies_in_it(store: Store) -> None:
    top = factories.prefix("10.0.0.0/8")
    low = factories.prefix("10.0.3.0/24")
    outside = factories.prefix("10.9.0.0/24")
    inside = factories.address("10.0.9.1/24")
    middle = factories.prefix("10.0.0.0/16")
    assert middle.parent == top
    assert fresh(low).parent == middle
    assert fresh(outside).parent == top
    assert IPAddress.objects.get(id=inside.pk).parent == middle


def test_what_is_adopted_is_not_recorded_as_changed(store: Store) -> None:
    low = factories.prefix("10.0.3.0/24")
    factories.prefix("10.0.0.0/16")
    assert changes_of(low) == ["create"]


def test_prefixes_saved_together_find_each_other(store: Store) -> None:
    active, space = factories.status(), factories.namespace()
    made = [
        Prefix(prefix=text, status=active, namespace=space)
        for text in ("10.0.3.0/24", "10.0.0.0/8", "10.0.0.0/16")
    ]
    write.save(made)
    low, top, middle = made
    assert (low.parent, middle.parent, top.parent) == (middle, top, None)
    (change,) = ObjectChange.select().where(ObjectChange.object_id == low.pk.bytes)
    assert change.object_data["parent"]["name"] == "10.0.0.0/16"


def test_a_deleted_prefix_leaves_what_lay_in_it_to_its_parent(store: Store) -> None:
    top = factories.prefix("10.0.0.0/8")
    middle = factories.prefix("10.0.0.0/16")
    low = factories.prefix("10.0.3.0/24")
    inside = factories.address("10.0.9.1/24")
    middle.delete()
    assert fresh(low).parent == top
    assert IPAddress.objects.get(id=inside.pk).parent == top
    assert changes_of(middle) == ["create", "delete"]


def test_a_chain_can_be_deleted_at_once(store: Store) -> None:
    top = factories.prefix("10.0.0.0/8")
    factories.prefix("10.0.0.0/12")
    factories.prefix("10.0.0.0/16")
    low = factories.prefix("10.0.3.0/24")
    Prefix.objects.filter(prefix_length__in=[12, 16]).delete()
    assert fresh(low).parent == top


def test_the_only_prefix_around_an_address_cannot_be_deleted(store: Store) -> None:
    prefix = factories.prefix("10.0.0.0/24")
    factories.address("10.0.0.1/24")
    with pytest.raises(ValidationError, match=r"1 IP addresses need it \(10.0.0.1/24"):
        prefix.delete()
    assert Prefix.objects.count() == 1


def test_a_prefix_and_its_addresses_can_be_deleted_together(store: Store) -> None:
    prefix = factories.prefix("10.0.0.0/24")
    address = factories.address("10.0.0.1/24")
    write.delete([prefix, address])
    assert not Prefix.objects.exists()


def test_a_prefix_that_moves_takes_nothing_along(store: Store) -> None:
    top = factories.prefix("10.0.0.0/8")
    moving = factories.prefix("10.0.0.0/16")
    low = factories.prefix("10.0.3.0/24")
    there = factories.prefix("10.1.3.0/24")
    moving.prefix = "10.1.0.0/16"
    moving.save()
    assert fresh(low).parent == top
    assert fresh(there).parent == moving


def test_a_prefix_can_grow_over_its_own_parent(store: Store) -> None:
    parent = factories.prefix("10.0.0.0/16")
    growing = factories.prefix("10.0.0.0/24")
    low = factories.prefix("10.0.0.0/28")
    growing.prefix = "10.0.0.0/8"
    growing.save()
    assert fresh(parent).parent == growing
    assert fresh(low).parent == parent


def test_a_prefix_does_not_move_away_from_its_addresses(store: Store) -> None:
    prefix = factories.prefix("10.0.0.0/24")
    factories.address("10.0.0.200/24")
    prefix.prefix = "10.0.0.0/25"
    with pytest.raises(ValidationError, match="1 of its addresses would lie in no"):
        prefix.save()
    assert Prefix.objects.get().prefix == "10.0.0.0/24"
    assert changes_of(prefix) == ["create"]


def expected_parents(texts: set[str]) -> dict[str, str | None]:
    networks = {text: ipaddress.ip_network(text) for text in texts}
    found: dict[str, str | None] = {}
    for text, network in networks.items():
        around = [
            other
            for other, wide in networks.items()
            if other != text and network.subnet_of(wide)  # type: ignore[arg-type]
        ]
        found[text] = max(around, key=lambda o: networks[o].prefixlen, default=None)
    return found


TEXTS = st.builds(
    lambda host, length: str(ipaddress.ip_network((host << 24, length), strict=False)),
    st.integers(0, 255),
    st.integers(0, 10),
)
STEPS = st.lists(st.tuples(st.sampled_from(["add", "drop", "move"]), TEXTS, TEXTS))


@given(steps=STEPS)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_parents_stay_true_whatever_is_done(
    store: Store, steps: list[tuple[str, str, str]]
) -> None:
    Prefix.objects.all().delete()
    active, space = factories.status(), factories.namespace()
    texts: set[str] = set()
    for step, text, other in steps:
        if step == "add" and text not in texts:
            Prefix.objects.create(prefix=text, namespace=space, status=active)
            texts.add(text)
        elif step == "drop" and text in texts:
            Prefix.objects.get(prefix=text).delete()
            texts.remove(text)
        elif step == "move" and text in texts and other not in texts:
            moving = Prefix.objects.get(prefix=text)
            moving.prefix = other
            moving.validated_save()
            texts = texts - {text} | {other}
    rows = list(Prefix.objects.all())
    stored = {row.prefix: str(row.parent) if row.parent else None for row in rows}
    assert stored == expected_parents(texts)


def test_children_and_addresses_at_any_depth(store: Store) -> None:
    top = factories.prefix("10.0.0.0/8", type="container")
    factories.prefix("10.0.0.0/16")
    factories.prefix("10.0.0.0/24")
    factories.address("10.0.0.1/24")
    factories.address("10.9.0.1/24")
    assert [str(child) for child in top.children] == ["10.0.0.0/16"]
    assert top.get_child_prefixes().count() == 2
    assert [str(one) for one in top.ip_addresses] == ["10.9.0.1/24"]
    assert top.get_child_ips().count() == 2


@pytest.mark.parametrize(
    ("kind", "taken", "size"),
    [("network", 3, 254), ("pool", 3, 256), ("container", 2, 256)],
)
def test_utilization(store: Store, kind: str, taken: int, size: int) -> None:
    prefix = factories.prefix("10.0.0.0/24", type=kind)
    factories.prefix("10.0.0.4/31")
    factories.address("10.0.0.1/24")
    assert prefix.get_utilization() == (taken, size)


def test_a_reverted_load_leaves_the_parents_as_they_were(
    store: Store, user: User
) -> None:
    top = factories.prefix("10.0.0.0/8")
    moving = factories.prefix("10.9.0.0/16")
    low = factories.prefix("10.0.3.0/24")
    address = factories.address("10.0.9.1/24")
    gone = factories.prefix("10.9.1.0/24")
    stays = factories.prefix("10.9.1.0/25")
    with change_context(user, kind="load") as context:
        factories.prefix("10.0.0.0/16")
        factories.prefix("10.0.0.0/12")
        moving.prefix = "10.0.0.0/20"
        moving.save()
        gone.delete()
        row_id = context.row_id
        assert row_id is not None
        revert_context(store, row_id)
        context.row_id = None
    parents = {row.prefix: str(row.parent) for row in Prefix.objects.all()}
    assert parents == {
        "10.0.0.0/8": "None",
        "10.9.0.0/16": "10.0.0.0/8",
        "10.0.3.0/24": "10.0.0.0/8",
        "10.9.1.0/24": "10.9.0.0/16",
        "10.9.1.0/25": "10.9.1.0/24",
    }
    assert IPAddress.objects.get(id=address.pk).parent == top
    assert (fresh(low).parent, fresh(stays).parent) == (top, gone)


# Addresses


def test_an_address_is_made_from_its_text(store: Store) -> None:
    prefix = factories.prefix("10.0.0.0/24")
    made = IPAddress.objects.create(
        address="10.0.0.1/24", namespace=prefix.namespace, status=factories.status()
    )
    assert (str(made), made.ip_version) == ("10.0.0.1/24", 4)
    assert made.parent == prefix
    assert made.namespace.name == "Global"


def test_an_address_may_name_its_prefix_in_place_of_the_namespace(
    store: Store,
) -> None:
    prefix = factories.prefix("10.0.0.0/24", namespace=factories.namespace("lab"))
    made = IPAddress.objects.create(
        address="10.0.0.1/24", parent=prefix, status=factories.status()
    )
    assert made.namespace.name == "lab"


def test_an_address_needs_a_prefix_in_its_namespace(store: Store) -> None:
    factories.prefix("10.0.0.0/24", namespace=factories.namespace("lab"))
    stray = IPAddress(address="10.0.0.1/24", status=factories.status())
    assert stray.validation_problems() == {
        "address": ["no prefix of the namespace Global holds 10.0.0.1"]
    }
    with pytest.raises(ValidationError):
        stray.save()


def test_a_host_is_there_once_in_a_namespace(store: Store) -> None:
    factories.prefix("10.0.0.0/24")
    factories.address("10.0.0.1/24")
    again = IPAddress(address="10.0.0.1/32", status=factories.status())
    assert again.validation_problems() == {
        "address": ["there is an IP address with this namespace and address already"]
    }


def test_an_address_is_found_by_its_text(store: Store) -> None:
    factories.prefix("10.0.0.0/24")
    made = factories.address("10.0.0.1/24")
    assert IPAddress.objects.get(address="10.0.0.1/24") == made
    assert IPAddress.objects.get(address="10.0.0.1") == made
    assert not IPAddress.objects.filter(address="10.0.0.1/25").exists()
    assert IPAddress.objects.get(namespace__name="Global", host="10.0.0.1") == made


def test_get_or_create_works_with_the_text(store: Store) -> None:
    space = factories.prefix("10.0.0.0/24").namespace
    values = {"address": "10.0.0.1/24", "namespace": space}
    first, made = IPAddress.objects.get_or_create(
        defaults={"status": factories.status()}, **values
    )
    assert made
    assert IPAddress.objects.get_or_create(**values) == (first, False)


def test_an_address_that_changes_finds_its_new_prefix(store: Store) -> None:
    factories.prefix("10.0.0.0/24")
    other = factories.prefix("10.1.0.0/24")
    address = factories.address("10.0.0.1/24")
    address.address = "10.1.0.1/24"
    address.validated_save()
    assert IPAddress.objects.get().parent == other
    assert changes_of(address) == ["create", "update"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("type", "slaac", "only an IPv6 address can be assigned by SLAAC"),
        ("dns_name", "no spaces.example", "'no spaces.example' is no name for the DNS"),
        ("type", "other", "'other' is none of host, dhcp, slaac"),
    ],
)
def test_what_an_address_may_not_be(
    store: Store, field: str, value: str, message: str
) -> None:
    factories.prefix("10.0.0.0/24")
    address = factories.address("10.0.0.1/24")
    setattr(address, field, value)
    assert address.validation_problems() == {field: [message]}


def test_names_in_the_dns_are_in_lower_case(store: Store) -> None:
    factories.prefix("10.0.0.0/24")
    assert factories.address("10.0.0.1/24", dns_name="A.Example").dns_name == (
        "a.example"
    )


def test_an_address_that_is_translated_loses_its_inside_with_it(store: Store) -> None:
    factories.prefix("10.0.0.0/24")
    inside = factories.address("10.0.0.1/24")
    outside = factories.address("10.0.0.2/24", nat_inside=inside)
    inside.delete()
    outside.refresh_from_db()
    assert outside.nat_inside is None
    assert changes_of(outside) == ["create", "update"]


# Namespaces, VRFs, VLANs


def test_a_store_comes_with_the_global_namespace(store: Store) -> None:
    assert [str(space) for space in Namespace.objects.all()] == ["Global"]


def test_without_the_global_namespace_one_must_be_named(store: Store) -> None:
    Namespace.objects.get().delete()
    problems = Prefix(
        prefix="10.0.0.0/24", status=factories.status()
    ).validation_problems()
    assert problems == {
        "namespace": ["is required: there is no namespace Global to take instead"]
    }


@pytest.mark.parametrize("field", ["name", "rd"])
def test_a_vrf_is_unique_in_its_namespace(store: Store, field: str) -> None:
    factories.vrf("blue", rd="65000:1")
    other = factories.vrf("red", rd="65000:2")
    setattr(other, field, {"name": "blue", "rd": "65000:1"}[field])
    assert set(other.validation_problems()) == {field}


def test_vrfs_without_a_distinguisher_do_not_clash(store: Store) -> None:
    assert factories.vrf("blue").rd is None
    assert factories.vrf("red", rd="").validation_problems() == {}


@pytest.mark.parametrize("vid", [0, 4095, -1])
def test_a_vlan_has_a_number_of_twelve_bits(store: Store, vid: int) -> None:
    with pytest.raises(ValidationError) as caught:
        factories.vlan(vid)
    assert set(caught.value.fields) == {"vid"}


def test_vlans_of_a_group_have_different_numbers(store: Store) -> None:
    from models import VLAN, VLANGroup

    group = VLANGroup.objects.create(name="campus")
    factories.vlan(10, vlan_group=group)
    again = VLAN(vid=10, name="other", vlan_group=group, status=factories.status())
    assert set(again.validation_problems()) == {"vid"}
    again.vlan_group = None
    assert again.validation_problems() == {}


def test_members_of_a_prefix_are_recorded_on_it(device: Device) -> None:
    prefix = factories.prefix("10.0.0.0/24")
    prefix.locations.add(device.location)
    prefix.vrfs.add(factories.vrf())
    assert device.location.prefixes.get() == prefix
    assert changes_of(prefix) == ["create", "update", "update"]
