"""Keeping a store in shape: pruning, monitoring, and a service that runs it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from models.objects.fields import now_us
from models.runs.results import JobResult
from models.upkeep.integrity import findings
from models.upkeep.retention import DAY_US
from receivers.queueing.locks import RunnerLock
from tests.patience import PATIENCE_S, wait_until
from tests.tui.rows import job, log, result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.people.access import User
    from models.storage.store import Store
    from tests.acceptance.conftest import Hookline

CLEAN_UP = "receivers.system.cleanup.CleanUp"


def over(days: float, **values: Any) -> JobResult:
    when = now_us() - int(days * DAY_US)
    return result(job(), **{"created": when, "started": when, "done": when, **values})


@pytest.fixture
def aged(hookline: Hookline, user: User) -> Hookline:
    record = job()
    for days in (400, 61, 59):
        when = now_us() - int(days * DAY_US)
        row = result(record, created=when, started=when, done=when)
        log(row, "a", "b")
    return hookline


def left() -> list[int]:
    return [row.id for row in JobResult.select().order_by(JobResult.id)]


# H31, H32: the shipped job


def test_h31_full_permission_removes_what_is_older_and_nothing_newer(
    aged: Hookline,
) -> None:
    words = (CLEAN_UP, "kinds=results", "days=60")
    document = aged.json("--run", *words)
    assert document["result"] == {"results": 2, "log entries": 4}
    assert left() == [3, 4]


def test_h31_without_permission_nothing_is_removed(
    aged: Hookline, editor: User
) -> None:
    words = (CLEAN_UP, "kinds=results", "days=0", "--user", editor.username)
    document = aged.json("--run", *words, code=1)
    assert document["status"] == "FAILURE"
    (entry,) = [e for e in document["log"] if e["level"] == "error"]
    assert "may not delete results" in entry["message"]
    assert left() == [1, 2, 3, 4]


def test_h32_what_is_kept_for_ever_stays_and_an_age_of_0_removes(
    aged: Hookline,
) -> None:
    settings = "retention: {results_days: 0, logs_days: 0}\n"
    (aged.folder / "config.yaml").write_text(settings)
    document = aged.json("--run", CLEAN_UP)
    assert (document["status"], document["result"]) == ("SUCCESS", 0)
    warnings = [e["message"] for e in document["log"] if e["level"] == "warning"]
    assert len(warnings) == 3
    assert "retention.results_days is 0" in warnings[1]
    document = aged.json("--run", CLEAN_UP, "kinds=results", "days=0")
    assert document["result"]["results"] == 4
    assert left() == [5]


# The verb


def test_prune_counts_asks_and_removes(aged: Hookline, store: Store) -> None:
    words = ("prune", "results", "--days", "60")
    dry = aged.run(*words, "--dry-run")
    assert "2 results, 4 log entries would be removed" in dry.err
    assert "Remove 2 results" in aged.run(*words, code=2).err
    document = aged.json(*words, "--yes", "--vacuum")
    assert document["removed"] == {"results": 2, "log entries": 4}
    assert left() == [3]
    assert list(findings(store)) == []
    assert aged.json("check")[0]["state"] == "ok"


def test_prune_goes_by_the_settings_without_an_age(aged: Hookline) -> None:
    done = aged.run("prune", "--yes")
    assert "retention.changes_days is 0" in done.err
    assert left() == [2, 3]
    assert "Did you mean logs" in aged.run("prune", "log", code=2).err
    aged.run("prune", "logs", "--days", "-1", code=2)


def test_prune_is_refused_without_permission(aged: Hookline, editor: User) -> None:
    aged.run("prune", "--days", "0", "--yes", "--user", editor.username, code=5)
    assert left() == [1, 2, 3]


def test_a_runner_prunes_by_itself(aged: Hookline) -> None:
    runner = subprocess.Popen(
        aged.command("--run"),
        env=aged.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: left() == [2, 3] or runner.poll() is not None)
        assert left() == [2, 3]
    finally:
        runner.send_signal(signal.SIGTERM)
        runner.communicate(timeout=PATIENCE_S)


# Monitoring


@contextlib.contextmanager
def runner_of(store: Store) -> Iterator[None]:
    """Hold the runner's lock, as one does that works."""
    lock = RunnerLock(store)
    assert lock.try_acquire()
    try:
        yield
    finally:
        lock.release()


