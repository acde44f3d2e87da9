"""One hook: what it waits for, what it runs, and what it made of the latest changes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from models.automation.hooks import JobHook
from models.people.grants import visible
from tui.actions.hooks import missed_counts, state_of, tripped, words_of
from tui.commands import Scope
from tui.looks.changes import ARROW, ASCII_ARROW, PROBLEMS, verdict_words
from tui.looks.statuses import status_style, statuses_of
from tui.looks.times import local
from tui.pages.verdicts import read_verdicts
from tui.screens.configured import job_state
from tui.screens.hooks import STATES, HookCommands
from tui.screens.sheet import Link, Sheet, SheetScreen, Styled, text_column

if TYPE_CHECKING:
    from models.people.access import User
    from models.storage.store import Store
    from tui.pages.verdicts import HookVerdict

VERDICT_COLUMNS = (
    text_column("time", 16),
    text_column("action", 6),
    text_column("object", 16),
    text_column("words", 24, grows=True),
)


def hook_sheet(
    store: Store, hook_id: int, user: User, *, is_ascii: bool = False
) -> Sheet:
    """Return the page of a hook; it says so when there is none."""
    hook = JobHook.get_or_none(JobHook.id == hook_id, visible(user, JobHook))
    if hook is None:
        sheet = Sheet(f"Hook {hook_id}", is_ascii=is_ascii)
        sheet.say("There is no such hook; it was deleted.")
        return sheet
    sheet = Sheet(f"Hook {hook.name}", hook, is_ascii=is_ascii)
    sheet.fact("hook is", Styled(state_of(hook), STATES.get(state_of(hook), "warning")))
    if hook.is_muted:
        sheet.fact("muted", hook.mute_reason)
    if hook.managed:
        sheet.fact("managed by", f"{hook.managed}; it is changed there")
    _add_held(sheet, store, hook, user)
    sheet.fact("types", ", ".join(hook.object_types))
    sheet.fact("events", ", ".join(hook.events))
    for number, line in enumerate(hook.conditions.splitlines()):
        sheet.add("" if number else "conditions", line, name=f"condition {number}")
    add_job(sheet, hook.job)
    sheet.fact("queue", hook.placement_words)
    if hook.accept_chained:
        sheet.fact("chained", "fires for changes that other receivers made, too")
    _add_verdicts(sheet, store, hook, user)
    return sheet


def _add_held(sheet: Sheet, store: Store, hook: Any, user: User) -> None:
    """Say what the breaker holds, and what was missed."""
    for one in tripped(store, user, [hook]):
        words = f"for {one.object_name} since {local(one.since)}: {one.why}"
        link = Link("object", (one.object_type, uuid.UUID(bytes=one.object_id)))
        sheet.add("held", Styled(words, "error"), link=link, name=f"held {words}")
    counts = missed_counts([hook])
    if counts:
        words = f"{words_of(counts)}; C runs them"
        sheet.fact("missed", Styled(words, "warning"))


def add_job(sheet: Sheet, job: Any) -> None:
    """Add the job that a hook or a button runs, and why it cannot if so."""
    link = Link("job", (job.id,))
    sheet.fact("job", f"{job.name} ({job.class_path})", link=link)
    if not job.runnable:
        style = "error" if job_state(job) == "missing" else "warning"
        sheet.fact("", Styled(job.why_not, style), text=job.why_not)


def _add_verdicts(sheet: Sheet, store: Store, hook: Any, user: User) -> None:
    found = read_verdicts(store, hook.id, user)
    counts = ", ".join(f"{reason} {n}" for reason, n in found.counts.most_common(3))
    sheet.begin("Latest verdicts", VERDICT_COLUMNS, note=counts)
    statuses = statuses_of(v.result_id for v in found.shown if v.result_id)
    for verdict in found.shown:
        _add_verdict(sheet, verdict, statuses)
    if not found.shown:
        sheet.say(f"None of the latest {found.read:,} changes was one for it.")
    sheet.begin("")
    for words, line in (
        ("all that it made of changes", f"hook={hook.id}"),
        ("those that it fired for", f"hook={hook.id} verdict=fired"),
        ("those that it did not fire for", f"hook={hook.id} verdict!=fired"),
    ):
        sheet.add("", words, link=Link("changes", (line,)), name=words)
    link = Link("results", (f"hook={hook.id}",))
    sheet.add("", "all its results", link=link, name="results")


def _add_verdict(sheet: Sheet, verdict: HookVerdict, statuses: dict[int, str]) -> None:
    arrow = ASCII_ARROW if sheet.is_ascii else ARROW
    words = verdict_words(verdict.reason, verdict.detail, verdict.result_id, arrow)
    link = Link("change", (verdict.change_id,))
    style = "warning" if verdict.reason in PROBLEMS else "muted"
    if verdict.result_id is not None:
        status = statuses.get(verdict.result_id, "gone")
        link = Link("result", (verdict.result_id,))
        words, style = f"{words} {status}", status_style(status)
    sheet.add(
        local(verdict.time),
        verdict.action,
        verdict.object_name,
        Styled(words, style),
        link=link,
        name=str(verdict.change_id),
    )


class HookScreen(HookCommands, SheetScreen):
    """The screen of a hook.

    Args:
        hook_id: The hook.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.HOOK,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "hook.set",
        "hook.enable",
        "hook.disable",
        "hook.test",
        "hook.catch-up",
    )
    ABOUT = (
        "One hook. Its latest verdicts say for each change whether it fired, or why"
        " not; Enter opens the result, or the change."
    )

    def __init__(self, hook_id: int) -> None:
        super().__init__()
        self.hook_id = hook_id

    def read(self) -> Sheet:
        """Put the page together."""
        return hook_sheet(self.store, self.hook_id, self.user, is_ascii=self.is_ascii)

    def do_hook_delete(self) -> None:
        """Delete the hook, and leave."""
        self.delete_row(then=lambda: self.dismiss(None))
