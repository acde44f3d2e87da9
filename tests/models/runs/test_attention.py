from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.objects.fields import now_us
from models.people.access import User
from models.runs.attention import (
    SeenResult,
    acknowledge,
    count_unseen,
    is_unseen,
    unseen,
)
from tests.tui.rows import result

if TYPE_CHECKING:
    from models.storage.store import Store


@pytest.fixture
def colleague(store: Store) -> User:
    person = User(username="colleague", is_superuser=True)
    person.save()
    return person


def test_failed_and_interrupted_runs_want_to_be_seen(user: User) -> None:
    result()
    result(status="REVOKED")
    failed, interrupted = result(status="FAILURE"), result(status="INTERRUPTED")
    assert [row.id for row in unseen(user)] == [failed.id, interrupted.id]
    assert count_unseen(user) == {"FAILURE": 1, "INTERRUPTED": 1}


def test_each_user_acknowledges_for_themselves(user: User, colleague: User) -> None:
    failed = result(status="FAILURE")
    assert acknowledge(user, [failed.id]) == 1
    assert acknowledge(user, [failed.id]) == 0
    assert not is_unseen(user, failed.id)
    assert is_unseen(colleague, failed.id)


def test_all_at_once_leaves_no_rows(user: User, colleague: User) -> None:
    first = result(status="FAILURE")
    result(status="FAILURE")
    acknowledge(user, [first.id])
    assert acknowledge(user) == 1
    assert count_unseen(user) == {}
    assert SeenResult.select().count() == 0
    assert count_unseen(colleague) == {"FAILURE": 2}


@pytest.mark.parametrize(
    "going",
    [
        {"status": "PENDING"},
        {"status": "PENDING", "blocked": True, "order_key": "1:"},
        {"status": "STARTED", "owner": "somebody"},
    ],
)
def test_what_fails_later_is_unseen_though_its_number_is_lower(
    user: User, going: dict[str, object]
) -> None:
    row = result(done=None, **going)
    result(status="FAILURE")
    assert acknowledge(user) == 1
    row.status, row.owner, row.done = "FAILURE", None, now_us()
    row.save()
    assert [found.id for found in unseen(user)] == [row.id]
    assert acknowledge(user) == 1
    assert count_unseen(user) == {}


def test_what_failed_before_somebody_came_is_not_theirs(store: Store) -> None:
    result(status="FAILURE")
    newcomer = User(username="newcomer", is_superuser=True)
    newcomer.save()
    assert count_unseen(User.get_by_id(newcomer.id)) == {}
    result(status="FAILURE")
    assert count_unseen(User.get_by_id(newcomer.id)) == {"FAILURE": 1}
