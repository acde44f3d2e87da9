"""Runs that must not overlap: one after the other, alone, or the newest only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.automation.hooks import JobHook
from models.errors import RefusedError
from models.history.changes import ObjectChange
from models.inventory.extras import Tag
from models.runs.jobs import JobRecord
from models.runs.results import JobResult, RunAttempt, enqueue
from models.upkeep.integrity import findings
from receivers.queueing import queue
from receivers.queueing.claims import Batch, Finish, crashed, revoked
from receivers.queueing.rescue import rescue

if TYPE_CHECKING:
    from models.people.access import User
    from models.storage.store import Store
    from receivers.queueing.claims import Claim


def job(overlap: str, **values: Any) -> JobRecord:
    record = JobRecord(
        module_name="m",
        job_class_name="J",
        name="J",
        overlap=overlap,
        has_sensitive_variables=False,
        **values,
    )
    record.enable()
    return record


def claim_all(store: Store) -> list[Claim]:
    return queue.claim(store, store.owner(), 99)


def end(store: Store, claim: Claim, **values: Any) -> None:
    finish = Finish(claim=claim, **{"status": "SUCCESS", **values})
    queue.settle(store, store.owner(), Batch(finishes=[finish]), 0)


def ids(claims: list[Claim]) -> list[int]:
    return [claim.result_id for claim in claims]


def test_runs_of_one_object_follow_each_other(store: Store, user: User) -> None:
    record, tag, other = job("queued"), Tag.objects.create(name="a"), Tag(name="b")
    other.save()
    first, second, third = (enqueue(record, user, obj=tag).id for _ in range(3))
    beside = enqueue(record, user, obj=other).id
    claims = claim_all(store)
    assert ids(claims) == [first, beside]
    end(store, claims[0])
    (claim,) = claim_all(store)
    assert claim.result_id == second
    assert claim_all(store) == []
    end(store, claim, status="FAILURE")
    assert ids(claim_all(store)) == [third]


def test_parallel_runs_know_nothing_of_each_other(store: Store, user: User) -> None:
    record, tag = job("parallel"), Tag.objects.create(name="a")
    numbers = [enqueue(record, user, obj=tag).id for _ in range(3)]
    assert ids(claim_all(store)) == numbers
    assert {run.order_key for run in JobResult.select()} == {None}


def test_a_retry_keeps_its_place(store: Store, user: User) -> None:
    record, tag = job("queued"), Tag.objects.create(name="a")
    first = enqueue(record, user, obj=tag).id
    enqueue(record, user, obj=tag)
    (claim,) = claim_all(store)
    end(store, claim, status="FAILURE", retry_after_s=0)
    assert ids(claim_all(store)) == [first]


def test_whoever_waits_is_let_in_when_the_first_is_cancelled(
    store: Store, user: User
) -> None:
    record, tag = job("queued"), Tag.objects.create(name="a")
    first, second, third = (enqueue(record, user, obj=tag).id for _ in range(3))
    queue.cancel(store, first)
    (claim,) = claim_all(store)
    assert claim.result_id == second
    queue.settle(store, store.owner(), Batch(finishes=[revoked(claim)]), 0)
    assert ids(claim_all(store)) == [third]


def test_one_that_is_cancelled_in_the_middle_lets_nobody_pass(
    store: Store, user: User
) -> None:
    record, tag = job("queued"), Tag.objects.create(name="a")
    _, second, third = (enqueue(record, user, obj=tag).id for _ in range(3))
    (claim,) = claim_all(store)
    queue.cancel(store, second)
    assert claim_all(store) == []
    end(store, claim)
    assert ids(claim_all(store)) == [third]


@pytest.mark.parametrize(("delivery", "next_is"), [("once", 1), ("idempotent", 0)])
def test_a_death_lets_the_next_one_in_or_itself(
    store: Store, user: User, delivery: str, next_is: int
) -> None:
    record, tag = job("queued", delivery=delivery), Tag.objects.create(name="a")
    numbers = [enqueue(record, user, obj=tag).id for _ in range(2)]
    assert ids(queue.claim(store, "1-dead", 9)) == numbers[:1]
    rescue(store)
    assert ids(claim_all(store)) == [numbers[next_is]]


def test_J13_of_single_runs_the_second_is_refused(store: Store, user: User) -> None:
    record = job("single")
    first = enqueue(record, user).id
    with pytest.raises(RefusedError, match=f"its run {first} is not over"):
        enqueue(record, user)
    (claim,) = claim_all(store)
    with pytest.raises(RefusedError):
        enqueue(record, user, owner="command")
    end(store, claim)
    enqueue(record, user)
    assert JobResult.select().count() == 2


def test_a_hook_of_a_single_job_says_that_it_was_refused(store: Store) -> None:
    record = job("single", is_job_hook_receiver=True)
    hook = JobHook(name="h", object_types=["extras.tag"], job=record)
    hook.events = ["create"]
    hook.save()
    for name in ("a", "b"):
        Tag.objects.create(name=name)
    verdicts = [
        change.read_verdicts()[0][1:3]
        for change in ObjectChange.select().order_by(ObjectChange.id)
    ]
    assert verdicts[0] == ["fired", ""]
    assert verdicts[1][0] == "single"
    assert "is not over" in verdicts[1][1]
    assert list(findings(store, deep=True)) == []


def test_a_restart_ends_what_runs_and_what_waits(store: Store, user: User) -> None:
    record, tag = job("restart"), Tag.objects.create(name="a")
    running = enqueue(record, user, obj=tag).id
    (claim,) = claim_all(store)
    waiting = enqueue(record, user, obj=tag).id
    newest = enqueue(record, user, obj=tag).id
    assert JobResult.get_by_id(waiting).status == "REVOKED"
    assert queue.cancelled_among(store, [running]) == {running}
    assert claim_all(store) == []
    queue.settle(store, store.owner(), Batch(finishes=[revoked(claim)]), 0)
    assert ids(claim_all(store)) == [newest]


def test_attempts_that_did_not_succeed_are_kept(store: Store, user: User) -> None:
    number = enqueue(job("parallel", delivery="idempotent"), user).id
    (claim,) = claim_all(store)
    queue.settle(store, "me", Batch(finishes=[crashed(claim, "Died: x", {})]), 0)
    (claim,) = claim_all(store)
    end(store, claim, status="FAILURE", error="E: again", retry_after_s=0)
    (claim,) = claim_all(store)
    end(store, claim)
    kept = RunAttempt.select().order_by(RunAttempt.id)
    assert [(a.result_id, a.attempt, a.outcome, a.error) for a in kept] == [
        (number, 1, "INTERRUPTED", "Died: x"),
        (number, 2, "FAILURE", "E: again"),
    ]
    assert {attempt.owner for attempt in kept} == {store.owner()}
    assert JobResult.get_by_id(number).attempt == 3


def test_an_end_that_is_fenced_off_leaves_no_attempt(store: Store, user: User) -> None:
    enqueue(job("parallel"), user)
    (claim,) = claim_all(store)
    store.execute("UPDATE job_result SET token = token + 1")
    end(store, claim, status="FAILURE")
    assert RunAttempt.select().count() == 0
