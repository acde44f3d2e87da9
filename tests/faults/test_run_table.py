"""The run table against a small model of it, worked on by several owners at random."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.people.access import os_user
from models.runs import queues
from models.storage import owners
from models.storage.store import open_store, using_store
from receivers.queueing import queue
from receivers.queueing.claims import MOST_CRASHES, Batch, Finish, crashed, revoked
from receivers.queueing.rescue import rescue
from tests.receivers.queued import queue_run, row

if TYPE_CHECKING:
    from models.storage.store import Store
    from receivers.queueing.claims import Claim

NAMES = ("ann", "bob", "eve")
FINAL = ("SUCCESS", "FAILURE", "REVOKED", "INTERRUPTED")


@dataclasses.dataclass(kw_only=True)
class Expected:
    """What the model knows of one run."""

    delivery: str
    status: str = "PENDING"
    holder: str | None = None
    token: int = 0
    begun: int = 0
    attempts: int = 0
    crashes: int = 0
    is_cancelled: bool = False

    def claim(self, holder: str) -> None:
        self.token += 1
        if self.is_cancelled:
            self.status, self.holder = "REVOKED", None
            self.attempts += 1
            return
        self.status, self.holder = "STARTED", holder
        self.attempts += 1

    def end(self, status: str) -> None:
        self.status, self.holder = status, None

    def die(self, *, has_begun: bool) -> None:
        """Be rescued: the owner is gone."""
        if not has_begun and not self.is_cancelled:
            self.status, self.holder = "PENDING", None
            self.attempts -= 1
            self.token += 1
            return
        if self.is_cancelled:
            self.end("REVOKED")
            return
        self.crashes += 1
        if self.delivery == "once":
            self.end("INTERRUPTED")
        else:
            self.end("FAILURE" if self.crashes >= MOST_CRASHES else "PENDING")


@dataclasses.dataclass(kw_only=True)
class Owner:
    """A process that works on the table, or did."""

    name: str
    file: int
    places: dict[int, int] = dataclasses.field(default_factory=dict)


class RunTable(RuleBasedStateMachine):
    """Claims, ends, deaths, rescues and cancels, in any order."""

    store: Store

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        for table in ("job_arguments", "job_log_entry", "job_result"):
            self.store.execute(f"DELETE FROM {table}")
        self.runs: dict[int, Expected] = {}
        self.owners: dict[str, Owner] = {}
        self.begun: set[tuple[int, int]] = set()
        self.is_paused = False
        self.born = 0
        with using_store(self.store):
            queues.resume(os_user())

    def owner(self, name: str) -> Owner:
        if name not in self.owners:
            self.born += 1
            unique = f"{self.born}-{name}"
            file = owners.create(self.store.owner_path(unique))
            self.owners[name] = Owner(name=unique, file=file)
        return self.owners[name]

    @rule(delivery=st.sampled_from(["once", "idempotent"]), priority=st.integers(0, 2))
    def enqueue(self, delivery: str, priority: int) -> None:
        number = queue_run(self.store, delivery=delivery, priority=priority)
        self.store.execute("DELETE FROM job_arguments")
        self.runs[number] = Expected(delivery=delivery)

    @rule(target=claims, name=st.sampled_from(NAMES))
    def claim(self, name: str) -> tuple[Owner, Claim] | None:
        owner = self.owner(name)
        taken = queue.claim(self.store, owner.name, 1)
        due = [
            n for n, r in self.runs.items() if r.status == "PENDING" and not r.holder
        ]
        if self.is_paused or not due:
            assert taken == []
            return None
        if not taken:  # the one that was taken had been cancelled
            (number,) = [n for n in due if row(self.store, n)["status"] == "REVOKED"]
            self.runs[number].claim(owner.name)
            return None
        (claim,) = taken
        assert claim.result_id in due
        expected = self.runs[claim.result_id]
        expected.claim(owner.name)
        assert claim.token == expected.token
        return owner, claim

    @rule(held=claims)
    def begin(self, held: tuple[Owner, Claim] | None) -> None:
        """Let a child begin, which marks that; one of a dead owner cannot."""
        if held is None or held[0] not in self.owners.values():
            return
        owner, claim = held
        if (claim.result_id, claim.token) in self.begun:
            return
        if not self.holds(held):
            return
        place = owner.places.setdefault(claim.result_id, len(owner.places))
        owners.mark(owner.file, place, claim.result_id, claim.token)
        self.begun.add((claim.result_id, claim.token))
        self.runs[claim.result_id].begun += 1

    def holds(self, held: tuple[Owner, Claim]) -> bool:
        expected = self.runs[held[1].result_id]
        return (
            expected.status == "STARTED"
            and expected.holder == held[0].name
            and expected.token == held[1].token
        )

    @rule(held=claims, status=st.sampled_from(["SUCCESS", "FAILURE"]))
    def finish(self, held: tuple[Owner, Claim] | None, status: str) -> None:
        """Say how a run ended; whoever lost it in between says so in vain."""
        if held is None:
            return
        self.settle(held, finishes=[Finish(claim=held[1], status=status)])
        if self.holds(held):
            self.runs[held[1].result_id].end(status)

    @rule(held=claims)
    def retry(self, held: tuple[Owner, Claim] | None) -> None:
        if held is None:
            return
        finish = Finish(claim=held[1], status="FAILURE", retry_after_s=0)
        self.settle(held, finishes=[finish])
        if self.holds(held):
            self.runs[held[1].result_id].end("PENDING")

    @rule(held=claims)
    def lose_the_child(self, held: tuple[Owner, Claim] | None) -> None:
        """Let the child of a run that has begun die, with its runner alive."""
        if held is None or (held[1].result_id, held[1].token) not in self.begun:
            return
        expected = self.runs[held[1].result_id]
        self.settle(held, finishes=[crashed(held[1], "Died: x", {})])
        if self.holds(held):
            is_cancelled, expected.is_cancelled = expected.is_cancelled, False
            expected.die(has_begun=True)
            expected.is_cancelled = is_cancelled

    @rule(held=claims)
    def heed_a_cancel(self, held: tuple[Owner, Claim] | None) -> None:
        if held is None:
            return
        numbers = queue.cancelled_among(self.store, [held[1].result_id])
        if not numbers:
            return
        self.settle(held, finishes=[revoked(held[1])])
        if self.holds(held):
            self.runs[held[1].result_id].end("REVOKED")

    @rule(held=claims)
    def give_back(self, held: tuple[Owner, Claim] | None) -> None:
        """Release a run that no child has begun."""
        if held is None or (held[1].result_id, held[1].token) in self.begun:
            return
        self.settle(held, released=[held[1]])
        if self.holds(held):
            expected = self.runs[held[1].result_id]
            expected.end("PENDING")
            expected.attempts -= 1

    def settle(self, held: tuple[Owner, Claim], **batch: Any) -> None:
        queue.settle(self.store, held[0].name, Batch(**batch), 0)

    @rule(name=st.sampled_from(NAMES))
    def die(self, name: str) -> None:
        """Be killed: the kernel frees the lock."""
        owner = self.owners.pop(name, None)
        if owner is not None:
            os.close(owner.file)

    @rule()
    def rescue(self) -> None:
        rescue(self.store)
        living = {owner.name for owner in self.owners.values()}
        for number, expected in self.runs.items():
            if expected.holder is not None and expected.holder not in living:
                mark = (number, expected.token)
                expected.die(has_begun=mark in self.begun)

    @precondition(lambda self: self.runs)
    @rule(choice=st.randoms(use_true_random=False))
    def cancel(self, choice: Any) -> None:
        number = choice.choice(sorted(self.runs))
        expected = self.runs[number]
        told = queue.cancel(self.store, number)
        if expected.status == "PENDING":
            expected.end("REVOKED")
            expected.token += 1
        elif expected.status == "STARTED":
            expected.is_cancelled = True
        assert told == expected.status

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        with using_store(self.store):
            if paused:
                queues.pause(os_user())
            else:
                queues.resume(os_user())
        self.is_paused = paused

    @invariant()
    def table_is_as_expected(self) -> None:
        for number, expected in self.runs.items():
            found = row(self.store, number)
            assert found["status"] == expected.status, number
            assert found["owner"] == expected.holder, number
            assert found["token"] == expected.token, number
            assert found["crashes"] == expected.crashes, number
            assert found["attempt"] == expected.attempts, number
            assert (found["done"] is not None) == (expected.status in FINAL)

    @invariant()
    def nothing_is_done_twice(self) -> None:
        for expected in self.runs.values():
            assert expected.attempts >= 0
            if expected.status == "INTERRUPTED":
                assert expected.begun
                assert expected.delivery == "once"

    def teardown(self) -> None:
        """Let everybody die, and one worker end what is left."""
        with using_store(self.store):
            queues.resume(os_user())
        for name in list(self.owners):
            self.die(name)
        rescue(self.store)
        while taken := queue.claim(self.store, "last", 5):
            ends = [Finish(claim=claim, status="SUCCESS") for claim in taken]
            queue.settle(self.store, "last", Batch(finishes=ends), 0)
        left = self.store.execute(
            "SELECT count(*) FROM job_result WHERE status IN ('PENDING', 'STARTED')"
            " OR owner IS NOT NULL OR done IS NULL"
        )
        assert left.fetchone()[0] == 0
        for path in self.store.run_folder.glob("owner-*"):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def test_the_run_table_behaves_as_its_model() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "store", create=True, durable=False) as store,
    ):
        machine = type("RunTableOfOneStore", (RunTable,), {"store": store})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=100,
                stateful_step_count=40,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
