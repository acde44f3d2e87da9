"""One run for several changes, from the author's file to the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import JobHook, JobResult, change_context
from models.inventory.extras import Tag
from tui.actions import results as result_actions

if TYPE_CHECKING:
    from collections.abc import Callable

    from models import User
    from models.storage.store import Store
    from tests.receivers.conftest import Jobs, Ran

MANY = """
from receivers import JobHookReceiver, register_jobs

class Many(JobHookReceiver):
    class Meta:
        batch = 3

    def receive_job_hooks(self, changes):
        return [[change.action, str(change.changed_object)] for change in changes]

register_jobs(Many)
"""


def queue_batch(jobs: Jobs, names: str = "ab") -> int:
    jobs.install(MANY, "Many")
    record = jobs.enable("Many")
    assert record.batch == 3
    JobHook(
        name="many", object_types=["extras.tag"], type_create=True, job=record
    ).validated_save()
    with change_context(transaction=True) as context:
        for name in names:
            Tag(name=name).save()
    return context.queued[0]


def test_a_receiver_gets_the_changes_of_a_batch_in_their_order(
    store: Store, jobs: Jobs, run: Callable[..., Ran]
) -> None:
    found = run(queue_batch(jobs))
    assert found.value == [["create", "a"], ["create", "b"]]


def test_a_receiver_of_batches_gets_a_single_change_as_one_of_one(
    store: Store, jobs: Jobs, run: Callable[..., Ran]
) -> None:
    assert run(queue_batch(jobs, "a")).value == [["create", "a"]]


def test_a_batch_is_run_again_with_all_of_its_changes(
    store: Store, jobs: Jobs, run: Callable[..., Ran], user: User
) -> None:
    first = queue_batch(jobs)
    JobResult.update(status="FAILURE").execute()
    again = result_actions.rerun(JobResult.get_by_id(first), user)
    assert len(run(again.id).value) == 2


def test_a_batch_without_its_method_is_refused(jobs: Jobs) -> None:
    jobs.write("guards.py", MANY.replace("receive_job_hooks(", "receive_job_hook("))
    (broken,) = jobs.refresh().broken
    assert "Many has Meta.batch, but no receive_job_hooks" in broken.message
