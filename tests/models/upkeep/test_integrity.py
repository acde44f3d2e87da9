"""What a check of the store finds, when something is made wrong on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.automation.hooks import JobHook
from models.runs.jobs import JobRecord
from models.upkeep.integrity import findings

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


ENDED = "UPDATE job_result SET status = 'SUCCESS', done = 1"
STARTED = "UPDATE job_result SET status = 'STARTED', order_key = '1:'"
ANOTHER = (
    "INSERT INTO job_result (name, job_path, status, order_key, user_name, queue,"
    " priority, created, due, arguments, token, attempt, crashes, cancel_requested,"
    " delivery, soft_time_limit, time_limit, depth, source_hash, reason,"
    " debug_log_count, info_log_count, success_log_count, warning_log_count,"
    " error_log_count) SELECT name, job_path, status, order_key, user_name, queue,"
    " priority, created, due, arguments, token,"
    " attempt, crashes, cancel_requested, delivery, soft_time_limit, time_limit, depth,"
    " source_hash, reason, debug_log_count, info_log_count, success_log_count,"
    " warning_log_count, error_log_count FROM job_result"
)


@pytest.fixture
def fired(store: Store, device: Device) -> Store:
    """A store in which one hook has fired once."""
    record = JobRecord(
        module_name="m",
        job_class_name="J",
        name="J",
        enabled=True,
        is_job_hook_receiver=True,
    )
    record.save()
    JobHook(
        name="h", job=record, object_types=["dcim.device"], events=["update"]
    ).save()
    device.serial = "X"
    device.save()
    return store


def test_a_whole_store_has_no_findings(fired: Store) -> None:
    assert list(findings(fired, deep=True)) == []


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("DELETE FROM job_result", "verdicts"),
        ("UPDATE job_result SET status = 'STARTED', started = 1", "results"),
        ("UPDATE job_result SET status = 'SUCCESS'", "results"),
        ("UPDATE job_result SET owner = 'gone'", "results"),
        ("UPDATE object_change SET verdicts = NULL", "contexts"),
        ("UPDATE object_change SET verdicts = x''", "verdicts"),
        ("UPDATE change_context SET closed = NULL", "contexts"),
        ("UPDATE device SET serial = 'other'", "objects"),
        ("UPDATE job_result SET blocked = 1, order_key = '1:'", "queue"),
        ("UPDATE job_result SET blocked = 1, order_key = 'batch:1'", "queue"),
        (
            "UPDATE job_result SET status = 'SUCCESS', done = 1, owner = 'gone'",
            "queue",
        ),
        (f"{ENDED}; INSERT INTO job_arguments VALUES (1, '{{}}')", "queue"),
        (f"{STARTED}; {ANOTHER}", "queue"),
    ],
)
def test_what_does_not_hold_is_found(fired: Store, damage: str, what: str) -> None:
    for statement in damage.split("; "):
        fired.execute(statement)
    assert what in {finding.what for finding in findings(fired, deep=True)}


def test_a_row_that_points_at_nothing_is_found(fired: Store) -> None:
    fired.execute("PRAGMA foreign_keys = OFF")
    fired.execute("DELETE FROM location")
    assert "relations" in {finding.what for finding in findings(fired)}
