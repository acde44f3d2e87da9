"""Case A28: a type of one's own whose objects tie two others together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Device, ObjectChange, ValidationError
from models.errors import ConflictError, RequestError
from models.history.context import change_context
from models.history.revert import revert_change, revert_request
from models.objects.owntypes import own_types
from models.objects.types import get_type
from models.people.access import os_user
from tests import factories
from tests.models.objects.test_owntypes import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.storage.store import Store

CIRCUITS = """
    from models import ChangeLoggedLink, ChangeLoggedModel, Device, NameField, Relation

    class Circuit(ChangeLoggedModel):
        name = NameField(unique=True)

    class Termination(ChangeLoggedLink):
        circuit = Relation(Circuit, when_deleted="cascade", backref="terminations")
        device = Relation(Device, when_deleted="cascade", backref="terminations")
        port = NameField(default="")

        class Meta:
            natural_name = ("circuit", "device")
            indexes = ((("circuit", "device"), True),)
            ends = {"circuit": "devices", "device": "circuits"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path / "store")
    made.write(CIRCUITS)
    yield made
    made.close()


@pytest.fixture
def store(folder: Folder) -> Store:
    return folder.open()


@pytest.fixture
def device(store: Store) -> Device:
    return factories.device("core-01")


@pytest.fixture
def circuit(store: Store) -> Any:
    return get_type("circuit").objects.create(name="C1")


def tie(circuit: Any, device: Device, **values: Any) -> Any:
    """Return a link between a circuit and a device."""
    return get_type("termination").objects.create(
        circuit=circuit, device=device, **values
    )


def mark() -> int:
    """Return where the changes end just now."""
    return int(ObjectChange.select().count())


def changes(since: int) -> list[tuple[str, str, str]]:
    """Return what was recorded since: type, name and action."""
    rows = ObjectChange.select().order_by(ObjectChange.id).offset(since)
    return sorted(
        (row.changed_object_type, row.object_repr, row.action.value) for row in rows
    )


BOTH_ENDS = [
    ("circuits.circuit", "C1", "update"),
    ("dcim.device", "core-01", "update"),
]


def test_A28_a_link_is_recorded_and_so_are_both_ends(
    circuit: Any, device: Device
) -> None:
    start = mark()
    tie(circuit, device, port="xe-0")

    link = ("circuits.termination", "C1 core-01", "create")
    assert changes(start) == sorted([*BOTH_ENDS, link])
    rows = ObjectChange.select().order_by(ObjectChange.id).offset(start)
    shown = {row.changed_object_type: row.get_snapshots() for row in rows}
    added = shown["circuits.circuit"]["differences"]["added"]
    assert [one["name"] for one in added["devices"]] == ["core-01"]
    assert [row.request_id for row in rows] == [rows[0].request_id] * 3
    assert list(circuit.devices) == [device]
    assert list(device.circuits) == [circuit]


def test_A28_a_deleted_link_is_recorded_on_both_ends(
    circuit: Any, device: Device
) -> None:
    link = tie(circuit, device)
    start = mark()
    link.delete()

    gone = ("circuits.termination", "C1 core-01", "delete")
    assert changes(start) == sorted([*BOTH_ENDS, gone])


def test_A28_links_deleted_by_a_query_are_recorded_on_both_ends(
    circuit: Any, device: Device
) -> None:
    tie(circuit, device)
    start = mark()
    get_type("termination").objects.filter(device=device).delete()

    assert changes(start)[:1] == BOTH_ENDS[:1]
    assert changes(start)[-1:] == BOTH_ENDS[-1:]


def test_what_else_a_link_says_is_a_change_of_the_link_alone(
    circuit: Any, device: Device
) -> None:
    link = tie(circuit, device)
    start = mark()
    link.port = "xe-1"
    link.save()

    assert changes(start) == [("circuits.termination", "C1 core-01", "update")]


def test_a_link_that_moves_is_recorded_on_all_three_ends(
    circuit: Any, device: Device
) -> None:
    link = tie(circuit, device)
    other = factories.device("core-02")
    start = mark()
    link.device = other
    link.save()

    moved = ("circuits.termination", "C1 core-02", "update")
    new_end = ("dcim.device", "core-02", "update")
    assert changes(start) == sorted([*BOTH_ENDS, moved, new_end])


