"""The `:` line: from words to a screen, and what half a word may become.

device                 the list of a type          device status=Active   filtered
device:core-01         one object                  core-01                the same
hooks, jobs, results   a screen                    result 41, #41         one row
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.errors import AmbiguousError, HooklineError, NotFoundError
from models.history.changes import ObjectChange
from models.objects.names import Finder, by_natural_name, find_row
from models.objects.types import get_type, object_types
from models.people.access import Group, ObjectPermission, User
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from models.timing.schedules import JobSchedule
from models.values import frozen
from tui.words.form_values import rows_like
from tui.words.grammar import parse_filter_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.app import HooklineApp

LISTS = (
    *("hooks", "buttons", "schedules", "jobs", "results", "queues", "changes"),
    *("users", "groups", "permissions"),
)
PAGES = ("notifications",)
"""Screens that take no filter."""
HOME = ("home", "types")
QUIT = ("quit", "q")
ROWS: dict[str, Any] = {
    "hook": JobHook,
    "button": JobButton,
    "schedule": JobSchedule,
    "job": JobRecord,
    "result": JobResult,
    "change": ObjectChange,
    "user": User,
    "group": Group,
    "permission": ObjectPermission,
}
NUMBERED = frozenset({"result", "change"})
MOST_CHOICES = 12


@frozen
class Target:
    """A screen to go to.

    Attributes:
        place: A name of `tui.pages.places`, or `home` or `quit`.
        arguments: What its screen takes.
    """

    place: str
    arguments: tuple[Any, ...] = ()

    def open(self, app: HooklineApp) -> None:
        """Go there."""
        if self.place == "quit":
            app.exit()
        elif self.place == "home":
            app.go_home()
        else:
            app.open_place(self.place, *self.arguments)


def resolve(text: str, user: User) -> Target:
    """Return what a line names.

    Raises:
        HooklineError: It names nothing, or more than one thing; the near are named.
    """
    line = text.strip()
    first, _, rest = line.partition(" ")
    rest = rest.strip()
    if line in HOME:
        return Target(place="home")
    if line in QUIT:
        return Target(place="quit")
    if line in PAGES:
        return Target(place=line)
    if first in LISTS:
        return Target(place=first, arguments=(rest,))
    if line.startswith("#"):
        first, rest = "result", line[1:]
    if first in ROWS and rest:
        return Target(
            place=first, arguments=(find_row(ROWS[first], rest, user=user).pk,)
        )
    return _of_type(line, user) or _begun(line) or _by_name(line, user)


def _of_type(line: str, user: User) -> Target | None:
    """Return the list of a type, or one of its objects; None if no type is named."""
    head, colon, tail = line.partition(":")
    if colon and " " not in head:
        return _object(get_type(head), tail.strip(), user)
    first, _, rest = line.partition(" ")
    try:
        model = get_type(first)
    except NotFoundError:
        return None
    label = model._meta.label_lower
    rest = rest.strip()
    if rest and not parse_filter_line(rest).conditions:
        rows = Finder(user).matching(model, rest, most=2)
        if len(rows) == 1:
            return Target(place="object", arguments=(label, rows[0].pk))
    return Target(place="objects", arguments=(label, rest))


def _begun(line: str) -> Target | None:
    """Return where half a word leads, if all that begin with it begin alike."""
    places = [*LISTS, *PAGES, *HOME, *type_words()]
    found = [word for word in places if line and word.startswith(line)]
    shortest = min(found, key=len, default="")
    if not shortest or not all(word.startswith(shortest) for word in found):
        return None
    if shortest in HOME:
        return Target(place="home")
    if shortest in PAGES:
        return Target(place=shortest)
    if shortest in LISTS:
        return Target(place=shortest, arguments=("",))
    return Target(place="objects", arguments=(get_type(shortest)._meta.label_lower, ""))


def _object(model: Any, rest: str, user: User) -> Target:
    row = find_row(model, rest, user=user)
    return Target(place="object", arguments=(model._meta.label_lower, row.pk))


def _by_name(line: str, user: User) -> Target:
    """Return the one object of any type that has this name.

    Raises:
        NotFoundError: There is none, and no type or screen of that name either.
        AmbiguousError: There are several.
    """
    found: list[Any] = []
    for model in object_types().values() if line else ():
        rows = model.objects.restrict(user, "view")
        found += list(rows.filter(by_natural_name(model, line, "iexact"))[:2])
    if not found:
        near = get_close_matches(line, words(), n=3)
        hint = f"Did you mean {near[0]}?" if near else "Tab completes half a word."
        raise NotFoundError(
            f"There is no type, screen or object {line!r}. {hint}",
            on=line,
            candidates=near,
        )
    if len(found) > 1:
        names = [f"{row._meta.model_name}:{row}" for row in found]
        raise AmbiguousError(
            f"Several objects are named {line!r}: {', '.join(names)}. Write TYPE:NAME.",
            on=line,
            candidates=names,
        )
    model = type(found[0])
    return Target(place="object", arguments=(model._meta.label_lower, found[0].pk))


def words() -> list[str]:
    """Return the first words that name something: screens, then types."""
    return [*LISTS, *PAGES, "home", *type_words(), *ROWS, "quit"]


def type_words() -> list[str]:
    """Return the shortest unique names of the types."""
    labels = list(object_types())
    bare = [label.partition(".")[2] for label in labels]
    return [
        name if bare.count(name) == 1 else label
        for name, label in zip(bare, labels, strict=True)
    ]


def completions(text: str, user: User) -> list[str]:
    """Return whole lines that a half-typed one may become."""
    line = text.lstrip()
    for sign in (":", " "):
        head, found, rest = line.partition(sign)
        if found and " " not in head:
            return [f"{head}{sign}{name}" for name in _names(head, rest, user)]
    return _like(line, words())


def _like(start: str, known: Iterable[str]) -> list[str]:
    """Return the words that begin with a text, then those that contain it."""
    wanted = start.lower()
    every = list(known)
    first = [word for word in every if word.lower().startswith(wanted)]
    others = [word for word in every if wanted in word.lower() and word not in first]
    return [*first, *others][:MOST_CHOICES]


def _names(head: str, rest: str, user: User) -> list[str]:
    if head in NUMBERED or "=" in rest or "~" in rest:
        return []
    try:
        model = ROWS.get(head) or get_type(head)
        rows = rows_like(model.objects.restrict(user, "view"), rest)
        return [str(row) for row in rows[:MOST_CHOICES]]
    except HooklineError:
        return []
