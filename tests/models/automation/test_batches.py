"""Several changes of one context in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation import outbox
from models.automation.batches import change_ids
from models.automation.catchup import Wanted, catch_up
from models.automation.dispatch import Origin
from models.automation.hooks import JobHook
from models.history.changes import ChangeContext, ObjectChange
from models.history.context import change_context
from models.inventory.extras import Tag
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from models.storage.store import current_store
from models.upkeep.integrity import findings
from receivers.queueing import queue

if TYPE_CHECKING:
    import pytest

    from models.storage.store import Store


def hook(name: str = "Guard", *, batch: int = 1000, **values: Any) -> JobHook:
    record = JobRecord(
        module_name="guards",
        job_class_name=name,
        name=name,
        is_job_hook_receiver=True,
        batch=batch,
        **values,
    )
    record.enable()
    made = JobHook(
        name=name,
        job=record,
        object_types=["extras.tag"],
        type_create=True,
        type_delete=True,
    )
    made.validated_save()
    return made


def make_tags(count: int, *, transaction: bool = True) -> list[int]:
    """Make tags in one context; return the results that it queued."""
    with change_context(transaction=transaction) as context:
        for number in range(count):
            Tag(name=f"tag-{number:04}").save()
    return context.queued


def batches() -> list[int]:
    """Return how many changes each run is for, oldest run first."""
    store = current_store()
    rows = JobResult.select().order_by(JobResult.id)
    return [len(change_ids(store, row.id)) for row in rows]


def test_J8_a_thousand_changes_of_one_context_are_one_run(store: Store) -> None:
    hook()
    (result_id,) = make_tags(1000)
    row = JobResult.get_by_id(result_id)
    changes = [change.id for change in ObjectChange.select().order_by(ObjectChange.id)]
    assert change_ids(store, result_id) == changes
    assert (row.object_name, row.object_id) == ("1,000 changes", None)
    (claim,) = queue.claim(store, store.owner(), 9)
    assert claim.result_id == result_id


def test_a_long_context_that_is_dispatched_in_pieces_makes_one_run(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PIECE_ROWS", 3)
    monkeypatch.setattr(outbox, "PIECE_S", 3600.0)
    hook()
    (result_id,) = make_tags(8, transaction=False)
    assert len(change_ids(store, result_id)) == 8


def test_a_batch_holds_as_many_changes_as_its_job_says(store: Store) -> None:
    hook(batch=3)
    assert len(make_tags(7)) == 3
    assert batches() == [3, 3, 1]


def test_each_hook_and_each_context_has_batches_of_its_own(store: Store) -> None:
    hook("A")
    hook("B")
    make_tags(2)
    with change_context(transaction=True):
        Tag(name="later").save()
    assert batches() == [2, 2, 1, 1]


def test_a_batch_of_one_change_names_its_object(store: Store) -> None:
    hook()
    (result_id,) = make_tags(1)
    row = JobResult.get_by_id(result_id)
    assert row.object_name == "tag-0000"
    assert row.object_id is not None


def test_every_change_names_the_run_in_its_verdict(store: Store) -> None:
    made = hook()
    (result_id,) = make_tags(3)
    for change in ObjectChange.select():
        assert change.read_verdicts() == [[made.id, "fired", "", result_id]]


def test_a_batch_waits_until_its_context_is_closed(store: Store) -> None:
    """Its owner died in between; who closes the context lets the run begin."""
    hook()
    with change_context(transaction=False) as context:
        for number in range(4):
            Tag(name=f"tag-{number}").save()
        assert context.row_id is not None
        row_id = context.row_id
        with store.transaction():
            judged = outbox._dispatch_piece(store, row_id, Origin.of(context), [])
        assert not judged
        assert queue.claim(store, store.owner(), 9) == []
        context.row_id = None  # the process is gone: nothing closes it here
    ChangeContext.update(owner="999999-gone").execute()
    outbox.close_abandoned(store)
    (claim,) = queue.claim(store, store.owner(), 9)
    assert len(change_ids(store, claim.result_id)) == 4


def test_what_is_added_after_a_cancel_begins_a_batch_of_its_own(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PIECE_ROWS", 2)
    monkeypatch.setattr(outbox, "PIECE_S", 60)  # a piece ends by its rows alone
    hook()
    dispatch_piece = outbox._dispatch_piece
    first: list[int] = []

    def cancel_after_the_first(*given: Any) -> bool:
        more = dispatch_piece(*given)
        if not first:
            first.extend(given[3])
            queue_cancel(store, first[0])
        return more

    monkeypatch.setattr(outbox, "_dispatch_piece", cancel_after_the_first)
    make_tags(4, transaction=False)
    assert batches() == [2, 2]


def queue_cancel(store: Store, result_id: int) -> None:
    store.execute("UPDATE job_result SET status = 'REVOKED' WHERE id = ?", [result_id])


def test_batches_of_a_job_that_runs_alone_follow_each_other(store: Store) -> None:
    hook(batch=2, overlap="single")
    first, second = make_tags(4)
    (claim,) = queue.claim(store, store.owner(), 9)
    assert claim.result_id == first
    queue.cancel(store, second)
    with change_context(transaction=True):
        Tag(name="later").save()
    newest = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert [verdict[1] for verdict in newest.read_verdicts()] == ["single"]


def test_a_newer_context_replaces_the_batches_that_wait(store: Store) -> None:
    hook(batch=2, overlap="restart")
    old = make_tags(4)
    with change_context(transaction=True) as context:
        Tag(name="later").save()
    statuses = [JobResult.get_by_id(number).status for number in old]
    assert statuses == ["REVOKED", "REVOKED"]
    (claim,) = queue.claim(store, store.owner(), 9)
    assert [claim.result_id] == context.queued


def test_changes_go_with_a_deleted_result(store: Store) -> None:
    hook()
    (result_id,) = make_tags(2)
    with store.transaction():
        JobResult.get_by_id(result_id).delete_instance()
    assert change_ids(store, result_id) == []


def test_what_was_missed_together_is_caught_up_in_batches(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.automation.catchup.PIECE_S", 3600.0)
    made = hook(batch=3)
    with change_context(mute="muted by load", transaction=True):
        for number in range(5):
            Tag(name=f"tag-{number}").save()

    found = catch_up(store, Wanted(hooks={made.id}))

    assert batches() == [3, 2]
    assert len(found.queued) == 2
    assert found.settled == {"fired": 5}
    assert not JobResult.select().where(JobResult.blocked).exists()
    assert list(findings(store)) == []
