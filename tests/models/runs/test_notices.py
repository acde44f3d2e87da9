"""Who is told of which failed run, and how often."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from models.runs.jobs import JobRecord
from models.runs.notices import HeldNotice, notification_record
from models.runs.results import JobResult
from models.settings.layers import NotifyLimitSettings
from receivers.queueing import queue
from receivers.queueing.claims import Batch, Claim, Finish
from tests.tui.rows import hook, job, result

if TYPE_CHECKING:
    from models.storage.store import Store

CHAT = {"webhook": "https://chat.example.net/x", "name": "chat"}


def told(store: Store, *targets: dict[str, Any], most: int = 5) -> None:
    """Let a store tell these targets."""
    limit = NotifyLimitSettings(most=most, per_s=600)
    store.settings = dataclasses.replace(
        store.settings, notify=targets, notify_limit=limit
    )


def end(store: Store, status: str = "FAILURE", **values: Any) -> int:
    """Let a run end as a runner would write it; return its number."""
    row = result(status="STARTED", owner="me", token=1, done=None, **values)
    finish = Finish(
        claim=Claim(result_id=row.id, token=1), status=status, error="E: no"
    )
    queue.settle(store, "me", Batch(finishes=[finish]), 0)
    return int(row.id)


def notices() -> list[Any]:
    """Return the queued notifications, oldest first."""
    rows = JobResult.select().where(JobResult.job_path.startswith("receivers.system."))
    return list(rows.order_by(JobResult.id))


@pytest.mark.parametrize("status", ["FAILURE", "INTERRUPTED"])
def test_the_end_of_a_run_queues_what_tells_of_it(store: Store, status: str) -> None:
    told(store, CHAT)
    number = end(store, status)
    (notice,) = notices()
    assert notice.arguments == {"target": "chat", "result": number}
    assert (notice.status, notice.delivery) == ("PENDING", "idempotent")
    assert notice.caused_by is None  # or `--wait` would wait for it, too
    assert status in notice.reason


@pytest.mark.parametrize("status", ["SUCCESS", "REVOKED", "PENDING"])
def test_nobody_is_told_of_other_ends(store: Store, status: str) -> None:
    told(store, CHAT)
    end(store, status)
    assert notices() == []


def test_nobody_is_told_of_an_attempt_that_is_made_again(store: Store) -> None:
    told(store, CHAT)
    row = result(status="STARTED", owner="me", token=1, done=None)
    claim = Claim(result_id=row.id, token=1)
    finish = Finish(claim=claim, status="FAILURE", retry_after_s=9)
    queue.settle(store, "me", Batch(finishes=[finish]), 0)
    assert notices() == []


def test_who_has_lost_a_run_tells_nobody(store: Store) -> None:
    told(store, CHAT)
    row = result(status="STARTED", owner="other", token=2, done=None)
    finish = Finish(claim=Claim(result_id=row.id, token=1), status="FAILURE")
    queue.settle(store, "me", Batch(finishes=[finish]), 0)
    assert notices() == []


def test_without_targets_nothing_is_queued(store: Store) -> None:
    end(store)
    assert notices() == []
    assert JobRecord.select().where(JobRecord.name == "Notification").count() == 0


def test_a_notification_never_tells_of_itself(store: Store) -> None:
    told(store, CHAT)
    end(store, job_path="receivers.system.notify.Notify")
    assert len(notices()) == 1  # the one that failed


def test_each_target_is_told_on_its_own(store: Store) -> None:
    watch = hook("Watch")
    told(
        store,
        CHAT,
        {"command": "page", "hooks": ["Watch"]},
        {"command": "wake", "name": "wake", "hooks": ["Other"]},
    )
    end(store, hook_id=watch.id)
    assert [n.arguments["target"] for n in notices()] == ["chat", "command-2"]


def test_a_job_that_is_switched_off_tells_nobody(store: Store) -> None:
    job()
    told(store, CHAT)
    notification_record().disable()
    end(store)
    assert notices() == []


def test_a_setting_that_cannot_be_read_keeps_no_run_from_ending(store: Store) -> None:
    told(store, {"smoke": "signal"})
    number = end(store)
    assert JobResult.get_by_id(number).status == "FAILURE"


def test_of_one_hook_a_target_hears_so_often_and_then_once_more(store: Store) -> None:
    watch = hook("Watch")
    other = hook("Other", watch.job)
    told(store, CHAT, most=2)
    numbers = [end(store, hook_id=watch.id) for _ in range(5)]
    first, second, summary = notices()
    assert [n.arguments["result"] for n in (first, second)] == numbers[:2]
    assert summary.arguments == {"target": "chat", "held": True}
    assert (summary.due - first.created).total_seconds() == pytest.approx(600, abs=60)
    held = HeldNotice.select().order_by(HeldNotice.result_id)
    assert [(h.summary_id, h.result_id) for h in held] == [
        (summary.id, number) for number in numbers[2:]
    ]
    end(store, hook_id=other.id)  # another hook has a window of its own
    assert len(notices()) == 4


def test_a_new_window_begins_anew_and_keeps_what_was_held(store: Store) -> None:
    told(store, CHAT, most=1)
    for _ in range(2):
        end(store)
    store.execute("UPDATE notice_window SET since = since - 601000000")
    later = [end(store) for _ in range(2)]
    assert [n.arguments for n in notices()] == [
        {"target": "chat", "result": 1},
        {"target": "chat", "held": True},
        {"target": "chat", "result": later[0]},
        {"target": "chat", "held": True},
    ]
    summaries = [h.summary_id for h in HeldNotice.select()]
    assert len(set(summaries)) == 2


def test_a_clock_that_goes_back_begins_a_new_window(store: Store) -> None:
    told(store, CHAT, most=1)
    end(store)
    store.execute("UPDATE notice_window SET since = since + 3600000000")
    end(store)
    assert [n.arguments["result"] for n in notices()] == [1, 3]


def test_no_limit_holds_nothing_back(store: Store) -> None:
    told(store, CHAT, most=0)
    for _ in range(8):
        end(store)
    assert len(notices()) == 8
    assert HeldNotice.select().count() == 0
