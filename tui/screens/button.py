"""One button: where it is shown, what it runs, and its latest presses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.automation.buttons import JobButton
from models.people.grants import visible
from models.runs.results import JobResult
from tui.actions.button_preview import preview
from tui.commands import Scope
from tui.looks.statuses import switch_style, switch_word
from tui.screens.buttons import ButtonCommands
from tui.screens.hook import add_job
from tui.screens.sheet import Link, Sheet, SheetScreen, Styled
from tui.screens.sheet_parts import RESULT_COLUMNS, add_results

if TYPE_CHECKING:
    from models.people.access import User


def button_sheet(user: User, button_id: int, *, is_ascii: bool = False) -> Sheet:
    """Return the page of a button; it says so when there is none."""
    button = JobButton.get_or_none(JobButton.id == button_id, visible(user, JobButton))
    if button is None:
        sheet = Sheet(f"Button {button_id}", is_ascii=is_ascii)
        sheet.say("There is no such button; it was deleted.")
        return sheet
    sheet = Sheet(f"Button {button.name}", button, is_ascii=is_ascii)
    state = Styled(switch_word(button.enabled), switch_style(button.enabled))
    sheet.fact("button is", state)
    sheet.fact("types", ", ".join(button.object_types))
    sheet.fact("label", button.text)
    sheet.fact("looks", preview(user, button).text)
    add_job(sheet, button.job)
    sheet.fact("queue", button.placement_words)
    sheet.fact("asks", "yes, before it runs" if button.confirmation else "no")
    sheet.fact("group", button.group_name)
    sheet.fact("weight", f"{button.weight}, {button.button_class}")
    sheet.begin("Latest presses", RESULT_COLUMNS)
    add_results(sheet, JobResult.button_id == button.id, user)
    link = Link("results", (f"button={button.id}",))
    sheet.begin("")
    sheet.add("", "all its results", link=link, name="results")
    return sheet


class ButtonScreen(ButtonCommands, SheetScreen):
    """The screen of a button.

    Args:
        button_id: The button.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.BUTTON,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "button.set",
        "button.enable",
        "button.disable",
        "button.delete",
    )
    ABOUT = "One button. Enter opens its job, or the result of a press."

    def __init__(self, button_id: int) -> None:
        super().__init__()
        self.button_id = button_id

    def read(self) -> Sheet:
        """Put the page together."""
        return button_sheet(self.user, self.button_id, is_ascii=self.is_ascii)

    def do_button_delete(self) -> None:
        """Delete the button, and leave."""
        self.delete_row(then=lambda: self.dismiss(None))
