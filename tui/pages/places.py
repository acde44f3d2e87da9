"""Where one can go: the screens by name, imported when they are first opened."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.screen import Screen

PLACES = {
    "home": "tui.screens.home:HomeScreen",
    "objects": "tui.screens.objects:ObjectsScreen",
    "object": "tui.screens.object:ObjectScreen",
    "object form": "tui.screens.object_form:ObjectForm",
    "many form": "tui.screens.many_form:ManyForm",
    "changes": "tui.screens.changes:ChangesScreen",
    "change": "tui.screens.change:ChangeScreen",
    "state": "tui.screens.state:StateScreen",
    "hooks": "tui.screens.hooks:HooksScreen",
    "hook": "tui.screens.hook:HookScreen",
    "buttons": "tui.screens.buttons:ButtonsScreen",
    "button": "tui.screens.button:ButtonScreen",
    "schedules": "tui.screens.schedules:SchedulesScreen",
    "schedule": "tui.screens.schedule:ScheduleScreen",
    "jobs": "tui.screens.jobs:JobsScreen",
    "job": "tui.screens.job:JobScreen",
    "users": "tui.screens.people:UsersScreen",
    "user": "tui.screens.people:UserScreen",
    "groups": "tui.screens.people:GroupsScreen",
    "group": "tui.screens.people:GroupScreen",
    "permissions": "tui.screens.people:PermissionsScreen",
    "permission": "tui.screens.people:PermissionScreen",
    "results": "tui.screens.results:ResultsScreen",
    "queues": "tui.screens.queues:QueuesScreen",
    "result": "tui.screens.result:ResultScreen",
    "notifications": "tui.screens.notifications:NotificationsScreen",
}
"""Name, and `module:Class`. Lists take a filter line, the others the row's key."""

SOON = ("objects", "object", "object form", "result")
"""The places that people open first; imported while they look at the first screen."""


def make_screen(place: str, *arguments: Any, **options: Any) -> Screen[Any]:
    """Make the screen of a place."""
    module, _, name = PLACES[place].partition(":")
    screen: Screen[Any] = getattr(importlib.import_module(module), name)(
        *arguments, **options
    )
    return screen


def import_soon() -> None:
    """Import the screens that are likely to be opened next; runs in a thread."""
    for place in SOON:
        importlib.import_module(PLACES[place].partition(":")[0])
