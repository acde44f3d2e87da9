"""The variables whose values are objects of the store, and what these must fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import ValidationError
from receivers.authors.encoding import find_model, find_object
from receivers.authors.errors import JobDefinitionError
from receivers.authors.variables import EMPTY, ScriptVariable, several

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DISPLAY = "display"
NULL = "null"
"""What stands for a `null_option` wherever people and programs give inputs."""


class ObjectVar(ScriptVariable):
    """An object of one type.

    Args:
        model: The type, as a class or a label such as `dcim.device`.
        display_field: The attribute that a picker shows; `display` for the name.
        query_params: Lookups that the object must fit; `"$name"` stands for the value
            of another variable, and counts for nothing while that has none.
        null_option: A picker's text for "none", which is given as `null`; the
            receiver gets None, even where something is required.
        options: As for every variable.
    """

    kind = "object"
    limits = ("model_label", "display_field", "query_params", "null_option")

    def __init__(
        self,
        *,
        model: Any,
        display_field: str = "display",
        query_params: Mapping[str, Any] | None = None,
        null_option: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._model = model
        self.display_field = display_field
        self.query_params = query_params
        self.null_option = null_option

    def check(self, name: str) -> None:
        """Refuse an attribute that the type has not, and a text that is none."""
        shown, null = self.display_field, self.null_option
        if shown != DISPLAY and not _is_shown(self.model, shown):
            words = self.model._meta.verbose_name
            known = ", ".join(sorted(self.model._meta.fields))
            raise JobDefinitionError(
                f"The variable {name!r} has the display_field {shown!r}, which a"
                f" {words} has not. It has: {known}."
            )
        if null is not None and not (isinstance(null, str) and null.strip()):
            raise JobDefinitionError(
                f"The null_option of the variable {name!r} must be a text, not"
                f" {null!r}."
            )

    def describe(self, name: str) -> dict[str, Any]:
        """Return the schema; the type stands under `model`."""
        schema = super().describe(name)
        schema["model"] = schema.pop("model_label")
        return schema

    @property
    def model(self) -> Any:
        """The type's class."""
        if isinstance(self._model, str):
            self._model = find_model(self._model)
        return self._model

    @property
    def model_label(self) -> str:
        """The type's label."""
        return str(self.model._meta.label_lower)

    def clean(self, value: Any) -> Any:
        """Return the object, given as itself, its id, its name, or lookups.

        `null` gives None where there is a `null_option`.
        """
        if self.is_null(value):
            return None
        try:
            found = find_object(self.model, value)
        except ValidationError as error:
            if self.null_option is None:
                raise
            hint = f"{error.message} {NULL} stands for {self.null_option!r}."
            raise ValidationError(hint) from error
        self.check_fits([found], {})
        return found

    def is_null(self, value: Any) -> bool:
        """Return whether a given value stands for the `null_option`."""
        return self.null_option is not None and value in (None, NULL)

    def check_fits(self, objects: Sequence[Any], values: Mapping[str, Any]) -> None:
        """Check objects against the lookups, with the values of other variables.

        Raises:
            ValidationError: One does not fit.
        """
        params = filled_params(self.query_params, values)
        for found in objects if params else ():
            if not self.model.objects.filter(pk=found.pk, **params).exists():
                shown = {key: str(value) for key, value in params.items()}
                raise ValidationError(f"{found} does not fit {shown}.")


class MultiObjectVar(ObjectVar):
    """Any number of objects of one type, and None where `null_option` is among them."""

    kind = "multi_object"

    def clean(self, value: Any) -> list[Any]:
        """Find each of them.

        Raises:
            ValidationError: Naming all that are missing.
        """
        found, missing = [], []
        clean_one = super().clean
        for item in several(value):
            try:
                found.append(clean_one(item))
            except ValidationError as error:
                missing.append(error.message)
        if missing:
            raise ValidationError(" ".join(missing))
        return found

    def empty(self, value: Any) -> list[Any]:  # noqa: ARG002 - see above
        """Return an empty list."""
        return []


def filled_params(
    params: Mapping[str, Any] | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return lookups with the values of the variables that they name.

    A lookup that names a variable without a value is left out.
    """
    filled = {}
    for lookup, value in (params or {}).items():
        name = value[1:] if isinstance(value, str) and value.startswith("$") else None
        found = value if name is None else values.get(name)
        if found not in EMPTY:
            many = isinstance(found, list)
            filled[f"{lookup}__in" if many else lookup] = found
    return filled


def depends_on(params: Mapping[str, Any] | None) -> set[str]:
    """Return the names of the variables that lookups depend on."""
    texts = [value for value in (params or {}).values() if isinstance(value, str)]
    return {text[1:] for text in texts if text.startswith("$")}


def _is_shown(model: Any, name: str) -> bool:
    """Return whether objects of a type have an attribute that says something."""
    classes = model.__mro__
    is_property = any(isinstance(vars(cls).get(name), property) for cls in classes)
    return is_property or name in model._meta.combined
