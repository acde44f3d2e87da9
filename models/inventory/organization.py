"""Where things are and whose they are: locations and tenants."""

from __future__ import annotations

from typing import Any

from models.errors import ValidationError
from models.inventory.extras import Status, known_types
from models.inventory.trees import ancestors, loop_problems
from models.objects.base import ChangeLoggedModel
from models.objects.fields import BooleanField, ListField, NameField, TextField
from models.objects.relations import Relation


class TenantGroup(ChangeLoggedModel):
    """Tenants that belong together."""

    name = NameField(unique=True)
    parent = Relation(
        "self", null=True, backref="children", help_text="The group it is part of."
    )
    description = TextField(default="", help_text="What they have in common.")

    class Meta:
        app_label = "tenancy"
        list_fields = ("name", "parent", "description")

    def clean(self) -> None:
        """Refuse a group that lies in itself."""
        if problems := loop_problems(self):
            raise ValidationError(problems, on=self.name)


class Tenant(ChangeLoggedModel):
    """A customer or a department that things are held for."""

    name = NameField(unique=True)
    tenant_group = Relation(
        TenantGroup, null=True, backref="tenants", help_text="The group it is part of."
    )
    description = TextField(default="", help_text="Who they are.")
    comments = TextField(default="", help_text="Anything else worth knowing.")

    class Meta:
        app_label = "tenancy"
        list_fields = ("name", "tenant_group", "description")


class LocationType(ChangeLoggedModel):
    """A kind of place: Region, Site, Room."""

    name = NameField(unique=True)
    parent = Relation(
        "self", null=True, backref="children", help_text="The kind it must lie in."
    )
    nestable = BooleanField(
        default=False, help_text="Whether a place may lie in another of its kind."
    )
    content_types = ListField(
        default=list, help_text="The object types that may be here; empty for all."
    )
    description = TextField(default="", help_text="What places of this kind are.")

    class Meta:
        app_label = "dcim"
        list_fields = ("name", "parent", "nestable", "description")

    def clean(self) -> None:
        """Refuse a kind that lies in itself, and unknown object types."""
        problems = loop_problems(self)
        self.content_types = known_types(self.content_types, problems)
        if problems:
            raise ValidationError(problems, on=self.name)


class Location(ChangeLoggedModel):
    """A place where devices, racks and prefixes are."""

    name = NameField(help_text="Unique within its parent.")
    location_type = Relation(
        LocationType, backref="locations", help_text="What kind of place it is."
    )
    parent = Relation(
        "self", null=True, backref="children", help_text="The place it lies in."
    )
    status = Relation(Status, backref="+", help_text="Where it stands in its life.")
    tenant = Relation(
        Tenant, null=True, backref="locations", help_text="Whom it is held for."
    )
    facility = NameField(
        default="", max_length=50, help_text="The building's own number or name."
    )
    time_zone = NameField(default="", max_length=63, help_text="As in Europe/Berlin.")
    physical_address = TextField(default="", help_text="Where it is.")
    contact_name = NameField(default="", help_text="Whom to ask for.")
    contact_phone = NameField(default="", max_length=50, help_text="How to call them.")
    contact_email = NameField(default="", help_text="How to write to them.")
    description = TextField(default="", help_text="What it is.")
    comments = TextField(default="", help_text="Anything else worth knowing.")

    class Meta:
        app_label = "dcim"
        list_fields = ("name", "location_type", "parent", "status", "tenant")
        indexes = ((("name", "id"), False), (("parent", "name"), True))
        unique_when_empty = (("parent", ("name",)),)

    def is_for(self, model: Any) -> bool:
        """Return whether objects of a type may be here, by the kind of place."""
        allowed = self.location_type.content_types
        return not allowed or model._meta.label_lower in allowed

    def ancestors(self) -> list[Any]:
        """Return the places that it lies in, the nearest first."""
        return ancestors(self)

    def clean(self) -> None:
        """Check that the parent's type fits, and that no place lies in itself."""
        problems = loop_problems(self)
        message = self._parent_problem()
        if message:
            problems.setdefault("parent", [message])
        if problems:
            raise ValidationError(problems, on=self.name)

    def _parent_problem(self) -> str:
        kind, parent = self.location_type, self.parent
        found = None if parent is None else parent.location_type
        if found == kind.parent or (kind.nestable and found == kind):
            return ""
        if parent is None:
            return f"a {kind} must lie in a {kind.parent}"
        wanted = f"a {kind.parent}" if kind.parent else "no other place"
        return f"a {kind} must lie in {wanted}; {parent} is a {found}"
