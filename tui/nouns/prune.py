"""`hookline prune`: removing old changes, results and logs by hand."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

from models.errors import RequestError
from models.upkeep import retention
from tui.commandline.exits import Exit
from tui.commands import not_found

if TYPE_CHECKING:
    from models.upkeep.retention import Counts, Plan
    from tui.commandline.call import Call


def prune_store(call: Call) -> int:
    """Remove old changes, results and logs; count first, and ask."""
    plans = _plans(call)
    totals: Counts = collections.Counter()
    for plan in plans:
        totals += retention.count(call.store, plan)
    is_dry = call.given.has("dry_run")
    if totals and not is_dry:
        call.confirm(f"Remove {_words(totals)}?")
        totals = collections.Counter()
        for plan in plans:
            for counts in retention.prune(call.store, plan):
                totals += counts
    freed = 0
    if call.given.has("vacuum") and not is_dry:
        freed = retention.vacuum(call.store)
        call.output.say(f"{freed:,} bytes were given back to the disk.")
    call.output.say(f"{_words(totals)} {'would be removed' if is_dry else 'removed'}.")
    if not call.output.is_for_people:
        document = {"removed": dict(totals), "dry_run": is_dry, "freed_bytes": freed}
        call.output.record(document)
    return Exit.OK


def _plans(call: Call) -> list[Plan]:
    """Return what is to be removed, once all of it is allowed.

    Raises:
        RequestError: A kind or the age is wrong.
        RefusedError: The user may not delete it.
    """
    user, plans = call.user, []
    days = call.given.number("days")
    if days is not None and days < 0:
        raise RequestError("--days is an age: 0 or more", on="--days")
    for kind in dict.fromkeys(call.given.all("KIND") or retention.KINDS):
        if kind not in retention.KINDS:
            raise not_found("kind", kind, retention.KINDS)
        age = retention.settings_days(call.store, kind) if days is None else days
        if days is None and not age:
            call.output.say(f"retention.{kind}_days is 0: {kind} are kept for ever.")
        else:
            plans.append(retention.user_plan(kind, user, age))
    return plans


def _words(counts: Counts) -> str:
    return (
        ", ".join(f"{number:,} {what}" for what, number in counts.items()) or "nothing"
    )
