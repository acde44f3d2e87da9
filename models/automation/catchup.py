"""Catching up: the runs that hooks missed, queued later.

A hook that would have fired but was muted, held back, or had no job to run leaves a
verdict that says so, and the change is marked. Catching up judges those verdicts anew,
as hooks, jobs and permissions are today, each in the transaction that also queues its
run: a verdict turns into `fired` once, however many processes try at the same time.
"""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from models.automation.batches import Batches
from models.automation.dispatch import (
    LATER,
    Dispatcher,
    Origin,
    Reason,
    Subject,
    is_missed,
)
from models.automation.hooks import HookRule, JobHook, load_rules
from models.automation.outbox import PIECE_ROWS, PIECE_S, SET_VERDICTS
from models.history.changes import ObjectChange
from models.storage.cached import cached
from models.storage.verdicts import decode_verdicts, encode_verdicts
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from models.storage.store import Store

MOST_COUNTED = 10_000
_MISSED = (
    "SELECT id, verdicts FROM object_change WHERE missed AND id > ? ORDER BY id LIMIT ?"
)
_STAYS = frozenset({*LATER, Reason.HOOK_OFF})
"""What a hook may say today without being done with the change."""


@frozen
class Missed:
    """A run that a hook missed.

    Attributes:
        reason: Why it did not fire then.
        detail: What was said about that.
        today: What the hook makes of the change today.
        today_detail: What is said about that.
    """

    change: Any
    hook_id: int
    reason: str
    detail: str
    today: Reason
    today_detail: str


@dataclasses.dataclass(kw_only=True)
class CaughtUp:
    """What came of catching up.

    Attributes:
        queued: The results.
        settled: Verdicts that are done with: how many there are by their new reason.
        waiting: Those that still cannot be run, by what stands in the way.
    """

    queued: list[int] = dataclasses.field(default_factory=list)
    settled: Counter[str] = dataclasses.field(default_factory=Counter)
    waiting: Counter[str] = dataclasses.field(default_factory=Counter)


@frozen
class Wanted:
    """Which verdicts are meant.

    Attributes:
        hooks: The hooks.
        reasons: Why they did not fire.
    """

    hooks: Collection[int]
    reasons: Collection[str] = LATER

    def fits(self, verdict: list[Any]) -> bool:
        """Tell whether a verdict is meant."""
        hook_id, reason, *_ = verdict
        return hook_id in self.hooks and reason in LATER and reason in self.reasons


def count_missed(
    store: Store, wanted: Wanted | None = None, *, most: int = MOST_COUNTED
) -> Counter[tuple[int, str]]:
    """Return how many runs were missed, by hook and reason.

    Args:
        store: The store.
        wanted: Which are meant; all without it.
        most: How many changes to look at.
    """
    counts: Counter[tuple[int, str]] = Counter()
    for _, stored in store.execute(_MISSED, (0, most)):
        for verdict in decode_verdicts(stored):
            if verdict[1] in LATER and (wanted is None or wanted.fits(verdict)):
                counts[verdict[0], verdict[1]] += 1
    return counts


def missed(store: Store, wanted: Wanted) -> Iterator[Missed]:
    """Yield the runs that were missed, the oldest first; nothing is queued."""
    rules = _rules(store)
    last = 0
    while rows := store.execute(_MISSED, (last, PIECE_ROWS)).fetchall():
        for change_id, stored in rows:
            last = change_id
            meant = [v for v in decode_verdicts(stored) if wanted.fits(v)]
            if not meant:
                continue
            change = ObjectChange.get_by_id(change_id)
            judge = Dispatcher(store, _origin(store, change))
            for hook_id, reason, detail, _ in meant:
                today = _judged(judge, rules.get(hook_id), Subject.of(change))
                yield Missed(
                    change=change,
                    hook_id=hook_id,
                    reason=reason,
                    detail=detail,
                    today=today[0],
                    today_detail=today[1],
                )


def catch_up(store: Store, wanted: Wanted) -> CaughtUp:
    """Queue the runs that were missed and can be run today, the oldest first.

    What still stands in the way leaves the verdict as it is. A change that the hook
    would not fire for today, as it is set now, gets that verdict and is done with.

    Args:
        store: The store.
        wanted: Which verdicts are meant.
    """
    return _in_pieces(store, _Redone(store, wanted))


def pass_over(store: Store, wanted: Wanted, *, by: str) -> CaughtUp:
    """Give up what was missed: it is not offered again.

    Args:
        store: The store.
        wanted: Which verdicts are meant.
        by: Who says so; it stands in the verdicts.
    """
    return _in_pieces(store, _PassedOver(store, wanted, by))


