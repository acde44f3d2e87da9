"""Devices, what they are, and where they stand."""

from __future__ import annotations

from typing import Any

from models.errors import ValidationError
from models.inventory import choices
from models.inventory.addresses import IPAddress
from models.inventory.extras import Role, Status
from models.inventory.organization import Location, Tenant
from models.inventory.trees import loop_problems
from models.objects.base import ChangeLoggedModel
from models.objects.fields import (
    BooleanField,
    ChoiceField,
    IntegerField,
    JSONField,
    NameField,
    TextField,
)
from models.objects.relations import Relation

HIGHEST_RACK = 500


class Manufacturer(ChangeLoggedModel):
    """A maker of devices."""

    name = NameField(unique=True)
    description = TextField(default="", help_text="Who they are.")

    class Meta:
        app_label = "dcim"
        list_fields = ("name", "description")


class Platform(ChangeLoggedModel):
    """What runs on a device, and how programs talk to it."""

    name = NameField(unique=True)
    manufacturer = Relation(
        Manufacturer,
        null=True,
        backref="platforms",
        help_text="Only devices by this maker may have it; any if empty.",
    )
    network_driver = NameField(
        default="",
        max_length=100,
        help_text="The name netmiko and others know it by, as in arista_eos.",
    )
    napalm_driver = NameField(
        default="", max_length=50, help_text="The name NAPALM knows it by."
    )
    napalm_args = JSONField(null=True, help_text="What NAPALM is to be told besides.")
    description = TextField(default="", help_text="What it is.")

    class Meta:
        app_label = "dcim"
        list_fields = ("name", "manufacturer", "network_driver", "description")


class DeviceType(ChangeLoggedModel):
    """A model of device; its name is unique among those of its maker."""

    manufacturer = Relation(
        Manufacturer, backref="device_types", help_text="Who makes it.", index=False
    )
    model = NameField(help_text="Unique among those of its maker.")
    part_number = NameField(
        default="", max_length=50, help_text="What to write on an order."
    )
    u_height = IntegerField(default=1, help_text="How many rack units it fills.")
    is_full_depth = BooleanField(
        default=True, help_text="Whether it fills both faces of a rack."
    )
    comments = TextField(default="", help_text="Anything else worth knowing.")

    class Meta:
        app_label = "dcim"
        natural_name = ("model",)
        list_fields = ("model", "manufacturer", "part_number", "u_height")
        indexes = ((("manufacturer", "model"), True), (("model", "id"), False))

    def clean(self) -> None:
        """Check the height."""
        if self.u_height < 0:
            raise ValidationError(
                {"u_height": ["cannot be less than 0"]}, on=self.model
            )


class RackGroup(ChangeLoggedModel):
    """Racks that belong together, such as those of a row."""

    name = NameField(unique=True)
    location = Relation(Location, backref="rack_groups", help_text="Where it is.")
    parent = Relation(
        "self", null=True, backref="children", help_text="The group it is part of."
    )
    description = TextField(default="", help_text="What they have in common.")

    class Meta:
        app_label = "dcim"
        list_fields = ("name", "location", "parent", "description")

    def clean(self) -> None:
        """Refuse a group that lies in itself."""
        if problems := loop_problems(self):
            raise ValidationError(problems, on=self.name)


