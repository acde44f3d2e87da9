"""What only screens do: moving about. None of it writes."""

from __future__ import annotations

from tui.commands import Command, Scope

EVERYWHERE = (Scope.EVERYWHERE,)
LISTS = (
    Scope.LIST,
    Scope.CHANGES,
    Scope.HOOKS,
    Scope.BUTTONS,
    Scope.SCHEDULES,
    Scope.JOBS,
    Scope.RESULTS,
    Scope.QUEUES,
    Scope.USERS,
    Scope.GROUPS,
    Scope.PERMISSIONS,
)


def _everywhere(command_id: str, title: str, help_text: str, *keys: str) -> Command:
    return Command(
        id=command_id, title=title, help=help_text, keys=keys, scopes=EVERYWHERE
    )


def _in_lists(command_id: str, title: str, help_text: str, *keys: str) -> Command:
    return Command(id=command_id, title=title, help=help_text, keys=keys, scopes=LISTS)


COMMANDS = (
    Command(
        id="app.open",
        title="Screens",
        help="Open the screens; `hookline` alone does it.",
    ),
    _everywhere("app.go", "Go to", "Go to a type, an object or a screen.", "colon"),
    _everywhere("app.back", "Back", "Go back, or close what is open.", "escape"),
    _everywhere(
        "app.help", "Help", "Explain the focused part and its keys.", "question_mark"
    ),
    _everywhere("app.palette", "Commands", "Find any command by its name.", "ctrl+p"),
    _everywhere("app.refresh", "Redraw", "Read and draw everything anew.", "ctrl+l"),
    _everywhere(
        "app.close", "Close", "Go back; on the first screen, leave Hookline.", "q"
    ),
    _everywhere("app.quit", "Quit", "Leave; the runner goes on.", "ctrl+q"),
    Command(
        id="home.open",
        title="Open",
        help="Open what the cursor is on.",
        keys=("enter",),
        scopes=(Scope.HOME,),
    ),
    Command(
        id="home.other",
        title="Other side",
        help="Go to the other side of the first screen.",
        keys=("tab", "left", "right", "h", "l"),
        scopes=(Scope.HOME,),
    ),
    _in_lists("list.filter", "Filter", "Show only what fits a filter.", "slash"),
    _in_lists("list.next", "Next match", "Go to the next match.", "n"),
    _in_lists("list.previous", "Previous match", "Go to the match before.", "N"),
    _in_lists("list.sort", "Sort", "Sort by the column under the cursor.", "s"),
    _in_lists("list.mark", "Mark", "Mark the row, or take the mark away.", "space"),
    _in_lists("list.mark_range", "Mark to here", "Mark all from the last mark.", "V"),
    _in_lists("list.mark_all", "Mark all", "Mark all that fit the filter.", "asterisk"),
    _in_lists("list.copy", "Copy", "Copy the row's name to the clipboard.", "y"),
    _in_lists("list.down", "Down", "Go one row down.", "down", "j"),
    _in_lists("list.up", "Up", "Go one row up.", "up", "k"),
    _in_lists("list.page_down", "Page down", "Go one page down.", "pagedown", "ctrl+f"),
    _in_lists("list.page_up", "Page up", "Go one page up.", "pageup", "ctrl+b"),
    _in_lists("list.top", "Top", "Go to the first row.", "home", "g"),
    _in_lists("list.bottom", "Bottom", "Go to the last row.", "end", "G"),
    _in_lists("list.left", "Left", "Show the columns to the left.", "left", "h"),
    _in_lists("list.right", "Right", "Show the columns to the right.", "right", "l"),
)
