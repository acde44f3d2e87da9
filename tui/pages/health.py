"""How a store fares: its runner, its queue, its room; `info` and `check --runner`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.objects.fields import from_us, now_us
from models.runs.queues import JobQueue
from models.values import frozen
from receivers.queueing.locks import is_runner_alive, runner_pid, runner_since

if TYPE_CHECKING:
    import datetime as dt

    from models.people.access import User
    from models.storage.store import Store
    from tui.lists.documents import Document

DUE_LIMIT_S = 300.0
"""How long a run may be due before `check --runner` says that nobody works."""
LAST_FAILURES = 5
MICROSECONDS = 1_000_000

_READY = (
    "FROM job_result INDEXED BY job_result_ready"
    " WHERE status = 'PENDING' AND owner IS NULL AND blocked = 0"
)
_BLOCKED = (
    "SELECT count(*) FROM job_result INDEXED BY job_result_order WHERE order_key IS NOT"
    " NULL AND status IN ('PENDING', 'STARTED') AND status = 'PENDING' AND blocked = 1"
)
_GOING = (
    "SELECT count(*) FROM job_result INDEXED BY job_result_claimed"
    " WHERE owner IS NOT NULL AND status = 'STARTED'"
)


@frozen
class QueueState:
    """How long the queue is, read by its indices alone.

    Attributes:
        due: Runs that could begin now.
        later: Runs that wait for their time, or for another run.
        going: Runs under way.
        oldest_due: Since when the first of them could have begun.
        paused: Why nothing begins, where somebody has paused a queue.
    """

    due: int
    later: int
    going: int
    oldest_due: dt.datetime | None
    paused: str | None

    @property
    def oldest_due_s(self) -> float:
        """How long the first run has been due, in seconds."""
        if self.oldest_due is None:
            return 0.0
        return max(0.0, (from_us(now_us()) - self.oldest_due).total_seconds())


def read_queue(store: Store) -> QueueState:
    """Return how long the queue is; takes no lock."""
    now = now_us()
    due, oldest = store.execute(
        f"SELECT count(*), min(max(due, created)) {_READY} AND due <= ?", [now]
    ).fetchone()
    later = store.execute(f"SELECT count(*) {_READY} AND due > ?", [now]).fetchone()[0]
    blocked = store.execute(_BLOCKED).fetchone()[0]
    paused = JobQueue.get_or_none(JobQueue.paused)
    return QueueState(
        due=due,
        later=later + blocked,
        going=store.execute(_GOING).fetchone()[0],
        oldest_due=None if oldest is None else from_us(oldest),
        paused=None if paused is None else paused.reason or "paused",
    )


def runner_document(store: Store, *, limit_s: float = DUE_LIMIT_S) -> Document:
    """Return whether a runner works, and what is wrong if none does."""
    state = read_queue(store)
    is_alive = is_runner_alive(store)
    document: Document = {
        "ok": False,
        "detail": "",
        "runner": is_alive,
        "pid": runner_pid(store) if is_alive else None,
        "since": runner_since(store) if is_alive else None,
        "due": state.due,
        "later": state.later,
        "going": state.going,
        "oldest_due_s": round(state.oldest_due_s, 1),
        "paused": state.paused,
    }
    document["detail"] = _wrong(state, is_alive=is_alive, limit_s=limit_s)
    document["ok"] = not document["detail"]
    document["detail"] = document["detail"] or f"a runner works; {state.due:,} runs due"
    return document


def _wrong(state: QueueState, *, is_alive: bool, limit_s: float) -> str:
    waits = "no run is due"
    if state.due:
        words = "1 run is" if state.due == 1 else f"{state.due:,} runs are"
        waits = f"{words} due, the oldest for {state.oldest_due_s:.0f} s"
    if not is_alive:
        return f"no runner is alive; {waits}"
    if state.oldest_due_s <= limit_s:
        return ""
    if state.paused is not None:
        return f"the queue is paused ({state.paused}); {waits}"
    return f"the runner falls behind: {waits}, more than {limit_s:g} s"


def sizes(store: Store) -> Document:
    """Return how much room the parts of a store take, in bytes."""
    log = store.db_path.with_name(store.db_path.name + "-wal")
    pages = store.execute("PRAGMA freelist_count").fetchone()[0]
    page = store.execute("PRAGMA page_size").fetchone()[0]
    files = [path for path in store.files_folder.rglob("*") if path.is_file()]
    return {
        "size_bytes": store.db_path.stat().st_size,
        "free_bytes": pages * page,
        "log_bytes": log.stat().st_size if log.exists() else 0,
        "files_bytes": sum(file.stat().st_size for file in files),
    }


def last_failures(user: User, most: int = LAST_FAILURES) -> list[Document]:
    """Return the newest runs that failed or were interrupted, and a user may see."""
    from models.people.grants import visible
    from models.runs.openness import has_failed
    from models.runs.results import JobResult

    rows: Any = JobResult.select().where(has_failed(), visible(user, JobResult))
    return [
        {
            "id": row.id,
            "job": row.job_path,
            "status": row.status,
            "done": row.done,
            "error": row.error,
        }
        for row in rows.order_by(JobResult.id.desc()).limit(most)
    ]
