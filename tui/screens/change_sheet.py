"""What the screen of one change shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation.hooks import names_of
from models.history.changes import ObjectChange
from models.people.grants import visible
from tui.looks.changes import (
    difference_lines,
    path_text,
    verdict_lines,
    whole_value,
    why_none,
)
from tui.looks.statuses import status_style, statuses_of
from tui.looks.times import exact
from tui.screens.sheet import Link, Sheet, Styled, text_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.history.diffs import Difference
    from models.people.access import User
    from tui.looks.changes import DiffLine

DONE = {"create": "created", "update": "updated", "delete": "deleted"}
HEADINGS = {"create": "Created with", "update": "Changed", "delete": "Deleted with"}
SIGN_STYLES = {"+": "success", "-": "error", "~": "warning"}
MOST_SIBLINGS = 20
NARROWEST, WIDEST = 8, 26
SIBLING_COLUMNS = (
    text_column("action", 7),
    text_column("type", 16),
    text_column("object", 20, grows=True),
)


def change_sheet(change_id: int, user: User, *, is_ascii: bool = False) -> Sheet:
    """Return the page of a change; it says so when there is none."""
    change = ObjectChange.get_or_none(
        ObjectChange.id == change_id, visible(user, ObjectChange)
    )
    if change is None:
        sheet = Sheet(f"Change {change_id}", is_ascii=is_ascii)
        sheet.say("There is no such change; it was taken back, or never was.")
        return sheet
    sheet = Sheet(f"Change {change.id}", change, is_ascii=is_ascii)
    _add_facts(sheet, change)
    _add_differences(sheet, change)
    _add_verdicts(sheet, change)
    _add_siblings(sheet, change, user)
    return sheet


def _add_facts(sheet: Sheet, change: Any) -> None:
    context = change.context
    user = change.user_name
    if context.acted_for:
        user += f", for whom {context.acted_for} acted"
    gone = "" if change.changed_object is not None else " (gone)"
    sheet.fact(
        "object",
        f"{change.type_words} {change.object_repr}{gone}",
        link=object_link(change),
    )
    sheet.fact("action", f"{DONE[change.action]} {exact(change.time)} by {user}")
    sheet.fact("reason", change.reason)
    sheet.fact("made by", _kind_words(context), link=_result_link(context.result_id))
    if context.cause_id is not None and context.cause_id != context.result_id:
        cause = f"result {context.cause_id}"
        sheet.fact("caused by", cause, link=_result_link(context.cause_id))


def _kind_words(context: Any) -> str:
    words = str(context.kind)
    if context.detail:
        words += f" {context.detail}"
    return f"{words}, result {context.result_id}" if context.result_id else words


def _result_link(result_id: int | None) -> Link | None:
    return None if result_id is None else Link("result", (result_id,))


def object_link(change: Any) -> Link | None:
    """Return where the changed object is; None when it is gone, or its type."""
    if change.model is None or change.changed_object is None:
        return None
    return Link("object", (change.changed_object_type, change.changed_object_id))


# -- what differed


def _add_differences(sheet: Sheet, change: Any) -> None:
    differences = change.get_differences()
    lines = difference_lines(differences, action=change.action, is_ascii=sheet.is_ascii)
    sheet.begin(
        HEADINGS[change.action],
        (
            text_column("sign", 1),
            text_column("path", _cells(line.path for line in lines)),
            text_column("value", 20, grows=True),
        ),
    )
    whole = _whole_values(differences)
    path = ""
    for line in lines:
        path = line.path or path
        _add_diff_line(sheet, line, whole.get(path, line.text))
    if not lines:
        sheet.say("Nothing that is recorded differs.")


def _add_diff_line(sheet: Sheet, line: DiffLine, text: str) -> None:
    style = SIGN_STYLES.get(line.sign, "muted")
    value = line.text if line.sign else Styled(line.text, "muted")
    sheet.add(Styled(line.sign, style), Styled(line.path, style), value, text=text)


def _whole_values(differences: Iterable[Difference]) -> dict[str, str]:
    """Return what Enter shows of each value: all of it, before and after."""
    whole = {}
    for one in differences:
        parts = []
        if one.operation != "add":
            parts.append(f"before:\n{whole_value(one.old)}")
        if one.operation != "remove":
            parts.append(f"after:\n{whole_value(one.new)}")
        whole[path_text(one.path)] = "\n\n".join(parts)
    return whole


def _cells(texts: Iterable[str]) -> int:
    return max(NARROWEST, min(WIDEST, max(map(len, texts), default=0)))


# -- what the hooks made of it


def _add_verdicts(sheet: Sheet, change: Any) -> None:
    verdicts = change.read_verdicts()
    statuses = statuses_of(result for *_, result in verdicts if result is not None)
    names = names_of([hook for hook, *_ in verdicts])
    lines = verdict_lines(
        verdicts, names=names, statuses=statuses, is_ascii=sheet.is_ascii
    )
    columns = (
        text_column("hook", _cells(line.hook for line in lines)),
        text_column("words", 20, grows=True),
    )
    fired = sum(line.has_fired for line in lines)
    note = f"{fired} of {len(lines)} fired" if lines else ""
    sheet.begin("Hooks", columns, note=note)
    for line in lines:
        name = str(line.hook_id)
        link: Link | None
        if line.result_id is not None:
            words = Styled(f"{line.words} {line.status}", status_style(line.status))
            link = Link("result", (line.result_id,))
            sheet.add(line.hook, words, link=link, name=name)
        else:
            link = Link("hook", (line.hook_id,)) if line.hook_id in names else None
            words = Styled(line.words, "warning" if line.is_problem else "muted")
            sheet.add(line.hook, words, link=link, name=name, text=line.words)
    if not lines:
        sheet.say(why_none(change.verdicts))


# -- what else the same request changed


def _add_siblings(sheet: Sheet, change: Any, user: User) -> None:
    same = (ObjectChange.context == change.context_id) & (ObjectChange.id != change.id)
    found = ObjectChange.select().where(same, visible(user, ObjectChange))
    found = found.order_by(ObjectChange.id)
    rows = list(found.limit(MOST_SIBLINGS))
    note = ""
    if len(rows) == MOST_SIBLINGS:
        note = f"{MOST_SIBLINGS} of {found.count():,}"
    sheet.begin("Changed by the same request", SIBLING_COLUMNS, note=note)
    for row in rows:
        sheet.add(
            row.action.value,
            row.changed_object_type,
            row.object_repr,
            link=Link("change", (row.id,)),
            name=str(row.id),
        )
    if len(rows) == MOST_SIBLINGS:
        link = Link("changes", (f"request={change.request_id}",))
        sheet.add("", "", "all of them", link=link, name="all")
