"""The list of job results, newest first."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, ClassVar

from models.objects.fields import from_us
from models.runs.attention import acknowledge
from models.runs.results import JobResult
from tui.actions import results as result_actions
from tui.commands import Scope
from tui.lists.spec import ListColumn, ListSpec
from tui.looks.statuses import status_style
from tui.looks.times import duration, local
from tui.nouns.results import LISTING
from tui.screens.dialogs import ConfirmDialog
from tui.screens.listing import ListScreen
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.actions.results import Deed

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
        "Every run, newest first. u shows only failed and interrupted runs that you"
        " have not acknowledged; A acknowledges the marked ones, or the cursor's;"
        " r runs them again. * marks all that fit the filter."
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
        user, is_one = self.user, len(self.chosen_keys) == 1
        self._for_all(
            "Run again",
            lambda keys: result_actions.rerun_all(keys, user, interrupted=is_one),
            done="queued again",
            asks=not is_one,
        )

    def do_result_cancel(self) -> None:
        """Cancel the marked results, or the one under the cursor."""
        user = self.user
        self._for_all(
            "Cancel",
            lambda keys: result_actions.cancel_all(keys, user),
            done="cancelled or being stopped",
            asks=True,
        )

    def do_result_ack(self) -> None:
        """Acknowledge the marked results, or the one under the cursor."""
        keys, user = self.chosen_keys, self.user
        self.ask(
            lambda: acknowledge(user, keys),
            lambda count: self._done(f"{count:,} acknowledged."),
        )

    def _for_all(
        self, what: str, action: Callable[[list[int]], Deed], *, done: str, asks: bool
    ) -> None:
        keys = self.chosen_keys

        def ended(deed: Deed) -> None:
            words = [f"{len(deed.done):,} {done}."] if deed.done else []
            self._done(" ".join([*words, *itertools.islice(deed.reasons(), 3)]))

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self.ask(lambda: action(keys), ended)

        if not asks:
            answered(yes=True)
            return
        runs = f"result {keys[0]}" if len(keys) == 1 else f"{len(keys):,} results"
        self.app.push_screen(ConfirmDialog(f"{what} {runs}?"), answered)

    def _done(self, text: str) -> None:
        self.hookline.say(text)
        if self.table is not None:
            self.table.clear_marks()
        self.reload()
