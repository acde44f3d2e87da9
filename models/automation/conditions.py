"""Conditions of hooks: one line each, parsed and bounded when the hook is saved.

Lines end at a line's end or a semicolon, and all of them must hold. A line may begin
with `not`. Its forms:

* `changed serial` - an update that changed the field
* `status.name: Staged -> Active` - an update from one value to another; `*` is any
* `mtu > 9000` - compares the state after the change (before it, for a delete);
  `= != > >= < <= in contains startswith endswith`
* `user is alice, bob` - who made the change
* `when after.mtu > 9000 and before.mtu < 2000` - a bounded expression

Fields are paths such as `status.name` or `custom_fields.rack`. The rules of comparison
are Nautobot's (3.3): numbers compare as numbers where both sides look like numbers, a
missing value equals the empty text, lists are equal as sets. A line that cannot be
judged does not hold, even when negated.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from models.automation import expressions
from models.automation.expressions import plain_value
from models.errors import ValidationError
from models.history.images import expand
from models.objects.lists import split_lines, split_list
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from models.history.images import Image

LONGEST_LINE = 500
MOST_LINES = 20
ANY = "*"
PATH = r"[A-Za-z_]\w*(?:\.\w+)*"
OPERATORS = (
    "!=",
    ">=",
    "<=",
    "=",
    ">",
    "<",
    "in",
    "contains",
    "startswith",
    "endswith",
)

_CHANGED = re.compile(rf"changed\s+(?P<path>{PATH})")
_TRANSITION = re.compile(rf"(?P<path>{PATH})\s*:\s*(?P<old>.*?)\s*->\s*(?P<new>.*)")
_COMPARE = re.compile(
    rf"(?P<path>{PATH})\s*(?P<operator>!=|>=|<=|=|>|<|\b(?:in|contains|startswith|endswith)\b)"
    r"\s*(?P<value>.*)"
)
_USER = re.compile(r"user\s+is\s+(?P<names>.+)")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


@frozen
class Case:
    """One change, as conditions see it.

    Attributes:
        event: create, update or delete.
        before: The image before, relations spelled out; None for a create.
        after: The image after, relations spelled out; None for a delete.
        user: The name of who made the change.
    """

    event: str
    before: Image | None
    after: Image | None
    user: str

    @classmethod
    def of(cls, model: Any, event: str, images: tuple[Any, Any], user: str) -> Case:
        """Return the case of two stored images."""
        before, after = (expand(model, image) for image in images)
        return cls(event=event, before=before, after=after, user=user)

    @property
    def state(self) -> Image:
        """The state after the change; the last known one, for a delete."""
        return self.after if self.after is not None else self.before or {}


Judged = tuple[bool, str]
"""Whether a line holds, and the value that was seen."""


@frozen
class Condition:
    """One line: its text, what judges it, and whether it is turned round."""

    text: str
    judge: Callable[[Case], Judged]
    negated: bool

    def holds(
        self, case: Case, broken: Callable[[str, str], object] | None = None
    ) -> Judged:
        """Return whether the line holds for a change, and the value that was seen.

        Args:
            case: The change.
            broken: Told of a line that cannot be judged, and why; it never holds.
        """
        try:
            found, seen = self.judge(case)
        except Exception as error:  # the line is a person's; the save must not fail
            if broken is not None:
                broken(self.text, f"{type(error).__name__}: {error}")
            return False, f"{type(error).__name__}: {error}"
        return found is not self.negated, seen


def failing(
    conditions: Iterable[Condition],
    case: Case,
    broken: Callable[[str, str], object] | None = None,
) -> str:
    """Return the first line that does not hold, with the value seen; "" when all do."""
    for number, condition in enumerate(conditions, 1):
        holds, seen = condition.holds(case, broken)
        if not holds:
            return f"{number}: {condition.text} ({seen})"
    return ""


def load(text: str) -> tuple[Condition, ...]:
    """Return stored conditions; what no longer parses never holds, and says so."""
    try:
        return parse(text)
    except ValidationError as error:
        reason = error.message
        return (Condition(text=text, judge=lambda _: (False, reason), negated=False),)


def parse(text: str) -> tuple[Condition, ...]:
    """Return the conditions that a text says.

    Raises:
        ValidationError: On `conditions`, with every line that is wrong, numbered.
    """
    found, problems = [], []
    given = split_lines(text)
    if len(given) > MOST_LINES:
        problems.append(f"there are {len(given)} lines; at most {MOST_LINES} will do")
    for number, line in enumerate(given, 1):
        try:
            found.append(parse_line(line))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise ValidationError({"conditions": problems})
    return tuple(found)


def parse_line(line: str) -> Condition:
    """Return the condition that one line says.

    Raises:
        ValueError: It is none; the message says what is wrong.
    """
    if len(line) > LONGEST_LINE:
        raise ValueError(f"is longer than {LONGEST_LINE} characters")
    if "{{" in line or "{%" in line:
        raise ValueError("is no template; leave the braces out")
    negated = line.startswith("not ")
    rest = line.removeprefix("not ").strip()
    if rest.startswith("when "):
        judge = _expression(rest.removeprefix("when ").strip())
    else:
        judge = _plain(rest)
    return Condition(text=line, judge=judge, negated=negated)


def _plain(text: str) -> Callable[[Case], Judged]:
    if match := _CHANGED.fullmatch(text):
        return _changed(match["path"])
    if match := _USER.fullmatch(text):
        return _user(frozenset(split_list(match["names"])))
    if match := _TRANSITION.fullmatch(text):
        return _transition(match["path"], match["old"], match["new"])
    if match := _COMPARE.fullmatch(text):
        if match["value"] == "" and match["operator"] not in ("=", "!="):
            raise ValueError(f"says nothing after {match['operator']!r}")
        return _compare(match["path"], match["operator"], match["value"])
    raise ValueError(
        f"{text!r} is no condition; write `changed FIELD`, `FIELD: OLD -> NEW`,"
        " `FIELD = VALUE`, `user is NAME` or `when EXPRESSION`"
    )


def fields_named(text: str) -> set[str]:
    """Return the fields that plain lines name, so that a hook can check them."""
    found = set()
    for line in split_lines(text):
        plain = line.removeprefix("not ").strip()
        for form in (_CHANGED, _TRANSITION, _COMPARE):
            match = form.fullmatch(plain)
            if match and not _USER.fullmatch(plain) and not plain.startswith("when "):
                found.add(match["path"].partition(".")[0])
                break
    return found


def at(image: Image | None, path: str) -> Any:
    """Return the value at a path; None where there is none, or inside a list."""
    value: Any = image
    for part in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _changed(path: str) -> Callable[[Case], Judged]:
    def judge(case: Case) -> Judged:
        if case.event != "update":
            return False, f"it is a {case.event}"
        old, new = at(case.before, path), at(case.after, path)
        return old != new, f"{path} is {_shown(new)}"

    return judge


def _transition(path: str, old: str, new: str) -> Callable[[Case], Judged]:
    def judge(case: Case) -> Judged:
        if case.event != "update":
            return False, f"it is a {case.event}"
        before = plain_value(at(case.before, path))
        after = plain_value(at(case.after, path))
        fits = (old == ANY or equal(before, old)) and (new == ANY or equal(after, new))
        return fits and before != after, f"{_shown(before)} -> {_shown(after)}"

    return judge


def _user(names: frozenset[str]) -> Callable[[Case], Judged]:
    return lambda case: (case.user in names, f"user is {case.user}")


def _compare(path: str, sign: str, wanted: str) -> Callable[[Case], Judged]:
    test = COMPARISONS[sign]

    def judge(case: Case) -> Judged:
        value = plain_value(at(case.state, path))
        return test(value, wanted), f"{path} is {_shown(value)}"

    return judge


def equal(value: Any, wanted: str) -> bool:
    """Return whether a value equals a text, by the rules above."""
    if value is None:
        return wanted == ""
    if isinstance(value, bool):
        return str(value).lower() == wanted.lower()
    if isinstance(value, list):
        return {str(item) for item in value} == set(split_list(wanted))
    numbers = _numbers(value, wanted)
    return numbers[0] == numbers[1] if numbers else str(value) == wanted


def _numbers(value: Any, wanted: str) -> tuple[float, float] | None:
    text = str(value)
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        return None
    return (float(text), float(wanted)) if _NUMBER.fullmatch(wanted) else None


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, str], bool]:
    def compare(value: Any, wanted: str) -> bool:
        if value is None or isinstance(value, (list, dict, bool)):
            return False
        numbers = _numbers(value, wanted)
        return test(*numbers) if numbers else test(str(value), wanted)

    return compare


def _contains(value: Any, wanted: str) -> bool:
    if isinstance(value, list):
        return wanted in {str(item) for item in value}
    return wanted in ("" if value is None else str(value))


COMPARISONS: dict[str, Callable[[Any, str], bool]] = {
    "=": equal,
    "!=": lambda value, wanted: not equal(value, wanted),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    "in": lambda value, wanted: any(equal(value, one) for one in split_list(wanted)),
    "contains": _contains,
    "startswith": lambda value, wanted: str(value or "").startswith(wanted),
    "endswith": lambda value, wanted: str(value or "").endswith(wanted),
}


def _shown(value: Any) -> str:
    text = "nothing" if value is None or value == "" else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _expression(text: str) -> Callable[[Case], Judged]:
    judge_names = expressions.parse(text)

    def judge(case: Case) -> Judged:
        found = judge_names(
            {
                "before": case.before,
                "after": case.after,
                "event": case.event,
                "user": case.user,
                "changed": lambda path: _changed(path)(case)[0],
            }
        )
        return found, f"it is {str(found).lower()}"

    return judge
