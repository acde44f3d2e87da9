"""Who is told of failed runs, what is wrong with the setting, and trying it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.runs.notices import MODULE
from models.runs.results import JobResult
from tui.actions.notifying import listed_targets, queue_tests
from tui.commands import Scope
from tui.screens.sheet import Sheet, SheetScreen, Styled, text_column
from tui.screens.sheet_parts import RESULT_COLUMNS, add_results

if TYPE_CHECKING:
    from models.people.access import User
    from models.storage.store import Store

COLUMNS = (
    text_column("name", 18),
    text_column("kind", 9),
    text_column("place", 20, grows=True),
    text_column("filter", 20, grows=True),
)
PROBLEMS = (text_column("name", 18), text_column("problem", 40, grows=True))


def notifications_sheet(store: Store, user: User, *, is_ascii: bool = False) -> Sheet:
    """Return the page of the setting `notify`."""
    targets = listed_targets(store, user)
    sheet = Sheet("Notifications", targets, is_ascii=is_ascii)
    sheet.begin("Who is told", COLUMNS)
    for target in targets:
        which = target["filter"] or "all hooks, buttons and jobs"
        told = f"{', '.join(target['statuses'])} of {which}"
        sheet.add(target["name"], target["kind"], target["place"], told)
    if not targets:
        sheet.say("Nobody is told of failed runs; the store's setting notify is empty.")
        sheet.say("Add a webhook, a command or a mail address in its config.yaml.")
    wrong = [target for target in targets if target["problem"]]
    if wrong:
        sheet.begin("What is wrong", PROBLEMS)
    for target in wrong:
        sheet.add(target["name"], Styled(target["problem"], "error"))
    sheet.begin("Latest notifications", RESULT_COLUMNS)
    add_results(sheet, JobResult.job_path.startswith(MODULE), user)
    return sheet


class NotificationsScreen(SheetScreen):
    """The screen of who is told of failed runs."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.NOTIFICATIONS,)
    FOOTER: ClassVar[tuple[str, ...]] = ("notify.test",)
    ABOUT = (
        "Whom the setting notify tells of runs that failed or were interrupted, and how"
        " the latest notifications went. Enter opens one of these."
    )

    def read(self) -> Sheet:
        """Put the page together."""
        return notifications_sheet(self.store, self.user, is_ascii=self.is_ascii)

    def do_notify_test(self) -> None:
        """Send a test to everybody, and show the runs."""
        store, user = self.store, self.user
        self.ask(
            lambda: queue_tests(store, user),
            lambda ids: self.hookline.open_place("results", f"id__gte={min(ids)}"),
        )
