"""What needs a look is found by indices, however many runs are over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.people.access import ObjectPermission, User
from models.runs.attention import count_unseen, unseen
from models.runs.openness import count_open, open_ids
from models.runs.results import JobResult
from tests.tui.rows import job, result

if TYPE_CHECKING:
    from models.storage.store import Store


def plan(store: Store, query: Any) -> list[str]:
    sql, values = query.sql()
    return [row[3] for row in store.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


def test_failed_runs_are_found_by_their_index(store: Store, user: User) -> None:
    steps = plan(store, unseen(user))
    assert "COVERING INDEX job_result_attention" in steps[0]
    result(job(), status="FAILURE")
    assert count_unseen(user) == {"FAILURE": 1}


def test_open_runs_are_counted_whether_they_wait_are_claimed_or_blocked(
    store: Store, user: User
) -> None:
    record = job()
    waits, goes, claimed, blocked, over = (result(record).id for _ in range(5))
    with store.transaction():
        store.execute("UPDATE job_result SET status = 'PENDING', done = NULL")
        for number, values in (
            (goes, "status = 'STARTED', owner = 'a'"),
            (claimed, "owner = 'a'"),
            (blocked, "order_key = 'k', blocked = 1"),
            (over, "status = 'SUCCESS'"),
        ):
            store.execute(f"UPDATE job_result SET {values} WHERE id = ?", [number])
    assert open_ids(store) == {waits, goes, claimed, blocked}
    assert count_open(user) == {"PENDING": 3, "STARTED": 1}
    ann = User.create(username="ann")
    assert count_open(ann) == {}
    permission = ObjectPermission(name="one", actions=["view"], users=["ann"])
    permission.object_types = ["extras.jobresult"]
    permission.constraints = {"id": goes}
    permission.save()
    assert count_open(ann) == {"STARTED": 1}
    assert JobResult.select().count() == 5
