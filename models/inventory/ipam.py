"""Namespaces, VRFs and VLANs: what prefixes and addresses are kept apart by."""

from __future__ import annotations

from typing import Any

from models.errors import ValidationError
from models.inventory.extras import Role, Status
from models.inventory.organization import Location, Tenant
from models.objects.base import ChangeLoggedModel
from models.objects.fields import IntegerField, NameField, TextField
from models.objects.relations import Members, Relation

GLOBAL = "Global"
HIGHEST_VID = 4094


class Namespace(ChangeLoggedModel):
    """A space in which no prefix and no address exists twice."""

    name = NameField(unique=True)
    description = TextField(default="", help_text="What it is for.")
    location = Relation(
        Location, null=True, backref="namespaces", help_text="Where it is used."
    )
    tenant = Relation(
        Tenant, null=True, backref="namespaces", help_text="Whom it is held for."
    )

    class Meta:
        app_label = "ipam"
        list_fields = ("name", "description", "location", "tenant")


def default_namespace() -> Namespace:
    """Return the namespace of whatever names none; it comes with the store.

    Raises:
        ValidationError: It was deleted or renamed.
    """
    found: Namespace | None = Namespace.get_or_none(Namespace.name == GLOBAL)
    if found is None:
        message = f"is required: there is no namespace {GLOBAL} to take instead"
        raise ValidationError({"namespace": [message]})
    return found


def choose_namespace(obj: Any) -> None:
    """Put an object that names no namespace into the global one."""
    if obj.__data__.get("namespace") is None:
        obj.namespace = default_namespace()


class VRF(ChangeLoggedModel):
    """A routing table of its own.

    The name is unique in its namespace, and so is the route distinguisher; Nautobot
    asks it of the latter alone.
    """

    name = NameField(help_text="Unique in its namespace.")
    rd = NameField(
        null=True, max_length=21, help_text="Route distinguisher, as in 65000:1."
    )
    namespace = Relation(Namespace, backref="vrfs", help_text="Global, if left out.")
    status = Relation(
        Status, null=True, backref="+", help_text="Where it stands in its life."
    )
    tenant = Relation(
        Tenant, null=True, backref="vrfs", help_text="Whom it is held for."
    )
    description = TextField(default="", help_text="What it is for.")

    class Meta:
        app_label = "ipam"
        verbose_name_plural = "VRFs"
        list_fields = ("name", "rd", "namespace", "status", "tenant")
        indexes = (
            (("name", "id"), False),
            (("namespace", "name"), True),
            (("namespace", "rd"), True),
        )

    def derive(self) -> None:
        """Put it into the global namespace if it is in none."""
        choose_namespace(self)


class VLANGroup(ChangeLoggedModel):
    """VLANs among which no number and no name is used twice."""

    name = NameField(unique=True)
    location = Relation(
        Location, null=True, backref="vlan_groups", help_text="Where it is used."
    )
    description = TextField(default="", help_text="What they have in common.")

    class Meta:
        app_label = "ipam"
        list_fields = ("name", "location", "description")


class VLAN(ChangeLoggedModel):
    """A layer 2 network; number and name are unique in its group, if it has one."""

    vid = IntegerField(help_text=f"1 to {HIGHEST_VID}.")
    name = NameField(help_text="Unique in its group.")
    vlan_group = Relation(
        VLANGroup, null=True, backref="vlans", help_text="The group it is part of."
    )
    status = Relation(Status, backref="+", help_text="Where it stands in its life.")
    role = Relation(Role, null=True, backref="vlans", help_text="What it is used for.")
    tenant = Relation(
        Tenant, null=True, backref="vlans", help_text="Whom it is held for."
    )
    description = TextField(default="", help_text="What it is for.")
    locations = Members(
        Location, backref="vlans", help_text="Where it is; everywhere if empty."
    )

    class Meta:
        app_label = "ipam"
        verbose_name_plural = "VLANs"
        list_fields = ("vid", "name", "vlan_group", "status", "role", "tenant")
        indexes = (
            (("name", "id"), False),
            (("vid", "id"), False),
            (("vlan_group", "vid"), True),
            (("vlan_group", "name"), True),
        )

    def clean(self) -> None:
        """Check the number."""
        if not 1 <= self.vid <= HIGHEST_VID:
            raise ValidationError(
                {"vid": [f"{self.vid} is not between 1 and {HIGHEST_VID}"]},
                on=self.name,
            )
