"""`hookline hook …`: which receivers run when objects change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from models.automation.catchup import (
    CaughtUp,
    catch_up,
    count_missed,
    missed,
    pass_over,
)
from models.automation.dispatch import Reason, may_run
from models.automation.hooks import JobHook
from models.errors import RefusedError, RequestError
from models.storage.store import current_store
from tui.actions.hooks import (
    caught_up_words,
    missed_counts,
    mute,
    reset,
    state_of,
    tripped,
    unmute,
    wanted,
    words_of,
)
from tui.commandline.exits import Exit
from tui.commandline.runs import after_change
from tui.lists.documents import configured_document, named
from tui.nouns import configured
from tui.nouns.changes import find_change
from tui.pages.verdicts import read_verdicts
from tui.words.quoting import quote_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.automation.breaker import Tripped
    from models.automation.catchup import Missed
    from models.people.access import User
    from tui.commandline.call import Call
    from tui.lists.documents import Document

MISSED_COLUMNS = (
    *("change", "time", "action", "object", "hook", "verdict", "detail"),
    *("today", "today_detail"),
)

TEST_COLUMNS = ("change", "time", "action", "object", "verdict", "detail")
COLUMNS = (
    "id",
    "name",
    "state",
    "held",
    "object_types",
    "events",
    "job",
    "job_enabled",
)


def list_hooks(call: Call) -> int:
    """List the hooks."""
    assert call.store
    return configured.list_rows(call, configured.listing(JobHook, COLUMNS, _states))


def _states(hooks: list[Any], user: User) -> dict[int, Document]:
    """Return how hooks stand, and the objects that the breaker holds them for."""
    held: dict[int, list[str]] = {}
    for one in tripped(current_store(), user, hooks):
        held.setdefault(one.hook_id, []).append(one.object_name)
    return {
        hook.id: {"state": state_of(hook), "held": held.get(hook.id, [])}
        for hook in hooks
    }


def show_hook(call: Call) -> int:
    """Show one hook: how it is set, what holds it, and what it missed."""
    hook = configured.find(call, JobHook, "HOOK")
    call.output.record(
        {
            **configured_document(hook, call.user),
            "state": state_of(hook),
            "held": [
                held_document(one) for one in tripped(call.store, call.user, [hook])
            ],
            "missed": dict(missed_counts([hook])),
        }
    )
    for line in verdict_lines_of(call, hook):
        call.output.say(line)
    return Exit.OK


def held_document(one: Tripped) -> Document:
    """Return an object that a breaker holds a hook for."""
    return {
        "object": named(one.object_type, one.object_id, one.object_name),
        "since": one.since,
        "why": one.why,
    }


def verdict_lines_of(call: Call, hook: Any) -> Iterator[str]:
    """Yield what a hook made of the latest changes, for people."""
    if not call.output.is_for_people:
        return
    found = read_verdicts(call.store, hook.id, call.user)
    counts = ", ".join(f"{reason} {n}" for reason, n in found.counts.most_common())
    yield f"Of the latest {found.read:,} changes: {counts or 'none was one for it'}."
    yield f"`hookline change list hook={quote_word(hook.name)}` lists them."


def add_hook(call: Call) -> int:
    """Make a hook."""
    assert call.store
    return configured.save(call, JobHook())


def set_hook(call: Call) -> int:
    """Change a hook."""
    rows = configured.find_all(call, JobHook, "HOOK")
    return configured.save(call, *rows)


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
    from models.automation.rehearsal import LAST_CHANGES, rehearse

    hook = configured.find(call, JobHook, "HOOK")
    last = int(call.given.number("last") or LAST_CHANGES)
    only = call.given.option("change")
    if only is not None:
        only = find_change(only, call.user).id
    rows = [
        {
            "change": one.change.id,
            "time": one.change.time,
            "action": one.change.action.value,
            "object": one.change.object_repr,
            "verdict": one.reason.value,
            "detail": one.detail,
        }
        for one in rehearse(hook, call.user, last=last, only=only)
    ]
    if only is not None and not rows:
        raise RequestError(
            f"Change {only} is none of an object that the hook {hook} is for:"
            f" {', '.join(hook.object_types)}.",
            on=str(only),
        )
    call.output.rows(TEST_COLUMNS, rows)
    fired = sum(row["verdict"] == Reason.FIRED for row in rows)
    call.output.say(f"{hook} would have fired for {fired} of {len(rows)} changes.")
    return Exit.OK


def catch_up_hooks(call: Call) -> int:
    """Run later what hooks missed; says how many first."""
    user = call.user
    hooks = _hooks(call)
    meant = wanted(hooks, user, call.given.option("verdict"))
    counts = count_missed(call.store, meant)
    total = sum(counts.values())
    if call.given.has("list"):
        rows = (_missed_document(one, hooks) for one in missed(call.store, meant))
        call.output.rows(MISSED_COLUMNS, rows)
        call.output.say(f"{_times(total)} missed; nothing was queued.")
        return Exit.OK
    by_reason: Counter[str] = Counter()
    for (_, reason), number in counts.items():
        by_reason[reason] += number
    if not total:
        call.output.say("Nothing was missed that can be run later.")
        return Exit.OK if call.output.is_for_people else _caught_up(call, CaughtUp())
    if call.given.has("forget"):
        call.confirm(f"{words_of(by_reason)}. Give them up for good?")
        return _caught_up(call, pass_over(call.store, meant, by=user.username))
    call.confirm(f"{words_of(by_reason)}. Run what can be run now?")
    return _caught_up(call, catch_up(call.store, meant))


def _hooks(call: Call) -> list[Any]:
    """Return the hooks of the call; without any, all whose jobs the user may run."""
    if call.given.all("HOOK"):
        hooks = configured.find_all(call, JobHook, "HOOK")
        off = next((hook for hook in hooks if not hook.enabled), None)
        if off is not None and not call.given.has("forget"):
            raise RefusedError(
                f"The hook {off} is off. Switch it on first:"
                f" `hookline hook enable {quote_word(off.name)}`.",
                on=str(off),
            )
        return hooks
    rows = list(JobHook.select().order_by(JobHook.name))
    return [row for row in rows if may_run(call.store, call.user, row.job_id)]


def _missed_document(one: Missed, hooks: list[Any]) -> Document:
    names = {hook.id: hook.name for hook in hooks}
    return {
        "change": one.change.id,
        "time": one.change.time,
        "action": one.change.action.value,
        "object": one.change.object_repr,
        "hook": names[one.hook_id],
        "verdict": one.reason,
        "detail": one.detail,
        "today": one.today.value,
        "today_detail": one.today_detail,
    }


def _caught_up(call: Call, found: CaughtUp) -> int:
    call.queued += found.queued
    if call.output.is_for_people:
        call.output.say(caught_up_words(found))
        return after_change(call)
    code = after_change(call) if call.queued else int(Exit.OK)
    call.output.record(
        {
            "queued": found.queued,
            "settled": dict(found.settled),
            "waiting": dict(found.waiting),
        }
    )
    return code


def _times(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def mute_hooks(call: Call) -> int:
    """Keep hooks from firing for a while."""
    hooks = configured.find_all(call, JobHook, "HOOK")
    span = call.given.option("for") or ""
    reason = call.given.option("reason") or ""
    call.output.say(mute(hooks, call.user, span=span, reason=reason))
    return Exit.OK


def unmute_hooks(call: Call) -> int:
    """Let muted hooks fire again."""
    call.output.say(unmute(configured.find_all(call, JobHook, "HOOK"), call.user))
    return Exit.OK


def reset_hooks(call: Call) -> int:
    """Close the breakers of hooks."""
    call.output.say(reset(configured.find_all(call, JobHook, "HOOK"), call.user))
    return Exit.OK
