"""A change in words: what differed, and what each hook made of it.

Screens and the command line say it with the same words, from here. A value is one
line; a text of several lines is compared line by line.
"""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING, Any

from models.automation.dispatch import Reason
from models.values import frozen
from tui.looks.cells import cell, dumps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from models.history.diffs import Difference

ARROW, ASCII_ARROW = "→", "->"
NOTHING = "nothing"
EMPTY = "empty"
SIGNS = {"add": "+", "change": "~", "remove": "-"}
LINES_AROUND = 1
LONGEST_COMPARED = 4_000
EMPTY_VALUES: tuple[Any, ...] = (None, "", [], {})


@frozen
class DiffLine:
    """One line of a difference.

    Attributes:
        sign: `+` came, `-` went, `~` changed; empty for what only goes on.
        path: Which value, keys joined by dots.
        text: The value, or the old and the new one.
    """

    sign: str
    path: str
    text: str


def difference_lines(
    differences: Iterable[Difference], *, action: str = "update", is_ascii: bool = False
) -> list[DiffLine]:
    """Return a difference as lines, in the order of the fields.

    Of an object that came or went whole, what was empty is only counted.
    """
    lines: list[DiffLine] = []
    left_out = 0
    for one in differences:
        value = one.new if one.operation == "add" else one.old
        if action != "update" and len(one.path) == 1 and value in EMPTY_VALUES:
            left_out += 1
        else:
            lines += _lines_of(one, ASCII_ARROW if is_ascii else ARROW)
    if left_out:
        fields = "field is" if left_out == 1 else "fields are"
        lines.append(DiffLine(sign="", path="", text=f"{left_out} {fields} empty"))
    return lines


def _lines_of(one: Difference, arrow: str) -> Iterator[DiffLine]:
    path, sign = path_text(one.path), SIGNS[one.operation]
    if one.operation == "change" and _is_long(one.old, one.new):
        yield DiffLine(sign=sign, path=path, text="")
        yield from _line_by_line(str(one.old), str(one.new))
        return
    if one.operation == "change":
        text = f"{value_text(one.old)} {arrow} {value_text(one.new)}"
    else:
        text = _whole(one.new if one.operation == "add" else one.old)
    first, *rest = text.splitlines() or [""]
    yield DiffLine(sign=sign, path=path, text=first)
    for line in rest:
        yield DiffLine(sign=sign, path="", text=line)


def _is_long(old: Any, new: Any) -> bool:
    both_texts = isinstance(old, str) and isinstance(new, str)
    return both_texts and ("\n" in old or "\n" in new)


def _line_by_line(old: str, new: str) -> Iterator[DiffLine]:
    before, after = old.splitlines(), new.splitlines()
    if len(before) + len(after) > LONGEST_COMPARED:
        text = (
            f"{len(before):,} lines before, {len(after):,} after: too long to compare"
        )
        yield DiffLine(sign="", path="", text=text)
        return
    compared = difflib.unified_diff(before, after, lineterm="", n=LINES_AROUND)
    for number, line in enumerate(list(compared)[2:]):
        if line[0] != "@":
            yield DiffLine(sign=line[0].strip(), path="", text=line[1:])
        elif number:
            yield DiffLine(sign="", path="", text="...")


def _whole(value: Any) -> str:
    return value if isinstance(value, str) and value else value_text(value)


def path_text(path: Sequence[str]) -> str:
    """Return the keys of a value, joined by dots; custom fields as `cf.`."""
    words = ["cf", *path[1:]] if path[:1] == ("custom_fields",) else list(path)
    return ".".join(words) or "all"


def value_text(value: Any) -> str:
    """Return a value in one line; what is not there is said in a word."""
    if value is None:
        return NOTHING
    return cell(value) or EMPTY


def whole_value(value: Any) -> str:
    """Return a value on as many lines as it takes."""
    if isinstance(value, str):
        return value or EMPTY
    is_nested = isinstance(value, (dict, list)) and value and "name" not in value
    return dumps(value, indent=2) if is_nested else value_text(value)


@frozen
class VerdictLine:
    """What one hook made of a change.

    Attributes:
        hook_id: The hook.
        hook: Its name; its number when it is gone.
        has_fired: Whether a run was queued.
        is_problem: Whether somebody should see to why it did not fire.
        words: What came of it, or why nothing did.
        result_id: The run.
        status: How the run stands.
    """

    hook_id: int
    hook: str
    has_fired: bool
    is_problem: bool
    words: str
    result_id: int | None = None
    status: str = ""


PROBLEMS = frozenset(
    {Reason.JOB_MISSING, Reason.NO_USER, Reason.NO_PERMISSION, Reason.FAILED}
)
"""Reasons that nobody chose, as one chooses a condition or switches a hook off."""

# What people look for first: what ran, then what should have, then the rest.
_RANKS = {Reason.FIRED: 0, Reason.OTHER_EVENT: 2}


def verdict_lines(
    verdicts: Iterable[Sequence[Any]],
    *,
    names: Mapping[int, str],
    statuses: Mapping[int, str],
    is_ascii: bool = False,
) -> list[VerdictLine]:
    """Return stored verdicts in words, those that fired first, then by hook name.

    Args:
        verdicts: `[hook id, reason, detail, result id]`.
        names: The names of the hooks that are still there.
        statuses: How the runs stand, by result id.
        is_ascii: Use no characters outside ASCII for the arrow.
    """
    ranked = sorted(verdicts, key=lambda verdict: _RANKS.get(verdict[1], 1))
    arrow = ASCII_ARROW if is_ascii else ARROW
    return [
        VerdictLine(
            hook_id=hook_id,
            hook=names.get(hook_id) or f"hook {hook_id}, deleted",
            has_fired=result is not None,
            is_problem=reason in PROBLEMS,
            words=verdict_words(reason, detail, result, arrow),
            result_id=result,
            status=statuses.get(result, "gone") if result is not None else "",
        )
        for hook_id, reason, detail, result in ranked
    ]


def verdict_words(reason: str, detail: str, result: int | None, arrow: str) -> str:
    """Return what came of a hook, or why nothing did."""
    if result is not None:
        return f"{reason} {arrow} result {result}"
    if reason == Reason.CAUSED:
        return f"{reason} {detail}".strip()
    return f"{reason}: {detail}" if detail else str(reason)


def made_of(change: Any) -> str:
    """Return what hooks made of a change, in a few words: `hooks: fired 2, muted 1`.

    Hooks that are off, or for another event, are left out.
    """
    counts = Counter(
        reason
        for _, reason, *_ in change.read_verdicts()
        if reason not in {Reason.OTHER_EVENT, Reason.HOOK_OFF}
    )
    words = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
    return f"hooks: {words}" if words else ""


def why_none(verdicts: bytes | None) -> str:
    """Return why a change has no verdicts."""
    if verdicts is None:
        return "not judged yet: the run or the load that made it is not over"
    return "no hook is for objects of this type"
