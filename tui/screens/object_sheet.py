"""What the page of an object shows: buttons, fields, what belongs to it, its past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.history import timeline as history
from models.history.changes import ObjectChange
from models.objects.names import Finder
from models.objects.specs import FieldKind, FieldSpec, fields_of
from models.objects.types import get_type
from models.people.access import why_not
from models.people.grants import visible
from models.runs.results import JobResult
from models.values import frozen
from tui.actions.presses import STYLES, Button, Run, read_buttons, run_of
from tui.looks.changes import made_of
from tui.looks.statuses import status_style
from tui.looks.times import local
from tui.screens.sheet import Link, Sheet, Styled, text_column
from tui.words.form_values import value_of
from tui.words.quoting import quote_word

if TYPE_CHECKING:
    from models.people.access import User

LAST = 5
MOST_MEMBERS = 20
BUTTONS, GROUP = "Buttons", "group"
LABEL = 25
NARROWEST_LABEL, WIDEST_LABEL = 16, 36
FACTS = (
    text_column("label", LABEL),
    text_column("value", 30, grows=True),
)
RELATED_COLUMNS = (
    text_column("label", LABEL),
    text_column("count", 10, grows=True),
)
PAST_COLUMNS = (
    text_column("time", 16),
    text_column("what", 11),
    text_column("who", 14),
    text_column("why", 20, grows=True),
)


@frozen
class ObjectPage:
    """An object's page, and what its keys need to know.

    Attributes:
        reference: How filters and commands name the object.
    """

    obj: Any
    sheet: Sheet
    reference: str
    buttons: tuple[Button, ...]
    latest_run: Run | None

    @property
    def is_running(self) -> bool:
        """Whether a run that is shown has begun and not ended."""
        shown = [button.run for button in self.buttons]
        return any(run is not None and run.status == "STARTED" for run in shown)


def read_object(label: str, key: Any, user: User, *, is_ascii: bool) -> ObjectPage:
    """Put the page of an object together.

    Raises:
        NotFoundError: It is gone, or the user may not see it.
    """
    model = get_type(label)
    obj = model.objects.restrict(user, "view").get(pk=key)
    sheet = Sheet(str(obj), obj, is_ascii=is_ascii)
    buttons = read_buttons(obj, user)
    _add_buttons(sheet, buttons)
    _add_fields(sheet, obj)
    _add_related(sheet, obj, user)
    _add_changes(sheet, obj, user)
    latest = _add_results(sheet, obj, user)
    return ObjectPage(
        obj=obj,
        sheet=sheet,
        reference=f"{label}:{name_or_id(obj)}",
        buttons=tuple(buttons),
        latest_run=latest,
    )


def name_or_id(obj: Any) -> str:
    """Return the name that names this object alone, else its id."""
    name = str(obj)
    found = Finder().matching(type(obj), name, most=2)
    return name if [row.pk for row in found] == [obj.pk] else str(obj.pk)


# -- buttons


def _add_buttons(sheet: Sheet, buttons: list[Button]) -> None:
    longest = max((len(_looking(b, b.label)) for b in buttons), default=0) + 2
    columns = (
        text_column("key", 3),
        text_column("label", max(NARROWEST_LABEL, min(WIDEST_LABEL, longest))),
        text_column("run", 20, grows=True),
    )
    sheet.begin(BUTTONS, columns, note="b, then the key" if buttons else "")
    group = ""
    for button in buttons:
        if button.group != group:
            group = button.group
            sheet.add("", _looking(button, f"{group} …"), "", name=f"{GROUP} {group}")
        indent = "  " if button.group else ""
        sheet.add(
            Styled(button.key, "accent"),
            _looking(button, indent + button.label),
            _state(button),
            name=str(button.id),
            style="muted" if button.disabled else "",
        )


def _looking(button: Button, text: str) -> str:
    """Return a text as its button looks: coloured, and the word for it behind."""
    if not button.looks:
        return text
    return Styled(f"{text} ({button.looks})", STYLES[button.looks])


def _state(button: Button) -> str:
    if button.disabled:
        return f"not now: {button.disabled}"
    run = button.run
    return "" if run is None else Styled(run.text, status_style(run.status))


# -- fields


def _add_fields(sheet: Sheet, obj: Any) -> None:
    sheet.begin("Fields", FACTS)
    for spec in fields_of(type(obj)):
        if spec.kind is FieldKind.MEMBERS and spec.name != "tags":
            _add_members(sheet, obj, spec)
        else:
            _add_field(sheet, obj, spec)
    for name, title in (("created", "Created"), ("last_updated", "Last updated")):
        sheet.add(Styled(title, "muted"), local(getattr(obj, name)), name=name)
    sheet.add(Styled("Id", "muted"), str(obj.pk), name="id", text=str(obj.pk))


def _add_field(sheet: Sheet, obj: Any, spec: FieldSpec) -> None:
    value = value_of(obj, spec)
    first, _, more = value.text.partition("\n")
    text = f"{first} …" if more else first
    link = None
    if spec.kind is FieldKind.RELATION and value.text:
        other = getattr(obj, spec.name)
        link = Link("object", (other._meta.label_lower, other.pk))
    label = Styled(spec.label, "muted")
    shown = text or Styled("-", "muted")
    sheet.add(label, shown, link=link, text=value.text, name=spec.name)


def _add_members(sheet: Sheet, obj: Any, spec: FieldSpec) -> None:
    members = list(getattr(obj, spec.name)[: MOST_MEMBERS + 1])
    if not members:
        dash = Styled("-", "muted")
        sheet.add(Styled(spec.label, "muted"), dash, name=spec.name)
    for number, member in enumerate(members[:MOST_MEMBERS]):
        label = Styled("" if number else spec.label, "muted")
        link = Link("object", (member._meta.label_lower, member.pk))
        sheet.add(label, str(member), link=link, name=f"{spec.name} {member.pk}")
    if len(members) > MOST_MEMBERS:
        sheet.add("", "and more", name=f"{spec.name} more")


# -- what points at it


def _add_related(sheet: Sheet, obj: Any, user: User) -> None:
    sheet.begin("Related", RELATED_COLUMNS)
    name = name_or_id(obj)
    for field in _relations_to(type(obj)):
        model = field.model
        rows = model.objects.restrict(user, "view").filter(**{field.name: obj})
        count = rows.count()
        if count:
            words = model._meta.verbose_name_plural
            title = words[:1].upper() + words[1:]
            line = quote_word(f"{field.name}={name}")
            link = Link("objects", (model._meta.label_lower, line))
            sheet.add(
                Styled(title, "muted"),
                f"{count:,}{_as_what(field, type(obj))}",
                link=link,
                name=f"{model._meta.label_lower} {field.name}",
            )


def _relations_to(model: Any) -> list[Any]:
    found = [field for field in model._meta.backrefs if hasattr(field, "when_deleted")]
    return sorted(found, key=lambda field: (field.model._meta.label_lower, field.name))


def _as_what(field: Any, model: Any) -> str:
    """Say through which field, where the type has several that point here."""
    same = [f for f in _relations_to(model) if f.model is field.model]
    return f" as {field.name.replace('_', ' ')}" if len(same) > 1 else ""


# -- its past


def _add_changes(sheet: Sheet, obj: Any, user: User) -> None:
    found = ObjectChange.objects.restrict(user).filter(
        history.about(obj._meta.label_lower, [obj.pk.bytes])
    )
    rows = list(found.order_by("-id")[:LAST])
    total = found.count() if len(rows) == LAST else len(rows)
    sheet.begin("Changes", PAST_COLUMNS, note=_rest(total, "c"))
    for row in rows:
        is_part = bytes(row.object_id) != obj.pk.bytes
        part = f"{row.type_words} {row.object_repr}" if is_part else ""
        sheet.add(
            local(row.time),
            row.action.value,
            row.user_name,
            _why(row, part),
            link=Link("change", (row.id,)),
            name=str(row.id),
        )
    if not rows:
        sheet.say(nothing_seen(user, ObjectChange, "Nothing has been recorded of it."))


def nothing_seen(user: User, model: Any, text: str) -> str:
    """Return what stands in place of rows: that there are none, or none are shown."""
    return why_not(user, "view", model) or text


def _why(change: Any, part: str) -> str:
    """Say why a change was made, and what came of it; of a part, which one."""
    why = "  ".join(filter(None, (change.reason or _how(change), made_of(change))))
    return f"{part}: {why}" if part else why


def _how(change: Any) -> str:
    return " ".join(filter(None, (change.change_context, change.change_context_detail)))


def _rest(total: int, key: str) -> str:
    return f"{total:,} in all; {key} lists them" if total > LAST else ""


def _add_results(sheet: Sheet, obj: Any, user: User) -> Run | None:
    own = (JobResult.object_id == obj.pk.bytes) & visible(user, JobResult)
    query = JobResult.select().where(own).order_by(JobResult.id.desc())
    rows = list(query.limit(LAST))
    total = JobResult.select().where(own).count() if len(rows) == LAST else len(rows)
    sheet.begin("Results", PAST_COLUMNS, note=_rest(total, "t"))
    runs = [run_of(row, user) for row in rows]
    for row, run in zip(rows, runs, strict=True):
        sheet.add(
            local(row.created),
            Styled(run.status, status_style(run.status)),
            row.name,
            "  ".join(filter(None, (run.took, run.last_line))),
            link=Link("result", (row.id,)),
            name=str(row.id),
        )
    return runs[0] if runs else None
