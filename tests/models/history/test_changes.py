"""Changes of one object in one context, what they merge to, and what they say."""

from __future__ import annotations

import itertools
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.history import changes
from models.history.changes import (
    CREATE,
    DELETE,
    UPDATE,
    Entry,
    ObjectChange,
    ObjectChangeActionChoices,
    differences,
    merge,
)
from models.history.context import change_context
from models.storage.verdicts import decode_verdicts, encode_verdicts
from tests import factories

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store


def newest(count: int = 1) -> list[ObjectChange]:
    rows = ObjectChange.select().order_by(ObjectChange.id.desc()).limit(count)
    return list(rows)[::-1]


def of(device: Device) -> list[ObjectChange]:
    query = ObjectChange.select().where(ObjectChange.object_id == device.pk.bytes)
    return list(query.order_by(ObjectChange.id))


def actions(device: Device) -> list[str]:
    return [change.action for change in of(device)]


def test_A2_creating_in_a_context_leaves_one_create_by_that_user(
    store: Store, user: User
) -> None:
    factories.device("seed")
    with change_context(user, transaction=True):
        made = factories.device("new")
    (change,) = of(made)
    assert change.action == ObjectChangeActionChoices.ACTION_CREATE
    assert change.user == user
    assert change.user_name == user.username


def test_A4_update_then_delete_in_one_context_is_one_delete(
    store: Store, device: Device
) -> None:
    before = len(of(device))
    with change_context(transaction=True):
        device.serial = "X"
        device.save()
        device.delete()
    (change,) = of(device)[before:]
    assert change.action == "delete"
    assert change.get_snapshots()["prechange"]["serial"] == ""


def test_A5_create_then_update_in_one_context_is_one_create_with_the_last_values(
    store: Store,
) -> None:
    factories.device("seed")
    with change_context(transaction=True):
        made = factories.device("new")
        made.serial = "LAST"
        made.save()
    (change,) = of(made)
    assert change.action == "create"
    assert change.object_data["serial"] == "LAST"


@pytest.mark.parametrize("short", [True, False], ids=["short", "long"])
def test_A7_two_updates_in_one_context_are_one_with_the_first_before(
    store: Store, device: Device, short: bool
) -> None:
    with change_context(transaction=short):
        for serial in ("one", "two"):
            device.serial = serial
            device.save()
    changed = of(device)[1:]
    assert [c.get_snapshots()["differences"] for c in changed] == [
        {"removed": {"serial": ""}, "added": {"serial": "two"}}
    ]


def test_A8_updates_in_two_contexts_are_two_with_two_request_ids(
    store: Store, device: Device
) -> None:
    for serial in ("one", "two"):
        with change_context(transaction=True):
            device.serial = serial
            device.save()
    first, second = of(device)[1:]
    assert first.request_id != second.request_id


@pytest.mark.parametrize("short", [True, False], ids=["short", "long"])
def test_create_and_delete_in_one_context_leave_both(store: Store, short: bool) -> None:
    factories.device("seed")
    with change_context(transaction=short):
        made = factories.device("new")
        made.delete()
    assert actions(made) == ["create", "delete"]


@pytest.mark.parametrize("short", [True, False], ids=["short", "long"])
def test_a_change_that_is_undone_in_its_context_leaves_nothing(
    store: Store, device: Device, short: bool
) -> None:
    with change_context(transaction=short):
        for serial in ("one", ""):
            device.serial = serial
            device.save()
    assert actions(device) == ["create"]


def test_a_save_without_a_difference_records_nothing(
    store: Store, device: Device
) -> None:
    assert device.save() is False
    device.serial = device.serial
    assert device.save() is False
    assert actions(device) == ["create"]


def test_B1_a_create_has_no_before_and_adds_everything(
    store: Store, device: Device
) -> None:
    snapshots = of(device)[0].get_snapshots()
    assert snapshots["prechange"] is None
    assert snapshots["differences"]["removed"] is None
    assert snapshots["differences"]["added"] == snapshots["postchange"]
    assert snapshots["postchange"]["name"] == "core-01"


