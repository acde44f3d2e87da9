"""Which hooks fire, which do not and why, and what they queue."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from models.automation import hooks
from models.automation.dispatch import Dispatcher, Reason
from models.automation.hooks import JobHook
from models.automation.outbox import close_abandoned
from models.history.changes import ObjectChange
from models.history.context import CAUSE_VARIABLE, change_context
from models.people.access import ObjectPermission, User
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from tests import factories

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def job(name: str = "Guard", **values: Any) -> JobRecord:
    given: dict[str, Any] = {"is_job_hook_receiver": True, "enabled": True, **values}
    record = JobRecord(module_name="guards", job_class_name=name, name=name, **given)
    record.save()
    return record


def hook(record: JobRecord, name: str = "hook", **values: Any) -> JobHook:
    given: dict[str, Any] = {
        "object_types": ["dcim.device"],
        "events": ["update"],
        **values,
    }
    made = JobHook(name=name, job=record, **given)
    made.save()
    return made


def touch(device: Device, serial: str = "X") -> ObjectChange:
    device.serial = serial
    device.save()
    change: ObjectChange = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    return change


def reasons(change: ObjectChange) -> list[str]:
    return [verdict[1] for verdict in change.read_verdicts()]


def test_a_matching_hook_queues_one_run(store: Store, device: Device) -> None:
    made = hook(job())
    change = touch(device)
    (result,) = JobResult.select()
    assert change.read_verdicts() == [[made.id, "fired", "", result.id]]
    assert result.status == "PENDING"
    assert (result.change_id, result.hook_id) == (change.id, made.id)
    assert result.user_name == change.user_name


def test_D13_hooks_that_are_off_or_for_other_events_say_so(
    store: Store, device: Device
) -> None:
    record = job()
    hook(record, "a off", enabled=False)
    hook(record, "b other", events=["delete"])
    hook(record, "c other type", object_types=["dcim.location"])
    assert reasons(touch(device)) == ["hook off", "other event"]
    assert JobResult.select().count() == 0


def test_D14_hooks_are_queued_in_name_order(store: Store, device: Device) -> None:
    record = job()
    for name in ("c", "a", "b"):
        hook(record, name)
    touch(device)
    names = [hooks.names_of([r.hook_id])[r.hook_id] for r in JobResult.select()]
    assert names == ["a", "b", "c"]


def test_D11_a_job_that_is_off_does_not_stop_the_others(
    store: Store, device: Device
) -> None:
    hook(job("Off", enabled=False), "a")
    hook(job("On"), "b")
    assert reasons(touch(device)) == ["job off", "fired"]


def test_a_job_whose_file_broke_is_named_with_its_line(
    store: Store, device: Device
) -> None:
    hook(job(error="guards.py:3: invalid syntax"))
    ((_, reason, detail, result),) = touch(device).read_verdicts()
    assert (reason, detail) == ("job missing", "guards.py:3: invalid syntax")
    assert result is None


def test_D4_D5_the_changing_user_needs_run_permission(
    store: Store, device: Device
) -> None:
    record, other = job("Mine"), job("Other")
    hook(record, "a")
    hook(other, "b")
    ann = User.create(username="ann")
    ObjectPermission.create(
        name="run one",
        object_types=["extras.job"],
        actions=["run"],
        users=["ann"],
        constraints={"job_class_name": "Mine"},
    )
    assert ann.has_perm("extras.run_job")
    with change_context(ann, transaction=True):
        change = touch(device)
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert reasons(change) == ["fired", "no permission"]


def test_D28_a_change_by_nobody_queues_nothing(store: Store, device: Device) -> None:
    hook(job())
    with change_context(None, transaction=True):
        device.serial = "X"
        device.save()
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert reasons(change) == ["no user"]
    assert JobResult.select().count() == 0


def test_D20_a_change_that_is_rolled_back_fires_nothing(
    store: Store, device: Device
) -> None:
    hook(job())
    before = ObjectChange.select().count()
    with pytest.raises(ZeroDivisionError), change_context(), store.transaction():
        device.serial = "X"
        device.save()
        _ = 1 / 0
    assert ObjectChange.select().count() == before
    assert JobResult.select().count() == 0


def test_a_context_goes_on_after_a_rolled_back_part(
    store: Store, device: Device
) -> None:
    hook(job())
    with change_context() as context:
        with pytest.raises(ZeroDivisionError), store.transaction():
            touch(device, "LOST")
            _ = 1 / 0
        device.refresh_from_db()
        touch(device, "KEPT")
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.get_snapshots()["differences"]["added"] == {"serial": "KEPT"}
    assert reasons(change) == ["fired"]
    assert len(context.queued) == 1


def test_F125_a_long_context_dispatches_what_it_saved_before_it_failed(
    store: Store, device: Device
) -> None:
    hook(job())
    with pytest.raises(ZeroDivisionError), change_context():
        touch(device)
        _ = 1 / 0
    assert JobResult.select().count() == 1


def test_A10_the_caller_gets_exactly_its_own_exception(
    store: Store, device: Device
) -> None:
    error = RuntimeError("mine")
    with pytest.raises(RuntimeError) as caught, change_context(transaction=True):
        touch(device)
        raise error
    assert caught.value is error


@pytest.mark.parametrize("kind", ["job-hook"])
def test_D7_a_hook_receivers_changes_fire_nothing(
    store: Store, device: Device, user: User, kind: str
) -> None:
    hook(job())
    with change_context(user, kind=kind, result_id=7, depth=1):
        device.serial = "X"
        device.save()
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.read_verdicts()[0][1:3] == ["caused by result", "7"]
    assert change.change_context == "job-hook"


def test_a_context_opened_inside_a_receiver_inherits_its_cause(
    store: Store, device: Device, user: User
) -> None:
    hook(job())
    with (
        change_context(user, kind="job-hook", result_id=7, depth=1),
        change_context(user, transaction=True),
    ):
        device.serial = "X"
        device.save()
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.read_verdicts()[0][1:3] == ["caused by result", "7"]


def test_a_program_that_a_receiver_started_inherits_its_cause(
    store: Store, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(job())
    touch(device, "first")
    (result,) = JobResult.select()
    monkeypatch.setitem(os.environ, CAUSE_VARIABLE, f"{result.id}:1")
    assert reasons(touch(device, "second")) == ["caused by result"]


def test_a_hook_may_accept_chained_changes_up_to_a_depth(
    store: Store, device: Device, user: User
) -> None:
    hook(job(), accept_chained=True)
    for depth, expected in ((1, "fired"), (store.settings.hooks.max_depth, "depth")):
        with change_context(user, kind="job-hook", result_id=7, depth=depth):
            device.serial = f"at {depth}"
            device.save()
        change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
        assert reasons(change) == [expected]


def test_a_muted_context_keeps_its_firings_as_verdicts(
    store: Store, device: Device
) -> None:
    hook(job())
    with change_context(mute="load of devices.csv", transaction=True):
        device.serial = "X"
        device.save()
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.read_verdicts()[0][1:3] == ["muted", "load of devices.csv"]


def test_one_hooks_failure_does_not_stop_the_others(
    store: Store, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = hook(job("Broken"), "a")
    hook(job("Fine"), "b")
    judge = Dispatcher.judge

    def failing(self: Dispatcher, rule: Any, subject: Any) -> tuple[Reason, str]:
        if rule.id == broken.id:
            raise RuntimeError("no luck")
        return judge(self, rule, subject)

    monkeypatch.setattr(Dispatcher, "judge", failing)
    change = touch(device)
    assert change.read_verdicts()[0][1:3] == ["failed", "RuntimeError: no luck"]
    assert reasons(change) == ["failed", "fired"]


def test_a_dead_processes_context_is_closed_and_dispatched(
    store: Store, device: Device, user: User
) -> None:
    hook(job())
    left = change_context(user)
    left.__enter__()
    touch(device)
    store.execute("UPDATE change_context SET owner = 'gone' WHERE closed IS NULL")
    queued = close_abandoned(store)
    assert len(queued) == 1
    assert store.execute(
        "SELECT count(*) FROM change_context WHERE closed IS NULL"
    ).fetchone() == (0,)
    left.__exit__(None, None, None)
    assert JobResult.select().count() == 1


def test_a_living_processes_context_is_left_alone(
    store: Store, device: Device, user: User
) -> None:
    hook(job())
    with change_context(user):
        touch(device)
        assert close_abandoned(store) == []


def test_an_abandoned_load_is_reverted(
    store: Store, device: Device, user: User
) -> None:
    from models.inventory.dcim import Device as Model

    before = ObjectChange.select().count()
    left = change_context(user, kind="load", on_abandon="revert")
    left.__enter__()
    device.serial = "X"
    device.save()
    device.tags.add(factories.tag("loaded"))
    factories.device("loaded")
    store.execute("UPDATE change_context SET owner = 'gone' WHERE closed IS NULL")
    close_abandoned(store)
    assert Model.objects.get(id=device.pk).serial == ""
    assert not device.tags.exists()
    assert not Model.objects.filter(name="loaded").exists()
    assert ObjectChange.select().count() == before
    left.__exit__(None, None, None)


def test_D25_a_save_that_changes_nothing_fires_nothing(
    store: Store, device: Device
) -> None:
    hook(job())
    touch(device, "A")
    touch(device, "A")

    assert JobResult.select().count() == 1


def test_D26_a_link_asks_the_hooks_of_both_sides(store: Store, device: Device) -> None:
    for name, label in (("one", "dcim.interface"), ("two", "ipam.ipaddress")):
        hook(job(name), name, object_types=[label])
    factories.prefix()
    interface, address = factories.interface(device), factories.address()

    with change_context(transaction=True):
        interface.ip_addresses.add(address)

    rows = JobResult.select().order_by(JobResult.object_type)
    assert [row.object_type for row in rows] == ["dcim.interface", "ipam.ipaddress"]


def test_K13_a_broken_condition_is_logged_once_for_many_objects(
    store: Store, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    hook(job(), conditions="when len(after.asset_tag) > 1", events=["create"])
    devices = [factories.device(f"core-1{number}") for number in range(3)]
    caplog.clear()

    with change_context(transaction=True):
        for number, one in enumerate(devices):
            one.serial = f"S{number}"
            one.save()
    assert caplog.messages == []
    JobHook.update(type_update=True).execute()
    with change_context():
        for number, one in enumerate(devices):
            one.serial = f"T{number}"
            one.save()

    (message,) = caplog.messages
    assert message.startswith("the hook hook cannot judge 'when len(after.asset_tag)")
    changes = ObjectChange.select().order_by(ObjectChange.id.desc()).limit(3)
    assert [reasons(change) for change in changes] == [["condition"]] * 3
