"""Claimed runs that no child has yet.

Where runs are quick, a few are claimed ahead: a child that is done gets its next run at
once, and the store is written less often for more runs at a time. None of them has
begun, so that each can be given back.
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from receivers.queueing.claims import Claim

QUICK_S = 0.005
"""Runs are claimed ahead while they take less than this on average."""
PATIENCE_S = 0.5
"""So long may a claimed run wait for a child before others may have it."""
_WEIGHT = 0.2  # of the newest run in the average


class Reserve:
    """The claims of one dispatcher that wait for a child.

    Args:
        most: How many may be claimed ahead.
    """

    def __init__(self, most: int) -> None:
        self.claims: collections.deque[Claim] = collections.deque()
        self._most = most
        self._average_s = 1.0
        self._waits_since: float | None = None

    @property
    def size(self) -> int:
        """How many runs to claim beyond those that free children can take."""
        return self._most if self._average_s < QUICK_S else 0

    def take(self) -> Claim:
        """Return the claim that waits longest, for a child that is free."""
        self._waits_since = None
        return self.claims.popleft()

    def note_duration(self, seconds: float) -> None:
        """Take a run's duration into account."""
        self._average_s += (seconds - self._average_s) * _WEIGHT

    def is_to_be_given_back(self, now: float, *, is_claiming: bool) -> bool:
        """Return whether the claims should not wait any longer: no child takes any."""
        if not self.claims:
            self._waits_since = None
            return False
        if self._waits_since is None:
            self._waits_since = now
        return not is_claiming or now - self._waits_since > PATIENCE_S

    def give_back(self) -> list[Claim]:
        """Return all claims, and claim none ahead until runs are quick again."""
        given = list(self.claims)
        self.claims.clear()
        self._average_s = 1.0
        return given
