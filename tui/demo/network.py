"""The network of the demo: three sites and thirty devices, made in one request.

It is small enough to be read, and real enough for lists, filters and receivers to have
something to show. Nothing here knows that it is a demo's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import models
from models.history import write
from models.history.context import change_context
from models.objects.types import get_type, is_type
from models.values import frozen

if TYPE_CHECKING:
    from models.people.access import User

SITES = (
    ("ams", "Amsterdam", 10),
    ("ber", "Berlin", 20),
    ("prg", "Prague", 30),
)
STATUSES = (
    ("Active", "2e7d32", "In use"),
    ("Planned", "0277bd", "Ordered, or drawn on a plan"),
    ("Staged", "00838f", "Configured, not in use yet"),
    ("Decommissioning", "ef6c00", "On its way out"),
    ("Failed", "c62828", "Broken"),
)
CIRCUIT = "circuits.circuit"
PROVIDERS = (("Lumen", "HL-2041"), ("Telxius", "77-1930"))
VLANS = ((10, "management"), (20, "users"), (30, "voice"), (40, "guests"))


@frozen
class Kind:
    """One kind of device at a site.

    Attributes:
        short: The middle of its devices' names, as in `ams-core-01`.
        count: How many of it a site has.
        first: The last byte of the first one's management address.
        ports: Names and types of its ports besides the management port.
    """

    short: str
    role: str
    maker: str
    model: str
    platform: str
    count: int
    first: int
    management: str
    ports: tuple[tuple[str, str], ...]


KINDS = (
    Kind(
        short="rtr",
        role="Router",
        maker="Juniper",
        model="MX204",
        platform="juniper_junos",
        count=2,
        first=1,
        management="fxp0",
        ports=(("et-0/0/0", "100gbase-x-qsfp28"), ("et-0/0/1", "100gbase-x-qsfp28")),
    ),
    Kind(
        short="core",
        role="Core switch",
        maker="Arista",
        model="DCS-7050SX3-48YC8",
        platform="arista_eos",
        count=2,
        first=11,
        management="Management1",
        ports=tuple((f"Ethernet{n}", "25gbase-x-sfp28") for n in range(1, 5)),
    ),
    Kind(
        short="fw",
        role="Firewall",
        maker="Fortinet",
        model="FortiGate 200F",
        platform="fortinet",
        count=1,
        first=21,
        management="mgmt",
        ports=(("port1", "10gbase-x-sfpp"), ("port2", "10gbase-x-sfpp")),
    ),
    Kind(
        short="acc",
        role="Access switch",
        maker="Cisco",
        model="C9200-48P",
        platform="cisco_xe",
        count=5,
        first=31,
        management="GigabitEthernet0/0",
        ports=(
            ("GigabitEthernet1/0/1", "1000base-t"),
            ("TenGigabitEthernet1/1/1", "10gbase-x-sfpp"),
        ),
    ),
)


@dataclass(kw_only=True)
class Catalogue:
    """What the sites share, by name."""

    statuses: dict[str, Any]
    roles: dict[str, Any]
    platforms: dict[str, Any]
    types: dict[str, Any]
    tenants: dict[str, Any]
    site_type: Any
    region: Any


def build(user: User) -> None:
    """Make the network, recorded as one request; hooks that are there fire."""
    with change_context(user, kind="load", detail="example network", transaction=True):
        catalogue = _catalogue()
        devices = [
            device
            for short, city, number in SITES
            for device in _site(catalogue, short, city, number)
        ]
        if is_type(CIRCUIT):
            _circuits(catalogue, devices)


def _save(objects: list[Any]) -> list[Any]:
    write.save(objects)
    return objects


def _catalogue() -> Catalogue:
    statuses = _by_name(
        models.Status(name=name, color=color, description=text)
        for name, color, text in STATUSES
    )
    makers = _by_name(
        models.Manufacturer(name=name) for name in sorted({k.maker for k in KINDS})
    )
    types = [
        models.DeviceType(manufacturer=makers[kind.maker], model=kind.model)
        for kind in KINDS
    ]
    _save([*types, *(models.Tag(name=name) for name in ("critical", "spare"))])
    regions = models.LocationType(name="Region", nestable=True)
    sites = models.LocationType(name="Site", parent=regions)
    europe = models.Location(
        name="Europe", location_type=regions, status=statuses["Active"]
    )
    _save([regions, sites, europe])
    return Catalogue(
        statuses=statuses,
        roles=_by_name(models.Role(name=kind.role) for kind in KINDS),
        platforms=_by_name(
            models.Platform(
                name=kind.platform,
                manufacturer=makers[kind.maker],
                network_driver=kind.platform,
            )
            for kind in KINDS
        ),
        types={each.model: each for each in types},
        tenants=_by_name(models.Tenant(name=name) for name in ("Network", "Office IT")),
        site_type=sites,
        region=europe,
    )


def _by_name(objects: Any) -> dict[str, Any]:
    return {each.name: each for each in _save(list(objects))}


def _circuits(catalogue: Catalogue, devices: list[Any]) -> None:
    """Give each router a leased line, of the store's own type for them."""
    provider, circuit = get_type("circuits.provider"), get_type(CIRCUIT)
    makers = [provider(name=name, account=account) for name, account in PROVIDERS]
    _save(makers)
    routers = [device for device in devices if device.role.name == "Router"]
    _save(
        [
            circuit(
                cid=f"{router.name.upper()}-{1000 + number}",
                provider=makers[number % len(makers)],
                status=catalogue.statuses["Active"],
                device=router,
                mbit_s=10_000,
            )
            for number, router in enumerate(routers)
        ]
    )


