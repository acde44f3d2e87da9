"""A form for anything that has fields: objects, hooks, buttons.

The fields come from `models.objects.specs`, the checks from `models.objects.inputs`:
what a form accepts, a command accepts. A subclass may narrow what can be picked
(`pickable`), and offer a way out of an error (`refused`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import VerticalScroll

from models.errors import ConflictError, ValidationError
from models.objects.base import ChangeLoggedModel
from models.objects.specs import FieldKind, FieldSpec, fields_of
from models.values import frozen
from tui.actions.saving import Saved, save_form
from tui.commands import Scope
from tui.screens.base import HooklineScreen
from tui.screens.dialogs import ChoiceDialog, ConfirmDialog
from tui.screens.pickers import PickerDialog, chosen_options
from tui.widgets.fields import FieldEdited, FormField, PickEdit, hint_of
from tui.words.form_values import (
    LINKS,
    Option,
    Value,
    changed,
    choices,
    filled,
    found_options,
    is_many,
    joined,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import DescendantFocus
    from textual.widgets import Input

REASON = FieldSpec(
    name="reason",
    label="Reason",
    kind=FieldKind.NAME,
    help="Why; it stands with the recorded change. May be left empty.",
)
WHOLE = "__all__"


@frozen
class Filled:
    """What a form starts with.

    Attributes:
        name: The object's name; empty for a new one.
        values: By field name.
        last_updated: When the object was last saved, to notice that it changed since.
    """

    name: str
    values: Mapping[str, Value]
    last_updated: dt.datetime | None


class FormBody(VerticalScroll, inherit_bindings=False):
    """The fields; it scrolls by itself to where the focus is."""


class FormScreen(HooklineScreen[Saved | None]):
    """A form; answers what was saved, or None.

    Args:
        model: The type.
        key: The object's key; None for a new one.
        given: Values by field name to start a new one with.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.FORM,)
    FOOTER: ClassVar[tuple[str, ...]] = ("form.save", "form.next", "app.back")
    ABOUT = (
        "A form. Tab goes to the next field, ctrl+s saves, Esc leaves. * marks what"
        " must be filled in. Where values are picked, Enter lists them and letters"
        " search."
    )

    def __init__(
        self, model: Any, key: Any = None, *, given: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__()
        self.model = model
        self.key = key
        self.given = given
        self.specs = self.make_fields()
        self.fields = {spec.name: FormField(spec) for spec in self.specs}
        self.reason = FormField(REASON)
        self.start: Filled | None = None
        self.is_saving = False

    # -- what a subclass may change

    def make_fields(self) -> Sequence[FieldSpec]:
        """Return the fields, in their order."""
        return fields_of(self.model)

    def pickable(self, spec: FieldSpec) -> Any:
        """Return the rows among which a relation or members are picked."""
        return spec.relation.objects.restrict(self.user, "view")

    def new_row(self) -> Any:
        """Return a new object to fill the form from; runs in a thread."""
        return self.model()

    def start_values(self, row: Any) -> Mapping[str, Value]:
        """Return what the form starts with; runs in a thread."""
        return filled(self.model, row, self.given)

    def values(self) -> dict[str, Any]:
        """Return the raw values to save: those that the person changed."""
        assert self.start is not None
        after = {name: field.raw for name, field in self.fields.items()}
        return changed(self.start.values, after)

    def save(self, values: Mapping[str, Any], reason: str, *, force: bool) -> Saved:
        """Save; runs in a thread.

        Args:
            values: Raw values by field name.
            reason: Why, in the person's words.
            force: Save over what somebody else has saved meanwhile.
        """
        assert self.start is not None
        row = self.new_row() if self.key is None else self.read_row()
        return save_form(
            row,
            values,
            self.user,
            lambda: self.hookline.change(reason=reason),
            unchanged_since=None if force else self.start.last_updated,
        )

    def refused(self, error: Exception) -> None:
        """Show why nothing was saved; a subclass may offer a way out instead."""
        if isinstance(error, ConflictError):
            self._offer_reload(error)
        elif isinstance(error, ValidationError) and error.fields:
            self.show_problems(error.message_dict)
        else:
            self.hookline.say_error(error)

    # -- layout

    @property
    def has_reason(self) -> bool:
        """Say whether a reason is recorded."""
        return self.model is not None and issubclass(self.model, ChangeLoggedModel)

    def compose_body(self) -> ComposeResult:
        """Lay out the fields."""
        with FormBody(id="form", can_focus=False):
            yield from self.compose_fields()
            if self.has_reason:
                yield self.reason

    def compose_fields(self) -> ComposeResult:
        """Lay out the fields one below the other; a subclass may put more between."""
        yield from self.fields.values()

    @property
    def crumb(self) -> str:
        """Say what is filled in."""
        if self.key is None:
            return f"Add {self.model._meta.verbose_name}"
        return f"Edit {self.start.name}" if self.start else "Edit"

    def on_mount(self) -> None:
        """Read what the form starts with."""
        self.title_line.show(left=self.crumbs)
        self.show_keys()
        self.load()

    def load(self) -> None:
        """Fill the form from the store; what was typed is lost."""
        self.ask(self._read_values, self._fill, failed=self.read_failed)

    def read_row(self) -> Any:
        """Read the object.

        Raises:
            NotFoundError: It is gone.
        """
        key = self.model._meta.primary_key.name
        return self.model.objects.get(**{key: self.key})

    def _read_values(self) -> Filled:
        row = self.new_row() if self.key is None else self.read_row()
        return Filled(
            name="" if self.key is None else str(row),
            values=self.start_values(row),
            last_updated=getattr(row, "last_updated", None),
        )

    def _fill(self, start: Filled) -> None:
        is_first = self.start is None
        self.start = start
        for name, field in self.fields.items():
            field.fill(start.values[name])
            field.show_problem([])
        self.title_line.show(left=self.crumbs)
        if is_first and self.fields:
            next(iter(self.fields.values())).edit.focus()

    def read_failed(self, error: Exception) -> None:
        """Say that the object is gone, and leave."""
        self.hookline.say_error(error)
        self.dismiss(None)

    # -- filling in

    @property
    def has_changes(self) -> bool:
        """Say whether something was filled in that is not saved."""
        return self.start is not None and bool(self.values())

    def on_field_edited(self, message: FieldEdited) -> None:
        """Say that there is something to save; take the field's problem away."""
        message.stop()
        field = self.fields.get(message.name)
        if field is not None:
            field.show_problem([])
        self.title_line.show(right="not saved yet" if self.has_changes else "")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say what to know about the field."""
        spec = getattr(event.widget, "spec", None)
        if spec is not None:
            self.bar.note(hint_of(spec))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field."""
        event.stop()
        self.focus_next()

    def do_form_next(self) -> None:
        """Go on to the next field."""
        self.focus_next()

    def do_form_previous(self) -> None:
        """Go back to the field before."""
        self.focus_previous()

    # -- picking

    def on_pick_edit_pick_wanted(self, message: PickEdit.PickWanted) -> None:
        """Open the picker of a field."""
        message.stop()
        field = message.field

        def done(options: list[Option] | None) -> None:
            if options is not None:
                values = [option.value for option in options]
                field.put(joined(values) if is_many(field.spec) else values[0])

        picker = PickerDialog(
            field.spec.label,
            self._finder(field.spec),
            chosen=chosen_options(field.shown),
            many=is_many(field.spec),
            text=message.text,
        )
        self.app.push_screen(picker, done)

    def _finder(self, spec: FieldSpec) -> Any:
        if spec.kind in LINKS:
            return lambda text: found_options(self.pickable(spec), text, self.model)
        options = choices(spec)
        return lambda text: [
            option
            for option in options
            if text.lower() in f"{option.value.text} {option.note}".lower()
        ]

    # -- saving

    def do_form_save(self) -> None:
        """Save what was filled in."""
        if self.start is None or self.is_saving:
            return
        self.start_save()

    def start_save(self, *, force: bool = False) -> None:
        """Save in a thread.

        Args:
            force: Save over what somebody else has saved meanwhile.
        """
        self.is_saving = True
        for field in self.fields.values():
            field.show_problem([])
        values, reason = self.values(), str(self.reason.raw)
        self.ask(
            lambda: self.save(values, reason, force=force),
            self._saved,
            failed=self._refused,
        )

    def _saved(self, saved: Saved) -> None:
        self.is_saving = False
        self.hookline.say_saved(saved)
        self.dismiss(saved)

    def _refused(self, error: Exception) -> None:
        self.is_saving = False
        self.refused(error)

    def show_problems(self, problems: Mapping[str, list[str]]) -> None:
        """Show messages beside their fields, the rest in a toast; go to the first."""
        for name, messages in problems.items():
            if name in self.fields:
                self.fields[name].show_problem(messages)
        others = [
            text if name == WHOLE else f"{name}: {text}"
            for name, messages in problems.items()
            if name not in self.fields
            for text in messages
        ]
        if others:
            self.hookline.say("; ".join(others), severity="error")
        wrong = [name for name in self.fields if name in problems]
        if wrong:
            self.fields[wrong[0]].edit.focus()

    def _offer_reload(self, error: ConflictError) -> None:
        options = [
            ("k", "Keep editing"),
            ("r", "Read it anew; what you filled in is lost"),
            ("o", "Save only my fields over it"),
        ]
        dialog = ChoiceDialog(error.title, error.message, options)
        self.app.push_screen(dialog, self._resolve)

    def _resolve(self, choice: str | None) -> None:
        if choice == "r":
            self.load()
        elif choice == "o":
            self.start_save(force=True)

    # -- leaving

    def go_back(self) -> None:
        """Leave; ask first when something is not saved."""
        if not self.has_changes:
            self.dismiss(None)
            return
        dialog = ConfirmDialog(
            "Not saved",
            "Leave without saving what you filled in?",
            yes="Leave",
            no="Stay",
        )
        self.app.push_screen(dialog, self._leave)

    def _leave(self, is_sure: bool | None) -> None:  # noqa: FBT001 - a callback
        if is_sure:
            self.dismiss(None)

    def store_changed(self) -> None:
        """Stay as it is: what is being filled in must not change underneath."""
