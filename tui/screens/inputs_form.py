"""The form for what a job asks for; filling it in is the confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.widgets import Static

from tui.actions.job_inputs import JobInputs, plain
from tui.commands import Command, Scope
from tui.looks.text import clean
from tui.screens.forms import Filled, FormScreen
from tui.words.form_values import LINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult

    from models.objects.specs import FieldSpec
    from tui.widgets.fields import FieldEdited

UNFOLDED = "-unfolded"


class AsksInputs(FormScreen):
    """A form that has a job's inputs among its fields.

    Attributes:
        job_inputs: What the job asks for.
    """

    job_inputs = JobInputs()

    def pickable(self, spec: FieldSpec) -> Any:
        """Return the objects that fit, given what is filled in elsewhere."""
        rows = super().pickable(spec)
        if spec.name not in self.job_inputs:
            return rows
        return self.job_inputs.fitting(spec.name, rows, self.raw_values())

    def _finder(self, spec: FieldSpec) -> Any:
        if spec.name in self.job_inputs and spec.kind in LINKS:
            inputs = self.job_inputs
            return lambda text: inputs.options(spec.name, self.pickable(spec), text)
        return super()._finder(spec)

    def raw_values(self) -> dict[str, Any]:
        """Return everything that was filled in, by field."""
        return {name: field.raw for name, field in self.fields.items()}

    def on_field_edited(self, message: FieldEdited) -> None:
        """Take away what was picked to fit another value of this field."""
        for name, nothing in self.job_inputs.emptied_by(message.name).items():
            self.fields[name].fill(nothing)
        super().on_field_edited(message)


class InputsForm(AsksInputs):
    """Ask for a job's inputs, then hand them on.

    Answers what `submit` returned, or None.

    Args:
        title: What is about to run.
        about: The job, and on what.
        schema: What the job asks for, as its record keeps it.
        submit: Checks and queues; runs in a thread.
        inputs: JSON values to begin with in place of the defaults.
        options: How this run may go otherwise, as a schema; folded away while nothing
            of it differs from what is usual.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.FORM, Scope.RUN_FORM)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "form.save",
        "form.next",
        "form.options",
        "app.back",
    )
    TITLES: ClassVar[Mapping[str, str]] = {"form.save": "Run"}
    ABOUT = "What the job asks for. ctrl+s runs it, Esc leaves it."

    def __init__(  # noqa: PLR0913 - what is asked, and of what, by keyword
        self,
        title: str,
        about: str,
        schema: Sequence[Mapping[str, Any]],
        submit: Callable[[dict[str, Any]], Any],
        *,
        inputs: Mapping[str, Any] | None = None,
        options: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.job_inputs = JobInputs([*schema, *options])
        self._usual = JobInputs(options).begun({})
        self.options = list(self._usual)
        self.inputs = inputs or {}
        self.heading = title
        self.about = about
        self.submit = submit
        super().__init__(None)

    def make_fields(self) -> Sequence[FieldSpec]:
        """Return a field for each variable."""
        return self.job_inputs.specs

    def compose_body(self) -> ComposeResult:
        """Say what runs, then the fields."""
        yield Static(clean(f"Runs {self.about}."), markup=False, id="about")
        yield from super().compose_body()

    def compose_fields(self) -> ComposeResult:
        """Lay out the inputs, and the options below."""
        yield from (f for name, f in self.fields.items() if name not in self.options)
        yield Static("How it runs", markup=False, classes="part -option")
        for name in self.options:
            self.fields[name].add_class("-option")
            yield self.fields[name]

    @property
    def crumb(self) -> str:
        """Return what is about to run."""
        return self.heading

    # -- how it runs

    def footer(self) -> tuple[str, ...]:
        """Return the keys to show: without options there are none to unfold."""
        return tuple(n for n in self.FOOTER if self.options or n != "form.options")

    def why_not(self, command: Command) -> str | None:
        """Say that a run like this goes in one way only."""
        if command.id == "form.options" and not self.options:
            return "there is nothing to choose for these runs"
        return super().why_not(command)

    def _fill(self, start: Filled) -> None:
        asks_nothing = len(self.options) == len(self.fields)
        is_usual = all(start.values[name] == v for name, v in self._usual.items())
        self.set_class(bool(self.options) and (asks_nothing or not is_usual), UNFOLDED)
        super()._fill(start)

    def do_form_options(self) -> None:
        """Show how the run may go otherwise, or fold it away."""
        self.toggle_class(UNFOLDED)
        fields = list(self.fields.values())
        first = self.fields[self.options[0]] if self.has_class(UNFOLDED) else fields[0]
        self.call_after_refresh(first.edit.focus)

    def show_problems(self, problems: Mapping[str, list[str]]) -> None:
        """Show messages beside their fields, and unfold those that are hidden."""
        if set(problems) & set(self.options):
            self.add_class(UNFOLDED)
        super().show_problems(problems)

    def _read_values(self) -> Filled:
        values = self.job_inputs.begun(self.inputs)
        return Filled(name=self.heading, values=values, last_updated=None)

    def values(self) -> dict[str, Any]:
        """Return everything that was filled in."""
        return self.raw_values()

    @property
    def has_changes(self) -> bool:
        """Say nothing when it is left: nothing is lost but a few words."""
        return False

    def save(self, values: Mapping[str, Any], reason: str, *, force: bool) -> Any:  # noqa: ARG002 - a form's arguments
        """Hand the inputs on."""
        return self.submit({name: plain(raw) for name, raw in values.items()})

    def _saved(self, saved: Any) -> None:
        self.is_saving = False
        self.dismiss(saved)
