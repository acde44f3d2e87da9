"""The shipped job that removes old changes, results and logs, also on a schedule."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

from models.errors import RefusedError
from models.storage.store import current_store
from models.upkeep import retention
from models.upkeep.retention import KINDS
from receivers import (
    BooleanVar,
    IntegerVar,
    Job,
    MultiChoiceVar,
    RunJobTaskFailed,
    register_jobs,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.upkeep.retention import Plan

name = "Hookline"
ERROR = 40


class CleanUp(Job):
    """Removes what is older than an age, or than the settings keep it."""

    class Meta:
        name = "Clean-up"
        description = """
        Removes changes, results and log entries older than so many days.

        Without an age the settings `retention` decide; what they keep for ever stays.
        The runner does the same by itself every hour.
        """
        delivery = "idempotent"
        has_sensitive_variables = False

    kinds = MultiChoiceVar(
        choices=tuple((kind, kind) for kind in KINDS),
        default=list(KINDS),
        required=False,
        description="What to remove.",
    )
    days = IntegerVar(
        required=False, min_value=0, description="The age; 0 for everything so far."
    )
    dry_run = BooleanVar(
        default=False, required=False, description="Count, and remove nothing."
    )

    def run(
        self,
        kinds: Sequence[str] = KINDS,
        days: int | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - called by keywords
    ) -> int | dict[str, int]:
        """Remove; return how many rows of each kind went."""
        plans = self._plans(kinds or KINDS, days)
        if not plans:
            return 0
        store = current_store()
        totals: collections.Counter[str] = collections.Counter()
        for plan in plans:
            if dry_run:
                totals += retention.count(store, plan)
                continue
            for counts in retention.prune(store, plan):
                totals += counts
        words = ", ".join(f"{number:,} {what}" for what, number in totals.items())
        done = "would be removed" if dry_run else "removed"
        self.logger.success("%s %s.", words or "nothing", done)
        return dict(totals)

    def _plans(self, kinds: Sequence[str], days: int | None) -> list[Plan]:
        """Return what is to be done, once all of it is allowed."""
        plans = []
        for kind in kinds:
            age: float | None = days
            if age is None:
                age = retention.settings_days(current_store(), kind)
                if not age:
                    self.logger.warning(
                        "retention.%s_days is 0: %s are kept for ever.", kind, kind
                    )
                    continue
            try:
                plans.append(retention.user_plan(kind, self.user, age))
            except RefusedError as error:
                self.logger.log(ERROR, "%s", error.message)
                raise RunJobTaskFailed(error.message) from error
        return plans


register_jobs(CleanUp)
