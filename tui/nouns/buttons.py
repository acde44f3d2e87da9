"""`hookline button …`: receivers that people run on an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation.buttons import JobButton, press_all, why_hidden
from models.history.bulk import rows_of
from models.objects.names import Finder
from tui.actions.foreseeing import counted
from tui.commandline.exits import Exit
from tui.commandline.progress import Progress
from tui.commandline.runs import after_change, report_run, run_documents
from tui.nouns import configured
from tui.nouns.chosen import chosen, is_by_filter

if TYPE_CHECKING:
    from tui.commandline.call import Call

COLUMNS = ("id", "name", "enabled", "object_types", "text", "key", "job", "job_enabled")


def list_buttons(call: Call) -> int:
    """List the buttons."""
    assert call.store
    return configured.list_rows(call, configured.listing(JobButton, COLUMNS))


def show_button(call: Call) -> int:
    """Show one button."""
    return configured.show(call, JobButton, "BUTTON")


def add_button(call: Call) -> int:
    """Make a button."""
    assert call.store
    return configured.save(call, JobButton())


def set_button(call: Call) -> int:
    """Change a button."""
    row = configured.find(call, JobButton, "BUTTON")
    return configured.save(call, row)


def delete_button(call: Call) -> int:
    """Delete a button."""
    return configured.delete(call, JobButton, "BUTTON")


def enable_button(call: Call) -> int:
    """Show a button, and let it be pressed."""
    return configured.switch(call, JobButton, "BUTTON", on=True)


def disable_button(call: Call) -> int:
    """Keep a button from being shown."""
    return configured.switch(call, JobButton, "BUTTON", on=False)


def press_button(call: Call) -> int:
    """Press a button: queue its receiver for each of some objects."""
    from tui.words.jobs import read_arguments

    user = call.user
    # As on an object's screen: who may run the job sees its button.
    button = Finder().find(JobButton, call.given.word("BUTTON"))
    found = chosen(call)
    rows = list(rows_of(found.model, found.keys, user, "view"))
    arguments = read_arguments(button.job, call.given.all("KEY=VALUE"))
    if is_by_filter(call):
        rows = _offered(call, button, rows)
        call.confirm(f"Press {button.name} on {counted(found.model, len(rows))}?")
    stopped = "What is queued by now runs."
    with Progress(call.output, "pressing", len(rows), stopped=stopped) as progress:
        call.queued += press_all(
            button, rows, user, arguments=arguments, watch=progress.show
        )
    if len(call.queued) < len(rows):
        return _stopped(call, len(rows))
    if len(call.queued) == 1:
        return report_run(call, call.queued[0])
    code = after_change(call)
    call.output.rows(("id", "job", "status"), run_documents(call.queued))
    return code


def _stopped(call: Call, total: int) -> int:
    """Say how far a press came that Ctrl-C has stopped."""
    left = total - len(call.queued)
    call.output.say(f"Stopped: {len(call.queued):,} queued, {left:,} left out.")
    return Exit.INTERRUPTED


def _offered(call: Call, button: Any, rows: list[Any]) -> list[Any]:
    """Return the objects that the button is offered for; say how many are left out."""
    offered = [row for row in rows if not why_hidden(button, row, call.user)]
    left_out = len(rows) - len(offered)
    if left_out:
        call.output.say(f"{button.name} is hidden for {left_out:,}; they are left out.")
    return offered
