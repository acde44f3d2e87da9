"""The queue's table: who may run what, and what becomes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import LockedStoreError
from models.history.context import change_context
from models.objects.fields import now_us
from models.runs.queues import JobQueue
from models.storage import owners
from models.storage.store import Store, open_store
from receivers.queueing import queue
from receivers.queueing.claims import Batch, Claim, Finish
from receivers.queueing.rescue import rescue, sweep_locks
from tests import factories
from tests.receivers.queued import messages, queue_run, row, status

if TYPE_CHECKING:
    from models.people.access import User

DEAD = "1-dead"
HOUR_US = 3_600_000_000


def settle(store: Store, **batch: Any) -> list[Claim]:
    return queue.settle(store, store.owner(), Batch(**batch), 0)


def claim_one(store: Store, **columns: Any) -> Claim:
    queue_run(store, **columns)
    return queue.claim(store, store.owner(), 1)[0]


def pause(store: Store, *, paused: bool = True) -> None:
    JobQueue.update(paused=paused).execute()


def test_a_claimed_run_has_begun(store: Store) -> None:
    result_id = queue_run(store, soft_time_limit=3, time_limit=5)
    claim = queue.claim(store, "me", 10)[0]
    assert claim == Claim(
        result_id=result_id,
        token=1,
        soft=3,
        hard=5,
        arguments="nothing",
        job="fake.Work",
    )
    found = row(store, result_id)
    assert (found["status"], found["owner"], found["attempt"]) == ("STARTED", "me", 1)
    assert found["started"] <= now_us()


def test_claims_come_by_priority_and_then_by_age(store: Store) -> None:
    late, soon, first = (queue_run(store, priority=priority) for priority in (5, 0, -1))
    also_soon = queue_run(store)
    claims = queue.claim(store, "me", 10)
    assert [c.result_id for c in claims] == [first, soon, also_soon, late]


def test_no_more_is_claimed_than_asked_for(store: Store) -> None:
    for _ in range(3):
        queue_run(store)
    assert len(queue.claim(store, "me", 2)) == 2
    assert len(queue.claim(store, "me", 2)) == 1
    assert queue.claim(store, "me", 2) == []


def test_a_run_waits_for_its_time(store: Store) -> None:
    due = now_us() + HOUR_US
    queue_run(store, due=due)
    assert queue.claim(store, "me", 1) == []
    assert not queue.is_work_due(store)
    assert queue.next_due(store) == due


def test_a_paused_queue_starts_nothing(store: Store) -> None:
    queue_run(store)
    pause(store)
    assert not queue.is_work_due(store)
    assert queue.claim(store, "me", 1) == []
    pause(store, paused=False)
    assert queue.count_due(store, 9) == 1
    assert len(queue.claim(store, "me", 1)) == 1


def arguments_kept(store: Store) -> int:
    return int(store.execute("SELECT count(*) FROM job_arguments").fetchone()[0])


def test_sensitive_arguments_are_gone_once_a_run_is_heard_of(store: Store) -> None:
    claim = claim_one(store, action="secret", delivery="idempotent")
    assert claim.arguments == "secret"
    settle(store, begun={claim.result_id})
    assert arguments_kept(store) == 0


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE", "INTERRUPTED", "REVOKED"])
def test_sensitive_arguments_do_not_outlive_their_run(
    store: Store, status: str
) -> None:
    claim = claim_one(store, action="secret")
    settle(store, finishes=[Finish(claim=claim, status=status)])
    assert arguments_kept(store) == 0


def test_a_cancelled_run_leaves_no_sensitive_arguments(store: Store) -> None:
    queue.cancel(store, queue_run(store, "secret"))
    assert arguments_kept(store) == 0


def test_a_run_that_lost_its_arguments_cannot_run_twice(store: Store) -> None:
    claim = claim_one(store, action="secret", delivery="idempotent")
    assert claim.delivery == "once"
    assert row(store, claim.result_id)["delivery"] == "once"


def test_an_end_and_its_log_are_written_together(store: Store) -> None:
    claim = claim_one(store)
    number = claim.result_id
    finish = Finish(
        claim=claim,
        status="SUCCESS",
        value='{"a": 1}',
        counts={"info_log_count": 2, "error_log_count": 1},
    )
    entries = [(number, 1, "info", "main", f"line {i}", "", "") for i in range(3)]
    settle(store, entries=entries, finishes=[finish], progress={number: (2, 3)})
    found = row(store, number)
    assert (found["status"], found["result"]) == ("SUCCESS", '{"a": 1}')
    assert (found["info_log_count"], found["error_log_count"]) == (2, 1)
    assert (found["progress_done"], found["progress_total"]) == (2, 3)
    assert found["owner"] is None
    assert found["done"] >= found["started"]
    assert messages(store, number) == ["line 0", "line 1", "line 2"]


def test_ends_and_claims_share_a_transaction(store: Store) -> None:
    claim = claim_one(store)
    following = queue_run(store)
    finish = Finish(claim=claim, status="SUCCESS")
    claims = queue.settle(store, "me", Batch(finishes=[finish]), 5)
    assert [c.result_id for c in claims] == [following]


def test_an_end_under_an_old_token_is_ignored(store: Store) -> None:
    claim = claim_one(store)
    store.execute("UPDATE job_result SET token = token + 1")
    settle(store, finishes=[Finish(claim=claim, status="SUCCESS")])
    assert status(store, claim.result_id) == "STARTED"


def test_an_end_is_written_once(store: Store) -> None:
    claim = claim_one(store)
    settle(store, finishes=[Finish(claim=claim, status="FAILURE")])
    settle(store, finishes=[Finish(claim=claim, status="SUCCESS")])
    assert status(store, claim.result_id) == "FAILURE"


def test_a_retry_waits_for_its_time(store: Store) -> None:
    claim = claim_one(store)
    finish = Finish(claim=claim, status="FAILURE", error="later", retry_after_s=3600)
    assert not finish.is_final
    settle(store, finishes=[finish])
    found = row(store, claim.result_id)
    assert (found["status"], found["owner"]) == ("PENDING", None)
    assert found["due"] > now_us() + HOUR_US - 60_000_000
    assert found["done"] is None


def test_a_released_run_is_as_before(store: Store) -> None:
    claim = claim_one(store, action="secret")
    settle(store, released=[claim])
    found = row(store, claim.result_id)
    assert (found["status"], found["owner"], found["attempt"]) == ("PENDING", None, 0)
    again = queue.claim(store, "me", 1)[0]
    assert (again.arguments, again.token) == ("secret", 2)


def test_a_run_that_was_queued_claimed_is_nobody_elses(store: Store) -> None:
    number = queue_run(store, owner="me")
    assert queue.claim(store, "you", 1) == []
    with pytest.raises(LookupError):
        queue.begin(store, number, "you")
    assert queue.begin(store, number, "me").result_id == number


def test_a_waiting_run_is_cancelled_at_once(store: Store) -> None:
    number = queue_run(store)
    assert queue.cancel(store, number) == "REVOKED"
    assert row(store, number)["done"] is not None
    assert queue.claim(store, "me", 1) == []


def test_a_running_run_is_cancelled_through_its_runner(store: Store) -> None:
    claim = claim_one(store)
    assert queue.cancel(store, claim.result_id) == "STARTED"
    assert queue.cancelled_among(store, [claim.result_id]) == {claim.result_id}


def test_a_run_that_was_cancelled_while_claimed_does_not_begin(store: Store) -> None:
    number = queue_run(store, cancel_requested=True)
    assert queue.claim(store, "me", 1) == []
    assert status(store, number) == "REVOKED"


def test_a_run_that_is_over_cannot_be_cancelled(store: Store) -> None:
    claim = claim_one(store)
    settle(store, finishes=[Finish(claim=claim, status="SUCCESS")])
    assert queue.cancel(store, claim.result_id) == "SUCCESS"
    assert row(store, claim.result_id)["cancel_requested"] == 0


def test_nothing_is_written_while_the_store_is_locked(store: Store) -> None:
    claim = claim_one(store)
    with open_store(store.folder) as other, other.transaction():
        store.gate.timeout_s = 0.01
        with pytest.raises(LockedStoreError):
            settle(store, finishes=[Finish(claim=claim, status="SUCCESS")])
    settle(store, finishes=[Finish(claim=claim, status="SUCCESS")])
    assert status(store, claim.result_id) == "SUCCESS"


def test_work_is_left_while_somebody_has_it(store: Store) -> None:
    assert not queue.is_work_left(store)
    claim = claim_one(store)
    assert queue.is_work_left(store)
    settle(store, finishes=[Finish(claim=claim, status="SUCCESS")])
    assert not queue.is_work_left(store)


def begun_by_the_dead(store: Store, **columns: Any) -> int:
    return queue_run(
        store, owner=DEAD, status="STARTED", started=1, token=1, attempt=1, **columns
    )


def dead_owner(store: Store, *begun: int) -> str:
    """Return an owner that is gone, and had begun these runs under token 1."""
    file = owners.create(store.owner_path(DEAD))
    for place, number in enumerate(begun):
        owners.mark(file, place, number, 1)
    os.close(file)
    return DEAD


def test_a_run_that_was_sent_and_not_begun_is_run(store: Store) -> None:
    begun, waiting = begun_by_the_dead(store), begun_by_the_dead(store)
    dead_owner(store, begun)
    found = rescue(store)
    assert (found.ended, found.requeued) == ((begun,), (waiting,))
    assert row(store, waiting)["attempt"] == 0
    again = queue.claim(store, "me", 9)
    assert [(c.result_id, c.arguments) for c in again] == [(waiting, "nothing")]
    assert not store.owner_path(DEAD).exists()


def test_without_marks_of_this_boot_every_run_counts_as_begun(store: Store) -> None:
    number = begun_by_the_dead(store)
    dead_owner(store)
    with store.owner_path(DEAD).open("r+b") as file:
        file.write(b"00000000-another-boot")
    assert rescue(store).ended == (number,)


def test_a_run_that_was_rescued_leaves_no_sensitive_arguments(store: Store) -> None:
    begun_by_the_dead(store)
    rescue(store)
    assert arguments_kept(store) == 0


def test_what_the_dead_had_not_begun_is_run(store: Store) -> None:
    number = queue_run(store, owner=DEAD)
    assert rescue(store).requeued == (number,)
    assert [c.result_id for c in queue.claim(store, "me", 1)] == [number]


def test_a_run_that_died_is_interrupted(store: Store) -> None:
    number = begun_by_the_dead(store)
    assert rescue(store).ended == (number,)
    found = row(store, number)
    assert (found["status"], found["owner"]) == ("INTERRUPTED", None)
    assert found["error"].startswith("ProcessDied: ")


def test_an_idempotent_run_that_died_is_run_again(store: Store) -> None:
    number = begun_by_the_dead(store, delivery="idempotent")
    assert rescue(store).requeued == (number,)
    found = row(store, number)
    assert (found["status"], found["crashes"]) == ("PENDING", 1)


def test_the_third_crash_is_the_last(store: Store) -> None:
    number = begun_by_the_dead(store, delivery="idempotent", crashes=2)
    assert rescue(store).ended == (number,)
    found = row(store, number)
    assert (found["status"], found["crashes"]) == ("FAILURE", 3)


def test_a_cancelled_run_that_died_is_not_run_again(store: Store) -> None:
    number = begun_by_the_dead(store, delivery="idempotent", cancel_requested=True)
    rescue(store)
    assert status(store, number) == "REVOKED"


def test_the_dead_cannot_end_what_was_rescued(store: Store) -> None:
    number = begun_by_the_dead(store, delivery="idempotent")
    rescue(store)
    queue.claim(store, "me", 1)
    old = Claim(result_id=number, token=1)
    settle(store, finishes=[Finish(claim=old, status="SUCCESS")])
    assert status(store, number) == "STARTED"


def test_entries_of_a_run_that_died_are_counted(store: Store) -> None:
    number = begun_by_the_dead(store)
    rows = [
        (number, 5, level, "", "", "", "") for level in ("info", "info", "critical")
    ]
    settle(store, entries=rows)
    rescue(store)
    found = row(store, number)
    assert (found["info_log_count"], found["error_log_count"]) == (2, 1)


def test_runs_of_the_living_are_left_alone(store: Store) -> None:
    with open_store(store.folder) as other:
        number = queue_run(store, owner=other.owner())
        found = rescue(store)
        assert found.living == (other.owner(),)
        assert status(store, number) == "PENDING"
    assert rescue(store).requeued == (number,)


def test_a_context_that_the_dead_left_open_is_closed(store: Store, user: User) -> None:
    with change_context(user, kind="job"):
        factories.device("core-01")
        store.execute("UPDATE change_context SET owner = ?", [DEAD])
        rescue(store)
        open_contexts = "SELECT count(*) FROM change_context WHERE closed IS NULL"
        assert store.execute(open_contexts).fetchone()[0] == 0


def test_lock_files_of_the_dead_are_swept(store: Store) -> None:
    mine = store.run_folder / f"owner-{store.owner()}.lock"
    old, young = (store.run_folder / f"owner-{name}.lock" for name in ("1-a", "1-b"))
    for path in (old, young):
        path.touch()
    for path in (old, mine):
        os.utime(path, (1, 1))
    sweep_locks(store)
    assert mine.exists()
    assert young.exists()
    assert not old.exists()