def test_B2_an_update_holds_only_the_changed_keys(store: Store, device: Device) -> None:
    device.serial = "ABC"
    device.save()
    snapshots = of(device)[-1].get_snapshots()
    assert snapshots["differences"] == {
        "removed": {"serial": ""},
        "added": {"serial": "ABC"},
    }
    assert snapshots["prechange"] == {**snapshots["postchange"], "serial": ""}


def test_B7_a_delete_knows_its_own_data_without_earlier_records(
    store: Store, device: Device
) -> None:
    store.execute("DELETE FROM object_change")
    device.delete()
    snapshots = newest()[0].get_snapshots()
    assert snapshots["prechange"]["name"] == "core-01"
    assert snapshots["postchange"] is None
    assert snapshots["differences"] == {
        "removed": snapshots["prechange"],
        "added": None,
    }


def test_B8_an_update_without_earlier_records_has_its_true_before(
    store: Store, device: Device
) -> None:
    store.execute("DELETE FROM object_change")
    device.serial = "NEW"
    device.save()
    assert newest()[0].get_snapshots()["differences"] == {
        "removed": {"serial": ""},
        "added": {"serial": "NEW"},
    }


def test_a_relation_is_spelled_out_in_a_snapshot(store: Store, device: Device) -> None:
    data = of(device)[0].object_data
    assert data["location"] == {
        "id": str(device.location.pk),
        "object_type": "dcim.location",
        "name": device.location.name,
    }


def test_a_change_names_its_user_object_and_action(
    store: Store, device: Device
) -> None:
    (change,) = of(device)
    assert str(change) == f"device core-01 created by {change.user_name}"
    assert change.changed_object == device
    assert change.changed_object_id == device.pk
    assert isinstance(change.request_id, uuid.UUID)


def test_a_deleted_objects_change_has_no_object(store: Store, device: Device) -> None:
    device.delete()
    assert newest()[0].changed_object is None


# The merge by itself


images = st.dictionaries(
    st.sampled_from(["name", "serial", "tags"]), st.integers(0, 3), min_size=1
)


def entry(action: int, before: Any, after: Any) -> Entry:
    return Entry(
        action=action, before=before, after=after, name="x", related=None, time=0
    )


@given(start=st.none() | images, steps=st.lists(st.none() | images, max_size=8))
def test_merging_keeps_the_first_before_and_the_last_after(
    start: dict[str, int] | None, steps: list[dict[str, int] | None]
) -> None:
    merged: list[Entry] = []
    state = start
    for after in steps:
        if after == state or (after is None and state is None):
            continue
        action = CREATE if state is None else DELETE if after is None else UPDATE
        last = merged.pop() if merged else None
        merged.extend(merge(last, entry(action, state, after)))
        state = after
    if not merged:
        assert state == start
        return
    assert merged[0].before == start
    assert merged[-1].after == state
    for one, next_one in itertools.pairwise(merged):
        assert one.after == next_one.before or one.action == CREATE


@given(image=images)
def test_equal_images_differ_in_nothing(image: dict[str, int]) -> None:
    assert differences(image, dict(image)) == {"removed": {}, "added": {}}


@given(image=st.dictionaries(st.text(), st.none() | st.text() | st.lists(st.text())))
def test_an_image_is_decoded_to_what_was_encoded(image: dict[str, Any]) -> None:
    text = json.dumps(image).encode()
    assert changes.decode(text, changes.PLAIN_CODEC) == image


def test_an_image_is_packed_with_the_stores_dictionary(store: Store) -> None:
    image = {"name": "é\ud800", "tags": ["a"]}
    packed = changes.encode(image)
    assert changes.decode(packed, changes.DICTIONARY_CODEC) == image


@pytest.mark.parametrize("count", [0, 1, 100])
def test_verdicts_are_read_as_they_were_written(count: int) -> None:
    verdicts = [[number, "fired", "", number] for number in range(count)]
    assert decode_verdicts(encode_verdicts(verdicts)) == verdicts
