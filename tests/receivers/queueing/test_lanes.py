"""Queues of runs: paused ones, limited ones, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.errors import NotFoundError, ValidationError
from models.people.access import os_user
from models.runs import queues
from models.runs.queues import JobQueue
from receivers.queueing import queue
from receivers.queueing.claims import Batch, Finish
from tests.receivers.queued import queue_run

if TYPE_CHECKING:
    from models.storage.store import Store
    from receivers.queueing.claims import Claim


def make(name: str, **values: int) -> JobQueue:
    made = JobQueue(name=name, **values)
    queues.save(made, os_user())
    return made


def claim(store: Store, most: int = 9) -> list[Claim]:
    return queue.claim(store, store.owner(), most)


def ids(claims: list[Claim]) -> list[int]:
    return [one.result_id for one in claims]


def test_a_paused_queue_does_not_hold_the_others_up(store: Store) -> None:
    make("slow")
    waiting, other = queue_run(store, queue="slow"), queue_run(store)
    queues.pause(os_user(), name="slow")
    assert ids(claim(store)) == [other]
    assert not queue.is_work_due(store)
    queues.resume(os_user(), name="slow")
    assert queue.count_due(store, 9) == 1
    assert ids(claim(store)) == [waiting]


def test_a_limited_queue_begins_no_more_than_its_limit(store: Store) -> None:
    make("slow", run_limit=2)
    slow = [queue_run(store, queue="slow") for _ in range(4)]
    other = queue_run(store)
    claims = claim(store)
    assert ids(claims) == [*slow[:2], other]
    assert claim(store) == []
    assert not queue.is_work_due(store)
    done = Finish(claim=claims[0], status="SUCCESS")
    queue.settle(store, store.owner(), Batch(finishes=[done]), 0)
    assert ids(claim(store)) == [slow[2]]


def test_queues_are_merged_by_priority_and_age(store: Store) -> None:
    make("limited", run_limit=9)
    late = queue_run(store, queue="limited", priority=5)
    first = queue_run(store, priority=-1)
    middle = queue_run(store, queue="limited")
    assert ids(claim(store, 2)) == [first, middle]
    assert ids(claim(store)) == [late]


def test_what_waits_takes_on_its_queues_new_priority(store: Store) -> None:
    urgent = make("urgent")
    queue_run(store)
    second = queue_run(store, queue="urgent")
    urgent.priority = -5
    queues.save(urgent, os_user())
    assert ids(claim(store, 1)) == [second]


def test_a_queue_keeps_its_name_and_has_no_negative_limit(store: Store) -> None:
    made = make("slow")
    made.name = "other"
    with pytest.raises(ValidationError, match="keeps its name"):
        queues.save(made, os_user())
    with pytest.raises(ValidationError, match="0 or more"):
        make("wrong", run_limit=-1)


def test_a_queue_that_is_not_there_is_named_with_the_others(store: Store) -> None:
    with pytest.raises(NotFoundError, match="there are: default"):
        queues.pause(os_user(), name="slow")


@pytest.mark.parametrize("status", ["STARTED", "SUCCESS", "FAILURE", "REVOKED"])
def test_F34_only_a_run_that_waits_can_begin(store: Store, status: str) -> None:
    result_id = queue_run(store, status=status)
    with pytest.raises(LookupError):
        queue.begin(store, result_id, store.owner())


def test_F32_a_late_end_changes_nothing(store: Store) -> None:
    result_id = queue_run(store)
    (held,) = claim(store)
    for status in ("SUCCESS", "FAILURE"):
        finish = Finish(claim=held, status=status)
        queue.settle(store, store.owner(), Batch(finishes=[finish]), 0)
    found = store.execute("SELECT status FROM job_result WHERE id = ?", [result_id])
    assert found.fetchone()[0] == "SUCCESS"


def test_H22_a_run_that_nobody_runs_is_cancelled_at_once(store: Store) -> None:
    result_id = queue_run(store)
    assert queue.cancel(store, result_id, by="alice") == "REVOKED"
    row = store.execute(
        "SELECT cancelled_by, done FROM job_result WHERE id = ?", [result_id]
    ).fetchone()
    assert row[0] == "alice"
    assert row[1] is not None
