"""Users, groups and permissions: what is asked, and what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.automation import configuring
from models.errors import RefusedError, RequestError, ValidationError
from models.history.changes import ObjectChange
from models.history.context import change_context
from models.history.revert import revert_change
from models.inventory.dcim import Device
from models.inventory.extras import Tag
from models.inventory.organization import Location
from models.objects.inputs import save_values
from models.people.access import Group, ObjectPermission, User, os_user, require
from models.people.acting import acting_user, key_holder
from models.runs.results import JobResult
from tests import factories
from tests.tui.automation import job

if TYPE_CHECKING:
    from models.storage.store import Store


@pytest.fixture
def alice(store: Store) -> User:
    """Somebody without any permission."""
    person = User(username="alice")
    person.validated_save()
    return person


def grant(actions: str, types: str, **values: Any) -> ObjectPermission:
    """Let alice do something."""
    given = {"users": ["alice"], **values}
    made = ObjectPermission(
        name=f"{actions} {types} {ObjectPermission.select().count()}",
        object_types=types.split(),
        actions=actions.split(),
        **given,
    )
    made.validated_save()
    return made


# What is asked


def test_h28_restrict_puts_the_user_for_the_sign(store: Store, alice: User) -> None:
    grant("view", "extras.jobresult", constraints={"user": "$user"})
    for name, person in (("mine", alice), ("other", os_user())):
        JobResult(name=name, job_path="a.B", user=person).save()
    seen = JobResult.objects.restrict(alice, "view")
    assert [row.name for row in seen] == ["mine"]
    assert JobResult.objects.restrict(os_user(), "view").count() == 2


def test_h29_inactive_users_and_nobody_may_nothing(store: Store, user: User) -> None:
    device = factories.device()
    gone = User(username="gone", is_superuser=True, is_active=False)
    gone.save()
    for action in ("view", "add", "change", "delete"):
        assert not gone.has_perm(f"dcim.{action}_device", device)
        assert user.has_perm(f"dcim.{action}_device", device)
        assert list(Device.objects.restrict(gone, action)) == []
        assert list(Device.objects.restrict(None, action)) == []
        with pytest.raises(RefusedError):
            require(None, action, device)


def test_has_perms_wants_all_of_them(user: User, alice: User) -> None:
    wanted = ["dcim.view_device", "dcim.add_device"]
    assert user.has_perms(wanted)
    assert not alice.has_perms(wanted)
    assert alice.has_perms([])
    assert alice.is_authenticated


def test_without_an_object_a_constrained_permission_will_do(alice: User) -> None:
    here, there = factories.device("a"), factories.device("b")
    grant("view", "dcim.device", constraints=[{"name": "a"}, {"name": "c"}])
    assert alice.has_perm("dcim.view_device")
    assert alice.has_perm("dcim.view_device", here)
    assert not alice.has_perm("dcim.view_device", there)
    there.name = "a"
    assert not alice.has_perm("dcim.view_device", there), "the stored row counts"


def test_a_group_brings_its_permissions_until_it_is_left(alice: User) -> None:
    group = Group(name="noc", users=["alice"])
    group.validated_save()
    grant("view", "dcim.device", users=[], groups=["noc"])
    assert alice.has_perm("dcim.view_device")
    assert alice.groups == ["noc"]
    group.users = []
    group.validated_save()
    assert not alice.has_perm("dcim.view_device")


# What front ends write


def edit(person: User | None, row: Any, kind: str = "command", **values: Any) -> None:
    """Save as a front end does."""
    with change_context(person, kind=kind, transaction=True):
        save_values(row, values)


@pytest.mark.parametrize("kind", ["screen", "command", "load"])
def test_every_front_ends_write_is_checked(alice: User, kind: str) -> None:
    device = factories.device()
    with pytest.raises(RefusedError, match=r"grants dcim\.change_device"):
        edit(alice, device, kind, serial="A")
    with pytest.raises(RefusedError, match=r"grants extras\.add_tag"):
        edit(alice, Tag(), kind, name="new")
    with (
        pytest.raises(RefusedError, match=r"grants dcim\.delete_device"),
        change_context(alice, kind=kind, transaction=True),
    ):
        device.delete()
    grant("change delete", "dcim.device")
    grant("add", "extras.tag")
    edit(alice, Device.get(), kind, serial="A")
    edit(alice, Tag(), kind, name="new")
    with change_context(alice, kind=kind, transaction=True):
        Device.get().delete()
    assert ObjectChange.select().order_by(ObjectChange.id.desc()).first().user == alice


def test_receivers_and_scripts_are_not_limited(alice: User) -> None:
    device = factories.device()
    for kind in ("job", "job-hook", "orm"):
        edit(alice, device, kind, serial=kind)
    assert Device.get().serial == "orm"


def test_nobody_moves_an_object_into_or_out_of_their_reach(alice: User) -> None:
    factories.location("HQ")
    factories.device("in", location=factories.location("Annex"))
    factories.device("out", location=factories.location("HQ"))
    grant("add change", "dcim.device", constraints={"location__name": "Annex"})
    grant("view", "dcim.location dcim.devicetype extras.role extras.status")
    with pytest.raises(RefusedError, match="outside the constraints"):
        edit(alice, Device.objects.get(name="out"), serial="A")
    with pytest.raises(RefusedError, match="outside the constraints"):
        edit(alice, Device.objects.get(name="in"), location="HQ")
    one = Device.objects.get(name="in")
    new = {"device_type": "X1", "role": "Core", "status": "Active"}
    edit(alice, Device(), name="new", location="Annex", **new)
    with pytest.raises(RefusedError, match="outside the constraints"):
        edit(alice, Device(), name="wrong", location="HQ", **new)
    assert str(one.location) == "Annex"
    assert not Device.objects.filter(name="wrong").exists(), "all of it is taken back"


def test_members_count_as_a_change_of_the_owner(alice: User) -> None:
    factories.tag("lab")
    factories.device("a")
    grant("view", "extras.tag")
    with pytest.raises(RefusedError):
        edit(alice, Device.get(), tags=["lab"])
    grant("change", "dcim.device", constraints={"tags__name": "lab"})
    with pytest.raises(RefusedError, match="outside"):
        edit(alice, Device.get(), serial="A")
    Device.get().tags.add("lab")
    with pytest.raises(RefusedError, match="outside"):
        edit(alice, Device.get(), tags=[])
    assert Device.get().tags.names() == ["lab"]


def test_what_cannot_be_seen_has_no_name(alice: User) -> None:
    factories.device("a")
    factories.location("Secret")
    grant("change", "dcim.device")
    with pytest.raises(ValidationError, match="no location 'Secret'"):
        edit(alice, Device.get(), location="Secret")


def test_a29_j14_nobody_changes_and_deletes_with_an_empty_user(store: Store) -> None:
    device = factories.device()
    factories.tag("lab")
    with change_context(None, kind="screen"):
        device.tags.add("lab")
    with change_context(None, kind="screen"):
        device.delete()
    last = list(ObjectChange.select().order_by(ObjectChange.id.desc()).limit(2))
    assert [(row.action.value, row.user) for row in last] == [
        ("delete", None),
        ("update", None),
    ]


def test_b13_changes_are_restricted_and_so_is_reverting(alice: User) -> None:
    device = factories.device("a")
    edit(os_user(), device, serial="A")
    edit(alice, Device.get(), "orm", serial="B")
    grant("change", "dcim.device")
    newest = ObjectChange.select().order_by(ObjectChange.id.desc()).first()
    assert list(ObjectChange.objects.restrict(alice, "view")) == []
    with (
        pytest.raises(RefusedError, match=r"extras\.view_objectchange"),
        change_context(alice, kind="command", transaction=True),
    ):
        revert_change(newest, alice)
    grant("view", "extras.objectchange", constraints={"context__user": "$user"})
    assert list(ObjectChange.objects.restrict(alice, "view")) == [newest]
    with change_context(alice, kind="command", transaction=True):
        revert_change(newest, alice)
    assert Device.get().serial == "A"


# Users, groups and permissions themselves


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({"actions": ["fly"]}, "actions", "fly"),
        ({"actions": []}, "actions", "at least one"),
        ({"object_types": ["dcim.spaceship"]}, "object_types", "spaceship"),
        ({"users": ["nobody-here"]}, "users", "nobody-here"),
        ({"groups": ["nobody-here"]}, "groups", "no group"),
        ({"constraints": "{"}, "constraints", "JSON"),
        ({"constraints": "[]"}, "constraints", "object"),
        ({"constraints": '{"colour": "red"}'}, "constraints", "colour"),
        ({"constraints": '{"name__like": "x"}'}, "constraints", "name__like"),
    ],
)
def test_a_wrong_permission_says_which_field_and_why(
    store: Store, values: dict[str, Any], field: str, text: str
) -> None:
    good = {"name": "p", "object_types": ["dcim.device"], "actions": ["view"]}
    with pytest.raises(ValidationError) as caught:
        configuring.save(ObjectPermission(), {**good, **values}, os_user())
    assert list(caught.value.fields) == [field]
    assert text in caught.value.message
    assert ObjectPermission.select().count() == 0


def test_the_last_superuser_stays_one(store: Store, alice: User) -> None:
    me = os_user()
    for values in ({"is_superuser": "no"}, {"is_active": "no"}):
        with pytest.raises(ValidationError, match="last active superuser"):
            configuring.save(User.get_by_id(me.id), values, me)
    with pytest.raises(ValidationError, match="last active superuser"):
        configuring.delete(User.get_by_id(me.id), me)
    configuring.save(alice, {"is_superuser": "yes"}, me)
    configuring.save(User.get_by_id(me.id), {"is_superuser": "no"}, me)
    assert [row.username for row in User.select().where(User.is_superuser)] == ["alice"]


def test_only_a_superuser_makes_changes_and_deletes_one(alice: User) -> None:
    grant("view add change delete", "users.user")
    me = os_user()
    for act in (
        lambda: configuring.save(User(), {"username": "x", "is_superuser": "y"}, alice),
        lambda: configuring.save(
            User.get_by_id(alice.id), {"is_superuser": "yes"}, alice
        ),
        lambda: configuring.save(User.get_by_id(me.id), {"username": "y"}, alice),
        lambda: configuring.switch(User.get_by_id(me.id), user=alice, on=False),
        lambda: configuring.delete(User.get_by_id(me.id), alice),
    ):
        with pytest.raises(RefusedError, match="superuser"):
            act()
    configuring.save(User(), {"username": "bob"}, alice)
    assert not User.get(User.username == "bob").is_superuser


def test_a_new_name_is_written_everywhere_and_a_deleted_one_nowhere(
    alice: User,
) -> None:
    Group(name="noc", users=["alice"]).validated_save()
    grant("view", "dcim.device")
    configuring.save(alice, {"username": "alicia"}, os_user())
    assert Group.get().users == ["alicia"]
    assert ObjectPermission.get().users == ["alicia"]
    edit(alice, factories.tag("x"), "orm", description="by alicia")
    configuring.delete(alice, os_user())
    assert (Group.get().users, ObjectPermission.get().users) == ([], [])
    assert ObjectChange.select().order_by(ObjectChange.id.desc()).first().user is None


def test_hooks_jobs_and_the_rest_need_the_permission(alice: User) -> None:
    record = job("Guard", is_job_hook_receiver=True, enabled=False)
    with pytest.raises(RefusedError, match=r"extras\.change_job"):
        configuring.enable(record, alice)
    with pytest.raises(RefusedError, match=r"extras\.add_jobhook"):
        from models.automation.hooks import JobHook

        configuring.save(JobHook(), {"name": "h"}, alice)
    grant("change", "extras.job")
    configuring.enable(record, alice)


# Who is there


def test_a_stranger_comes_into_the_default_group(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.people.access.os_user_name", lambda: "stranger")
    with pytest.raises(RefusedError, match="does not know the user 'stranger'"):
        acting_user()
    Group(name="guests", is_default=True).validated_save()
    assert acting_user().username == "stranger"
    assert Group.get().users == ["stranger"]
    with pytest.raises(ValidationError, match="default group already"):
        Group(name="more", is_default=True).validated_save()


def test_acting_for_somebody_needs_the_right_and_keeps_both_names(
    store: Store, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User(username="bob").save()
    User(username="gone", is_active=False).save()
    superuser = os_user().username
    monkeypatch.setattr("models.people.access.os_user_name", lambda: "alice")
    for name in ("bob", "nobody"):
        with pytest.raises(RefusedError, match="may not act"):
            acting_user(name)
    grant("act", "users.user")
    for name in (superuser, "gone"):
        with pytest.raises(RefusedError):
            acting_user(name)
    with pytest.raises(RequestError, match="no user 'nobody'"):
        acting_user("nobody")
    found = acting_user("bob")
    edit(found, Tag(), "orm", name="t")
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).first()
    assert (change.user_name, change.context.acted_for) == ("bob", "alice")


def test_a_key_is_for_the_account_that_owns_the_store(
    store: Store, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_holder(store, "alice") == alice
    monkeypatch.setattr("models.people.acting.is_owner", lambda _: False)
    with pytest.raises(RefusedError, match="the account that owns"):
        key_holder(store, "alice")


def test_locations_stay_where_they_are(alice: User) -> None:
    """A delete takes along what hangs on it, without a permission for that."""
    device = factories.device("a")
    factories.interface(device)
    grant("delete", "dcim.device")
    with change_context(alice, kind="command", transaction=True):
        device.delete()
    assert Device.select().count() == 0
    assert Location.select().count() == 1
