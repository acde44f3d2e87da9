"""`hookline notify …`: who is told of failed runs, and whether it reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.runs.notices import notification_record
from tui.actions.notifying import chosen_targets, listed_targets, test_arguments
from tui.commandline.exits import Exit
from tui.commandline.runs import ending
from tui.lists.documents import result_document

if TYPE_CHECKING:
    from tui.commandline.call import Call

COLUMNS = ("name", "kind", "place", "statuses", "filter", "problem")


def list_targets(call: Call) -> int:
    """List who is told of failed runs."""
    targets = listed_targets(call.store, call.user)
    call.output.rows(COLUMNS, targets)
    if not targets:
        call.output.say("Nobody is told of failed runs; the setting notify is empty.")
    return Exit.OK


def test_targets(call: Call) -> int:
    """Send a test to each target, and say how it went; 1 if one did not get it."""
    from receivers.service.alone import run_one

    user = call.user
    targets = chosen_targets(call.store, call.given.all("TARGET"))
    results = []
    for target in targets:
        result = run_one(
            call.store, notification_record(), user, arguments=test_arguments(target)
        )
        results.append(result)
        if call.output.is_for_people:
            call.output.line(f"{target.name}: {ending(result)}")
    if not call.output.is_for_people:
        call.output.rows(("id",), [result_document(r, call.user) for r in results])
    is_well = all(row.status == "SUCCESS" for row in results)
    return Exit.OK if is_well else Exit.FAILED
