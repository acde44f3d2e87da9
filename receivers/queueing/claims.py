"""What the queue and a runner tell each other: the right to a run, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from models.runs.attention import UNSEEN
from models.runs.results import FINAL
from models.runs.results import JobResultStatusChoices as Choices
from models.values import frozen

MOST_CRASHES = 3
"""An idempotent run that took its process down this often is not run again."""

ONCE = "once"

COUNTERS = {
    "debug": "debug_log_count",
    "info": "info_log_count",
    "success": "success_log_count",
    "warning": "warning_log_count",
    "failure": "error_log_count",
    "error": "error_log_count",
    "critical": "error_log_count",
}
"""Which counter of a result a log level adds to."""

COUNTER_NAMES = tuple(dict.fromkeys(COUNTERS.values()))

LogRow = tuple[int, int, str, str, str, str, str]
"""(result id, time in µs, level, grouping, message, object name, object url)"""


@frozen
class Claim:
    """The right to run one result, and to say how it ended.

    Args:
        result_id: The result.
        token: The fence: what is written with an older one is ignored.
        delivery: What becomes of it when its process dies.
        soft: Seconds until the receiver is told; 0 for never.
        hard: Seconds until its process is killed; 0 for never.
        crashes: How often it took its process down before.
        arguments: The text of its sensitive arguments, now held by nobody else.
        job: The job's class path.
        order_key: What it has in common with runs that must not overlap it.
    """

    result_id: int
    token: int
    delivery: str = ONCE
    soft: float = 0
    hard: float = 0
    crashes: int = 0
    arguments: str | None = None
    job: str = ""
    order_key: str | None = None


@frozen
class Finish:
    """How a claimed run ended.

    Args:
        claim: Which one.
        status: SUCCESS, FAILURE, REVOKED or INTERRUPTED; PENDING runs it again.
        value: The JSON text of what the receiver returned.
        error: What went wrong: its type and its message.
        traceback: Where.
        counts: How many log entries of each counter this attempt made.
        crashes: How often it has taken its process down.
        retry_after_s: The wait before another attempt, which the status then leads to.
        pid: The process that ran it, where that is known.
        has_died: Whether its process is gone without having closed its contexts.
    """

    claim: Claim
    status: str
    value: str | None = None
    error: str | None = None
    traceback: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    crashes: int = 0
    retry_after_s: float | None = None
    has_died: bool = False
    pid: int | None = None

    @property
    def is_final(self) -> bool:
        """Whether it will not be run again by itself."""
        return self.retry_after_s is None and self.status in FINAL

    @property
    def wants_attention(self) -> bool:
        """Whether it is an end that somebody should look at."""
        return self.is_final and self.status in UNSEEN


@dataclass(kw_only=True, slots=True)
class Batch:
    """What was learned since the last tick and is not in the store yet."""

    entries: list[LogRow] = field(default_factory=list)
    progress: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    finishes: list[Finish] = field(default_factory=list)
    released: list[Claim] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    """Results whose sensitive arguments are in the hands of their child."""

    def __bool__(self) -> bool:
        return bool(
            self.entries
            or self.progress
            or self.finishes
            or self.released
            or self.begun
        )


class Listener(Protocol):
    """Who is told about runs."""

    def begun(self, claim: Claim) -> None:
        """A child got the run; said once, whatever becomes of that child."""

    def ended(self, finish: Finish) -> None:
        """The end of the run is in the store."""


def revoked(claim: Claim, counts: dict[str, int] | None = None) -> Finish:
    """Return the end of a run that somebody cancelled."""
    return Finish(
        claim=claim,
        status=Choices.STATUS_REVOKED,
        error="Cancelled: somebody asked for it.",
        counts=counts or {},
        crashes=claim.crashes,
    )


def crashed(claim: Claim, error: str, counts: dict[str, int]) -> Finish:
    """Return what becomes of a begun run whose process died.

    An idempotent run that is run again counts its entries when it ends for good.
    """
    crashes = claim.crashes + 1
    if claim.delivery == ONCE:
        status = Choices.STATUS_INTERRUPTED
    elif crashes >= MOST_CRASHES:
        status = Choices.STATUS_FAILURE
        error = f"{error} It did so {crashes} times, so it is not run again."
    else:
        status = Choices.STATUS_PENDING
    return Finish(
        claim=claim,
        status=status,
        error=error,
        counts=counts,
        crashes=crashes,
        has_died=True,
    )
