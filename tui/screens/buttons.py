"""The list of buttons, and their form."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from models.automation.buttons import JobButton
from tui.actions.button_preview import preview
from tui.commands import Scope
from tui.lists.spec import ListColumn, ListSpec
from tui.nouns import configured
from tui.nouns.buttons import COLUMNS
from tui.screens.configured import ConfiguredCommands, ConfiguredForm, RowForm, Tried
from tui.screens.hooks import job_columns, name_columns, types_column
from tui.screens.listing import ListScreen
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.objects.specs import FieldSpec

LABELS = {
    "text": "Label",
    "confirmation": "Asks first",
    "group_name": "Group",
    "button_class": "Class",
}

SPEC = ListSpec(
    model=JobButton,
    title="Buttons",
    columns=(
        *name_columns(),
        ListColumn(column=Column(id="key", title="Key", width=3, sortable=False)),
        types_column(),
        ListColumn(column=Column(id="text", title="Label", width=12, grows=True)),
        *job_columns(),
        ListColumn(column=Column(id="group_name", title="Group", width=12)),
        ListColumn(column=Column(id="weight", title="Weight", width=6, align="right")),
        ListColumn(column=Column(id="button_class", title="Class", width=8)),
    ),
    sort=("name",),
    empty="There are no buttons yet. Press a to put one on the screens of a type.",
    listing=configured.listing(JobButton, COLUMNS),
)


class ButtonForm(ConfiguredForm):
    """Make or change a button; the label is tried on an object while one types."""

    MODEL: ClassVar[Any] = JobButton
    KIND: ClassVar[str] = "is_job_button_receiver"
    TRIED: ClassVar[frozenset[str]] = frozenset({"text", "name", "key", "object_types"})

    def make_fields(self) -> Sequence[FieldSpec]:
        """Return the fields, by the words of the screens."""
        return [
            dataclasses.replace(spec, label=LABELS.get(spec.name, spec.label))
            for spec in super().make_fields()
        ]

    def try_out(self, row: Any) -> Tried:
        """Render the label for an object."""
        found = preview(self.user, row)
        return Tried(found.text, is_wrong=bool(found.problem))


class ButtonCommands(ConfiguredCommands):
    """The commands of a button."""

    FORM: ClassVar[type[RowForm]] = ButtonForm

    def do_button_set(self) -> None:
        """Change the button."""
        self.edit_row()

    def do_button_enable(self) -> None:
        """Let the button be pressed."""
        self.switch_on()

    def do_button_disable(self) -> None:
        """Keep the button from being shown."""
        self.switch_off()


class ButtonsScreen(ButtonCommands, ListScreen):
    """All buttons, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.BUTTONS,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "button.show",
        "button.add",
        "button.set",
        "button.enable",
        "button.disable",
    )
    ABOUT = (
        "A button runs a receiver on one object, from its screen or its row in a list:"
        " b, then the button's key. + and - turn it on and off."
    )

    def make_spec(self) -> ListSpec:
        """Return the list of buttons."""
        return SPEC

    def open_row(self, key: Any) -> None:
        """Open a button."""
        self.hookline.open_place("button", key)

    def do_button_show(self) -> None:
        """Open the button under the cursor."""
        if self.table is not None:
            self.table.action_open()

    def do_button_add(self) -> None:
        """Make a button."""
        self.add_row()

    def do_button_delete(self) -> None:
        """Delete the button under the cursor."""
        self.delete_row()
