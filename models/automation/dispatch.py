"""Changes -> verdicts -> queued runs.

Every hook of the changed object's type gets a verdict: it fired, or why not. Hooks,
jobs and permissions are held in memory, so that a hundred hooks cost no query each.
"""

from __future__ import annotations

import dataclasses
import enum
import logging
from typing import TYPE_CHECKING, Any

from models.automation.breaker import Breaker
from models.automation.chains import Chain
from models.automation.conditions import Case, failing
from models.automation.hooks import HookRule, load_rules
from models.errors import RefusedError
from models.history.changes import ACTIONS
from models.objects import types
from models.objects.fields import now_us
from models.people.access import User
from models.people.grants import grants_of
from models.runs import results
from models.runs.jobs import JobRecord
from models.storage.cached import cached
from models.values import frozen

if TYPE_CHECKING:
    from models.automation.batches import Batches
    from models.history.context import ActiveContext
    from models.history.images import Image
    from models.storage.store import Store

_log = logging.getLogger(__name__)


class Reason(enum.StrEnum):
    """Why a hook fired, or did not."""

    FIRED = "fired"
    HOOK_OFF = "hook off"
    OTHER_EVENT = "other event"
    JOB_OFF = "job off"
    JOB_MISSING = "job missing"
    NO_USER = "no user"
    NO_PERMISSION = "no permission"
    CAUSED = "caused by result"
    DEPTH = "depth"
    LOOP = "loop"
    BUDGET = "budget"
    BREAKER = "breaker"
    SINGLE = "single"
    MUTED = "muted"
    CONDITION = "condition"
    FAILED = "failed"
    PASSED = "passed over"


LATER = frozenset(
    {
        *(Reason.MUTED, Reason.JOB_OFF, Reason.JOB_MISSING, Reason.NO_PERMISSION),
        *(Reason.BREAKER, Reason.SINGLE, Reason.FAILED),
    }
)
"""Why a hook did not fire that would have: what was missed can be caught up."""


def is_missed(verdicts: list[list[Any]]) -> bool | None:
    """Return True if a verdict can be caught up; else None, which costs no index."""
    return any(verdict[1] in LATER for verdict in verdicts) or None


@frozen
class Origin:
    """Where a context's changes come from.

    Attributes:
        user: Who made them.
        cause_id: The job result that made them, if one did.
        depth: How many hook receivers' runs led to them.
        mute: A reason why no hook is to fire.
        broken: The conditions that could not be judged, each logged once.
        acted_for: The person who acted for the user, if another did.
    """

    user: User | None
    cause_id: int | None
    depth: int
    mute: str
    acted_for: str = ""
    broken: set[tuple[int, str]] = dataclasses.field(
        default_factory=set, compare=False, repr=False
    )

    @classmethod
    def of(cls, active: ActiveContext) -> Origin:
        """Return the origin of an open context's changes."""
        return cls(
            user=active.user,
            cause_id=active.result_id or active.cause_id,
            depth=active.depth,
            mute=active.mute,
            acted_for=active.acted_for,
        )

    @classmethod
    def read(cls, store: Store, row_id: int) -> Origin:
        """Return the origin that a context's row tells."""
        row = store.execute(
            "SELECT user_id, result_id, cause_id, depth, mute, acted_for"
            " FROM change_context WHERE id = ?",
            [row_id],
        ).fetchone()
        user = None if row[0] is None else User.get_or_none(User.id == row[0])
        return cls(
            user=user,
            cause_id=row[1] or row[2],
            depth=row[3],
            mute=row[4],
            acted_for=row[5],
        )


@frozen
class Subject:
    """One change to judge the hooks against."""

    change_id: int
    label: str
    object_id: bytes
    name: str
    action: int
    before: Image | None
    after: Image | None

    @classmethod
    def of(cls, change: Any) -> Subject:
        """Return a recorded change as hooks are judged against it."""
        before, after = change.images()
        return cls(
            change_id=change.id,
            label=change.changed_object_type,
            object_id=bytes(change.object_id),
            name=change.object_repr,
            action=change.action_number,
            before=before,
            after=after,
        )


Verdict = tuple[Reason, str]


