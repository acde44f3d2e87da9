"""Change several hooks at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation.ascode import refuse_managed
from models.automation.hooks import EVENTS, JobHook
from models.objects.inputs import ListChange, save_values
from models.objects.specs import FieldKind, FieldSpec, fields_of
from models.people.access import require
from tui.actions.saving import Saved
from tui.screens.forms import Filled, FormScreen
from tui.words.form_values import Value, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AS_THEY_ARE = ("", "as they are")


class HooksForm(FormScreen):
    """A form for several hooks: what is left empty stays as it is in each.

    Args:
        hooks: The hooks.
    """

    def __init__(self, hooks: Sequence[Any]) -> None:
        super().__init__(JobHook)
        self.hooks = hooks

    @property
    def crumb(self) -> str:
        """Say how many are changed."""
        return f"Edit {len(self.hooks)} hooks"

    def make_fields(self) -> Sequence[FieldSpec]:
        """Return what can be changed in all of them."""
        types = next(s.choices for s in fields_of(JobHook) if s.name == "object_types")
        switch = (AS_THEY_ARE, ("true", "on"), ("false", "off"))
        return [
            FieldSpec(
                name="enabled", label="Enabled", kind=FieldKind.CHOICE, choices=switch
            ),
            FieldSpec(
                name="events",
                label="Events",
                kind=FieldKind.LIST,
                choices=tuple((event, event) for event in EVENTS),
                help="All of them get these; none picked: as they are.",
            ),
            FieldSpec(
                name="add_types",
                label="Add types",
                kind=FieldKind.LIST,
                choices=types,
            ),
            FieldSpec(
                name="remove_types",
                label="Remove types",
                kind=FieldKind.LIST,
                choices=types,
            ),
        ]

    def _read_values(self) -> Filled:
        empty: dict[str, Value] = {
            spec.name: joined([])
            if spec.kind is FieldKind.LIST
            else Value(text=AS_THEY_ARE[1])
            for spec in self.specs
        }
        return Filled(name="", values=empty, last_updated=None)

    def save(self, values: Mapping[str, Any], reason: str, *, force: bool) -> Saved:
        """Change all of them, or none."""
        del reason, force
        given = {name: values[name] for name in ("enabled", "events") if name in values}
        if "add_types" in values or "remove_types" in values:
            given["object_types"] = ListChange(
                add=tuple(values.get("add_types", ())),
                remove=tuple(values.get("remove_types", ())),
            )
        for hook in self.hooks:
            require(self.user, "change", hook)
            refuse_managed(hook)
        with self.store.transaction():
            for hook in self.hooks:
                save_values(hook, given)
        return Saved(row=self.hooks[0], name=f"{len(self.hooks)} hooks")
