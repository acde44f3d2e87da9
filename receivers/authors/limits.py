"""The time limits of a run, as the run itself meets them.

The soft limit is an exception in the receiver's own code, which may catch it and tidy
up. The hard limit is kept by the runner, from outside.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


class SoftTimeLimitExceeded(Exception):  # noqa: N818  # the name that Nautobot's authors know
    """The run is over its soft time limit: tidy up, the hard limit comes next."""


class RunEnded(BaseException):  # not an error: an order from outside
    """The run was told to end (SIGTERM); after a grace period it is killed."""


class _State:
    """Whether a run is going in this process: an alarm outside one means nothing."""

    is_running = False


def begin(soft: float | None) -> None:
    """Let this process's run meet its soft limit after so many seconds; 0 for never.

    Works in a main thread only. Code that holds the interpreter's lock does not notice;
    the hard limit is for that. An alarm sent by the runner has the same effect.
    """
    _State.is_running = True
    if soft:
        signal.setitimer(signal.ITIMER_REAL, soft)


def end() -> None:
    """Forget the soft limit: the run is over."""
    _State.is_running = False
    signal.setitimer(signal.ITIMER_REAL, 0)


def install_handlers() -> None:
    """Turn SIGALRM and SIGTERM into exceptions, in this process's main thread."""
    signal.signal(signal.SIGALRM, _raise_soft_limit)
    signal.signal(signal.SIGTERM, _raise_ended)


def _raise_soft_limit(_number: int, _frame: FrameType | None) -> None:
    if _State.is_running:
        raise SoftTimeLimitExceeded("The run is over its soft time limit.")


def _raise_ended(_number: int, _frame: FrameType | None) -> None:
    raise RunEnded("The run was told to end.")
