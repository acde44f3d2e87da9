"""What hooks missed, run later: once, and only what they would do today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation import dispatch
from models.automation.catchup import (
    NO_LONGER,
    Wanted,
    catch_up,
    count_missed,
    every_hook,
    missed,
    pass_over,
)
from models.automation.dispatch import LATER, Reason
from models.automation.hooks import JobHook
from models.history.changes import ObjectChange
from models.history.context import change_context
from models.objects.fields import now_us
from models.people.access import ObjectPermission, User
from models.runs import results
from models.runs.results import JobResult
from tests.models.automation.test_dispatch import hook, job, reasons, touch

if TYPE_CHECKING:
    import pytest

    from models.inventory.dcim import Device
    from models.storage.store import Store


def all_of(**given: Any) -> Wanted:
    return Wanted(hooks=every_hook(), **given)


def muted_touch(device: Device, serial: str) -> ObjectChange:
    device.serial = serial
    with change_context(kind="load", mute="muted by load", transaction=True):
        device.save()
    return newest()


def newest() -> ObjectChange:
    found: ObjectChange = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    return found


def again(change: ObjectChange) -> ObjectChange:
    found: ObjectChange = ObjectChange.get_by_id(change.id)
    return found


def test_what_a_muted_load_missed_is_run_once(store: Store, device: Device) -> None:
    hook(job())
    changes = [muted_touch(device, serial) for serial in ("A", "B")]
    device_changes = [reasons(change) for change in changes]

    first = catch_up(store, all_of())
    second = catch_up(store, all_of())

    assert device_changes == [["muted"], ["muted"]]
    assert [reasons(again(change)) for change in changes] == [["fired"], ["fired"]]
    queued = list(JobResult.select().order_by(JobResult.id))
    assert [row.change_id for row in queued] == [change.id for change in changes]
    assert first.queued == [row.id for row in queued]
    assert second.queued == []
    assert again(changes[0]).missed is None


def test_a_verdict_that_was_caught_up_names_its_result(
    store: Store, device: Device
) -> None:
    made = hook(job())
    change = muted_touch(device, "A")

    (result,) = catch_up(store, all_of()).queued

    assert again(change).read_verdicts() == [[made.id, "fired", "", result]]


def test_what_stands_in_the_way_still_leaves_the_verdict(
    store: Store, device: Device
) -> None:
    record = job(error="jobs/guards.py:3: boom")
    hook(record)
    change = touch(device)

    found = catch_up(store, all_of())
    assert found.waiting == {"job missing": 1}
    assert reasons(again(change)) == ["job missing"]

    record.error = None
    record.save()
    assert len(catch_up(store, all_of()).queued) == 1


def test_a_condition_that_does_not_hold_today_settles_it(
    store: Store, device: Device
) -> None:
    hook(job(), conditions="changed name")
    change = muted_touch(device, "A")

    found = catch_up(store, all_of())

    assert found.settled == {"condition": 1}
    assert reasons(again(change)) == ["condition"]
    assert count_missed(store) == {}


def test_a_hook_that_is_no_longer_for_the_type_settles_it(
    store: Store, device: Device
) -> None:
    made = hook(job())
    change = muted_touch(device, "A")
    made.object_types = ["dcim.location"]
    made.save()

    catch_up(store, all_of())

    ((_, reason, detail, result),) = again(change).read_verdicts()
    assert (reason, detail, result) == ("passed over", NO_LONGER, None)


def test_a_hook_that_is_off_now_waits(store: Store, device: Device) -> None:
    made = hook(job())
    muted_touch(device, "A")
    made.enabled = False
    made.save()

    assert catch_up(store, all_of()).waiting == {"hook off": 1}


def test_only_the_hooks_and_verdicts_that_are_meant(
    store: Store, device: Device
) -> None:
    first, second = hook(job(), "first"), hook(job("Other", enabled=False), "second")
    change = muted_touch(device, "A")
    touch(device, "B")

    found = catch_up(store, Wanted(hooks={first.id}))
    assert len(found.queued) == 1
    assert reasons(again(change)) == ["fired", "muted"]
    meant = Wanted(hooks={second.id}, reasons={Reason.JOB_OFF})
    assert count_missed(store, meant) == {(second.id, "job off"): 1}


def test_what_was_given_up_is_not_offered_again(store: Store, device: Device) -> None:
    hook(job())
    change = muted_touch(device, "A")

    pass_over(store, all_of(), by="alice")

    ((_, reason, detail, _),) = again(change).read_verdicts()
    assert (reason, detail) == ("passed over", "muted; by alice")
    assert catch_up(store, all_of()).queued == []
    assert again(change).missed is None


def test_listing_says_what_it_would_be_today_and_queues_nothing(
    store: Store, device: Device
) -> None:
    record = job(enabled=False)
    hook(record)
    touch(device)
    record.enable()

    (one,) = missed(store, all_of())

    assert (one.reason, one.today) == ("job off", Reason.FIRED)
    assert not JobResult.select().exists()


def test_what_is_run_later_runs_as_the_one_who_changed(
    store: Store, device: Device
) -> None:
    editor = User(username="editor")
    editor.save()
    hook(job())
    device.serial = "X"
    with change_context(editor, transaction=True):
        device.save()
    assert reasons(newest()) == ["no permission"]
    ObjectPermission(
        name="run", object_types=["extras.job"], actions=["run"], users=["editor"]
    ).save()

    catch_up(store, all_of())

    assert JobResult.get().user_name == "editor"


def test_many_are_worked_off_in_pieces(
    store: Store, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.automation.catchup.PIECE_ROWS", 2)
    monkeypatch.setattr("models.automation.catchup.PIECE_S", -1)
    hook(job())
    for serial in "ABCDE":
        muted_touch(device, serial)

    assert len(catch_up(store, all_of()).queued) == 5
    assert count_missed(store) == {}


def test_a_muted_hook_says_who_and_until_when_and_ends_by_itself(
    store: Store, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hook(job())
    until = now_us() + 3_600_000_000
    made.mute(until=until, by="alice", reason="migration")
    ((_, reason, detail, _),) = touch(device, "A").read_verdicts()
    assert reason == "muted"
    assert detail.startswith("by alice until 2")
    assert detail.endswith("Z: migration")

    monkeypatch.setattr(dispatch, "now_us", lambda: until + 1)
    assert reasons(touch(device, "B")) == ["fired"]


def test_an_unmuted_hook_fires(store: Store, device: Device) -> None:
    made = hook(job())
    made.mute(by="alice")
    assert made.is_muted
    made.unmute()

    assert reasons(touch(device)) == ["fired"]
    assert not JobHook.get().is_muted


def test_j1_a_run_that_could_not_be_queued_is_marked_and_run_later(
    store: Store, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "three", "two"):
        hook(job(name), name)
    real = results.insert_pending

    def fails(store: Store, new: Any) -> int:
        if new.job.name == "three":
            raise OSError("no room")
        return real(store, new)

    monkeypatch.setattr(results, "insert_pending", fails)
    change = touch(device)
    assert reasons(change) == ["fired", "failed", "fired"]

    monkeypatch.setattr(results, "insert_pending", real)
    assert len(catch_up(store, all_of()).queued) == 1
    assert reasons(again(change)) == ["fired"] * 3


def test_every_reason_that_can_be_run_later_is_one_that_kept_it_from_firing() -> None:
    assert LATER.isdisjoint(
        {Reason.FIRED, Reason.CONDITION, Reason.HOOK_OFF, Reason.CAUSED, Reason.PASSED}
    )
