"""How many processes a run has: a fork bomb must not take the machine with it.

The kernel's own limit (RLIMIT_NPROC) counts all that a user runs and does not bind
root. A child is the subreaper of whatever its run starts, so all of it hangs below the
child, and counting it is a matter of microseconds for a run that starts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from receivers.processes import kernel

if TYPE_CHECKING:
    from collections.abc import Collection

LOOK_S = 0.1


class CrowdWatch:
    """Looks now and then how many processes runs have started.

    Args:
        most: How many one may have; 0 for any number.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.look_at = 0.0 if most else float("inf")

    def over(self, now: float, children: Collection[int]) -> list[int]:
        """Return those children whose runs have too many processes now.

        Args:
            now: The time, on the monotonic clock.
            children: The process ids of the children that run something.
        """
        if now < self.look_at:
            return []
        self.look_at = now + LOOK_S
        return [pid for pid in children if self._has_too_many(pid)]

    def _has_too_many(self, child: int) -> bool:
        found = 0
        parents = [child]
        while parents:
            below = kernel.child_processes(parents.pop())
            found += len(below)
            if found > self._most:
                return True
            parents += below
        return False
