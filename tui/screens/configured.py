"""What the screens of configuration rows share: switching, deleting, and their forms.

Hooks, buttons and schedules run a job, and are refused while that job is off; then the
person is offered to enable it on the spot.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widgets import Static

from models.automation import configuring
from models.errors import ValidationError
from models.objects.inputs import assign
from models.runs.jobs import JobRecord
from tui.actions.hooks import beside_fields
from tui.looks.text import clean
from tui.screens.base import HooklineScreen
from tui.screens.dialogs import ChoiceDialog, ConfirmDialog
from tui.screens.forms import FormScreen
from tui.words.form_values import MOST_OPTIONS, Option, linked, rows_like

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from models.objects.specs import FieldSpec
    from tui.actions.saving import Saved
    from tui.widgets.fields import FieldEdited

TRY_PAUSE_S = 0.15
ENABLE, LOOK, LEAVE_OFF, NO = "y", "l", "o", "n"


def job_state(job: Any) -> str:
    """Return how a job stands in a word: on, off, or missing."""
    if job.error or not job.installed:
        return "missing"
    return "on" if job.enabled else "off"


def offer_job(
    screen: HooklineScreen[Any],
    job: Any,
    then: Callable[[str], object],
    *,
    can_leave_off: bool = False,
) -> None:
    """Offer to enable a job that stands in the way.

    Args:
        screen: Where the offer is made.
        job: The job that cannot run.
        then: Gets `ENABLE` or `LEAVE_OFF`; nothing is called when it is left.
        can_leave_off: Whether what runs the job can be saved switched off.
    """
    options = [(NO, "Back")]
    place = job.place
    text = f"{job.class_path} cannot run: {job.why_not}."
    if not job.error and job.installed:
        text = (
            f"{job.class_path} is not enabled. Enabling it says that you trust its"
            f" code{f', {place}' if place else ''}."
        )
        options.append((ENABLE, "Enable the job too"))
    if can_leave_off:
        options.append((LEAVE_OFF, "Save it switched off"))
    options.append((LOOK, "Look at the job"))

    def answered(choice: str | None) -> None:
        if choice == LOOK:
            screen.hookline.open_place("job", job.id)
        elif choice in {ENABLE, LEAVE_OFF}:
            then(choice)

    screen.app.push_screen(
        ChoiceDialog("The job stands in the way", text, options), answered
    )


@dataclasses.dataclass(frozen=True)
class Tried:
    """What would come of what is typed."""

    text: str
    is_wrong: bool = False


class RowForm(FormScreen):
    """The form of a configuration row.

    Attributes:
        MODEL: The type of the rows.
    """

    MODEL: ClassVar[Any]

    def __init__(
        self, key: int | None = None, *, given: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(self.MODEL, key, given=given)

    @property
    def crumb(self) -> str:
        """Say what is filled in."""
        return f"Add {noun_of(self.MODEL)}" if self.key is None else super().crumb


class ConfiguredForm(RowForm):
    """A form with a job among its fields.

    Attributes:
        KIND: The field of a job record that says it is a receiver of this kind.
        TRIED: The fields whose change is tried out at once.
    """

    CSS_PATH = "configured.tcss"
    KIND: ClassVar[str]
    TRIED: ClassVar[frozenset[str]]

    def __init__(
        self, key: int | None = None, *, given: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(key, given=given)
        self._enable_job = False
        self.preview = Static("", markup=False, id="preview")
        self._pause: Timer | None = None

    def make_fields(self) -> Sequence[FieldSpec]:
        """Return the fields; at least one object type is needed."""
        return [
            dataclasses.replace(spec, required=True)
            if spec.name == "object_types"
            else spec
            for spec in super().make_fields()
        ]

    def pickable(self, spec: FieldSpec) -> Any:
        """Return the jobs that can be picked: receivers of the right kind."""
        if spec.name != "job":
            return super().pickable(spec)
        return JobRecord.objects.filter(**{self.KIND: True})

    def _finder(self, spec: FieldSpec) -> Any:
        """Find jobs with their class path, and whether they are off or missing."""
        if spec.name != "job":
            return super()._finder(spec)
        return lambda text: job_options(self.pickable(spec), text)

    # -- trying it out

    def compose_body(self) -> ComposeResult:
        """Lay out the fields, and below them what would come of them."""
        yield from super().compose_body()
        yield self.preview

    def on_field_edited(self, message: FieldEdited) -> None:
        """Try it out, when the typing rests."""
        super().on_field_edited(message)
        if message.name in self.TRIED:
            if self._pause is not None:
                self._pause.stop()
            self._pause = self.set_timer(TRY_PAUSE_S, self._try)

    def try_out(self, row: Any) -> Tried:
        """Say what would come of an unsaved row; runs in a thread."""
        raise NotImplementedError

    def _try(self) -> None:
        raw = {name: field.raw for name, field in self.fields.items()}
        self.ask(
            lambda: self._try_values(raw),
            self._show_tried,
            failed=lambda error: self._show_tried(Tried(str(error), is_wrong=True)),
            group="try",
            exclusive=True,
        )

    def _try_values(self, raw: dict[str, Any]) -> Tried:
        row = self.MODEL(id=self.key)
        job = self._job()
        raw.pop("job", None)
        if job is not None:
            row.job = job
        assign(row, raw)
        return self.try_out(row)

    def _show_tried(self, tried: Tried) -> None:
        self.preview.update(clean(tried.text))
        self.preview.set_class(tried.is_wrong, "-wrong")

    # -- saving

    def save(self, values: Mapping[str, Any], reason: str, *, force: bool) -> Saved:
        """Save, and enable the job first if that was wanted; all of it or nothing."""
        values = dict(values)
        job = self._job()
        if job is not None:
            values["job"] = job
        with self.store.transaction():
            if self._enable_job and job is not None:
                configuring.enable(job, self.user)
            return super().save(values, reason, force=force)

    def _job(self) -> Any:
        raw = self.fields["job"].raw
        number = raw.get("id") if isinstance(raw, dict) else None
        return None if number is None else JobRecord.get_or_none(JobRecord.id == number)

    def refused(self, error: Exception) -> None:
        """Show what is wrong beside the fields; offer to enable the job."""
        self._enable_job = False
        if not isinstance(error, ValidationError) or not error.fields:
            super().refused(error)
            return
        problems = beside_fields(error.fields)
        if set(problems) == {"enabled"}:
            self.ask(self._job, self._offer)
        else:
            self.show_problems(problems)

    def _offer(self, job: Any) -> None:
        if job is not None:
            offer_job(self, job, self._take_offer, can_leave_off=True)

    def _take_offer(self, choice: str) -> None:
        if choice == ENABLE:
            self._enable_job = True
        else:
            field = self.fields["enabled"]
            field.edit.fill(off_value(field.spec))
        self.start_save()


class ConfiguredCommands(HooklineScreen[None]):
    """Commands on the row under the cursor, or on the row that the screen is about."""

    FORM: ClassVar[type[RowForm]]

    @property
    def chosen_rows(self) -> list[Any]:
        """Return the rows that are marked, else the one that is meant."""
        keys = getattr(self, "chosen_keys", ())
        if len(keys) < 2:
            return [self.row]
        model = self.FORM.MODEL
        return list(model.select().where(model.id.in_(keys)).order_by(model.name))

    def add_row(self, **given: Any) -> None:
        """Open the form of a new row."""
        self.app.push_screen(self.FORM(given=given or None), self._form_left)

    def edit_row(self) -> None:
        """Open the form of the row."""
        self.app.push_screen(self.FORM(self.row.id), self._form_left)

    def _form_left(self, saved: Saved | None) -> None:
        if saved is not None:
            self.reload()

    def switch_on(self) -> None:
        """Let it run; offer to enable its job when that stands in the way."""
        self._switch(on=True)

    def switch_off(self) -> None:
        """Keep it from running."""
        self._switch(on=False)

    def _switch(self, *, on: bool, enable_job: bool = False) -> None:
        rows, user = self.chosen_rows, self.user
        self.ask(
            lambda: configuring.switch(*rows, user=user, on=on, enable_job=enable_job),
            lambda _: self.said(_switched(rows, on=on)),
            failed=lambda error: self._switch_refused(rows, error),
        )

    def _switch_refused(self, rows: list[Any], error: Exception) -> None:
        is_job = isinstance(error, ValidationError) and "enabled" in error.fields
        if is_job and len(rows) == 1:
            offer_job(
                self, rows[0].job, lambda _: self._switch(on=True, enable_job=True)
            )
        else:
            self.hookline.say_error(error)

    def delete_row(self, *, then: Callable[[], object] | None = None) -> None:
        """Ask, then delete the row."""
        row, user = self.row, self.user

        def deleted(_: object) -> None:
            self.said(f"{row} is deleted.")
            if then is not None:
                then()

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self.ask(lambda: configuring.delete(row, user), deleted)

        words = noun_of(type(row))
        text = "Its past results stay." if hasattr(row, "job") else ""
        self.app.push_screen(
            ConfirmDialog(f"Delete the {words} {row}?", text), answered
        )

    def said(self, text: str) -> None:
        """Say what was done, and show it."""
        self.hookline.say(text)
        self.reload()


def _switched(rows: Sequence[Any], *, on: bool) -> str:
    names = f"{len(rows)} are" if len(rows) > 1 else f"{rows[0]} is"
    return f"{names} {'on' if on else 'off'}."


def noun_of(model: Any) -> str:
    """Return hook or button."""
    return str(model._meta.verbose_name).removeprefix("job ")


def off_value(spec: FieldSpec) -> Any:
    """Return the value of a switch that is off."""
    from tui.words.form_values import of_plain

    return of_plain(spec, value=False)


def job_options(rows: Any, text: str) -> list[Option]:
    """Return the jobs that fit a text, with what tells them apart."""
    return [
        Option(value=linked(row), note=_job_note(row))
        for row in rows_like(rows, text)[:MOST_OPTIONS]
    ]


def _job_note(row: Any) -> str:
    state = job_state(row)
    return row.class_path if state == "on" else f"{state}: {row.class_path}"
