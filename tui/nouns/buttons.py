"""`hookline button …`: receivers that people run on an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.buttons import JobButton, press
from models.names import Finder
from tui.lookup import find_object
from tui.nouns import configured
from tui.runs import report_run

if TYPE_CHECKING:
    from tui.call import Call

COLUMNS = ("id", "name", "enabled", "object_types", "text", "key", "job", "job_enabled")


def list_buttons(call: Call) -> int:
    """List the buttons."""
    assert call.store
    return configured.list_rows(call, JobButton, COLUMNS)


def show_button(call: Call) -> int:
    """Show one button."""
    return configured.show(call, JobButton, "BUTTON")


def add_button(call: Call) -> int:
    """Make a button."""
    assert call.store
    return configured.save(call, JobButton(), action="add")


def set_button(call: Call) -> int:
    """Change a button."""
    row = configured.find(call, JobButton, "BUTTON")
    return configured.save(call, row, action="change")


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
    """Press a button: queue its receiver for an object."""
    from tui.nouns.jobs import read_arguments

    user = call.user
    # As on an object's screen: who may run the job sees its button.
    button = Finder().find(JobButton, call.given.word("BUTTON"))
    row = find_object(call.given.word("OBJECT"), user)
    arguments = read_arguments(button.job, call.given.all("KEY=VALUE"))
    result = press(button, row, user, arguments=arguments)
    call.queued.append(result.id)
    return report_run(call, result.id)
