"""The form for what a job asks for; filling it in is the confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.widgets import Static

from models.errors import ValidationError
from models.objects.specs import FieldKind, FieldSpec
from receivers.authors.encoding import find_model, find_object
from receivers.authors.variables import depends_on, filled_params
from tui.looks.text import clean
from tui.screens.forms import Filled, FormScreen
from tui.words.form_values import Value, is_many, joined, linked, of_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult

    from tui.widgets.fields import FieldEdited

KINDS = {
    "text": FieldKind.TEXT,
    "integer": FieldKind.INTEGER,
    "boolean": FieldKind.BOOLEAN,
    "dry_run": FieldKind.BOOLEAN,
    "choice": FieldKind.CHOICE,
    "multi_choice": FieldKind.LIST,
    "object": FieldKind.RELATION,
    "multi_object": FieldKind.MEMBERS,
    "json": FieldKind.JSON,
}


_HELP = {"file": "The path of a file on this machine."}


def field_of(entry: Mapping[str, Any]) -> FieldSpec:
    """Return the form's field for one entry of a job's schema."""
    kind = KINDS.get(entry["kind"], FieldKind.NAME)
    model = entry.get("model")
    return FieldSpec(
        name=entry["name"],
        label=entry["label"],
        kind=kind,
        required=bool(entry["required"]),
        default=entry.get("default"),
        choices=tuple((str(v), str(label)) for v, label in entry.get("choices") or ()),
        relation=None if model is None else find_model(model),
        help=entry.get("description") or _HELP.get(entry["kind"], ""),
    )


class InputsForm(FormScreen):
    """Ask for a job's inputs, then hand them on.

    Answers what `submit` returned, or None.

    Args:
        title: What is about to run.
        about: The job, and on what.
        schema: What the job asks for, as its record keeps it.
        submit: Checks and queues; runs in a thread.
        inputs: JSON values to begin with in place of the defaults.
    """

    FOOTER: ClassVar[tuple[str, ...]] = ("form.save", "form.next", "app.back")
    TITLES: ClassVar[Mapping[str, str]] = {"form.save": "Run"}
    ABOUT = "What the job asks for. ctrl+s runs it, Esc leaves it."

    def __init__(
        self,
        title: str,
        about: str,
        schema: Sequence[Mapping[str, Any]],
        submit: Callable[[dict[str, Any]], Any],
        *,
        inputs: Mapping[str, Any] | None = None,
    ) -> None:
        self.schema = schema
        self.inputs = inputs or {}
        self.heading = title
        self.about = about
        self.submit = submit
        super().__init__(None)

    def make_fields(self) -> Sequence[FieldSpec]:
        """Return a field for each variable."""
        return [field_of(entry) for entry in self.schema]

    def compose_body(self) -> ComposeResult:
        """Say what runs, then the fields."""
        yield Static(clean(f"Runs {self.about}."), markup=False, id="about")
        yield from super().compose_body()

    @property
    def crumb(self) -> str:
        """Return what is about to run."""
        return self.heading

    def _read_values(self) -> Filled:
        values = {
            spec.name: _begun(spec, self.inputs.get(spec.name, spec.default))
            for spec in self.specs
        }
        return Filled(name=self.heading, values=values, last_updated=None)

    def pickable(self, spec: FieldSpec) -> Any:
        """Return the objects that fit, given what is filled in elsewhere."""
        raw = {name: _plain(field.raw) for name, field in self.fields.items()}
        params = filled_params(self._params(spec.name), raw)
        rows = super().pickable(spec)
        return rows.filter(**params) if params else rows

    def _params(self, name: str) -> Mapping[str, Any]:
        entry = next(entry for entry in self.schema if entry["name"] == name)
        return entry.get("query_params") or {}

    def on_field_edited(self, message: FieldEdited) -> None:
        """Take away what was picked to fit another value of this field."""
        for spec in self.specs:
            if message.name in depends_on(self._params(spec.name)):
                self.fields[spec.name].fill(Value(raw=[]) if is_many(spec) else Value())
        super().on_field_edited(message)

    def values(self) -> dict[str, Any]:
        """Return everything that was filled in."""
        return {name: field.raw for name, field in self.fields.items()}

    @property
    def has_changes(self) -> bool:
        """Say nothing when it is left: nothing is lost but a few words."""
        return False

    def save(self, values: Mapping[str, Any], reason: str, *, force: bool) -> Any:  # noqa: ARG002 - a form's arguments
        """Hand the inputs on."""
        return self.submit({name: _plain(raw) for name, raw in values.items()})

    def _saved(self, saved: Any) -> None:
        self.is_saving = False
        self.dismiss(saved)


def _begun(spec: FieldSpec, value: Any) -> Value:
    """Return what a field begins with: a stored input, or its default."""
    if spec.kind is FieldKind.MEMBERS:
        rows = [_found(spec, one) for one in value or ()]
        return joined([linked(row) for row in rows if row is not None])
    if spec.relation is not None:
        row = None if value is None else _found(spec, value)
        return Value() if row is None else linked(row)
    if value is None and spec.kind is FieldKind.BOOLEAN:
        value = False
    if isinstance(value, dict) and spec.kind is not FieldKind.JSON:
        return Value()  # a file, which was deleted after its run
    return of_plain(spec, value)


def _found(spec: FieldSpec, reference: Any) -> Any:
    """Return an object, or None when it is gone."""
    try:
        return find_object(spec.relation, reference)
    except ValidationError:
        return None


def _plain(raw: Any) -> Any:
    """Return an input as receivers take it: objects by their ids."""
    if isinstance(raw, list):
        return [_plain(item) for item in raw]
    return raw["id"] if isinstance(raw, dict) else raw
