"""What a hook would have made of past changes; nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.automation.dispatch import Reason
from models.automation.hooks import JobHook
from models.automation.rehearsal import rehearse
from tui.looks.times import local
from tui.screens.sheet import Link, Sheet, SheetScreen, Styled, text_column

if TYPE_CHECKING:
    from models.automation.rehearsal import Rehearsed
    from models.people.access import User
    from tui.commands import Scope

LAST = 200
LAST_TYPED = 50
COLUMNS = (
    text_column("time", 16),
    text_column("action", 6),
    text_column("object", 18),
    text_column("words", 20, grows=True),
)


def rehearsal_words(hook: Any, user: User) -> str:
    """Say in one line what an unsaved hook would have made of the newest changes."""
    if hook.job_id is None or not hook.object_types or not hook.events:
        return "with types, events and a job it is tried on past changes"
    found = list(rehearse(hook, user, last=LAST_TYPED))
    fired = [one for one in found if one.reason is Reason.FIRED]
    if not found:
        return "there are no changes of these types yet to try it on"
    text = f"it would have fired for {len(fired)} of the last {len(found)} changes"
    if fired:
        text += f", last for {fired[0].change.object_repr}"
    return text


def rehearsal_sheet(hook_id: int, user: User, *, is_ascii: bool = False) -> Sheet:
    """Return the page of a rehearsal."""
    hook = JobHook.get_or_none(JobHook.id == hook_id)
    if hook is None:
        sheet = Sheet("Test", is_ascii=is_ascii)
        sheet.say("There is no such hook; it was deleted.")
        return sheet
    found = list(rehearse(hook, user, last=LAST))
    fired = sum(one.reason is Reason.FIRED for one in found)
    sheet = Sheet("Test", hook, is_ascii=is_ascii)
    note = f"would have fired for {fired} of {len(found)}"
    sheet.begin(f"{hook.name} and the newest changes", COLUMNS, note=note)
    for one in found:
        _add(sheet, one)
    if not found:
        sheet.say("There are no changes of its types yet.")
    return sheet


def _add(sheet: Sheet, one: Rehearsed) -> None:
    has_fired = one.reason is Reason.FIRED
    words = "would fire" if has_fired else str(one.reason)
    if one.detail:
        words += f": {one.detail}"
    sheet.add(
        local(one.change.time),
        one.change.action.value,
        one.change.object_repr,
        Styled(words, "success" if has_fired else "muted"),
        link=Link("change", (one.change.id,)),
        name=str(one.change.id),
    )


class RehearsalScreen(SheetScreen):
    """The screen of a hook's test.

    Args:
        hook_id: The hook.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = ()
    ABOUT = (
        "What the hook would make of the newest changes of its types, as it is set now."
        " Nothing runs. Enter opens the change."
    )

    def __init__(self, hook_id: int) -> None:
        super().__init__()
        self.hook_id = hook_id

    def read(self) -> Sheet:
        """Judge the hook."""
        return rehearsal_sheet(self.hook_id, self.user, is_ascii=self.is_ascii)
