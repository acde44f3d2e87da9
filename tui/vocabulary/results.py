"""What leaves the store with a run: its log and its files; and parts of its log."""

from __future__ import annotations

from tui.commands import Argument, Command, Option, Scope
from tui.vocabulary.words import RESULT

LEVEL = Option(
    name="--level",
    value="LEVEL",
    choices=("debug", "info", "success", "warning", "failure", "error", "critical"),
    help="Leave out log entries below this level.",
)
GROUPING = Option(
    name="--grouping", value="TEXT", help="Only the log entries of this grouping."
)
OUTPUT = Option(
    name="--output",
    value="FILE",
    help="Write to this new file; to stdout without it.",
    completes="file",
)

COMMANDS = (
    Command(
        id="result.export",
        title="Export the log",
        help="Write a job result's log: as text, as CSV, or with the result as JSON.",
        keys=("w",),
        scopes=(Scope.RESULT,),
        needs_row=True,
        own_account=True,
        noun="result",
        verb="export",
        arguments=(RESULT,),
        options=(
            OUTPUT,
            Option(
                name="--form",
                value="FORM",
                choices=("text", "json", "csv"),
                help="By default what the file's name ends in asks for, else text.",
            ),
            LEVEL,
            GROUPING,
        ),
        handler="tui.nouns.results:export_result",
        examples=("hookline result export 1 --level warning",),
    ),
    Command(
        id="result.file",
        title="Save a file",
        help="Copy a file that a run made out of the store.",
        keys=("s",),
        scopes=(Scope.RESULT,),
        needs_row=True,
        own_account=True,
        noun="result",
        verb="file",
        arguments=(
            RESULT,
            Argument(
                name="NAME",
                help="The file; may be left out when there is one.",
                optional=True,
            ),
        ),
        options=(OUTPUT,),
        handler="tui.nouns.results:save_result_file",
    ),
    Command(
        id="result.grouping",
        title="Grouping",
        help="Show only the log entries of one grouping.",
        keys=("y",),
        scopes=(Scope.RESULT,),
    ),
)
