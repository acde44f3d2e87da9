"""Many runs at once: counted, asked about, and refused one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.runs.results import JobResult
from tests.tui.rows import hook, job, result

if TYPE_CHECKING:
    from pathlib import Path

    from models.people.access import User
    from tests.tui.command_line import CommandLine


def waiting() -> list[int]:
    rows = JobResult.select().where(JobResult.status == "PENDING")
    return [row.rerun_of for row in rows.order_by(JobResult.id)]


def failed(**values: Any) -> JobResult:
    return result(status="FAILURE", **values)


def test_a_filter_counts_first_and_needs_a_yes(
    hookline: CommandLine, user: User
) -> None:
    job()
    failed()
    result(status="SUCCESS")
    failed()
    refused = hookline("result", "rerun", "status=FAILURE", code=2)
    assert "Run 2 runs (2 FAILURE) again?" in refused.err
    assert waiting() == []
    done = hookline("result", "rerun", "status=FAILURE", "--yes")
    assert "2 queued again, 0 refused" in done.err
    assert waiting() == [1, 3]


def test_a_hook_narrows_it_down(hookline: CommandLine, user: User) -> None:
    watch = hook("Watch")
    failed(hook_id=watch.id)
    failed()
    hookline("result", "rerun", "status=FAILURE", "hook=Watch", "--yes")
    assert waiting() == [1]


def test_numbers_may_be_several(hookline: CommandLine, user: User) -> None:
    job()
    failed()
    failed()
    failed()
    hookline("result", "rerun", "1", "#3", "--yes")
    assert waiting() == [1, 3]
    hookline("result", "rerun", "1", "77", "--yes", code=2)


def test_interrupted_runs_that_are_to_run_once_are_refused_by_filter(
    hookline: CommandLine, user: User
) -> None:
    job()
    for delivery in ("once", "once", "idempotent"):
        result(status="INTERRUPTED", delivery=delivery)
    document = hookline.json("result", "rerun", "status=INTERRUPTED", "--yes", code=5)
    assert [run["status"] for run in document["runs"]] == ["PENDING"]
    assert [refusal["id"] for refusal in document["refused"]] == [1, 2]
    assert "may have done its work" in document["refused"][0]["reason"]
    assert waiting() == [3]
    hookline("result", "rerun", "status=INTERRUPTED", "--interrupted", "--yes")
    assert waiting() == [3, 1, 2, 3]


def test_sensitive_runs_and_those_without_a_job_are_refused_with_reasons(
    hookline: CommandLine, user: User
) -> None:
    asked = [{"name": "password", "required": True}]
    sensitive = job("Login", variables=asked, has_sensitive_variables=True)
    failed(record=sensitive)
    failed(record=sensitive)
    failed(record=job("Off", enabled=False))
    failed(record=job("Fine"))
    ended = hookline("result", "rerun", "status=FAILURE", "--yes", code=5)
    assert "1 queued again, 3 refused" in ended.err
    assert "sensitive and were not kept" in ended.err
    assert "(and 1 more alike)" in ended.err
    assert "is not enabled" in ended.err
    assert waiting() == [4]


def test_a_run_whose_change_is_no_longer_kept_is_refused(
    hookline: CommandLine, user: User
) -> None:
    failed(record=job(is_job_hook_receiver=True), change_id=77)
    error = hookline("result", "rerun", "1", "--json", code=2).error
    assert "no longer kept" in error["message"]


def test_runs_are_cancelled_by_filter(hookline: CommandLine, user: User) -> None:
    for status in ("PENDING", "PENDING", "SUCCESS"):
        result(status=status, done=None if status == "PENDING" else 1)
    assert (
        "2 PENDING, 1 SUCCESS"
        in hookline("result", "cancel", "status!=FAILURE", code=2).err
    )
    ended = hookline("result", "cancel", "status=PENDING", "--yes")
    assert "2 cancelled or being stopped, 0 refused" in ended.err
    statuses = [row.status for row in JobResult.select().order_by(JobResult.id)]
    assert statuses == ["REVOKED", "REVOKED", "SUCCESS"]
    ended = hookline("result", "cancel", "status=SUCCESS", "--yes", code=5)
    assert "is over already" in ended.err


def test_runs_are_acknowledged_by_number_by_filter_and_all(
    hookline: CommandLine, user: User
) -> None:
    for path in ("acts.A", "acts.B", "acts.B", "acts.C"):
        failed(job_path=path)
    assert "2 acknowledged" in hookline("result", "ack", "job=acts.B").err
    found = hookline.json("result", "list", "--unseen")
    assert [row["id"] for row in found] == [4, 1]
    found = hookline.json("result", "list", "acknowledged=no")
    assert [row["id"] for row in found] == [4, 1]
    found = hookline.json("result", "list", "acknowledged=yes")
    assert [row["id"] for row in found] == [3, 2]
    assert "1 acknowledged" in hookline("result", "ack", "1").err
    assert "1 acknowledged" in hookline("result", "ack", "--all").err
    assert hookline.json("result", "list", "--unseen") == []
    hookline("result", "ack", code=2)
    hookline("result", "ack", "1", "--all", code=2)


def test_hundreds_are_queued_in_small_transactions(
    hookline: CommandLine, user: User
) -> None:
    record = job()
    for _ in range(50):
        failed(record=record)
    document = hookline.json("result", "rerun", "status=FAILURE", "--yes")
    assert len(document["runs"]) == 50
    assert waiting() == list(range(1, 51))


def test_nothing_found_is_nothing_done(hookline: CommandLine, tmp_path: Path) -> None:
    assert "0 queued again" in hookline("result", "rerun", "status=FAILURE").err


def test_where_is_the_same_filter_as_the_words(
    hookline: CommandLine, user: User
) -> None:
    job()
    failed()
    result(status="SUCCESS")
    failed(name="Other")
    by_words = hookline.json("result", "list", "status=FAILURE")
    assert hookline.json("result", "list", "--where", "status=FAILURE") == by_words
    one = hookline.json("result", "list", "status=FAILURE", "--where", "name=Other")
    assert [row["id"] for row in one] == [3]
    assert len(hookline.json("change", "list", "--where", "action=create")) == len(
        hookline.json("change", "list", "action=create")
    )
    hookline("result", "rerun", "--where", "status=FAILURE name=Other", "--yes")
    assert waiting() == [3]
    hookline("result", "cancel", "--where", "status=PENDING", "--yes")
    assert waiting() == []
    acknowledged = hookline("result", "ack", "status=FAILURE", "--where", "name=Other")
    assert "1 acknowledged" in acknowledged.err


def test_numbers_go_without_where(hookline: CommandLine, user: User) -> None:
    failed()
    for verb in ("rerun", "cancel", "ack"):
        words = ("result", verb, "1", "--where", "status=FAILURE", "--yes")
        assert "1 goes without --where" in hookline(*words, code=2).err
    assert waiting() == []
