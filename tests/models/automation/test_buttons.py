"""What buttons an object shows, and what a press checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.automation.buttons import JobButton, buttons_of, press
from models.errors import RefusedError, ValidationError
from models.people.access import ObjectPermission, User
from models.runs.jobs import JobRecord

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def job(name: str = "B", **values: Any) -> JobRecord:
    given: dict[str, Any] = {"is_job_button_receiver": True, "enabled": True, **values}
    record = JobRecord(module_name="acts", job_class_name=name, name=name, **given)
    record.save()
    return record


def button(record: JobRecord, name: str = "Reboot", **values: Any) -> JobButton:
    given: dict[str, Any] = {"object_types": ["dcim.device"], "text": name, **values}
    made = JobButton(name=name, job=record, **given)
    made.validated_save()
    return made


def test_a_button_gets_a_free_key_of_its_name(store: Store) -> None:
    record = job()
    assert button(record, "Reboot").key == "r"
    assert button(record, "Remove").key == "e"
    assert button(record, "Backup").key == "a"


@pytest.mark.parametrize(
    ("key", "message"), [("b", "repeats"), ("r", "Reboot"), ("é", "one of")]
)
def test_a_wrong_or_taken_key_is_refused(store: Store, key: str, message: str) -> None:
    record = job()
    button(record, "Reboot")
    with pytest.raises(ValidationError) as caught:
        button(record, "Other", key=key)
    assert message in caught.value.fields["key"][0]


def test_buttons_of_other_types_may_share_a_key(store: Store) -> None:
    record = job()
    button(record, "Reboot")
    other = button(record, "Raise", object_types=["dcim.location"], key="r")
    assert other.key == "r"


def test_E1_both_labels_are_shown(store: Store, user: User, device: Device) -> None:
    record = job()
    button(record, "one", text="JobButton {{ obj.name }}")
    button(record, "two", text="Click me!")
    assert [s.label for s in buttons_of(device, user)] == [
        "JobButton core-01",
        "Click me!",
    ]


def test_an_empty_label_hides_and_a_broken_one_disables(
    store: Store, user: User, device: Device
) -> None:
    record = job()
    button(record, "hidden", text="{% if obj.serial %}x{% endif %}")
    button(record, "broken", text="{{ obj.nothing }}")
    (shown,) = buttons_of(device, user)
    assert shown.label == "broken"
    assert "nothing" in shown.disabled


def test_E4_a_button_without_run_permission_is_disabled(
    store: Store, device: Device
) -> None:
    button(job("Mine"), "a")
    button(job("Other"), "b")
    ann = User.create(username="ann")
    ObjectPermission.create(
        name="run",
        object_types=["extras.job"],
        actions=["run"],
        users=["ann"],
        constraints={"job_class_name": "Mine"},
    )
    shown = buttons_of(device, ann)
    assert [bool(s.disabled) for s in shown] == [False, True]


def test_E7_buttons_come_by_group_then_weight_then_name(
    store: Store, user: User, device: Device
) -> None:
    record = job()
    for name, weight in (("late", 200), ("early", 100)):
        button(record, name, group_name="Power", weight=weight)
    button(record, "alone")
    assert [s.label for s in buttons_of(device, user)] == ["alone", "early", "late"]


def test_E10_a_button_whose_job_is_off_is_disabled(
    store: Store, user: User, device: Device
) -> None:
    record = job()
    button(record)
    record.disable()
    (shown,) = buttons_of(device, user)
    assert shown.disabled == "job off"


def test_E11_a_press_queues_a_run_by_that_user(
    store: Store, user: User, device: Device
) -> None:
    made = button(job())
    result = press(made, device, user)
    assert (result.user, result.button_id) == (user, made.id)
    assert result.object_id == device.pk.bytes


def test_J10_every_check_of_a_press_is_in_the_core(
    store: Store, user: User, device: Device
) -> None:
    record = job()
    made = button(record)
    with pytest.raises(RefusedError, match="is not for a location"):
        press(made, device.location, user)
    ann = User.create(username="ann")
    ObjectPermission.create(
        name="run", object_types=["extras.job"], actions=["run"], users=["ann"]
    )
    with pytest.raises(RefusedError, match="may not view"):
        press(made, device, ann)
    made.enabled = False
    with pytest.raises(RefusedError, match="is off"):
        press(made, device, user)


@pytest.mark.parametrize(
    "values", [{"is_job_button_receiver": False}, {"enabled": False}]
)
def test_E19_a_wrong_job_or_one_that_is_off_is_refused(
    store: Store, values: dict[str, Any]
) -> None:
    record = job(**values)
    with pytest.raises(ValidationError):
        button(record)
