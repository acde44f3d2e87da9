from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models import Device, JobResult, ObjectChange
from models.errors import NotFoundError
from models.runs.results import enqueue
from receivers.execution.assignment import fetch, read_assignment
from receivers.execution.run import prepare

if TYPE_CHECKING:
    from models import User
    from models.storage.store import Store
    from tests.receivers.conftest import Jobs

GUARD = """
from receivers import JobHookReceiver, register_jobs

class Guard(JobHookReceiver):
    pass

register_jobs(Guard)
"""


@pytest.fixture
def result(jobs: Jobs, user: User, device: Device) -> JobResult:
    """A run queued for the last change."""
    jobs.install(GUARD)
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    made: JobResult = enqueue(jobs.enable("Guard"), user, change=change)
    return made


def test_one_read_brings_result_job_user_and_change(
    result: JobResult, store: Store, user: User
) -> None:
    work = read_assignment(store, result.id)
    assert work.result["job_path"] == "guards.Guard"
    assert work.job["enabled"]
    assert work.user == user
    assert work.user is not None
    assert work.user.is_superuser is True
    assert work.arguments == {}


def test_the_change_is_as_peewee_reads_it(result: JobResult, store: Store) -> None:
    change = read_assignment(store, result.id).change
    read = ObjectChange.get_by_id(result.change_id)
    assert change is not None
    assert change.__data__ == read.__data__
    assert change.context.__data__ == read.context.__data__
    assert str(change) == str(read)
    assert change.get_snapshots() == read.get_snapshots()
    assert not change.is_dirty()
    assert change.present_in_database


def test_without_a_change_there_is_none(
    jobs: Jobs, store: Store, user: User, device: Device
) -> None:
    jobs.install(GUARD)
    result = enqueue(jobs.enable("Guard"), user)
    assert read_assignment(store, result.id).change is None


def test_a_result_that_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(NotFoundError, match="There is no job result 7"):
        read_assignment(store, 7)


def test_an_object_is_fetched_as_peewee_reads_it(device: Device) -> None:
    fetched = fetch(Device, device.pk)
    read = Device.objects.get(pk=device.pk)
    assert fetched.__data__ == read.__data__
    assert not fetched.is_dirty()
    assert fetched.status == read.status
    fetched.serial = "A"
    assert fetched.save()


def test_an_object_that_is_gone_is_none(device: Device) -> None:
    device.delete()
    assert fetch(Device, device.pk) is None


def test_preparing_a_process_changes_nothing(store: Store) -> None:
    before = store.execute("SELECT total_changes()").fetchone()
    prepare(store)
    assert store.execute("SELECT total_changes()").fetchone() == before
