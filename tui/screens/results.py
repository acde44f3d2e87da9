"""The list of job results, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.fields import from_us
from models.results import JobResult
from tui import result_actions
from tui.commands import Scope
from tui.list_spec import ListColumn, ListSpec
from tui.nouns.results import LISTING
from tui.screens.dialogs import ConfirmDialog
from tui.screens.listing import ListScreen
from tui.statuses import status_style
from tui.times import duration, local
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable

UNSEEN = "status=FAILURE,INTERRUPTED acknowledged=no"
TOOK_SQL = '("t1".done - "t1".started)'
MICROSECONDS = 1_000_000


def _took(microseconds: Any) -> str:
    return "" if microseconds is None else duration(microseconds / MICROSECONDS)


SPEC = ListSpec(
    model=JobResult,
    title="Results",
    columns=(
        ListColumn(
            column=Column(id="id", title="No.", width=6, align="right", sortable=True)
        ),
        ListColumn(
            column=Column(id="status", title="Status", width=11, style=status_style)
        ),
        ListColumn(
            column=Column(id="job", title="Job", width=16, grows=True), path="name"
        ),
        ListColumn(
            column=Column(id="object", title="Object", width=11, grows=True),
            path="object_name",
        ),
        ListColumn(
            column=Column(
                id="created",
                title="Queued",
                width=16,
                text=lambda us: local(from_us(us)),
            )
        ),
        ListColumn(
            column=Column(id="took", title="Took", width=8, text=_took, sortable=False),
            sql=TOOK_SQL,
        ),
        ListColumn(column=Column(id="user", title="User", width=10), path="user_name"),
        ListColumn(column=Column(id="error", title="Error", width=40)),
    ),
    sort=("-id",),
    empty="Nothing has run yet. A hook that fires, a button or a job stands here then.",
    listing=LISTING,
)


class ResultsScreen(ListScreen):
    """All job results, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.RESULTS,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "result.show",
        "list.filter",
        "result.unseen",
        "result.ack",
        "result.rerun",
    )
    ABOUT = (
        "Every run, newest first. u shows only failed and interrupted runs that nobody"
        " has acknowledged; A acknowledges the marked ones, or that under the cursor."
        " / filters: status=FAILURE job=guards.SerialGuard object=dcim.device:core-01"
        " user=alice created__gt=2h."
    )

    def make_spec(self) -> ListSpec:
        """Return the list of results."""
        return SPEC

    def open_row(self, key: Any) -> None:
        """Open a result."""
        self.hookline.open_place("result", key)

    def do_result_show(self) -> None:
        """Open the result under the cursor."""
        if self.table is not None:
            self.table.action_open()

    def do_result_follow(self) -> None:
        """Open the result under the cursor, whose log is followed."""
        self.do_result_show()

    def do_result_unseen(self) -> None:
        """Show only what nobody has looked at, or all again."""
        self.answer_filter("" if self.line == UNSEEN else UNSEEN)

    def do_result_rerun(self) -> None:
        """Run the marked results again, or the one under the cursor."""
        self._for_all("Run again", result_actions.rerun, done="queued again")

    def do_result_cancel(self) -> None:
        """Cancel the marked results, or the one under the cursor."""
        self._for_all("Cancel", result_actions.cancel, done="cancelled", asks=True)

    def do_result_ack(self) -> None:
        """Acknowledge the marked results, or the one under the cursor."""
        keys = self.chosen_keys
        self.ask(
            lambda: result_actions.acknowledge(keys),
            lambda count: self._done(f"{count:,} acknowledged."),
        )

    def _for_all(
        self,
        what: str,
        action: Callable[[Any, Any], Any],
        *,
        done: str,
        asks: bool = False,
    ) -> None:
        keys, user = self.chosen_keys, self.user

        def work() -> int:
            for row in JobResult.select().where(JobResult.id.in_(keys)):
                action(row, user)
            return len(keys)

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self.ask(work, lambda count: self._done(f"{count:,} {done}."))

        if len(keys) == 1 and not asks:
            answered(yes=True)
            return
        runs = f"result {keys[0]}" if len(keys) == 1 else f"{len(keys):,} results"
        self.app.push_screen(ConfirmDialog(f"{what} {runs}?"), answered)

    def _done(self, text: str) -> None:
        self.hookline.say(text)
        if self.table is not None:
            self.table.clear_marks()
        self.reload()
