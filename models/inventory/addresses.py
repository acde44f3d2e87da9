"""Addresses, each in the prefix that holds it."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, ClassVar

from models.errors import ValidationError
from models.inventory import networks
from models.inventory.extras import Role, Status
from models.inventory.ipam import Namespace, choose_namespace
from models.inventory.organization import Tenant
from models.inventory.prefixes import Prefix
from models.inventory.texts import address_is, read_address, text_lookup
from models.objects.base import ChangeLoggedModel
from models.objects.fields import (
    AddressField,
    ChoiceField,
    IntegerField,
    NameField,
    TextField,
)
from models.objects.queries import Q
from models.objects.relations import Members, Relation
from models.objects.specs import FieldKind, FieldSpec

ADDRESS_TYPES = (("host", "Host"), ("dhcp", "DHCP"), ("slaac", "SLAAC"))

_DNS_NAME = re.compile(r"([0-9a-z_-]+|\*)(\.[0-9a-z_-]+)*\.?", re.IGNORECASE | re.ASCII)


class IPAddress(ChangeLoggedModel):
    """An address; its host part is unique in its namespace.

    `address` is its text, `10.0.0.1/24`. The parent is the longest prefix of the
    namespace that holds the host, and there must be one, as in Nautobot.
    """

    host = AddressField(help_text="The address without its mask.")
    mask_length = IntegerField(help_text="How many bits name the network.")
    ip_version = IntegerField(help_text="4 or 6.")
    type = ChoiceField(
        choices=ADDRESS_TYPES, default="host", help_text="How it is given out."
    )
    namespace = Relation(
        Namespace, backref="ip_addresses", help_text="Global, if left out.", index=False
    )
    parent = Relation(
        Prefix, backref="ip_addresses", help_text="The prefix it lies in.", index=False
    )
    status = Relation(Status, backref="+", help_text="Where it stands in its life.")
    role = Relation(
        Role, null=True, backref="ip_addresses", help_text="What it is used for."
    )
    tenant = Relation(
        Tenant, null=True, backref="ip_addresses", help_text="Whom it is held for."
    )
    nat_inside = Relation(
        "self",
        null=True,
        backref="nat_outside_list",
        when_deleted="set_null",
        help_text="The address that this one is translated to.",
    )
    dns_name = NameField(default="", help_text="Its name in the DNS, in lower case.")
    description = TextField(default="", help_text="What it is for.")
    interfaces: ClassVar[Members]

    class Meta:
        app_label = "ipam"
        verbose_name = "IP address"
        natural_name = ("host", "mask_length")
        natural_separator = "/"
        read_only = ("host", "mask_length", "ip_version", "parent")
        part_of = (("address", ("host", "mask_length")),)
        list_fields = (
            "host",
            "mask_length",
            "type",
            "status",
            "role",
            "dns_name",
            "namespace",
            "tenant",
        )
        indexes = (
            (("namespace", "host"), True),
            (("parent", "host"), False),
            (("host", "id"), False),
            (("dns_name", "id"), False),
        )

    virtual_fields: ClassVar[dict[str, FieldSpec]] = {
        "address": FieldSpec(
            name="address",
            label="Address",
            kind=FieldKind.NAME,
            required=True,
            help="With its mask, as in 10.0.0.1/24.",
        ),
    }
    lookups: ClassVar[dict[str, Any]] = {"address": text_lookup(address_is)}

    @classmethod
    def other_names(cls, text: str) -> Q:
        """Find an address by its host alone."""
        try:
            return Q(host=ipaddress.ip_address(text))
        except ValueError:
            return Q(pk__in=[])

    @property
    def address(self) -> str:
        """The host and its mask, as in `10.0.0.1/24`."""
        if self.host is None or self.mask_length is None:
            return ""
        return f"{self.host}/{self.mask_length}"

    @address.setter
    def address(self, text: Any) -> None:
        address = read_address(text)
        self.host = address.ip
        self.mask_length = address.network.prefixlen

    def derive(self) -> None:
        """Find the prefix that the address lies in."""
        if self.__data__.get("namespace") is None and self.parent_id is not None:
            self.namespace = self.parent.namespace
        choose_namespace(self)
        if not self.address:
            raise ValidationError({"address": ["is required"]})
        address = read_address(self.address)
        self.host = address.ip
        self.ip_version = address.version
        self.dns_name = (self.dns_name or "").lower()
        space = type(self).namespace.db_value(self.__data__["namespace"])
        found = networks.closest(
            space, address.ip, shorter_than=address.max_prefixlen + 1
        )
        if found is None:
            where = f"the namespace {self.namespace}"
            raise ValidationError(
                {"address": [f"no prefix of {where} holds {address.ip}"]}
            )
        self.parent = found

    def clean(self) -> None:
        """Check the type, the name in the DNS, and what is translated."""
        problems: dict[str, list[str]] = {}
        if self.type == "slaac" and self.ip_version != 6:
            problems["type"] = ["only an IPv6 address can be assigned by SLAAC"]
        if self.dns_name and not _DNS_NAME.fullmatch(self.dns_name):
            problems["dns_name"] = [f"{self.dns_name!r} is no name for the DNS"]
        if self.__data__.get("nat_inside") is not None:
            problems |= self._nat_problems()
        if problems:
            raise ValidationError(problems, on=self.address)

    def _nat_problems(self) -> dict[str, list[str]]:
        inside = self.nat_inside
        if inside.pk == self.pk:
            return {"nat_inside": ["an address is not translated to itself"]}
        return {}
