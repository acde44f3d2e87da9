"""Named places at which a test may have the process killed, to prove that none matters.

A process whose environment says `HOOKLINE_CRASH_AT=POINT@TICKET` is killed with SIGKILL
when it reaches that point and the file TICKET is there to be removed: so one of many
processes dies there, once. Without the variable a point costs one comparison.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "HOOKLINE_CRASH_AT"

POINTS = (
    "save.before-begin",
    "save.after-row",
    "save.before-commit",
    "save.after-commit",
    "dispatch.after-change",
    "dispatch.between-pieces",
    "claim.before-commit",
    "claim.after-commit",
    "runner.after-send",
    "runner.after-reply",
    "runner.before-finish",
    "runner.after-finish",
    "runner.during-respawn",
    "nursery.after-fork",
    "child.before-begin",
    "child.after-begin",
    "child.before-reply",
    "child.after-reply",
    "alone.after-claim",
    "alone.after-send",
    "schedule.before-commit",
    "schedule.after-commit",
    "rescue.before-commit",
    "rescue.after-commit",
)
"""Every place, in the order in which a change meets them."""

_armed, _, _ticket = os.environ.get(VARIABLE, "").partition("@")


def reach(point: str) -> None:
    """Die here, if a test wants that."""
    if point == _armed:
        _die()


def _die() -> None:
    try:
        os.unlink(_ticket)  # noqa: PTH108  # of those that come here one gets through
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
