"""Where children mark the runs that they begin, as the runner hands it out.

The marks lie in the owner's file (`models.storage.owners`). A place is used again only
when the end of its last run is in the store: until then the mark is what a rescue goes
by.
"""

from __future__ import annotations

import collections
import heapq
from typing import TYPE_CHECKING

from models.storage import owners

if TYPE_CHECKING:
    from collections.abc import Iterable

    from receivers.queueing.claims import Claim

MOST_SENDINGS = 5
"""A run that was lost so often before it began counts as begun: it may be why."""


class Marks:
    """The places for the runs of one owner.

    Args:
        file: The owner's file, which its children hold too; None without marks.
    """

    def __init__(self, file: int | None) -> None:
        self._file = file
        self._free = list(range(owners.MOST_MARKS))
        self._places: dict[int, int] = {}  # by result id
        self._sendings: collections.Counter[int] = collections.Counter()
        if file is not None:
            owners.reserve_marks(file)

    def has_room(self) -> bool:
        """Return whether another run may be sent to a child."""
        return bool(self._free)

    def place(self, claim: Claim) -> tuple[int, int] | None:
        """Return the file and the index at which a run is to be marked."""
        if self._file is None:
            return None
        index = self._places.get(claim.result_id)
        if index is None:
            index = self._places[claim.result_id] = heapq.heappop(self._free)
        self._sendings[claim.result_id] += 1
        return self._file, index

    def has_begun(self, claim: Claim) -> bool:
        """Return whether a run that was sent to a child has begun there."""
        index = self._places.get(claim.result_id)
        if self._file is None or index is None:
            return True
        if self._sendings[claim.result_id] >= MOST_SENDINGS:
            return True
        return owners.is_marked(self._file, index, claim.result_id, claim.token)

    def free(self, claims: Iterable[Claim]) -> None:
        """Take the places back of runs whose end is in the store."""
        for claim in claims:
            self._sendings.pop(claim.result_id, None)
            index = self._places.pop(claim.result_id, None)
            if index is not None:
                heapq.heappush(self._free, index)