def test_monitoring_is_told_in_one_line_and_by_the_exit_status(
    hookline: Hookline, store: Store, user: User
) -> None:
    done = hookline.run("check", "--runner", code=1)
    assert done.out == "problem: no runner is alive; no run is due\n"
    with runner_of(store):
        assert hookline.run("check", "--runner").out.startswith("ok: a runner works")
        hour = now_us() - 3_600_000_000
        result(job(), status="PENDING", created=hour, due=hour, done=None)
        late = hookline.json("check", "--runner", code=1)
        assert (late["ok"], late["runner"], late["due"]) == (False, True, 1)
        assert late["oldest_due_s"] >= 3600
        assert "falls behind" in late["detail"]
        assert hookline.json("check", "--runner", "--max-due", "7200")["ok"]
        hookline.run("queue", "pause", "--reason", "moving")
        paused = hookline.run("check", "--runner", code=1)
        assert "the queue is paused (moving)" in paused.out


def test_info_tells_about_the_runner_the_queue_and_the_last_failures(
    hookline: Hookline, store: Store, user: User
) -> None:
    result(job(), status="FAILURE", error="ValueError: no")
    result(status="PENDING", done=None)
    with runner_of(store):
        document = hookline.json("info")
    assert document["runner_pid"] == os.getpid()
    assert document["runner_since"].endswith("Z")
    assert (document["runs_due"], document["runs_going"]) == (1, 0)
    assert document["size_bytes"] > 0
    (failure,) = document["last_failures"]
    assert (failure["id"], failure["error"]) == (1, "ValueError: no")
    shown = hookline.run("info").out
    assert "run 1 of guards.SerialGuard: FAILURE: ValueError: no" in shown


# The service


@pytest.mark.parametrize("scope", ["", "--system"])
def test_the_unit_is_one_that_systemd_accepts(
    hookline: Hookline, tmp_path: Path, scope: str
) -> None:
    unit = hookline.run("service", *filter(None, [scope])).out
    assert f"--store {hookline.folder} --run" in unit
    assert ("User=" in unit) is bool(scope)
    assert "KillMode=mixed" in unit
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not here to look at the unit")
    path = tmp_path / "hookline-test.service"
    path.write_text(unit)
    words = [program, "verify", *([] if scope else ["--user"]), str(path)]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if path.name in line]
    assert said == [], done.stderr


def test_a_name_with_spaces_is_quoted_and_specifiers_are_not_read() -> None:
    from tui.nouns.service import quoted

    assert quoted("/srv/my store") == '"/srv/my store"'
    assert quoted("/srv/100%") == "/srv/100%%"
    assert quoted('a"b$c') == '"a\\"b$$c"'


def test_the_journal_gets_levels_and_hears_of_failures(
    hookline: Hookline, store: Store, user: User, tmp_path: Path
) -> None:
    result(job(), status="PENDING", done=None)  # its file is not there
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        place = f"{status.st_dev}:{status.st_ino}"
        done = subprocess.run(
            hookline.command("--run", "--until-empty"),
            env={**hookline.environment, "JOURNAL_STREAM": place},
            stderr=stream,
            check=False,
            timeout=PATIENCE_S,
        )
        stream.seek(0)
        lines = stream.read().splitlines()
    assert done.returncode == 1
    assert any(f"<5>works on {store.folder}" in line for line in lines)
    assert lines[-2].startswith("<4>not succeeded: 1 run 1 of guards.SerialGuard")
    assert lines[-1] == "<5>worked off 1 run, 1 did not succeed"
    assert not [line for line in lines if not line.startswith("<")]
