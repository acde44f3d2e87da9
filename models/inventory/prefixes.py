"""Prefixes: ranges of addresses, each in the next larger one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.errors import ValidationError
from models.inventory import networks
from models.inventory.extras import Role, Status
from models.inventory.ipam import VLAN, VRF, Namespace, choose_namespace
from models.inventory.organization import Location, Tenant
from models.inventory.texts import prefix_is, read_network, text_lookup
from models.objects.base import ChangeLoggedModel
from models.objects.fields import (
    AddressField,
    ChoiceField,
    IntegerField,
    TextField,
    TimestampField,
)
from models.objects.relations import Members, Relation
from models.objects.specs import FieldKind, FieldSpec

if TYPE_CHECKING:
    import uuid

    from models.history.images import StoredRow

PREFIX_TYPES = (("network", "Network"), ("container", "Container"), ("pool", "Pool"))


class Prefix(ChangeLoggedModel):
    """A range of addresses; unique in its namespace.

    `prefix` is its text, `10.0.0.0/24`. The parent is the longest prefix of the same
    namespace that holds it, and is kept by the store.
    """

    network = AddressField(help_text="The first address.")
    broadcast = AddressField(help_text="The last address.")
    prefix_length = IntegerField(help_text="How many bits are fixed.")
    ip_version = IntegerField(help_text="4 or 6.")
    type = ChoiceField(
        choices=PREFIX_TYPES, default="network", help_text="What it is divided into."
    )
    namespace = Relation(
        Namespace, backref="prefixes", help_text="Global, if left out.", index=False
    )
    parent = Relation(
        "self", null=True, backref="children", help_text="The prefix it lies in."
    )
    status = Relation(Status, backref="+", help_text="Where it stands in its life.")
    role = Relation(
        Role, null=True, backref="prefixes", help_text="What it is used for."
    )
    vlan = Relation(
        VLAN, null=True, backref="prefixes", help_text="The VLAN it is used in."
    )
    tenant = Relation(
        Tenant, null=True, backref="prefixes", help_text="Whom it is held for."
    )
    date_allocated = TimestampField(null=True, help_text="Since when it is in use.")
    description = TextField(default="", help_text="What it is for.")
    vrfs = Members(VRF, backref="prefixes", help_text="The VRFs it is routed in.")
    locations = Members(Location, backref="prefixes", help_text="Where it is used.")

    class Meta:
        app_label = "ipam"
        verbose_name_plural = "prefixes"
        natural_name = ("network", "prefix_length")
        natural_separator = "/"
        read_only = ("network", "broadcast", "prefix_length", "ip_version", "parent")
        part_of = (("prefix", ("network", "prefix_length")),)
        list_fields = (
            "network",
            "prefix_length",
            "type",
            "status",
            "role",
            "namespace",
            "vlan",
            "tenant",
        )
        indexes = (
            (("namespace", "network", "prefix_length"), True),
            (("network", "id"), False),
        )

    virtual_fields: ClassVar[dict[str, FieldSpec]] = {
        "prefix": FieldSpec(
            name="prefix",
            label="Prefix",
            kind=FieldKind.NAME,
            required=True,
            help="As in 10.0.0.0/24; bits behind the length are dropped.",
        )
    }
    lookups: ClassVar[dict[str, Any]] = {"prefix": text_lookup(prefix_is)}

    @property
    def prefix(self) -> str:
        """The network and its length, as in `10.0.0.0/24`."""
        if self.network is None or self.prefix_length is None:
            return ""
        return f"{self.network}/{self.prefix_length}"

    @prefix.setter
    def prefix(self, text: Any) -> None:
        network = read_network(text)
        self.network = network.network_address
        self.prefix_length = network.prefixlen

    @property
    def ip_network(self) -> networks.Network:
        """Python's own object for the network."""
        found: networks.Network = read_network(self.prefix)
        return found

    def derive(self) -> None:
        """Work out the last address and the parent."""
        self.derive_among({})

    def derive_among(self, fresh: dict[networks.Place, uuid.UUID]) -> None:
        """Work out the last address and the parent, new prefixes included."""
        choose_namespace(self)
        if not self.prefix:
            raise ValidationError({"prefix": ["is required"]})
        network = read_network(self.prefix)
        self.network = network.network_address
        self.broadcast = network.broadcast_address
        self.ip_version = network.version
        self.parent = networks.closest(
            self.place()[0],
            network.network_address,
            shorter_than=network.prefixlen,
            fresh=fresh,
        )

    def place(self) -> networks.Place:
        """Return what no other prefix has."""
        space = type(self).namespace.db_value(self.__data__["namespace"])
        return space, networks.packed(self.network), self.prefix_length

    @classmethod
    def before_save(cls, objects: list[Any]) -> list[Any]:
        """Derive the parents, and write them before what lies in them."""
        fresh: dict[networks.Place, uuid.UUID] = {}
        ordered = sorted(objects, key=lambda prefix: prefix.prefix_length or 0)
        for prefix in ordered:
            prefix.derive_among(fresh)
            if not prefix.present_in_database:
                fresh[prefix.place()] = prefix.pk
        return ordered

    @classmethod
    def after_save(cls, objects: list[Any], before: dict[bytes, StoredRow]) -> None:
        """Set the parents of what lies in these prefixes, or no longer does."""
        for prefix in objects:
            key = prefix.pk.bytes
            old = before.get(key)
            if old is not None:
                was = tuple(
                    old.values[name]
                    for name in ("namespace", "network", "prefix_length")
                )
                if was == prefix.place():
                    continue
                ends = (
                    networks.packed(prefix.network),
                    networks.packed(prefix.broadcast),
                )
                networks.release(key, old.values["parent"], inside=ends)
            networks.adopt(key)

    @classmethod
    def before_delete(cls, objects: list[Any]) -> None:
        """Give what lies in these prefixes to the ones that they lie in."""
        networks.bequeath([prefix.pk.bytes for prefix in objects])

    def get_child_ips(self) -> Any:
        """Return the addresses in this prefix and in those below it."""
        from models.inventory.addresses import IPAddress

        return IPAddress.objects.filter(
            namespace=self.namespace,
            host__gte=self.network,
            host__lte=self.broadcast,
        )

    def get_child_prefixes(self) -> Any:
        """Return the prefixes below this one, at any depth."""
        return Prefix.objects.filter(
            namespace=self.namespace,
            network__gte=self.network,
            network__lte=self.broadcast,
            prefix_length__gt=self.prefix_length,
        )

    def get_utilization(self) -> tuple[int, int]:
        """Return how many addresses are taken, and how many there are.

        A container is taken by the prefixes right below it; another by those and by
        the addresses right in it. An IPv4 network that is no pool and is larger than
        a /31 has two addresses less: its first and its last.
        """
        size = self.ip_network.num_addresses
        taken = sum(child.ip_network.num_addresses for child in self.children)
        if self.type != "container":
            taken += self.ip_addresses.count()
        if self.type == "network" and self.ip_version == 4 and size > 2:
            size -= 2
        return min(taken, size), size
