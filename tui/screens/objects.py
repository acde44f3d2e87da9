"""The objects of one type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.history.bulk import rows_of
from models.objects.types import get_type
from tui.actions.deleting import read_doomed
from tui.actions.presses import Button, read_shared
from tui.commands import Scope
from tui.lists.spec import spec_of
from tui.pages.places import make_screen
from tui.screens.deleting import ask_and_delete
from tui.screens.listing import ListScreen
from tui.screens.pressing import PressesButtons
from tui.screens.undoing import Undoes
from tui.words.quoting import quote_word

if TYPE_CHECKING:
    from tui.lists.spec import ListSpec


class ObjectsScreen(PressesButtons, Undoes, ListScreen):
    """The list of a type.

    Args:
        label: The type, such as `dcim.device`.
        line: The filter to begin with.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LIST,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "object.show",
        "list.filter",
        "object.add",
        "object.set",
        "button.press",
    )

    def __init__(self, label: str, line: str = "") -> None:
        self.model: Any = get_type(label)
        super().__init__(line)

    def make_spec(self) -> ListSpec:
        """List the type's objects."""
        return spec_of(self.model)

    def open_row(self, key: Any) -> None:
        """Open an object."""
        self.hookline.open_place("object", self.model._meta.label_lower, key)

    # -- commands

    @property
    def label(self) -> str:
        """Return the type."""
        return str(self.model._meta.label_lower)

    def do_object_show(self) -> None:
        """Open the object under the cursor."""
        if self.table is not None:
            self.table.action_open()

    def do_object_add(self) -> None:
        """Make an object."""
        self.hookline.open_place("object form", self.label)

    def do_object_set(self) -> None:
        """Change the marked objects in one form, or the one under the cursor."""
        keys = self.chosen_keys
        if self.table is not None and self.table.marks:
            form = make_screen("many form", self.label, keys)
            self.app.push_screen(form, lambda saved: self._unmark() if saved else None)
        else:
            self.hookline.open_place("object form", self.label, keys[0])

    def do_object_delete(self) -> None:
        """Delete the marked objects, or the one under the cursor, after a question."""
        keys = self.chosen_keys
        ask_and_delete(
            self, lambda: read_doomed(self.label, keys, self.user), done=self._unmark
        )

    def _unmark(self) -> None:
        if self.table is not None:
            self.table.clear_marks()

    def do_change_list(self) -> None:
        """List the changes of the object under the cursor."""
        row = self.row
        if row is not None:
            line = quote_word(f"about={self.label}:{row.pk}")
            self.hookline.open_place("changes", line)

    def do_button_press(self) -> None:
        """Ask for the key of a button for the marked objects, or the one here."""
        self.begin_offer()
        self.when_marked(self._read_buttons)

    def _read_buttons(self) -> None:
        keys, user, model = self.chosen_keys, self.user, self.model

        def read() -> tuple[list[Button], list[Any]]:
            rows = list(rows_of(model, keys, user, "view"))
            return read_shared(rows, user) if rows else [], rows

        self.ask(read, lambda found: self.offer(*found))