class _Redone:
    """Judges verdicts anew."""

    def __init__(self, store: Store, wanted: Wanted) -> None:
        self.store = store
        self.wanted = wanted
        self.found = CaughtUp()
        self._rules = _rules(store)
        self._judges: dict[int, tuple[Dispatcher, Batches]] = {}

    def _judge(self, change: Any) -> Dispatcher:
        """Return what judges the changes of a context, in this piece."""
        number = int(change.context_id)
        if number not in self._judges:
            batches = Batches(self.store, number)
            judge = Dispatcher(self.store, _origin(self.store, change), batches)
            self._judges[number] = judge, batches
        return self._judges[number][0]

    def end_piece(self) -> None:
        """Let the batches of this piece begin, in the transaction that made them."""
        for _, batches in self._judges.values():
            if batches.is_open:
                batches.release()
        self._judges.clear()

    def verdicts_of(self, change: Any, verdicts: list[list[Any]]) -> list[list[Any]]:
        """Return a change's verdicts, with those that are meant judged anew."""
        judge = self._judge(change)
        subject = Subject.of(change)
        return [
            self._again(judge, subject, verdict)
            if self.wanted.fits(verdict)
            else verdict
            for verdict in verdicts
        ]

    def _again(
        self, judge: Dispatcher, subject: Subject, verdict: list[Any]
    ) -> list[Any]:
        rule = self._rules.get(verdict[0])
        if rule is None or subject.label not in rule[1]:
            new = [verdict[0], Reason.PASSED.value, NO_LONGER, None]
        else:
            new = judge.catch_up(rule[0], subject)
        if new[1] in _STAYS:
            self.found.waiting[new[1]] += 1
            return verdict
        self.found.settled[new[1]] += 1
        if new[3] is not None and new[3] not in self.found.queued[-1:]:
            self.found.queued.append(new[3])
        return new


NO_LONGER = "the hook is no longer for this type"


class _PassedOver(_Redone):
    """Gives verdicts up."""

    def __init__(self, store: Store, wanted: Wanted, by: str) -> None:
        super().__init__(store, wanted)
        self._by = by

    def _again(
        self, judge: Dispatcher, subject: Subject, verdict: list[Any]
    ) -> list[Any]:
        del judge, subject
        self.found.settled[Reason.PASSED.value] += 1
        hook_id, reason, *_ = verdict
        return [hook_id, Reason.PASSED.value, f"{reason}; by {self._by}", None]


def _in_pieces(store: Store, redone: _Redone) -> CaughtUp:
    """Go through the marked changes in short transactions, to where they end now."""
    row = store.execute("SELECT max(id) FROM object_change WHERE missed").fetchone()
    last, end = 0, row[0] or 0
    while last < end:
        with store.transaction():
            last = _piece(store, redone, last, end)
            redone.end_piece()
    if redone.found.queued:
        store.poke()
    return redone.found


def _piece(store: Store, redone: _Redone, last: int, end: int) -> int:
    """Go through some changes; return the last one's id, or the end."""
    deadline = time.monotonic() + PIECE_S
    rows = store.execute(_MISSED, (last, PIECE_ROWS)).fetchall()
    for change_id, stored in rows:
        verdicts = decode_verdicts(stored)
        if any(redone.wanted.fits(verdict) for verdict in verdicts):
            change = ObjectChange.get_by_id(change_id)
            new = redone.verdicts_of(change, verdicts)
            if new != verdicts:
                given = (encode_verdicts(new), is_missed(new), change_id)
                store.execute(SET_VERDICTS, given)
        if time.monotonic() > deadline:
            return int(change_id)
    return end if len(rows) < PIECE_ROWS else int(rows[-1][0])


def _rules(store: Store) -> dict[int, tuple[HookRule, set[str]]]:
    """Return each hook's rule, and the types that it is for."""
    found: dict[int, tuple[HookRule, set[str]]] = {}
    for label, rules in cached(store, "hooks", load_rules).items():
        for rule in rules:
            found.setdefault(rule.id, (rule, set()))[1].add(label)
    return found


def _origin(store: Store, change: Any) -> Origin:
    """Return where a change came from; that it was muted then is over."""
    return dataclasses.replace(Origin.read(store, change.context_id), mute="")


def _judged(
    judge: Dispatcher, rule: tuple[HookRule, set[str]] | None, subject: Subject
) -> tuple[Reason, str]:
    if rule is None or subject.label not in rule[1]:
        return Reason.PASSED, NO_LONGER
    return judge.judge(rule[0], subject)


def every_hook() -> list[int]:
    """Return the ids of all hooks."""
    return [row.id for row in JobHook.select(JobHook.id)]
