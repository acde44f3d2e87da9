"""The list of queues, and their form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.objects.inputs import assign
from models.runs import queues
from models.runs.queues import JobQueue
from tui.commands import Scope
from tui.lists.spec import ListColumn, ListSpec
from tui.nouns.queues import LISTING
from tui.screens.dialogs import ConfirmDialog
from tui.screens.forms import FormScreen
from tui.screens.listing import ListScreen
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _runs(status: str) -> str:
    return (
        '(SELECT count(*) FROM job_result r WHERE r.queue = "t1".name'
        f" AND r.status = '{status}')"
    )


def _number(name: str, title: str, **values: Any) -> ListColumn:
    width = len(title) + (0 if values else 2)  # room for the sign of the order
    look = Column(id=name, title=title, width=width, align="right", sortable=not values)
    return ListColumn(column=look, **values)


SPEC = ListSpec(
    model=JobQueue,
    title="Queues",
    columns=(
        ListColumn(column=Column(id="name", title="Name", width=16, grows=True)),
        _number("priority", "Priority"),
        ListColumn(
            column=Column(
                id="run_limit",
                title="At once",
                width=9,
                align="right",
                text=lambda most: str(most) if most else "any",
            )
        ),
        ListColumn(
            column=Column(
                id="state",
                title="Is",
                width=6,
                style=lambda word: "warning" if word == "paused" else "",
                sortable=False,
            ),
            sql="CASE WHEN \"t1\".paused THEN 'paused' ELSE 'going' END",
        ),
        _number("waiting", "Waiting", sql=_runs("PENDING")),
        _number("going", "Going", sql=_runs("STARTED")),
        ListColumn(column=Column(id="reason", title="Reason", width=9, grows=True)),
    ),
    sort=("priority", "name"),
    empty="There are no queues.",
    listing=LISTING,
)


class QueueForm(FormScreen):
    """Make or change a queue."""

    def __init__(self, key: Any = None) -> None:
        super().__init__(JobQueue, key)

    def save(self, values: Mapping[str, Any], reason: str, *, force: bool) -> Any:  # noqa: ARG002 - a form's arguments
        """Save, and give what waits the queue's priority."""
        row = JobQueue() if self.key is None else self.read_row()
        assign(row, values)
        queues.save(row, self.user)
        return row

    def _saved(self, saved: Any) -> None:
        self.is_saving = False
        self.hookline.say(f"The queue {saved} is saved.")
        self.dismiss(saved)


class QueuesScreen(ListScreen):
    """All queues, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.QUEUES,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "queue.show",
        "queue.add",
        "queue.set",
        "queue.pause",
        "queue.resume",
    )
    ABOUT = (
        "Runs wait in queues; a job's settings say in which. Those of a lower priority"
        " number begin first, and of each queue only so many go on at once. - pauses a"
        " queue: what waits in it stays, what goes on ends."
    )

    def make_spec(self) -> ListSpec:
        """Return the list of queues."""
        return SPEC

    def open_row(self, key: Any) -> None:
        """Show the runs of a queue that wait or go."""
        name = JobQueue.get_by_id(key).name
        line = f"queue={name} status=PENDING,STARTED"
        self.hookline.open_place("results", line)

    def do_queue_show(self) -> None:
        """Show the runs of the queue under the cursor."""
        if self.table is not None:
            self.table.action_open()

    def do_queue_add(self) -> None:
        """Make a queue."""
        self.app.push_screen(QueueForm(), self._form_left)

    def do_queue_set(self) -> None:
        """Change the queue under the cursor."""
        self.app.push_screen(QueueForm(self.row.id), self._form_left)

    def _form_left(self, saved: Any) -> None:
        if saved is not None:
            self.reload()

    def do_queue_pause(self) -> None:
        """Begin no more runs of the queue under the cursor."""
        name, user = self.row.name, self.user
        self._change(
            lambda: queues.pause(user, name=name), f"The queue {name} is paused."
        )

    def do_queue_resume(self) -> None:
        """Begin runs of the queue under the cursor again."""
        name, user = self.row.name, self.user
        self._change(
            lambda: queues.resume(user, name=name), f"The queue {name} is going."
        )

    def do_queue_delete(self) -> None:
        """Ask, then delete the queue under the cursor."""
        row, user = self.row, self.user

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self._change(lambda: queues.delete(row, user), f"{row} is deleted.")

        self.app.push_screen(ConfirmDialog(f"Delete the queue {row}?"), answered)

    def _change(self, action: Callable[[], None], said: str) -> None:
        def done(_: None) -> None:
            self.hookline.say(said)
            self.reload()

        self.ask(action, done)
