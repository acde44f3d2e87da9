"""Saving and deleting: what is written, what is refused, and what is recorded."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from models.errors import (
    ConflictError,
    RequestError,
    UnloggedWriteError,
    ValidationError,
)
from models.history.changes import ObjectChange, ObjectChangeActionChoices
from models.history.context import change_context
from models.inventory.dcim import Device
from models.inventory.extras import Tag
from models.inventory.interfaces import Interface
from models.inventory.organization import Location
from models.objects.base import unlogged
from models.objects.queries import DoesNotExist, MultipleObjectsReturned
from models.storage.store import using_store
from tests import factories

if TYPE_CHECKING:
    from models.people.access import User
    from models.storage.store import Store


def count() -> int:
    return int(ObjectChange.select().count())


def actions_since(start: int) -> list[tuple[str, str]]:
    rows = ObjectChange.select().order_by(ObjectChange.id).offset(start)
    return [(change.action.value, change.object_repr) for change in rows]


def test_a_stale_copy_writes_only_what_it_changed(store: Store, device: Device) -> None:
    stale = Device.objects.get(id=device.pk)
    device.serial = "FRESH"
    device.save()
    stale.comments = "hello"
    stale.save()
    row = Device.objects.get(id=device.pk)
    assert (row.serial, row.comments) == ("FRESH", "hello")


def test_a_row_that_is_gone_is_not_saved(store: Store, device: Device) -> None:
    stale = Device.objects.get(id=device.pk)
    device.delete()
    stale.serial = "X"
    with pytest.raises(ConflictError, match="deleted meanwhile"):
        stale.save()


def test_a_form_is_refused_when_somebody_saved_since(
    store: Store, device: Device
) -> None:
    form = Device.objects.get(id=device.pk)
    device.serial = "X"
    device.save()
    form.comments = "late"
    with pytest.raises(ConflictError, match="while the form was open"):
        form.save(if_unchanged_since=form.last_updated)
    assert Device.objects.get(id=device.pk).comments == ""


def test_json_changed_in_place_is_saved(store: Store, device: Device) -> None:
    row = Device.objects.get(id=device.pk)
    row.cf["rack"] = "R1"
    assert row.save() is True
    assert Device.objects.get(id=device.pk).cf == {"rack": "R1"}


def test_a_taken_name_is_told_by_field(store: Store, device: Device) -> None:
    copy = Device(
        name=device.name,
        device_type=device.device_type,
        role=device.role,
        status=device.status,
        location=device.location,
    )
    with pytest.raises(ValidationError) as caught:
        copy.validated_save()
    assert "already" in caught.value.message_dict["name"][0]


def test_the_stores_own_constraints_are_told_by_field(
    store: Store, device: Device
) -> None:
    device.asset_tag = "A1"
    device.save()
    other = factories.device("core-02")
    other.asset_tag = "A1"
    with pytest.raises(ValidationError) as caught:
        other.save()
    assert list(caught.value.fields) == ["asset_tag"]


def test_missing_values_are_told_together(store: Store) -> None:
    with pytest.raises(ValidationError) as caught:
        Device(name="x").validated_save()
    assert set(caught.value.fields) >= {"device_type", "role", "status", "location"}


def test_a_refused_save_leaves_nothing(store: Store, device: Device) -> None:
    before = count()
    with pytest.raises(ValidationError), change_context(transaction=True):
        device.serial = "X"
        device.save()
        Device(name="x").validated_save()
    assert Device.objects.get(id=device.pk).serial == ""
    assert count() == before


def test_tags_are_recorded_on_the_tagged_object_only(
    store: Store, device: Device
) -> None:
    tag = factories.tag("edge")
    before = count()
    device.tags.add(tag)
    assert actions_since(before) == [("update", "core-01")]
    assert device.tags.names() == ["edge"]


def test_A16_clearing_tags_records_the_old_list_and_the_empty_one(
    store: Store, device: Device
) -> None:
    device.tags.set([factories.tag("a"), factories.tag("b")])
    device.tags.clear()
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.get_snapshots()["differences"] == {
        "removed": {"tags": ["a", "b"]},
        "added": {"tags": []},
    }


def test_adding_a_tag_that_is_there_records_nothing(
    store: Store, device: Device
) -> None:
    device.tags.add(factories.tag("a"))
    before = count()
    device.tags.add("a")
    assert count() == before


def test_A14_a_new_object_with_tags_is_exactly_one_record(store: Store) -> None:
    factories.device("seed")
    tag = factories.tag("a")
    before = count()
    with change_context(transaction=True):
        made = factories.device("new")
        made.tags.add(tag)
    assert actions_since(before) == [("create", "new")]
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.object_data["tags"] == ["a"]


def test_a_protected_object_is_not_deleted(store: Store, device: Device) -> None:
    with pytest.raises(ValidationError, match="core-01"):
        device.location.delete()
    assert Location.objects.filter(id=device.location.pk).exists()


def test_deleting_removes_the_tags_links(store: Store, device: Device) -> None:
    device.tags.add(factories.tag("a"))
    device.delete()
    assert store.execute("SELECT count(*) FROM tagged_item").fetchone()[0] == 0
    assert Tag.objects.filter(name="a").exists()


def test_a_query_is_updated_and_deleted_object_by_object(
    store: Store, device: Device
) -> None:
    factories.device("core-02")
    before = count()
    assert Device.objects.filter(name__startswith="core").update(serial="S") == 2
    assert Device.objects.filter(name__startswith="core").delete() == 2
    assert [action for action, _ in actions_since(before)] == ["update"] * 2 + [
        "delete"
    ] * 2


@pytest.mark.parametrize(
    "call",
    [
        lambda: Device.update(serial="X").execute(),
        lambda: Device.delete().execute(),
        lambda: Device.insert_many([{"name": "x"}]).execute(),
    ],
    ids=["update", "delete", "insert_many"],
)
def test_peewees_own_writes_are_refused_by_name(store: Store, call: object) -> None:
    with pytest.raises(UnloggedWriteError, match="would not be recorded"):
        call()  # type: ignore[operator]


def test_unlogged_allows_them_with_a_reason(store: Store, device: Device) -> None:
    before = count()
    with unlogged("a test"):
        Device.update(serial="QUIET").execute()
    assert Device.objects.get(id=device.pk).serial == "QUIET"
    assert count() == before


def test_unlogged_wants_a_reason() -> None:
    with pytest.raises(ValueError, match="Say why"), unlogged(" "):
        pass


def test_ids_are_made_in_order() -> None:
    made = [Device().pk for _ in range(1000)]
    assert made == sorted(made)
    assert {one.version for one in made} == {7}


def test_A38_two_threads_record_their_own_user(store: Store) -> None:
    from models.people.access import User

    factories.device("seed")
    users = [User.create(username=name) for name in ("ann", "bob")]
    ready = threading.Barrier(2)
    failures: list[BaseException] = []

    def create(index: int) -> None:
        try:
            with using_store(store), change_context(users[index]):
                ready.wait(10)
                factories.device(f"by-{users[index].username}")
        except BaseException as error:
            failures.append(error)
        finally:
            store.database.close()

    threads = [threading.Thread(target=create, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    for user in users:
        device = Device.objects.get(name=f"by-{user.username}")
        change = ObjectChange.get(ObjectChange.object_id == device.pk.bytes)
        assert change.user == user


def test_lookups_read_like_djangos(store: Store, device: Device) -> None:
    device.tags.add(factories.tag("edge"))
    assert Device.objects.get(location__name=device.location.name) == device
    assert list(Device.objects.filter(tags="edge", name__icontains="CORE")) == [device]
    assert not Device.objects.exclude(name="core-01").exists()
    assert Device.objects.values_list("name", flat=True) == ["core-01"]
    assert device.location.devices.first() == device
    with pytest.raises(DoesNotExist):
        Device.objects.get(name="none")


def test_what_get_raises_is_caught_by_the_models_own_names(
    store: Store, device: Device
) -> None:
    for caught in (Device.DoesNotExist, DoesNotExist):
        with pytest.raises(caught, match="No device fits name=none"):
            Device.objects.get(name="none")
    with pytest.raises(Device.DoesNotExist):
        device.location.devices.get(name="none")
    factories.device("core-02")
    for several in (Device.MultipleObjectsReturned, MultipleObjectsReturned):
        with pytest.raises(several, match="More than one device"):
            Device.objects.get(name__startswith="core")


def test_changes_are_looked_up_by_nautobots_names(
    store: Store, device: Device, user: User
) -> None:
    with change_context(user, reason="RMA"):
        device.serial = "new"
        device.save()
    other = factories.device("core-02")
    found = ObjectChange.objects.filter
    (change,) = found(changed_object_id=device.pk, action="update")
    assert change.changed_object == device
    assert found(changed_object_id=str(device.pk)).count() == 2
    assert found(changed_object_id__in=[device.pk, other.pk]).count() == 3
    action = ObjectChangeActionChoices.ACTION_CREATE
    assert found(action=action, changed_object_type=Device).count() == 2
    assert found(changed_object_type="dcim.device").exclude(action="create").exists()
    assert found(request_id=change.request_id).count() == 1
    assert found(user=user, reason__startswith="RM").first() == change
    mine = found(user_name=user.username, change_context="orm", reason="RMA")
    assert list(mine) == [change]
    with pytest.raises(RequestError, match="one of create, update, delete"):
        found(action="updated")
    with pytest.raises(RequestError, match="write __in"):
        found(action__gt="update")


def test_a_change_is_asked_by_nautobots_names(
    store: Store, device: Device, user: User
) -> None:
    port = Interface.objects.create(
        device=device, name="eth0", type="other", status=device.status
    )
    (made,) = ObjectChange.objects.filter(changed_object_id=port.pk)
    assert (made.related_object, made.related_object_id) == (device, device.pk)
    assert made.related_object_type == "dcim.device"
    assert ObjectChange.objects.filter(related_object_id=device.pk).count() == 1
    device.serial = "new"
    device.save()
    first, last = ObjectChange.objects.filter(changed_object_id=device.pk)
    assert (first.get_next_change(user), last.get_prev_change()) == (last, first)
    assert (first.get_prev_change(), last.get_next_change()) == (None, None)
    assert first.get_action_display() == "Created"
    assert (first.related_object, first.related_object_type) == (None, None)


def test_lists_of_values_answer_what_comes_next(store: Store, device: Device) -> None:
    factories.device("core-02", location=device.location)
    names = Device.objects.order_by("name").values_list("location__name", flat=True)
    assert names.distinct() == [device.location.name]
    assert (names.first(), names.exists()) == (device.location.name, True)
    assert not Device.objects.filter(name="x").values_list("name").exists()


def test_an_unknown_field_names_the_near_one(store: Store) -> None:
    from models.errors import RequestError

    with pytest.raises(RequestError, match="Did you mean serial"):
        Device.objects.filter(seral="x")
