"""`hookline hook …`: which receivers run when objects change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.dispatch import Reason
from models.hooks import JobHook
from tui.exits import Exit
from tui.nouns import configured

if TYPE_CHECKING:
    from tui.call import Call

TEST_COLUMNS = ("change", "time", "action", "object", "verdict", "detail")
COLUMNS = ("id", "name", "enabled", "object_types", "events", "job", "job_enabled")


def list_hooks(call: Call) -> int:
    """List the hooks."""
    assert call.store
    return configured.list_rows(call, JobHook, COLUMNS)


def show_hook(call: Call) -> int:
    """Show one hook."""
    return configured.show(call, JobHook, "HOOK")


def add_hook(call: Call) -> int:
    """Make a hook."""
    assert call.store
    return configured.save(call, JobHook(), action="add")


def set_hook(call: Call) -> int:
    """Change a hook."""
    row = configured.find(call, JobHook, "HOOK")
    return configured.save(call, row, action="change")


def delete_hook(call: Call) -> int:
    """Delete a hook."""
    return configured.delete(call, JobHook, "HOOK")


def enable_hook(call: Call) -> int:
    """Let a hook fire."""
    return configured.switch(call, JobHook, "HOOK", on=True)


def disable_hook(call: Call) -> int:
    """Keep a hook from firing."""
    return configured.switch(call, JobHook, "HOOK", on=False)


def test_hook(call: Call) -> int:
    """Judge a hook against past changes; nothing runs."""
    from models.rehearsal import LAST_CHANGES, rehearse

    hook = configured.find(call, JobHook, "HOOK")
    last = int(call.given.number("last") or LAST_CHANGES)
    rows = [
        {
            "change": one.change.id,
            "time": one.change.time,
            "action": one.change.action.value,
            "object": one.change.object_repr,
            "verdict": one.reason.value,
            "detail": one.detail,
        }
        for one in rehearse(hook, last=last)
    ]
    call.output.rows(TEST_COLUMNS, rows)
    fired = sum(row["verdict"] == Reason.FIRED for row in rows)
    call.output.say(f"{hook} would have fired for {fired} of {len(rows)} changes.")
    return Exit.OK
