"""The page of an object: its buttons, fields, what belongs to it, and its past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.errors import NotFoundError
from models.objects.types import get_type
from tui.actions.deleting import read_doomed
from tui.commands import Scope
from tui.screens.deleting import ask_and_delete
from tui.screens.object_sheet import BUTTONS, GROUP, ObjectPage, read_object
from tui.screens.pressing import PressesButtons
from tui.screens.sheet import SheetScreen, Spot
from tui.screens.undoing import Undoes
from tui.words.quoting import quote_word

if TYPE_CHECKING:
    from textual.timer import Timer

TICK_S = 1.0


class ObjectScreen(PressesButtons, Undoes, SheetScreen):
    """The page of an object.

    Args:
        label: The type, such as `dcim.device`.
        key: The object's id.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.OBJECT,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "button.press",
        "object.set",
        "change.list",
        "object.results",
        "object.delete",
    )
    ABOUT = (
        "One object. b and a button's key runs its receiver; b b presses the last one"
        " again, l opens its live result. Enter follows a relation, or shows the whole"
        " of a value. 1 to 5 go to the parts of the page."
    )

    def __init__(self, label: str, key: Any) -> None:
        super().__init__()
        self.label = label
        self.key = key
        self.page: ObjectPage | None = None
        self._ticking: Timer | None = None
        self.is_deleting = False

    # -- what is shown

    def read(self) -> Any:
        """Put the page together."""
        return read_object(self.label, self.key, self.user, is_ascii=self.is_ascii)

    def show_data(self, data: Any) -> None:
        """Show the page; while a run goes, its seconds too."""
        self.page = data
        if self.offered is None:
            self.offer(data.buttons, [data.obj])
        self.offered, self.targets = data.buttons, [data.obj]
        words = get_type(self.label)._meta.verbose_name
        self.title_line.show(right=words)
        super().show_data(data.sheet)
        self._tick(goes=data.is_running)

    def _tick(self, *, goes: bool) -> None:
        if goes and self._ticking is None:
            self._ticking = self.set_interval(TICK_S, self.reload)
        elif not goes and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def read_failed(self, error: Exception) -> None:
        """Leave when the object is gone; say so, unless one has deleted it here."""
        if not isinstance(error, NotFoundError):
            super().read_failed(error)
        elif not self.is_current:
            self._must_read = True  # it will fail again, and leave, when it is seen
        else:
            if not self.is_deleting:
                self.hookline.say("This object has been deleted.", severity="warning")
            self.dismiss(None)

    def open_spot(self, spot: Spot) -> None:
        """Press a button, open a group's menu, or go where the row leads."""
        part, _, name = spot.name.partition("/")
        if part != BUTTONS:
            super().open_spot(spot)
        elif name.startswith(f"{GROUP} "):
            self.choose_of_group(name.removeprefix(f"{GROUP} "))
        else:
            self.press(next(b for b in self.offered or () if str(b.id) == name))

    # -- commands

    def do_button_press(self) -> None:
        """Ask for the key of a button."""
        self.begin_offer()
        if self.page is not None:
            self.offer(self.page.buttons, [self.page.obj])

    def do_object_set(self) -> None:
        """Change the object."""
        self.hookline.open_place("object form", self.label, self.key)

    def do_object_delete(self) -> None:
        """Delete the object, after a question."""
        ask_and_delete(
            self,
            lambda: read_doomed(self.label, [self.key], self.user),
            begin=self._begin_deleting,
        )

    def _begin_deleting(self) -> None:
        self.is_deleting = True

    def do_change_list(self) -> None:
        """List all changes of the object and its parts."""
        self.hookline.open_place("changes", quote_word(f"about={self._reference}"))

    def do_object_results(self) -> None:
        """List all runs for the object."""
        self.hookline.open_place("results", quote_word(f"object={self._reference}"))

    @property
    def _reference(self) -> str:
        """Return how filters name the object."""
        return f"{self.label}:{self.key}" if self.page is None else self.page.reference

    def do_object_run(self) -> None:
        """Open the live result of the last run."""
        run = None if self.page is None else self.page.latest_run
        if run is None:
            self.hookline.say("Nothing has run for this object yet.")
        else:
            self.hookline.open_place("result", run.id)

    def do_object_copy(self) -> None:
        """Copy the value under the cursor, or the object's name."""
        spot = self.list.key
        text = spot.text if isinstance(spot, Spot) and spot.text else str(self.row)
        self.app.copy_to_clipboard(text)
        self.hookline.say(f"copied: {text[:60]}")

    def go_to_part(self, name: str) -> None:
        """Put the cursor on the first row of a part."""
        if self.sheet is None:
            return
        shown = [section for section in self.sheet.sections if section.items]
        titles = [section.title for section in shown]
        if name in titles:
            self.list.go_to_section(titles.index(name))
        else:
            self.hookline.say(f"This object has no {name.lower()}.")

    def do_object_buttons(self) -> None:
        """Go to the buttons."""
        self.go_to_part(BUTTONS)

    def do_object_fields(self) -> None:
        """Go to the fields."""
        self.go_to_part("Fields")

    def do_object_related(self) -> None:
        """Go to what belongs to the object."""
        self.go_to_part("Related")

    def do_object_changes(self) -> None:
        """Go to the last changes."""
        self.go_to_part("Changes")

    def do_object_runs(self) -> None:
        """Go to the last runs."""
        self.go_to_part("Results")