class Rack(ChangeLoggedModel):
    """A frame that devices are mounted in.

    The name is unique in its group, and without a group in its location.
    """

    name = NameField(help_text="Unique in its group, or else in its location.")
    location = Relation(Location, backref="racks", help_text="Where it is.")
    rack_group = Relation(
        RackGroup, null=True, backref="racks", help_text="The group it is part of."
    )
    status = Relation(Status, backref="+", help_text="Where it stands in its life.")
    role = Relation(Role, null=True, backref="racks", help_text="What it is used for.")
    tenant = Relation(
        Tenant, null=True, backref="racks", help_text="Whom it is held for."
    )
    type = ChoiceField(
        choices=choices.RACK_TYPES, default="", help_text="How it is built."
    )
    u_height = IntegerField(default=42, help_text="How many units high it is.")
    width = IntegerField(default=19, help_text="In inches, from rail to rail.")
    desc_units = BooleanField(default=False, help_text="Whether unit 1 is at the top.")
    serial = NameField(default="", help_text="The maker's number.")
    asset_tag = NameField(
        null=True, unique=True, max_length=50, help_text="Your own number; unique."
    )
    facility_id = NameField(
        null=True, max_length=50, help_text="The number that the building gives it."
    )
    comments = TextField(default="", help_text="Anything else worth knowing.")

    class Meta:
        app_label = "dcim"
        list_fields = ("name", "location", "rack_group", "status", "role", "u_height")
        indexes = ((("name", "id"), False), (("rack_group", "name"), True))
        unique_when_empty = (("rack_group", ("location", "name")),)

    def clean(self) -> None:
        """Check the measures, and that the group is where the rack is."""
        problems: dict[str, list[str]] = {}
        if not 1 <= self.u_height <= HIGHEST_RACK:
            problems["u_height"] = [f"is not between 1 and {HIGHEST_RACK}"]
        if self.width not in choices.RACK_WIDTHS:
            widths = ", ".join(map(str, choices.RACK_WIDTHS))
            problems["width"] = [f"{self.width} is none of {widths}"]
        group = self.rack_group
        if group is not None and group.location not in (
            self.location,
            *self.location.ancestors(),
        ):
            problems["rack_group"] = [f"{group} is in {group.location}"]
        if problems:
            raise ValidationError(problems, on=self.name)


class Device(ChangeLoggedModel):
    """A piece of equipment.

    As in Nautobot, the name is unique among a tenant's devices in one location, and
    among those there that have no tenant; a device may have no name.
    """

    name = NameField(null=True, help_text="Unique in its location, for each tenant.")
    device_type = Relation(DeviceType, backref="devices", help_text="What model it is.")
    role = Relation(Role, backref="devices", help_text="What it is used for.")
    status = Relation(Status, backref="+", help_text="Where it stands in its life.")
    location = Relation(Location, backref="devices", help_text="Where it is.")
    tenant = Relation(
        Tenant, null=True, backref="devices", help_text="Whom it is held for."
    )
    platform = Relation(
        Platform, null=True, backref="devices", help_text="What runs on it."
    )
    rack = Relation(
        Rack, null=True, backref="devices", help_text="The rack it is mounted in."
    )
    position = IntegerField(null=True, help_text="The lowest unit that it fills.")
    face = ChoiceField(
        choices=choices.FACES, default="", help_text="The side it is mounted on."
    )
    serial = NameField(default="", help_text="The maker's number.")
    asset_tag = NameField(
        null=True, unique=True, max_length=50, help_text="Your own number; unique."
    )
    primary_ip4 = Relation(
        IPAddress,
        null=True,
        when_deleted="set_null",
        backref="primary_ip4_for",
        help_text="The IPv4 address to reach it by; one of its interfaces' own.",
    )
    primary_ip6 = Relation(
        IPAddress,
        null=True,
        when_deleted="set_null",
        backref="primary_ip6_for",
        help_text="The IPv6 address to reach it by; one of its interfaces' own.",
    )
    local_config_context_data = JSONField(
        null=True, help_text="Facts for programs that configure it."
    )
    comments = TextField(default="", help_text="Anything else worth knowing.")

    class Meta:
        app_label = "dcim"
        list_fields = ("name", "status", "role", "device_type", "location", "serial")
        indexes = (
            (("name", "id"), False),
            (("location", "tenant", "name"), True),
            (("rack", "position", "face"), True),
        )
        unique_when_empty = (("tenant", ("location", "name")),)

    @property
    def primary_ip(self) -> Any:
        """The address to reach it by; IPv6 is preferred, as in Nautobot."""
        return self.primary_ip6 or self.primary_ip4

    def clean(self) -> None:
        """Check its place in a rack, its platform, and its primary addresses."""
        from models.inventory import placement

        problems = placement.rack_problems(self) if self.rack_id else {}
        if self.rack_id is None:
            for name in ("position", "face"):
                if self.__data__.get(name):
                    problems[name] = ["is only for a device in a rack"]
        problems |= placement.platform_problems(self)
        problems |= placement.primary_problems(self)
        if problems:
            raise ValidationError(problems, on=self.name)