def _site(catalogue: Catalogue, short: str, city: str, number: int) -> list[Any]:
    """Make a site with all that is in it; return its devices."""
    active = catalogue.statuses["Active"]
    site = models.Location(
        name=city,
        location_type=catalogue.site_type,
        status=active,
        parent=catalogue.region,
    )
    _save([site])
    _save(
        [
            models.Rack(name=f"{short}-r{n}", location=site, status=active)
            for n in (1, 2)
        ]
    )
    group = models.VLANGroup(name=f"{city} VLANs", location=site)
    _save([group])
    vlans = [
        models.VLAN(vid=vid, name=name, vlan_group=group, status=active)
        for vid, name in VLANS
    ]
    _save(vlans)
    _save(_prefixes(catalogue, number, vlans))
    devices = _devices(catalogue, site, short)
    _save(devices)
    _number(catalogue, devices, number)
    return devices


def _prefixes(catalogue: Catalogue, number: int, vlans: list[Any]) -> list[Any]:
    active = catalogue.statuses["Active"]
    return [
        models.Prefix(prefix=f"10.{number}.0.0/16", status=active, type="container"),
        *(
            models.Prefix(
                prefix=f"10.{number}.{vlan.vid}.0/24", status=active, vlan=vlan
            )
            for vlan in vlans
        ),
    ]


def _devices(catalogue: Catalogue, site: Any, short: str) -> list[Any]:
    active, planned = catalogue.statuses["Active"], catalogue.statuses["Planned"]
    return [
        models.Device(
            name=f"{short}-{kind.short}-{n:02}",
            device_type=catalogue.types[kind.model],
            role=catalogue.roles[kind.role],
            status=planned if kind.short == "acc" and n == kind.count else active,
            location=site,
            platform=catalogue.platforms[kind.platform],
            tenant=catalogue.tenants["Office IT" if kind.short == "acc" else "Network"],
            serial=f"{kind.maker[:2]}{short}{kind.first + n:04}".upper(),
            asset_tag=f"{short.upper()}-{kind.first + n:04}",
        )
        for kind in KINDS
        for n in range(1, kind.count + 1)
    ]


def _number(catalogue: Catalogue, devices: list[Any], number: int) -> None:
    """Give each device its ports, and an address to reach it by."""
    active = catalogue.statuses["Active"]
    kinds = [kind for kind in KINDS for _ in range(kind.count)]
    hosts = [kind.first + n for kind in KINDS for n in range(kind.count)]
    ports = [
        [
            models.Interface(
                device=device,
                name=name,
                type=connector,
                status=active,
                mgmt_only=name == kind.management,
            )
            for name, connector in ((kind.management, "1000base-t"), *kind.ports)
        ]
        for device, kind in zip(devices, kinds, strict=True)
    ]
    _save([port for group in ports for port in group])
    addresses = [
        models.IPAddress(
            address=f"10.{number}.10.{host}/24",
            status=active,
            dns_name=f"{device.name}.example.net",
        )
        for device, host in zip(devices, hosts, strict=True)
    ]
    _save(addresses)
    for group, address in zip(ports, addresses, strict=True):
        group[0].ip_addresses.add(address)
    for device, address in zip(devices, addresses, strict=True):
        device.primary_ip4 = address
    _save(devices)
