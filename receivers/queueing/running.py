"""One run as its runner sees it: what the child says, and what its death means."""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from models.runs.results import JobResultStatusChoices as Choices
from receivers.queueing.claims import COUNTERS, Claim, Finish, crashed, revoked

if TYPE_CHECKING:
    from receivers.processes.wire import Message
    from receivers.queueing.claims import Batch

_log = logging.getLogger(__name__)


ENTRY_COST = 200
MOST_OUTPUT = 64 * 1024 * 1024
"""Characters that one run may log, each entry counting for some more."""
CUT = "… the output of this run is cut here; what follows is counted only."


class Verdict(StrEnum):
    """Why the runner ends a run."""

    TIME_LIMIT = "time limit"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    PROCESSES = "processes"


@dataclass(kw_only=True, eq=False, slots=True)
class Run:
    """A claimed run that a child has on hand.

    Args:
        claim: The right to it.
        began: When the child got it, on the monotonic clock.
        counts: How many log entries of each counter have come.
        verdict: Why it is being ended, if it is.
        room: How much more of its output is kept.
        was_warned: Whether it got the soft limit for holding the write lock.
    """

    claim: Claim
    began: float = field(default_factory=time.monotonic)
    counts: dict[str, int] = field(default_factory=dict)
    verdict: Verdict | None = None
    was_warned: bool = False
    room: int = field(default_factory=lambda: MOST_OUTPUT)

    @property
    def deadline(self) -> float:
        """When it is to be killed, on the monotonic clock."""
        return self.began + self.claim.hard if self.claim.hard else float("inf")

    def message(self) -> Message:
        """Return the message that starts it."""
        claim = self.claim
        message: Message = {
            "op": "run",
            "result": claim.result_id,
            "token": claim.token,
            "job": claim.job,
            "soft": claim.soft,
            "hard": claim.hard,
        }
        if claim.arguments is not None:
            message["arguments"] = claim.arguments
        return message

    def hear(self, message: Message, batch: Batch) -> bool:
        """Put what the child says into the batch; return whether the run is over."""
        try:
            if message["result"] != self.claim.result_id:
                return False
            match message["op"]:
                case "log":
                    self._log(message, batch)
                case "progress":
                    total = message.get("total")
                    batch.progress[self.claim.result_id] = (
                        int(message["done"]),
                        None if total is None else int(total),
                    )
                case "done":
                    self._log(message, batch)
                    batch.finishes.append(self._done(message))
                    return True
        except (KeyError, TypeError, ValueError):
            _log.warning("a child sent a message without sense: %.200r", message)
        return False

    def _log(self, message: Message, batch: Batch) -> None:
        result_id, counts = self.claim.result_id, self.counts
        for entry in message.get("entries", ()):
            time_us, level, grouping, text, name, url = entry
            # Raises TypeError unless all are texts.
            "".join((grouping, text, name, url))  # noqa: FLY002
            counter = COUNTERS[level]
            row = (result_id, int(time_us), level, grouping, text, name, url)
            if self.room > 0:
                self.room -= ENTRY_COST + len(text)
                batch.entries.append(row if self.room > 0 else (*row[:4], CUT, "", ""))
            counts[counter] = counts.get(counter, 0) + 1

    def _done(self, message: Message) -> Finish:
        status = Choices(message["status"])
        if self.verdict is not None and status != Choices.STATUS_SUCCESS:
            return self.ended(traceback=message.get("traceback"))
        return Finish(
            claim=self.claim,
            status=status,
            value=message.get("value"),
            error=message.get("error"),
            traceback=message.get("traceback"),
            counts=self.counts,
            crashes=self.claim.crashes,
            retry_after_s=message.get("retry_after"),
        )

    def died(self, wait_status: int) -> Finish:
        """Return the end of a run whose process is gone without a word."""
        if self.verdict is not None:
            return dataclasses.replace(self.ended(), has_died=True)
        return crashed(self.claim, death_of(wait_status), self.counts)

    def ended(self, traceback: str | None = None) -> Finish:
        """Return the end of a run that the runner ended."""
        claim = self.claim
        match self.verdict:
            case Verdict.CANCELLED:
                return revoked(claim, self.counts)
            case Verdict.STOPPED:
                again = claim.delivery == "idempotent"
                status = Choices.STATUS_PENDING if again else Choices.STATUS_INTERRUPTED
                error = "RunnerStopped: the runner was told to stop at once."
            case Verdict.PROCESSES:
                status = Choices.STATUS_FAILURE
                error = (
                    "ProcessLimitExceeded: it had more processes at once than"
                    " runner.max_processes allows, and was ended with all of them."
                )
            case _:
                status = Choices.STATUS_FAILURE
                error = f"TimeLimitExceeded: it ran for {claim.hard:g} s and was ended."
        return Finish(
            claim=claim,
            status=status,
            error=error,
            traceback=traceback,
            counts=self.counts,
            crashes=claim.crashes,
        )


def death_of(wait_status: int) -> str:
    """Say how a process ended, from the status that `waitpid` gave."""
    if os.WIFSIGNALED(wait_status):
        name = signal.Signals(os.WTERMSIG(wait_status)).name
        return f"ProcessDied: the process that ran it was ended by {name}."
    code = os.WEXITSTATUS(wait_status)
    return f"ProcessDied: the process that ran it ended itself with status {code}."
