"""What forms do."""

from __future__ import annotations

from tui.commands import Command, Scope

FORM = (Scope.FORM,)

COMMANDS = (
    Command(
        id="form.save",
        title="Save",
        help="Save what was filled in, as one recorded change.",
        keys=("ctrl+s",),
        scopes=FORM,
    ),
    Command(
        id="form.next",
        title="Next field",
        help="Go on to the next field.",
        keys=("tab", "down"),
        scopes=FORM,
    ),
    Command(
        id="form.previous",
        title="Field before",
        help="Go back to the field before.",
        keys=("shift+tab", "up"),
        scopes=FORM,
    ),
    Command(
        id="form.options",
        title="Options",
        help="Choose the queue of this run, or have it profiled.",
        keys=("ctrl+o",),
        scopes=(Scope.RUN_FORM,),
    ),
)
