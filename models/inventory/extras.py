"""What every type can use: statuses, roles, tags, and custom fields."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import peewee

from models.errors import RequestError, ValidationError
from models.objects import customfields, types
from models.objects.base import ChangeLoggedModel, StoreModel, complete_tags
from models.objects.fields import (
    BigIntegerField,
    BooleanField,
    ChoiceField,
    IdField,
    IntegerField,
    JSONField,
    ListField,
    NameField,
    TextField,
)

CUSTOM_FIELD_KINDS = (
    ("text", "Text"),
    ("integer", "Integer"),
    ("boolean", "Yes or no"),
    ("date", "Date"),
    ("url", "URL"),
    ("select", "Selection"),
    ("multi-select", "Multiple selection"),
    ("json", "JSON"),
)


def known_types(given: Any, problems: dict[str, list[str]]) -> Any:
    """Return object types written in one way; note in `problems` what is none."""
    try:
        return types.labels(given)
    except RequestError as error:
        problems["content_types"] = [error.message]
        return given


class _ForTypes(ChangeLoggedModel):
    """Something that is offered for some object types only."""

    name = NameField(unique=True)
    color = NameField(default="9e9e9e", max_length=6, help_text="Six hex digits.")
    description = TextField(default="", help_text="What it stands for.")
    content_types = ListField(
        default=list, help_text="The object types it is for; empty for all."
    )

    def clean(self) -> None:
        """Check the colour and the object types, and write them in one way."""
        problems: dict[str, list[str]] = {}
        if not re.fullmatch(r"[0-9a-fA-F]{6}", self.color or ""):
            problems["color"] = [f"{self.color!r} is no colour; write six hex digits"]
        self.content_types = known_types(self.content_types, problems)
        if problems:
            raise ValidationError(problems)

    def is_for(self, model: Any) -> bool:
        """Return whether objects of a type may have it."""
        return not self.content_types or model._meta.label_lower in self.content_types


types.unregister_type(_ForTypes)


class Status(_ForTypes):
    """Where an object stands in its life: Active, Planned, and so on."""

    class Meta:
        app_label = "extras"
        verbose_name_plural = "statuses"
        list_fields = ("name", "content_types", "description")


class Role(_ForTypes):
    """What an object is used for: Core, Access, and so on."""

    weight = IntegerField(null=True, help_text="Smaller ones come first.")

    class Meta:
        app_label = "extras"
        list_fields = ("name", "content_types", "weight", "description")


class Tag(_ForTypes):
    """A word to group and filter objects by."""

    class Meta:
        app_label = "extras"
        list_fields = ("name", "content_types", "description")


class TaggedItem(StoreModel):
    """One tag on one object; the link table of all types' tags."""

    type_id = IntegerField()
    object_id = IdField()
    tag = peewee.ForeignKeyField(Tag, field="id", column_name="tag_id", backref="+")

    class Meta:
        primary_key = peewee.CompositeKey("type_id", "object_id", "tag")
        without_rowid = True


class CustomField(ChangeLoggedModel):
    """A field that a store adds to object types; its values are in `cf`."""

    key = NameField(
        unique=True, max_length=50, help_text="The name in `cf`: a-z, 0-9 and _."
    )
    label = NameField(
        default="", max_length=50, help_text="What forms call it; the key if empty."
    )
    kind = ChoiceField(
        choices=CUSTOM_FIELD_KINDS, default="text", help_text="What a value must be."
    )
    content_types = ListField(default=list, help_text="The types that have it.")
    required = BooleanField(
        default=False, help_text="Whether an object must have a value."
    )
    default = JSONField(null=True, help_text="What a new object gets.")
    choices = ListField(default=list, help_text="What a selection offers.")
    weight = IntegerField(default=100, help_text="Smaller ones come first in forms.")
    description = TextField(default="", help_text="Shown beside the field in forms.")
    minimum = BigIntegerField(
        null=True, help_text="The least number; of a text, the fewest characters."
    )
    maximum = BigIntegerField(
        null=True, help_text="The greatest number; of a text, the most characters."
    )
    regex = TextField(default="", help_text="What a text must match as a whole.")

    class Meta:
        app_label = "extras"
        natural_name = ("key",)
        list_fields = ("key", "kind", "content_types", "required")

    kinds: ClassVar[tuple[str, ...]] = tuple(kind for kind, _ in CUSTOM_FIELD_KINDS)

    def clean(self) -> None:
        """Check the key, the types, the limits, and that the default keeps them."""
        problems: dict[str, list[str]] = {}
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.key or ""):
            problems["key"] = ["must be made of a-z, 0-9 and _, a letter first"]
        if not self.content_types:
            problems["content_types"] = ["choose at least one object type"]
        else:
            self.content_types = known_types(self.content_types, problems)
        if self.kind.endswith("select") and not self.choices:
            problems["choices"] = ["a selection needs choices"]
        self._clean_limits(problems)
        self._clean_fixed(problems)
        if not problems and self.default is not None:
            wrong = customfields.problem(customfields.Definition.of(self), self.default)
            if wrong:
                problems["default"] = [wrong]
        if problems:
            raise ValidationError(problems, on=self.key)

    def _clean_limits(self, problems: dict[str, list[str]]) -> None:
        try:
            re.compile(self.regex or "")
        except re.error as error:
            problems["regex"] = [f"is no regular expression: {error}"]
        low, high = self.minimum, self.maximum
        if low is not None and high is not None and low > high:
            problems["maximum"] = [f"{high} is less than the minimum, {low}"]

    def _clean_fixed(self, problems: dict[str, list[str]]) -> None:
        """Refuse a new key or kind: the values in the store are by the old ones."""
        if not self.present_in_database:
            return
        stored = CustomField.get_or_none(CustomField.id == self.id)
        for name in ("key", "kind"):
            if stored is not None and getattr(stored, name) != getattr(self, name):
                problems[name] = ["cannot be changed; make a new custom field"]


complete_tags()

__all__ = ["CustomField", "Role", "Status", "Tag", "TaggedItem"]
