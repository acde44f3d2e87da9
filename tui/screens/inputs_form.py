"""The form for what a job asks for; filling it in is the confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.widgets import Static

from models.specs import FieldKind, FieldSpec
from models.types import get_type
from tui.form_values import Value, of_plain
from tui.screens.forms import Filled, FormScreen
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult

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
        relation=None if model is None else get_type(model),
        help=entry.get("description") or "",
    )


class InputsForm(FormScreen):
    """Ask for a job's inputs, then hand them on.

    Answers what `submit` returned, or None.

    Args:
        title: What is about to run.
        about: The job, and on what.
        schema: What the job asks for, as its record keeps it.
        submit: Checks and queues; runs in a thread.
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
    ) -> None:
        self.schema = schema
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
        values = {spec.name: _default(spec) for spec in self.specs}
        return Filled(name=self.heading, values=values, last_updated=None)

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


def _default(spec: FieldSpec) -> Value:
    if spec.relation is not None:
        return Value()
    if spec.default is None and spec.kind is FieldKind.BOOLEAN:
        return of_plain(spec, value=False)
    return of_plain(spec, spec.default)


def _plain(raw: Any) -> Any:
    """Return an input as receivers take it: objects by their ids."""
    if isinstance(raw, list):
        return [_plain(item) for item in raw]
    return raw["id"] if isinstance(raw, dict) else raw
