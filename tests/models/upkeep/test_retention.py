"""What is too old goes, in small pieces; what is needed stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.errors import RefusedError
from models.history.changes import ChangeContext, ObjectChange
from models.history.context import change_context
from models.objects.fields import now_us
from models.people.access import ObjectPermission, User
from models.runs.attention import acknowledge
from models.runs.results import JobFile, JobLogEntry, JobResult
from models.upkeep import retention
from models.upkeep.integrity import findings
from models.upkeep.retention import DAY_US, Plan
from tests import factories
from tests.tui.rows import hook, job, log, result

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def ago(days: float) -> int:
    return now_us() - int(days * DAY_US)


def over(days: float, **values: Any) -> JobResult:
    """Return a result that was over so many days ago."""
    when = ago(days)
    given = {"created": when, "started": when, "done": when, **values}
    return result(**given)


def removed(store: Store, kind: str, days: float = 60, **values: Any) -> dict[str, int]:
    plan = Plan(kind=kind, before=ago(days), **values)
    total: retention.Counts = retention.Counts()
    for counts in retention.prune(store, plan):
        total += counts
    return dict(total)


def numbers(model: Any) -> list[int]:
    return [row.id for row in model.select().order_by(model.id)]


# Results


def test_h31_results_older_than_the_cut_off_go_with_what_depends_on_them(
    store: Store, user: User
) -> None:
    old, young = over(61), over(59)
    log(old, "one", "two")
    log(young, "three")
    acknowledge(user)
    plan = Plan(kind="results", before=ago(60))
    assert retention.count(store, plan) == {"results": 1, "log entries": 2}
    assert removed(store, "results") == {"results": 1, "log entries": 2}
    assert numbers(JobResult) == [young.id]
    assert [row.message for row in JobLogEntry.select()] == ["three"]


def test_runs_that_are_not_over_stay_however_old(store: Store) -> None:
    waits = over(400, status="PENDING", done=None)
    goes = over(400, status="STARTED", owner="somebody", done=None)
    late = over(400, done=ago(1))
    over(400)
    assert removed(store, "results") == {"results": 1}
    assert numbers(JobResult) == [waits.id, goes.id, late.id]


def test_a_long_log_goes_before_its_result_does(store: Store) -> None:
    row = over(61)
    count = retention.AT_ONCE * 2 + 1
    log(row, *(str(number) for number in range(count)))
    assert removed(store, "results") == {"results": 1, "log entries": count}
    assert JobLogEntry.select().count() == 0


def test_files_go_from_the_disk(store: Store) -> None:
    row = over(61)
    folder = store.files_folder / str(row.id)
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    JobFile(result=row, name="a.txt", size=1, path=f"{row.id}/a.txt").save()
    removed(store, "results")
    assert not folder.exists()
    assert JobFile.select().count() == 0


def test_every_piece_is_short_and_nothing_is_left_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "WINDOW", 7)
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(retention, "PIECE_S", 0)  # one statement a piece
    record = job()
    for _ in range(20):
        log(over(61, record=record), "a")
    pieces = list(retention.prune(store, Plan(kind="results", before=ago(60))))
    assert sum(counts["results"] for counts in pieces) == 20
    assert max(counts["results"] for counts in pieces) == 2
    assert JobResult.select().count() == 0


# Changes


def age_all(store: Store, days: float) -> None:
    with store.transaction():
        store.execute("UPDATE object_change SET time = ?", [ago(days)])


def test_b7_a_deletes_record_tells_all_once_the_earlier_ones_are_gone(
    store: Store, device: Device
) -> None:
    device.serial = "A"
    device.save()
    age_all(store, 61)
    device.delete()
    removed(store, "changes")
    (change,) = ObjectChange.select()
    snapshots = change.get_snapshots()
    assert snapshots["prechange"]["serial"] == "A"
    assert snapshots["postchange"] is None
    assert snapshots["differences"]["removed"] == snapshots["prechange"]


def test_b8_an_update_keeps_its_own_image_before(store: Store, device: Device) -> None:
    age_all(store, 61)
    device.serial = "B"
    device.save()
    removed(store, "changes")
    (change,) = ObjectChange.select()
    differences = change.get_snapshots()["differences"]
    assert differences["added"] == {"serial": "B"}
    assert differences["removed"] == {"serial": ""}


def test_contexts_go_with_their_last_change(store: Store, user: User) -> None:
    with change_context(user, kind="screen"):
        factories.tag("a")
        factories.tag("b")
    with store.transaction():
        store.execute("UPDATE object_change SET time = ? WHERE id = 1", [ago(61)])
    assert removed(store, "changes") == {"changes": 1}
    age_all(store, 61)
    assert removed(store, "changes") == {"changes": 1, "contexts": 1}
    assert ChangeContext.select().count() == 0


def test_a_change_stays_while_a_run_for_it_waits(store: Store, device: Device) -> None:
    hook("Watch")
    device.serial = "A"
    device.save()
    age_all(store, 61)
    (run,) = JobResult.select()
    removed(store, "changes")
    assert numbers(ObjectChange) == [run.change_id]
    run.status, run.done = "SUCCESS", now_us()
    run.save()
    removed(store, "changes")
    assert numbers(ObjectChange) == []


def test_what_is_not_dispatched_stays(store: Store, device: Device) -> None:
    age_all(store, 61)
    with store.transaction():
        store.execute("UPDATE object_change SET verdicts = NULL WHERE id = 1")
    removed(store, "changes")
    assert numbers(ObjectChange) == [1]


# Logs


def test_old_log_entries_go_and_their_results_stay(store: Store) -> None:
    old, going = over(61), over(61, status="STARTED", owner="x", done=None)
    log(old, "old")
    log(going, "still going")
    with store.transaction():
        store.execute("UPDATE job_log_entry SET time = ?", [ago(61)])
    log(old, "young")
    assert removed(store, "logs") == {"logs": 1}
    assert [e.message for e in JobLogEntry.select()] == ["still going", "young"]
    assert JobResult.select().count() == 2


# The whole store


def test_a_store_is_whole_after_pruning(store: Store, device: Device) -> None:
    hook("Watch")
    for serial in "ABC":
        device.serial = serial
        device.save()
    with store.transaction():
        store.execute(
            "UPDATE job_result SET status = 'SUCCESS', created = ?1, done = ?1"
            " WHERE id IN (2, 3)",
            [ago(61)],
        )
    removed(store, "results")
    assert numbers(JobResult) == [1]
    assert list(findings(store, deep=True)) == []
    with store.transaction():  # what was lost otherwise is still found
        store.execute("UPDATE pruned SET up_to = 1")
    assert [f.what for f in findings(store)] == ["verdicts", "verdicts"]
    with store.transaction():
        store.execute("UPDATE pruned SET up_to = 3")
    age_all(store, 61)
    removed(store, "changes")
    assert list(findings(store, deep=True)) == []


def test_vacuum_gives_the_room_back(store: Store) -> None:
    row = over(61)
    log(row, *("x" * 1000 for _ in range(600)))
    removed(store, "results")
    assert retention.vacuum(store) > 100_000
    assert list(findings(store)) == []


# Who may


def test_h31_who_may_not_delete_is_refused(store: Store) -> None:
    guest = User(username="guest")
    guest.save()
    with pytest.raises(RefusedError, match="may not delete results"):
        retention.user_plan("results", guest, 0)


def test_h31_a_permission_for_one_result_removes_that_one(store: Store) -> None:
    first, second = over(1), over(1)
    log(first, "a")
    log(second, "b")
    guest = User(username="guest")
    guest.save()
    ObjectPermission(
        name="one",
        object_types=["extras.jobresult"],
        actions=["delete"],
        users=["guest"],
        constraints={"id": second.id},
    ).save()
    plan = retention.user_plan("results", guest, 0)
    assert retention.count(store, plan)["results"] == 1
    assert [c["results"] for c in retention.prune(store, plan)] == [1]
    assert numbers(JobResult) == [first.id]
    assert retention.count(store, retention.user_plan("logs", guest, 0)) == {}