class Dispatcher:
    """Judges changes of one origin, and queues the runs.

    Args:
        store: The store; its write lock is held.
        origin: Where the changes come from.
        batches: Those of the context; without them each change is a run of its own.
    """

    def __init__(
        self, store: Store, origin: Origin, batches: Batches | None = None
    ) -> None:
        self.store = store
        self.origin = origin
        self._batches = batches
        self._rules = cached(store, "hooks", load_rules)
        self._breaker = Breaker(store)
        self._queued: set[int] = set()
        self._chain = Chain(store, origin.cause_id)

    def dispatch(self, subject: Subject) -> tuple[list[list[Any]], list[int]]:
        """Judge every hook of a change's type, and queue a run for each that fires.

        Returns:
            The verdicts `[hook id, reason, detail, result id]`, and the ids of the
            results that were queued.
        """
        verdicts: list[list[Any]] = []
        queued: list[int] = []
        for rule in self._rules.get(subject.label, ()):
            reason, detail, result = self._decide(rule, subject)
            verdicts.append([rule.id, reason.value, detail, result])
            if result is not None and result not in self._queued:
                self._queued.add(result)
                queued.append(result)
        return verdicts, queued

    def would_fire(self, subject: Subject) -> list[str]:
        """Return the names of the hooks that a change would fire; queue nothing."""
        return [
            rule.name
            for rule in self._rules.get(subject.label, ())
            if self.judge(rule, subject)[0] is Reason.FIRED
        ]

    def _decide(
        self, rule: HookRule, subject: Subject, *, breaker: bool = True
    ) -> tuple[Reason, str, Any]:
        try:
            reason, detail = self.judge(rule, subject)
            if reason is Reason.FIRED and self.origin.depth:
                reason, detail = self._unless_spent()
            if breaker and reason is Reason.FIRED:
                reason, detail = self._unless_held(rule, subject)
            result = self._queue(rule, subject) if reason is Reason.FIRED else None
        except RefusedError as error:  # it runs alone, and is not over
            return Reason.SINGLE, error.message[:200], None
        except Exception as error:  # one hook's failure must not stop the others
            return Reason.FAILED, f"{type(error).__name__}: {error}"[:200], None
        return reason, detail, result

    def catch_up(self, rule: HookRule, subject: Subject) -> list[Any]:
        """Judge one hook anew, as it is today, and queue a run if it fires now.

        The breaker is not asked: a person is, before what it held back is run.

        Returns:
            The verdict `[hook id, reason, detail, result id]`.
        """
        reason, detail, result = self._decide(rule, subject, breaker=False)
        return [rule.id, reason.value, detail, result]

    def judge(self, rule: HookRule, subject: Subject) -> Verdict:
        """Return whether a hook fires for a change, or why not, without queueing."""
        if not rule.enabled:
            return Reason.HOOK_OFF, ""
        if subject.action not in rule.events:
            return Reason.OTHER_EVENT, ""
        return (
            self._chained(rule, subject)
            or (self._muted(rule) if self.origin.mute or rule.muted_until_us else None)
            or self._runnable(rule)
            or self._unmet(rule, subject)
            or (Reason.FIRED, "")
        )

    def _muted(self, rule: HookRule) -> Verdict | None:
        mute = self.origin.mute or rule.mute_at(now_us())
        return (Reason.MUTED, mute) if mute else None

    def _unless_spent(self) -> Verdict:
        why = self._chain.over_budget()
        return (Reason.BUDGET, why) if why else (Reason.FIRED, "")

    def _unless_held(self, rule: HookRule, subject: Subject) -> Verdict:
        held = self._breaker.held(
            rule.id,
            subject.change_id,
            (subject.label, subject.object_id),
            since=rule.breaker_reset_us,
        )
        return (Reason.BREAKER, held) if held else (Reason.FIRED, "")

    def _chained(self, rule: HookRule, subject: Subject) -> Verdict | None:
        origin = self.origin
        if origin.depth == 0:
            return None
        if not rule.accept_chained:
            return Reason.CAUSED, str(origin.cause_id or "")
        if why := self._chain.depth(origin.depth):
            return Reason.DEPTH, why
        path = self._chain.loop(rule.job.id, subject.object_id)
        return (Reason.LOOP, path) if path else None

    def _runnable(self, rule: HookRule) -> Verdict | None:
        job = rule.job
        if job.error or not job.installed:
            return Reason.JOB_MISSING, job.error or f"{job.path} is not in jobs/"
        if not job.enabled:
            return Reason.JOB_OFF, job.path
        if self.origin.user is None:
            return Reason.NO_USER, ""
        if not may_run(self.store, self.origin.user, job.id):
            return Reason.NO_PERMISSION, str(self.origin.user.username)
        return None

    def _unmet(self, rule: HookRule, subject: Subject) -> Verdict | None:
        if not rule.conditions:
            return None
        user = self.origin.user
        case = Case.of(
            types.object_types().get(subject.label),
            ACTIONS[subject.action].value,
            (subject.before, subject.after),
            "" if user is None else user.username,
        )
        detail = failing(
            rule.conditions, case, lambda *found: self._note_broken(rule, *found)
        )
        return (Reason.CONDITION, detail) if detail else None

    def _note_broken(self, rule: HookRule, line: str, why: str) -> None:
        """Log a condition that cannot be judged, once for the whole context."""
        if (rule.id, line) not in self.origin.broken:
            self.origin.broken.add((rule.id, line))
            _log.error("the hook %s cannot judge %r: %s", rule.name, line, why)

    def _queue(self, rule: HookRule, subject: Subject) -> int:
        assert self.origin.user is not None
        new = results.NewResult(
            job=rule.job,
            user_id=self.origin.user.id,
            user_name=self.origin.user.username,
            acted_for=self.origin.acted_for,
            change_id=subject.change_id,
            hook_id=rule.id,
            queue=rule.queue,
            priority=rule.priority,
            object_type=subject.label,
            object_id=subject.object_id,
            object_name=subject.name,
            caused_by=self.origin.cause_id,
            depth=self.origin.depth + 1,
        )
        if rule.job.batch and self._batches is not None:
            queued = self._batches.add(new)
        else:
            queued = results.insert_pending(self.store, new)
        self._chain.note_queued(queued)
        return queued


def may_run(store: Store, user: User, job_id: int) -> bool:
    """Return whether a user has run permission on a job; remembered per version."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    if not grants_of(user, "extras.job", "run"):
        return False
    known: dict[tuple[int, int], bool] = cached(store, "may_run", dict)
    key = (user.id, job_id)
    if key not in known:
        record = JobRecord.get_or_none(JobRecord.id == job_id)
        known[key] = record is not None and user.has_perm("extras.run_job", record)
    return known[key]
