"""From a run that failed to the runs that tell of it.

The transaction that ends a run queues one run of the shipped job `Notification` for
each target that wants to know, so that what has failed is told whoever dies. Each
target hears of one hook only so often; what is held back is noted, and one run at the
end of that time tells how much it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import peewee

from models.objects.base import StoreModel
from models.objects.fields import TimestampField
from models.runs.jobs import SYSTEM_JOBS, JobFacts, JobRecord
from models.runs.results import JobResult, NewResult, insert_pending
from models.settings.targets import STATUSES, Run, Target, read_targets
from models.storage.cached import cached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.storage.store import Store

MODULE, CLASS = f"{SYSTEM_JOBS}notify", "Notify"
RETRIES = 8

_ENDED = (
    "SELECT r.status, r.job_path, r.name, coalesce(h.name, ''), coalesce(b.name, ''),"
    " r.hook_id, r.button_id, r.user_id, r.user_name FROM job_result r"
    " LEFT JOIN job_hook h ON h.id = r.hook_id"
    " LEFT JOIN job_button b ON b.id = r.button_id"
    " WHERE r.id = ? AND r.done = ?"
)
_OPEN_WINDOW = (
    "INSERT INTO notice_window (target, subject, since, sent, summary) VALUES"
    " (?, ?, ?, 1, NULL) ON CONFLICT (target, subject) DO UPDATE SET"
    " since = excluded.since, sent = 1, summary = NULL"
)


class NoticeWindow(StoreModel):
    """How often a target has heard of a hook lately.

    `subject` is `hook:ID`, `button:ID` or `job:PATH`; `summary` is the run that will
    tell what was held back.
    """

    target = peewee.TextField()
    subject = peewee.TextField()
    since = TimestampField()
    sent = peewee.IntegerField()
    summary = peewee.IntegerField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("target", "subject")
        without_rowid = True


class HeldNotice(StoreModel):
    """A failed run that a target is told of by a summary only."""

    summary = peewee.ForeignKeyField(
        JobResult, backref="+", index=False, on_delete="CASCADE"
    )
    result_id = peewee.IntegerField()

    class Meta:
        primary_key = peewee.CompositeKey("summary", "result_id")
        without_rowid = True


def note_failures(store: Store, result_ids: Sequence[int], done: int) -> None:
    """Queue what tells of runs that have ended, inside the transaction that ends them.

    Args:
        store: The store; the setting `notify` names somebody.
        result_ids: Runs that may have failed; what ended otherwise is left out.
        done: When they ended, in µs: somebody else may have ended them before.
    """
    targets = read_targets(store.settings.notify)
    for result_id in result_ids:
        row = store.execute(_ENDED, [result_id, done]).fetchone()
        if row is None or row[0] not in STATUSES or row[1].startswith(SYSTEM_JOBS):
            continue
        run = Run(
            status=row[0], job=row[1], job_name=row[2], hook=row[3], button=row[4]
        )
        for target in targets:
            if target.wants(run):
                _Notice(store, target, result_id, run, row[5:], done).queue()


class _Notice:
    """One failed run that one target is to hear of."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of one notice
        self,
        store: Store,
        target: Target,
        result_id: int,
        run: Run,
        rest: Sequence[Any],
        now: int,
    ) -> None:
        self._store = store
        self._target = target
        self._result_id = result_id
        self._run = run
        self._hook, self._button, self._user_id, self._user_name = rest
        self._now = now

    @property
    def _subject(self) -> str:
        if self._hook is not None:
            return f"hook:{self._hook}"
        if self._button is not None:
            return f"button:{self._button}"
        return f"job:{self._run.job}"

    def queue(self) -> None:
        """Queue the run that tells of it, or count it for a summary."""
        limit = self._store.settings.notify_limit
        key = (self._target.name, self._subject)
        row = self._store.execute(
            "SELECT since, sent, summary FROM notice_window"
            " WHERE target = ? AND subject = ?",
            key,
        ).fetchone()
        length = int(limit.per_s * 1_000_000)
        if not limit.most or row is None or not row[0] <= self._now < row[0] + length:
            self._store.execute(_OPEN_WINDOW, (*key, self._now))
            self._insert({"result": self._result_id})
        elif row[1] < limit.most:
            self._store.execute(
                "UPDATE notice_window SET sent = sent + 1"
                " WHERE target = ? AND subject = ?",
                key,
            )
            self._insert({"result": self._result_id})
        else:
            self._hold(key, row[2], row[0] + length)

    def _hold(self, key: tuple[str, str], summary: int | None, due: int) -> None:
        if summary is None or not self._is_waiting(summary):
            summary = self._insert({"held": True}, due=due)
            if summary is None:
                return
            self._store.execute(
                "UPDATE notice_window SET summary = ? WHERE target = ? AND subject = ?",
                (summary, *key),
            )
        self._store.execute(
            "INSERT OR IGNORE INTO held_notice (summary_id, result_id) VALUES (?, ?)",
            (summary, self._result_id),
        )

    def _is_waiting(self, result_id: int) -> bool:
        row = self._store.execute(
            "SELECT status = 'PENDING' AND attempt = 0 FROM job_result WHERE id = ?",
            [result_id],
        ).fetchone()
        return bool(row and row[0])

    def _insert(self, arguments: dict[str, Any], due: int | None = None) -> int | None:
        job = notification_job(self._store)
        if not job.enabled:  # somebody has switched notifications off
            return None
        words = f"run {self._result_id} of {self._run.job}: {self._run.status}"
        return insert_pending(
            self._store,
            NewResult(
                job=job,
                user_id=self._user_id,
                user_name=self._user_name,
                arguments=json.dumps({"target": self._target.name, **arguments}),
                due=due,
                reason="what was held back" if "held" in arguments else words,
            ),
        )


def notification_record() -> JobRecord:
    """Return the record of the shipped job; one that is not there yet is made."""
    found = JobRecord.get_or_none(
        JobRecord.module_name == MODULE, JobRecord.job_class_name == CLASS
    )
    if found is None:
        found = JobRecord(
            module_name=MODULE,
            job_class_name=CLASS,
            name="Notification",
            enabled=True,
            has_sensitive_variables=False,
            delivery="idempotent",
            retries=RETRIES,
        )
        found.save()
    record: JobRecord = found
    return record


def notification_job(store: Store) -> JobFacts:
    """Return the facts of the shipped job, held in memory."""
    return cached(store, "notification-job", lambda: JobFacts.of(notification_record()))
