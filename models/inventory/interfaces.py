"""Interfaces, and the addresses on them."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import peewee

from models.errors import ValidationError
from models.inventory import choices
from models.inventory.addresses import IPAddress
from models.inventory.dcim import Device
from models.inventory.extras import Role, Status
from models.inventory.ipam import VLAN, VRF
from models.objects.base import ChangeLoggedModel
from models.objects.fields import (
    BooleanField,
    ChoiceField,
    IntegerField,
    NameField,
    TextField,
)
from models.objects.links import LinkModel
from models.objects.relations import Members, Relation

HIGHEST_MTU = 65536

_MAC = re.compile(r"[0-9A-F]{12}")


class Interface(ChangeLoggedModel):
    """A port of a device, real or virtual; its name is unique on the device."""

    device = Relation(
        Device,
        backref="interfaces",
        when_deleted="cascade",
        help_text="The device it is part of.",
        index=False,
    )
    name = NameField(max_length=64, help_text="Unique on its device.")
    label = NameField(default="", max_length=64, help_text="What is printed on it.")
    status = Relation(Status, backref="+", help_text="Where it stands in its life.")
    role = Relation(
        Role, null=True, backref="interfaces", help_text="What it is used for."
    )
    type = ChoiceField(choices=choices.INTERFACE_TYPES, help_text="What plugs into it.")
    enabled = BooleanField(default=True, help_text="Whether it is switched on.")
    mac_address = NameField(
        default="", max_length=23, help_text="As in 00:1C:73:00:00:01."
    )
    mtu = IntegerField(null=True, help_text="The largest packet it sends, in bytes.")
    mgmt_only = BooleanField(
        default=False, help_text="Whether it is for managing the device only."
    )
    mode = ChoiceField(
        choices=choices.INTERFACE_MODES, default="", help_text="How it carries VLANs."
    )
    untagged_vlan = Relation(
        VLAN,
        null=True,
        backref="interfaces_as_untagged",
        when_deleted="set_null",
        help_text="The VLAN of packets without a tag.",
    )
    parent_interface = Relation(
        "self",
        null=True,
        backref="child_interfaces",
        when_deleted="cascade",
        help_text="The interface that this virtual one is part of.",
    )
    lag = Relation(
        "self",
        null=True,
        backref="member_interfaces",
        when_deleted="set_null",
        help_text="The link aggregation group it is in.",
    )
    vrf = Relation(
        VRF, null=True, backref="interfaces", help_text="The routing table it uses."
    )
    description = TextField(default="", help_text="What it is for.")
    tagged_vlans = Members(
        VLAN, backref="interfaces_as_tagged", help_text="The VLANs of tagged packets."
    )
    ip_addresses: ClassVar[Members]

    class Meta:
        app_label = "dcim"
        natural_name = ("device", "name")
        related_object = "device"
        list_fields = ("device", "name", "status", "type", "enabled", "description")
        indexes = ((("device", "name"), True), (("name", "id"), False))

    def derive(self) -> None:
        """Write the MAC address in one way: capitals and colons."""
        digits = re.sub(r"[:.\-\s]", "", self.mac_address or "").upper()
        if _MAC.fullmatch(digits):
            pairs = re.findall("..", digits)
            self.mac_address = ":".join(pairs)

    def clean(self) -> None:
        """Check the addresses, the VLANs, and what it is part of."""
        problems: dict[str, list[str]] = {}
        if self.mac_address and self.mac_address.count(":") != 5:
            problems["mac_address"] = [f"{self.mac_address!r} is no MAC address"]
        if self.mtu is not None and not 1 <= self.mtu <= HIGHEST_MTU:
            problems["mtu"] = [f"is not between 1 and {HIGHEST_MTU}"]
        problems |= self._vlan_problems()
        problems |= self._parent_problems()
        problems |= self._lag_problems()
        if problems:
            raise ValidationError(problems, on=self.name)

    def _vlan_problems(self) -> dict[str, list[str]]:
        problems: dict[str, list[str]] = {}
        vlan = self.untagged_vlan
        if vlan is not None and not self.mode:
            problems["mode"] = ["is required where an untagged VLAN is given"]
        elif vlan is not None and not self._reaches(vlan):
            problems["untagged_vlan"] = [f"{vlan} is not in {self.device.location}"]
        if self.present_in_database and self.mode != "tagged" and self.tagged_vlans:
            problems["mode"] = ["must be tagged as long as there are tagged VLANs"]
        return problems

    def _reaches(self, vlan: VLAN) -> bool:
        """Return whether a VLAN is everywhere, or where the device is."""
        places = {location.pk for location in vlan.locations.all()}
        here = self.device.location
        return not places or any(
            place.pk in places for place in (here, *here.ancestors())
        )

    def _parent_problems(self) -> dict[str, list[str]]:
        parent = self.parent_interface
        if parent is None:
            return {}
        if parent.pk == self.pk:
            message = "an interface is not part of itself"
        elif self.type not in choices.VIRTUAL_INTERFACE_TYPES:
            message = "only a virtual interface is part of another"
        elif parent.device != self.device:
            message = f"{parent} is on {parent.device}"
        else:
            return {}
        return {"parent_interface": [message]}

    def _lag_problems(self) -> dict[str, list[str]]:
        lag = self.lag
        if lag is None:
            return {}
        if lag.pk == self.pk:
            message = "an interface is not in itself"
        elif lag.type != "lag":
            message = f"{lag} is no link aggregation group"
        elif self.type in choices.VIRTUAL_INTERFACE_TYPES:
            message = f"an interface of type {self.type} cannot be in a group"
        elif lag.device != self.device:
            message = f"{lag} is on {lag.device}"
        else:
            return {}
        return {"lag": [message]}


class IPAddressToInterface(LinkModel):
    """An address on an interface."""

    ip_address = peewee.ForeignKeyField(IPAddress, backref="+", index=False)
    interface = peewee.ForeignKeyField(Interface, backref="+")

    class Meta:
        app_label = "ipam"
        indexes = ((("ip_address", "interface"), True),)

    @classmethod
    def before_unlink(cls, links: Any) -> None:
        """Empty the primary address of a device that the address leaves."""
        for link in links:
            _release_primary(link.ip_address_id, link.interface)


def _release_primary(address: Any, interface: Any) -> None:
    device = interface.device
    for name in ("primary_ip4", "primary_ip6"):
        if device.__data__.get(name) == address and not _elsewhere(address, interface):
            setattr(device, name, None)
            device.save(only=[name])


def _elsewhere(address: Any, interface: Any) -> bool:
    """Return whether an address is on another interface of the same device."""
    others = Interface.select(Interface.id).where(
        Interface.device == interface.device, Interface.id != interface.pk
    )
    links = IPAddressToInterface
    query = links.select().where(
        links.ip_address == address, links.interface.in_(others)
    )
    return bool(query.exists())


Members(
    IPAddress,
    backref="interfaces",
    through=IPAddressToInterface,
    both_sides=True,
    help_text="The addresses on it.",
).add_to(Interface, "ip_addresses")
