from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from models.objects.fields import now_us
from receivers.service.lookout import AWAKE_S, BUSY_S, REST_S, Lookout
from tests.patience import wait_until
from tests.receivers.queued import queue_run

if TYPE_CHECKING:
    from models.storage.store import Store

HOUR_US = 3_600_000_000


@pytest.fixture
def lookout(store: Store) -> Lookout:
    """Return a lookout that has seen the store as it is, at the time 0."""
    made = Lookout(store)
    made.has_news(0.0, is_busy=False)
    return made


def write(store: Store) -> None:
    """Commit a change as another process does."""
    with closing(sqlite3.connect(store.db_path)) as other, other:
        other.execute("UPDATE job_result SET reason = 'x'")


def test_what_others_wrote_is_news_once(store: Store, lookout: Lookout) -> None:
    queue_run(store)
    write(store)

    assert lookout.has_news(1.0, is_busy=False)
    assert not lookout.has_news(2.0, is_busy=False)


def test_before_its_time_nobody_looks(store: Store, lookout: Lookout) -> None:
    queue_run(store)
    write(store)

    assert not lookout.has_news(BUSY_S / 2, is_busy=False)
    assert lookout.has_news(BUSY_S, is_busy=False)


def test_ones_own_writes_are_news_when_they_are_expected(lookout: Lookout) -> None:
    lookout.expect()

    assert lookout.has_news(0.0, is_busy=False)
    assert not lookout.has_news(1.0, is_busy=False)


def test_looks_are_frequent_for_a_while_and_then_seldom(lookout: Lookout) -> None:
    lookout.has_news(AWAKE_S - 1, is_busy=False)
    assert lookout.look_at == AWAKE_S - 1 + BUSY_S

    lookout.has_news(AWAKE_S, is_busy=False)
    assert lookout.look_at == AWAKE_S + REST_S


def test_housekeeping_wakes_nobody(lookout: Lookout) -> None:
    lookout.expect()
    lookout.has_news(AWAKE_S, is_busy=False)

    assert lookout.look_at == AWAKE_S + REST_S


def test_looks_are_frequent_while_runs_go_on(lookout: Lookout) -> None:
    lookout.has_news(10 * AWAKE_S, is_busy=True)

    assert lookout.look_at == 10 * AWAKE_S + BUSY_S


def test_a_waiting_run_is_news_when_its_time_has_come(
    store: Store, lookout: Lookout
) -> None:
    run = queue_run(store, due=now_us() + HOUR_US)
    lookout.note_next_due()
    assert not lookout.has_news(1.0, is_busy=False)
    store.execute(
        "UPDATE job_result SET created = 0, due = ? WHERE id = ?",
        [now_us() + 1000, run],
    )
    lookout.note_next_due()

    times = itertools.count(2.0, REST_S)
    wait_until(lambda: lookout.has_news(next(times), is_busy=False))
