"""What people do with hooks that are held back, for screens and the command line.

No Textual. What was missed is counted and said before it is run.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

from models.automation import catchup, configuring
from models.automation.breaker import Breaker
from models.automation.catchup import CaughtUp, Wanted
from models.automation.dispatch import LATER, may_run
from models.automation.hooks import EVENTS, FOREVER, HookRule, JobHook
from models.errors import RefusedError, RequestError
from models.objects.fields import now_us
from models.objects.types import object_types
from models.storage.store import current_store
from tui.words.quoting import quote_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.automation.breaker import Tripped
    from models.people.access import User
    from models.storage.store import Store

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
ALL = "hookline hook catch-up"
LONGEST_S = 366 * 86_400


def beside_fields(problems: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return problems by what people fill in: those of single events at `events`."""
    found = {name: list(texts) for name, texts in problems.items()}
    for event in EVENTS:
        texts = found.pop(f"type_{event}", [])
        if texts:
            found.setdefault("events", []).extend(texts)
    return found


def span_s(text: str) -> float:
    """Return a span of time such as `90m` in seconds.

    Raises:
        RequestError: It is none, or longer than a year.
    """
    match = SPAN.fullmatch(text.strip())
    seconds = float(match[1]) * UNITS[match[2]] if match else 0
    if not 0 < seconds <= LONGEST_S:
        raise RequestError(
            f"{text!r} is no span of time; write 30s, 90m, 2h, 1d or 1w", on=text
        )
    return seconds


def mute(hooks: Sequence[Any], user: User, *, span: str = "", reason: str = "") -> str:
    """Mute hooks for a while; return what was done.

    Args:
        hooks: The hooks.
        user: Who does it.
        span: For how long, as in `2h`; until they are unmuted without it.
        reason: Why.

    Raises:
        RefusedError: The user may not.
    """
    until = now_us() + int(span_s(span) * 1_000_000) if span else FOREVER
    configuring.mute(hooks, user, until=until, reason=reason)
    return f"{_names(hooks)} muted {hooks[0].mute_reason}."


def unmute(hooks: Sequence[Any], user: User) -> str:
    """Let muted hooks fire again; return what was done, and what they missed."""
    configuring.unmute(hooks, user)
    return f"{_names(hooks)} no longer muted.{offer(hooks)}"


def reset(hooks: Sequence[Any], user: User) -> str:
    """Close hooks' breakers; return what was done, and what they held back."""
    configuring.reset_breakers(hooks, user)
    whose = str(hooks[0]) if len(hooks) == 1 else f"{len(hooks)} hooks"
    return f"The breaker of {whose} is closed.{offer(hooks)}"


def _names(hooks: Sequence[Any]) -> str:
    if len(hooks) == 1:
        return f"{hooks[0]} is"
    return f"{len(hooks)} hooks are"


def offer(hooks: Iterable[Any]) -> str:
    """Say what hooks have missed, and how to run it; empty when they have not."""
    found = list(hooks)
    counts = missed_counts(found)
    if not counts:
        return ""
    name = str(found[0]) if len(found) == 1 else ""
    command = f"hookline hook catch-up {quote_word(name)}" if name else ALL
    return f" {words_of(counts)}; `{command}` runs what was missed."


def missed_counts(hooks: Iterable[Any] | None = None) -> Counter[str]:
    """Return how many runs were missed, by reason; of all hooks without any given."""
    ids = catchup.every_hook() if hooks is None else [hook.id for hook in hooks]
    counts: Counter[str] = Counter()
    found = catchup.count_missed(current_store(), Wanted(hooks=set(ids)))
    for (_, reason), number in found.items():
        counts[reason] += number
    return counts


def words_of(counts: Mapping[str, int]) -> str:
    """Return counts in words: `3 runs missed (muted 2, job off 1)`."""
    total = sum(counts.values())
    parts = ", ".join(f"{reason} {n:,}" for reason, n in Counter(counts).most_common())
    return f"{total:,} run{'s' * (total != 1)} missed ({parts})"


def wanted(hooks: Sequence[Any], user: User, verdict: str | None = None) -> Wanted:
    """Return what is to be caught up.

    Raises:
        RefusedError: A hook is off, or the user may not run its job.
        RequestError: It is no verdict that can be caught up.
    """
    if verdict is not None and verdict not in LATER:
        names = sorted(reason.value for reason in LATER)
        raise RequestError(
            f"{verdict!r} is nothing that can be run later: {', '.join(names)}",
            on="--verdict",
            candidates=names,
        )
    for hook in hooks:
        if not may_run(current_store(), user, hook.job_id):
            raise RefusedError(
                f"{user} may not run {hook.job.class_path}, the job of {hook}.",
                on=str(hook),
            )
    ids = {hook.id for hook in hooks}
    return Wanted(hooks=ids, reasons=LATER if verdict is None else {verdict})


def caught_up_words(found: CaughtUp) -> str:
    """Say what came of catching up."""
    count = len(found.queued)
    parts = [f"{count:,} run{'s' * (count != 1)} queued"]
    rest = {r: n for r, n in found.settled.items() if r != "fired"}
    parts += [f"{n:,} not for it today: {reason}" for reason, n in rest.items()]
    parts += [f"{n:,} still wait: {reason}" for reason, n in found.waiting.items()]
    return "; ".join(parts) + "."


def tripped(
    store: Store, user: User, hooks: Iterable[Any] | None = None
) -> list[Tripped]:
    """Return the hooks and objects that the breaker holds just now.

    Args:
        store: The store.
        user: Who looks; what they may not see is left out.
        hooks: Of which hooks; all that the user may see by default.
    """
    if hooks is None:
        hooks = JobHook.objects.restrict(user, "view")
    resets = {row.id: HookRule.of(row).breaker_reset_us for row in hooks}
    return [one for one in Breaker(store).tripped(resets) if _is_seen(one, user)]


def _is_seen(one: Tripped, user: User) -> bool:
    model: Any = object_types().get(one.object_type)
    if model is None:
        return bool(user.is_superuser)
    seen = model.objects.restrict(user, "view")
    found: bool = seen.filter(id=uuid.UUID(bytes=one.object_id)).exists()
    return found


def left_off(record: Any) -> str:
    """Say which hooks and buttons of a job that runs again are off, or missed runs."""
    from models.automation.buttons import JobButton

    hooks = list(JobHook.select().where(JobHook.job == record).order_by(JobHook.name))
    buttons = JobButton.select().where(JobButton.job == record, ~JobButton.enabled)
    parts = [
        f" The {noun} {row} is off; `hookline {noun} enable {quote_word(row.name)}`"
        " switches it on."
        for noun, rows in (("hook", hooks), ("button", buttons))
        for row in rows
        if not row.enabled
    ]
    return "".join(parts) + offer([hook for hook in hooks if hook.enabled])


def state_of(hook: Any) -> str:
    """Return how a hook stands, in a word: on, off, muted."""
    if not hook.enabled:
        return "off"
    return "muted" if hook.is_muted else "on"