def test_an_end_that_goes_takes_its_links_along(circuit: Any, device: Device) -> None:
    tie(circuit, device)
    start = mark()
    device.delete()

    assert changes(start) == [
        ("circuits.termination", "C1 core-01", "delete"),
        ("dcim.device", "core-01", "delete"),
    ]
    assert not circuit.devices.exists()


def test_made_and_tied_in_one_context_is_one_create(
    store: Store, device: Device
) -> None:
    start = mark()
    with change_context(user=os_user()):
        tie(get_type("circuit").objects.create(name="C1"), device)

    assert ("circuits.circuit", "C1", "create") in changes(start)
    assert len(changes(start)) == 3


def test_the_ends_are_filtered_by_one_another(circuit: Any, device: Device) -> None:
    factories.device("core-02")
    tie(circuit, device)

    assert list(Device.objects.filter(circuits__name="C1")) == [device]
    assert list(get_type("circuit").objects.filter(devices=device)) == [circuit]


def test_to_tie_is_to_make_a_link(circuit: Any, device: Device) -> None:
    with pytest.raises(RequestError, match="make or delete a termination"):
        circuit.devices.add(device)
    with pytest.raises(RequestError, match="make or delete a termination"):
        device.circuits.set([circuit])


def test_two_links_of_the_same_ends_are_refused_as_declared(
    circuit: Any, device: Device
) -> None:
    tie(circuit, device)
    with pytest.raises(ValidationError):
        tie(circuit, device)


def test_a_request_with_a_link_is_reverted_and_back_again(
    circuit: Any, device: Device
) -> None:
    with change_context(user=os_user()) as first:
        link = tie(circuit, device, port="xe-0")
    with change_context(user=os_user()) as second:
        revert_request(first.request_id, os_user(), lambda **_: change_context())
    assert not circuit.devices.exists()
    del second

    undone = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    revert_request(undone.request_id, os_user(), lambda **_: change_context())

    assert list(circuit.devices) == [device]
    assert get_type("termination").objects.get().port == "xe-0"
    assert get_type("termination").objects.get().pk == link.pk


def test_what_an_end_shows_is_not_reverted_without_its_link(
    circuit: Any, device: Device
) -> None:
    tie(circuit, device)
    change = (
        ObjectChange.select().where(ObjectChange.object_id == circuit.pk.bytes)
    ).order_by(ObjectChange.id.desc())[0]
    with (
        pytest.raises(ConflictError, match="follows from that of a link"),
        change_context(user=os_user()),
    ):
        revert_change(change, os_user())


def test_a_closed_store_leaves_nothing_on_the_types_that_ship(
    folder: Folder, tmp_path: Path
) -> None:
    folder.open()
    assert "circuits" in Device._meta.members
    folder.close()
    assert "circuits" not in Device._meta.members
    assert not hasattr(Device, "circuits")

    folder.open()
    device = factories.device("core-01")
    circuit = get_type("circuit").objects.create(name="C1")
    tie(circuit, device)
    assert list(device.circuits) == [circuit]


@pytest.mark.parametrize(
    ("ends", "problem"),
    [
        ('{"circuit": "devices"}', "must name two relations"),
        ('{"circuit": "devices", "port": "circuits"}', "must name two relations"),
        ('{"circuit": "both", "device": "both"}', "must name two relations"),
        ('{"circuit": "devices", "device": "serial"}', "has 'serial' already"),
        ('{"circuit": "terminations", "device": "circuits"}', "already"),
    ],
)
def test_a_link_that_is_wrongly_declared_is_off_and_says_why(
    folder: Folder, ends: str, problem: str
) -> None:
    folder.replace('{"circuit": "devices", "device": "circuits"}', ends)
    (broken,) = own_types(folder.open()).broken

    assert problem in broken.message
    assert "circuits" not in Device._meta.members
    factories.device("core-01").delete()  # nothing of the link is left on it
