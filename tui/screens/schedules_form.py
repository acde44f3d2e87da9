"""The form of a schedule: when it fires, and the inputs that its job gets."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widgets import Static

from models.objects.inputs import assign
from models.runs.jobs import JobRecord
from models.timing.schedules import JobSchedule
from tui.actions.job_inputs import JobInputs, plain
from tui.actions.scheduling import INPUT, following, on_the_wall, take_inputs
from tui.looks.text import clean
from tui.screens.configured import ConfiguredForm, Tried
from tui.screens.inputs_form import AsksInputs
from tui.widgets.fields import FormField
from tui.words.form_values import Value, changed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.widget import Widget

    from models.objects.specs import FieldSpec
    from tui.actions.saving import Saved
    from tui.screens.forms import Filled
    from tui.widgets.fields import FieldEdited

TIMES = frozenset({"cron", "every", "at", "timezone", "start"})
Asked = tuple[JobInputs, dict[str, Value], str]


class ScheduleForm(AsksInputs, ConfiguredForm):
    """Make or change a schedule; the next times are shown while one types.

    Below its own fields stand those for what the chosen job asks for.
    """

    MODEL: ClassVar[Any] = JobSchedule
    KIND: ClassVar[str] = ""
    TRIED: ClassVar[frozenset[str]] = TIMES

    def __init__(
        self, key: int | None = None, *, given: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(key, given=given)
        self._asking: list[Widget] = []

    def make_fields(self) -> Sequence[FieldSpec]:
        """Return its own fields, by the words of the screens."""
        return [
            dataclasses.replace(spec, label="Missed times")
            if spec.name == "missed"
            else spec
            for spec in super().make_fields()
            if spec.name != "inputs"
        ]

    def pickable(self, spec: FieldSpec) -> Any:
        """Return the jobs that a schedule may run, or what fits an input."""
        if spec.name != "job":
            return super().pickable(spec)
        return JobRecord.objects.restrict(self.user, "view").filter(
            is_job_hook_receiver=False, has_sensitive_variables=False, hidden=False
        )

    def new_row(self) -> Any:
        """Return a new schedule, which runs as who saves it."""
        return JobSchedule(owner=self.user)

    def read_row(self) -> Any:
        """Read the schedule; it runs as who saves it."""
        row = super().read_row()
        row.owner = self.user
        return row

    def _row(self) -> Any:
        return self.new_row() if self.key is None else self.read_row()

    # -- the inputs

    def _fill(self, start: Filled) -> None:
        self._show_inputs((JobInputs(), {}, ""))
        super()._fill(start)
        self._look_at_job()
        self._try()

    def on_field_edited(self, message: FieldEdited) -> None:
        """Ask for what another job asks for."""
        super().on_field_edited(message)
        if message.name == "job":
            self._look_at_job()

    def _look_at_job(self) -> None:
        self.ask(self._read_inputs, self._show_inputs, group="inputs", exclusive=True)

    def _read_inputs(self) -> Asked:
        job, row = self._job(), self._row()
        if job is None:
            return JobInputs(), {}, ""
        asked = JobInputs(job.variables or (), prefix=INPUT)
        begun = asked.begun(row.inputs if row.job_id == job.id else {})
        return asked, begun, job.class_path

    def _show_inputs(self, found: Asked) -> None:
        """Put the fields of a job's inputs in place of those of the one before."""
        asked, begun, job = found
        own = {n: f for n, f in self.fields.items() if n not in self.job_inputs}
        for name in self.job_inputs.names:
            self.fields[name].show_problem([])
        for widget in self._asking:
            widget.remove()
        made = {spec.name: FormField(spec) for spec in asked.specs}
        if self.start is not None:
            values = {name: self.start.values[name] for name in own} | begun
            self.start = dataclasses.replace(self.start, values=values)
        self.job_inputs, self.fields = asked, own | made
        heading = Static(clean(f"Inputs of {job}"), markup=False, classes="part")
        self._asking = [heading, *made.values()] if made else []
        self.query_one("#form").mount(*self._asking)
        for name, field in made.items():
            field.fill(begun[name])

    # -- the times

    def _try_values(self, raw: dict[str, Any]) -> Tried:
        assert self.start is not None
        given = {name: value for name, value in raw.items() if name in TIMES}
        row = self._row()
        assign(row, changed(self.start.values, given))
        return self.try_out(row)

    def try_out(self, row: Any) -> Tried:
        """Say when it would fire next."""
        if not row.words:
            return Tried("cron, every or at says when")
        problems = row.time_problems()
        if problems:
            text = "; ".join(text for texts in problems.values() for text in texts)
            return Tried(text, is_wrong=True)
        times = [on_the_wall(moment, row) for moment in following(row)]
        return Tried(f"next: {', '.join(times)}" if times else "never again")

    # -- saving

    def save(self, values: Mapping[str, Any], reason: str, *, force: bool) -> Saved:
        """Check the job's inputs, then save."""
        given = {
            name: plain(raw) if name in self.job_inputs else raw
            for name, raw in values.items()
        }
        job = self._job()
        row = self._row()
        if job is not None and job.id != row.job_id:
            given["job"] = job
        take_inputs(row, given)
        return super().save(given, reason, force=force)
