"""What becomes of runs whose process died: nothing stays claimed by the dead.

Whether an owner lives is asked of the kernel, which frees a process's lock when the
last of its children is gone; no clock takes part. So a run that is rescued here is
certainly not going on anywhere.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from models.automation.outbox import close_abandoned
from models.runs.results import JobResultStatusChoices as Choices
from models.storage import owners
from models.storage.crashpoints import reach
from models.storage.store import is_owner_alive
from models.values import frozen
from receivers.processes import temporary
from receivers.queueing.claims import COUNTERS, Claim, Finish, crashed, revoked
from receivers.queueing.queue import finish_runs, forget_arguments, unbegin

if TYPE_CHECKING:
    from models.storage.store import Store

_DEAD = "ProcessDied: the process that ran it is gone."
_OWNERS = "SELECT DISTINCT owner FROM job_result WHERE owner IS NOT NULL"
_LOOKS, _LOOK_S = 20, 0.01
_SWEEP_AGE_S = 60.0
"""A younger lock file may belong to a process that is about to lock it."""


@frozen
class Rescue:
    """What was found.

    Args:
        requeued: Results that will be run (again).
        ended: Results that are over now.
        living: Owners of claimed results that are other processes and alive.
    """

    requeued: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    living: tuple[str, ...] = ()


def rescue(store: Store) -> Rescue:
    """Decide about the runs of owners that are gone, and close what they left open.

    Raises:
        StoreError: Nothing more could be written; ask again later.
    """
    requeued: list[int] = []
    ended: list[int] = []
    living: list[str] = []
    for (owner,) in store.execute(_OWNERS).fetchall():
        if is_owner_alive(store, owner):
            living.append(owner)
            continue
        begun = owners.read_marks(store.owner_path(owner))
        with store.transaction():
            requeued += _unclaim(store, owner)
            requeued += _unbegin(store, owner, begun)
            deaths = _deaths(store, owner)
            finish_runs(store, deaths)
            for finish in deaths:
                again = finish.status == Choices.STATUS_PENDING
                (requeued if again else ended).append(finish.claim.result_id)
                if not again:
                    forget_arguments(store, finish.claim.result_id)
            reach("rescue.before-commit")
        reach("rescue.after-commit")
        store.owner_path(owner).unlink(missing_ok=True)
    close_abandoned(store)
    temporary.sweep(store)
    return Rescue(requeued=tuple(requeued), ended=tuple(ended), living=tuple(living))


def take_over(store: Store) -> None:
    """Rescue what the last runner left, waiting a moment until its children are gone.

    The kernel ends them when their runner dies, but that takes a few milliseconds; an
    owner that is alive after the wait is another process at work.
    """
    for _ in range(_LOOKS):
        if not rescue(store).living:
            return
        time.sleep(_LOOK_S)


def _unclaim(store: Store, owner: str) -> list[int]:
    """Give back what was claimed and not begun: claiming is not beginning."""
    rows = store.execute(
        "UPDATE job_result SET owner = NULL, token = token + 1"
        " WHERE owner = ? AND status = 'PENDING' RETURNING id",
        [owner],
    )
    return [row[0] for row in rows.fetchall()]


def _unbegin(
    store: Store, owner: str, begun: frozenset[tuple[int, int]] | None
) -> list[int]:
    """Give back what was sent to a child and not begun; without marks all was begun."""
    if begun is None:
        return []
    rows = store.execute(
        "SELECT id, token FROM job_result"
        " WHERE owner = ? AND status = 'STARTED' AND NOT cancel_requested",
        [owner],
    ).fetchall()
    claimed = [row for row in rows if row not in begun]
    for result_id, token in claimed:
        unbegin(store, result_id, token)
    return [result_id for result_id, _ in claimed]


def _deaths(store: Store, owner: str) -> list[Finish]:
    rows = store.execute(
        "SELECT id, token, delivery, crashes, cancel_requested, started, order_key"
        " FROM job_result WHERE owner = ? AND status = 'STARTED'",
        [owner],
    ).fetchall()
    finishes = []
    for result_id, token, delivery, crashes, is_cancelled, started, key in rows:
        claim = Claim(
            result_id=result_id,
            token=token,
            delivery=delivery,
            crashes=crashes,
            order_key=key,
        )
        counts = count_entries(store, result_id, started)
        if is_cancelled:
            finishes.append(revoked(claim, counts))
        else:
            finishes.append(crashed(claim, _DEAD, counts))
    return finishes


def count_entries(store: Store, result_id: int, since: int) -> dict[str, int]:
    """Return how many log entries of each counter an attempt has made.

    Args:
        store: The store.
        result_id: The result.
        since: When the attempt began, in µs: earlier ones have been counted.
    """
    counts: dict[str, int] = {}
    rows = store.execute(
        "SELECT level, count(*) FROM job_log_entry"
        " WHERE result_id = ? AND time >= ? GROUP BY level",
        [result_id, since],
    )
    for level, number in rows:
        name = COUNTERS.get(level, "")
        counts[name] = counts.get(name, 0) + number
    return counts


def sweep_locks(store: Store) -> None:
    """Remove the lock files of processes that ended without doing so."""
    owned = {row[0] for row in store.execute(_OWNERS)}
    for path in store.run_folder.glob("owner-*.lock"):
        owner = path.name.removeprefix("owner-").removesuffix(".lock")
        try:
            age = time.time() - path.stat().st_mtime
        except FileNotFoundError:
            continue
        is_candidate = age > _SWEEP_AGE_S and owner not in owned
        if is_candidate and not is_owner_alive(store, owner):
            path.unlink(missing_ok=True)
