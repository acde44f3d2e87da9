"""What only the screens of one change, result or job do. None of it writes."""

from __future__ import annotations

from tui.commands import Command, Scope, Situation


def has_object(situation: Situation) -> str | None:
    """Say that it is about no object."""
    row = situation.row
    return None if getattr(row, "object_id", None) else "it is about no object"


def has_change(situation: Situation) -> str | None:
    """Say that no change led to it."""
    return None if situation.row.change_id else "no change led to it"


def has_file(situation: Situation) -> str | None:
    """Say that there is no file to edit."""
    return None if situation.row.source_path else "its file is not known"


COMMANDS = (
    Command(
        id="page.object",
        title="Object",
        help="Open the object that it is about.",
        keys=("o",),
        scopes=(Scope.CHANGE, Scope.STATE, Scope.RESULT),
        needs_row=True,
        available=has_object,
    ),
    Command(
        id="change.previous",
        title="Older",
        help="Show the change that the object had before.",
        keys=("left_square_bracket",),
        scopes=(Scope.CHANGE,),
        needs_row=True,
    ),
    Command(
        id="change.next",
        title="Newer",
        help="Show the change that the object had next.",
        keys=("right_square_bracket",),
        scopes=(Scope.CHANGE,),
        needs_row=True,
    ),
    Command(
        id="result.change",
        title="Change",
        help="Open the change that led to the run.",
        keys=("c",),
        scopes=(Scope.RESULT,),
        needs_row=True,
        available=has_change,
    ),
    Command(
        id="result.unseen",
        title="Unseen",
        help="Show only failed and interrupted runs that you have not acknowledged.",
        keys=("u",),
        scopes=(Scope.RESULTS,),
    ),
    Command(
        id="result.level",
        title="Level",
        help="Show fewer log entries: warnings and above, then errors, then all.",
        keys=("v",),
        scopes=(Scope.RESULT,),
    ),
    Command(
        id="result.search",
        title="Search",
        help="Show only log entries with a text.",
        keys=("slash",),
        scopes=(Scope.RESULT,),
    ),
    Command(
        id="job.edit",
        title="Edit the file",
        help="Open the job's file in $EDITOR; a saved file is read by itself.",
        keys=("e",),
        scopes=(Scope.JOBS, Scope.JOB),
        needs_row=True,
        own_account=True,
        available=has_file,
    ),
    Command(
        id="text.copy",
        title="Copy",
        help="Copy the whole text to the clipboard.",
        keys=("y",),
        scopes=(Scope.TEXT,),
    ),
)
