"""One form for many objects: what is filled in is set, all else stays as it is."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from models.history import bulk
from models.objects.inputs import ListChange
from models.objects.lists import split_list
from models.objects.specs import FieldKind, FieldSpec, fields_of
from models.objects.types import get_type
from models.objects.validation import unique_names
from tui.actions.foreseeing import counted, effects
from tui.actions.saving import Saved, names_of_runs
from tui.screens.dialogs import ChoiceDialog
from tui.screens.forms import Filled, FormScreen
from tui.screens.working import work_on
from tui.words.form_values import LISTS, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from models.history.bulk import Edit, Foreseen, Made
    from tui.widgets.fields import FieldEdited

ADD, TAKE = "+", "-"
NO, FIRE, MUTE = "n", "y", "m"


class ManyForm(FormScreen):
    """Change fields of many objects of a type at once.

    Args:
        label: The type, such as `dcim.device`.
        keys: The objects' ids.
    """

    ABOUT = (
        "One form for all the marked objects. What you fill in is set in each; a field"
        " left alone stays as it is. To empty a field everywhere, fill it in and empty"
        " it again. ctrl+s asks first, and says what would fire."
    )
    TITLES: ClassVar[Mapping[str, str]] = {"form.save": "Change them"}

    def __init__(self, label: str, keys: Sequence[Any]) -> None:
        self.keys = list(keys)
        self.touched: set[str] = set()
        super().__init__(get_type(label))

    def make_fields(self) -> Sequence[FieldSpec]:
        """Return the fields that several may share; lists are added to, taken from."""
        alone = _alone(self.model)
        found: list[FieldSpec] = []
        for spec in fields_of(self.model):
            loose = dataclasses.replace(spec, required=False, default=None)
            if spec.kind in LISTS:
                words = spec.label[:1].lower() + spec.label[1:]
                for sign, verb in ((ADD, "Add"), (TAKE, "Take off")):
                    name, label = spec.name + sign, f"{verb} {words}"
                    found.append(dataclasses.replace(loose, name=name, label=label))
            elif spec.name not in alone:
                found.append(loose)
        return found

    @property
    def crumb(self) -> str:
        """Say how many are changed."""
        return f"Edit {counted(self.model, len(self.keys))}"

    def _read_values(self) -> Filled:
        empty = {
            s.name: Value(raw=[]) if s.kind in LISTS and not _is_typed(s) else Value()
            for s in self.specs
        }
        return Filled(name="", values=empty, last_updated=None)

    # -- what is filled in

    def on_field_edited(self, message: FieldEdited) -> None:
        """Remember which fields were touched, and say so."""
        name = message.name
        start = None if self.start is None else self.start.values.get(name)
        if start is not None and self.fields[name].raw != start.raw:
            self.touched.add(name)
        message.prevent_default()  # what a single object's form would say of it
        message.stop()
        if name in self.fields:
            self.fields[name].show_problem([])
        labels = [s.label for s in self.specs if s.name in self.touched]
        self.title_line.show(right=f"sets {', '.join(labels)}" if labels else "")

    def values(self) -> dict[str, Any]:
        """Return the raw values of the fields that were touched."""
        found: dict[str, Any] = {}
        for spec in self.specs:
            if spec.name not in self.touched:
                continue
            raw = self.fields[spec.name].raw
            if spec.kind not in LISTS:
                found[spec.name] = raw
                continue
            items = tuple(split_list(raw) if isinstance(raw, str) else raw)
            base, sign = spec.name[:-1], spec.name[-1]
            known = found.get(base, ListChange())
            part = {"add" if sign == ADD else "remove": items}
            found[base] = dataclasses.replace(known, **part)
        return found

    # -- saving

    def start_save(self, *, force: bool = False) -> None:  # noqa: ARG002 - a form's
        """Foresee what the edit does, and ask."""
        values = self.values()
        if not values:
            self.hookline.say("Nothing is filled in yet.", severity="warning")
            return
        self.is_saving = True
        edit = bulk.Edit(
            model=self.model, keys=self.keys, values=values, user=self.user
        )
        self.ask(
            lambda: bulk.foresee(edit),
            lambda found: self._ask_whether(edit, found),
            failed=self._refused,
        )

    def _ask_whether(self, edit: Edit, found: Foreseen) -> None:
        options = [(NO, "No"), (FIRE, "Change them")]
        if found.fires:
            options.append((MUTE, "Change them, and fire no hooks"))
        title = f"Change {counted(self.model, len(self.keys))}?"

        def chosen(choice: str | None) -> None:
            if choice in {FIRE, MUTE}:
                self._make(edit, mute="muted by the form" if choice == MUTE else "")
            else:
                self.is_saving = False

        self.app.push_screen(ChoiceDialog(title, effects(found), options), chosen)

    def _make(self, edit: Edit, *, mute: str) -> None:
        reason, app = str(self.reason.raw), self.hookline

        def change(**options: Any) -> Any:
            return app.change(reason=reason, **options)

        def work(watch: Callable[[int], object]) -> tuple[Made, tuple[str, ...]]:
            made = bulk.make(edit, change, mute=mute, watch=watch)
            return made, names_of_runs(made.queued)

        work_on(
            self,
            work,
            lambda done: self._made(*done),
            title=f"Changing {counted(self.model, len(self.keys))}",
            total=len(self.keys),
            stop="Esc stops it: nothing is changed then.",
            stopped="Stopped: nothing was changed.",
            failed=self._refused,
        )

    def _made(self, made: Made, fired: tuple[str, ...]) -> None:
        self._saved(
            Saved(
                row=None,
                name=counted(self.model, made.changed),
                has_changed=bool(made.changed),
                queued=made.queued,
                fired=fired,
                can_undo=True,
            )
        )


def _is_typed(spec: FieldSpec) -> bool:
    return spec.kind is FieldKind.LIST and not spec.choices


def _alone(model: Any) -> set[str]:
    """Return the fields that no two objects share: names, and what is unique alone."""
    meta = model._meta
    named = {
        n for n in meta.natural_name if not hasattr(meta.combined.get(n), "rel_model")
    }
    alone = {f.name for f in meta.sorted_fields if f.unique}
    wholes = {whole for whole, parts in meta.part_of if {*parts} & named}
    return (named & unique_names(model)) | alone | wholes
