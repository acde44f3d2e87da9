"""Objects for tests, made by one call each with all that they need.

`factories.device("core-01")` makes the location, type, role and status on the way, or
takes those that are there. Pass keywords for what the test is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.inventory.addresses import IPAddress
    from models.inventory.dcim import Device, DeviceType, Manufacturer, Platform, Rack
    from models.inventory.extras import CustomField, Role, Status, Tag
    from models.inventory.interfaces import Interface
    from models.inventory.ipam import VLAN, VRF, Namespace
    from models.inventory.organization import Location, LocationType, Tenant
    from models.inventory.prefixes import Prefix


def _one(model: Any, lookups: dict[str, Any], values: dict[str, Any]) -> Any:
    found, made = model.objects.get_or_create(defaults=values, **lookups)
    if not made and values:
        for name, value in values.items():
            setattr(found, name, value)
        found.validated_save()
    return found


def status(name: str = "Active", **values: Any) -> Status:
    """Return a status; it is for all types unless `content_types` says which."""
    from models.inventory.extras import Status

    made: Status = _one(Status, {"name": name}, values)
    return made


def role(name: str = "Core", **values: Any) -> Role:
    """Return a role; it is for all types unless `content_types` says which."""
    from models.inventory.extras import Role

    made: Role = _one(Role, {"name": name}, values)
    return made


def tag(name: str = "critical", **values: Any) -> Tag:
    """Return a tag."""
    from models.inventory.extras import Tag

    made: Tag = _one(Tag, {"name": name}, values)
    return made


def tenant(name: str = "ACME", **values: Any) -> Tenant:
    """Return a tenant."""
    from models.inventory.organization import Tenant

    made: Tenant = _one(Tenant, {"name": name}, values)
    return made


def manufacturer(name: str = "Arista", **values: Any) -> Manufacturer:
    """Return a manufacturer."""
    from models.inventory.dcim import Manufacturer

    made: Manufacturer = _one(Manufacturer, {"name": name}, values)
    return made


def device_type(model: str = "X1", **values: Any) -> DeviceType:
    """Return a device type, by Arista unless `manufacturer` says otherwise."""
    from models.inventory.dcim import DeviceType

    values.setdefault("manufacturer", manufacturer())
    made: DeviceType = _one(DeviceType, {"model": model}, values)
    return made


def location_type(name: str = "Site", **values: Any) -> LocationType:
    """Return a location type."""
    from models.inventory.organization import LocationType

    made: LocationType = _one(LocationType, {"name": name}, values)
    return made


def location(name: str = "HQ", **values: Any) -> Location:
    """Return a location, an active site unless told otherwise."""
    from models.inventory.organization import Location

    values.setdefault("location_type", location_type())
    values.setdefault("status", status())
    made: Location = _one(Location, {"name": name}, values)
    return made


def device(name: str = "core-01", **values: Any) -> Device:
    """Return a device: an active X1 with the role Core in HQ unless told otherwise."""
    from models.inventory.dcim import Device

    values.setdefault("status", status())
    values.setdefault("role", role())
    values.setdefault("device_type", device_type())
    place = values.pop("location", None) or location()
    made: Device = _one(Device, {"name": name, "location": place}, values)
    return made


def platform(name: str = "EOS", **values: Any) -> Platform:
    """Return a platform."""
    from models.inventory.dcim import Platform

    made: Platform = _one(Platform, {"name": name}, values)
    return made


def rack(name: str = "R1", **values: Any) -> Rack:
    """Return an active rack in HQ unless told otherwise."""
    from models.inventory.dcim import Rack

    values.setdefault("status", status())
    place = values.pop("location", None) or location()
    made: Rack = _one(Rack, {"name": name, "location": place}, values)
    return made


def interface(device: Device, name: str = "Ethernet1", **values: Any) -> Interface:
    """Return an active port of a device."""
    from models.inventory.interfaces import Interface

    values.setdefault("status", status())
    values.setdefault("type", "1000base-t")
    made: Interface = _one(Interface, {"device": device, "name": name}, values)
    return made


def namespace(name: str = "Global", **values: Any) -> Namespace:
    """Return a namespace."""
    from models.inventory.ipam import Namespace

    made: Namespace = _one(Namespace, {"name": name}, values)
    return made


def vrf(name: str = "blue", **values: Any) -> VRF:
    """Return a VRF in the global namespace unless told otherwise."""
    from models.inventory.ipam import VRF

    made: VRF = _one(VRF, {"name": name}, values)
    return made


def vlan(vid: int = 10, **values: Any) -> VLAN:
    """Return an active VLAN; its name is VLAN and its number unless told otherwise."""
    from models.inventory.ipam import VLAN

    values.setdefault("name", f"VLAN{vid}")
    values.setdefault("status", status())
    made: VLAN = _one(VLAN, {"vid": vid}, values)
    return made


def prefix(text: str = "10.0.0.0/24", **values: Any) -> Prefix:
    """Return an active prefix in the global namespace unless told otherwise."""
    from models.inventory.prefixes import Prefix

    values.setdefault("status", status())
    space = values.pop("namespace", None) or namespace()
    made: Prefix = _one(Prefix, {"prefix": text, "namespace": space}, values)
    return made


def address(text: str = "10.0.0.1/24", **values: Any) -> IPAddress:
    """Return an active address; its prefix must be there."""
    from models.inventory.addresses import IPAddress

    values.setdefault("status", status())
    space = values.pop("namespace", None) or namespace()
    made: IPAddress = _one(IPAddress, {"address": text, "namespace": space}, values)
    return made


def custom_field(key: str = "site_code", **values: Any) -> CustomField:
    """Return a custom field of devices, a text unless told otherwise."""
    from models.inventory.extras import CustomField

    values.setdefault("content_types", ["dcim.device"])
    made: CustomField = _one(CustomField, {"key": key}, values)
    return made


def network(sites: int = 10, devices: int = 1000, interfaces: int = 0) -> list[Device]:
    """Fill a store fast, for benchmarks: sites, devices in them, ports on each.

    Rows go through the write core, so each is recorded; they are not checked.

    Args:
        sites: How many locations.
        devices: How many devices in all, dealt out to the sites in turn.
        interfaces: How many ports on each device.

    Returns:
        The devices.
    """
    from models.history import write
    from models.inventory.dcim import Device
    from models.inventory.interfaces import Interface

    active, core, kind = status(), role(), device_type()
    places = _sites(sites)
    made = [
        Device(
            name=f"device-{number:06}",
            location=places[number % sites],
            device_type=kind,
            role=core,
            status=active,
            serial=f"SN{number:08}",
        )
        for number in range(devices)
    ]
    write.save(made)
    write.save(
        [
            Interface(
                device=device, name=f"Ethernet{n}", status=active, type="1000base-t"
            )
            for device in made
            for n in range(1, interfaces + 1)
        ]
    )
    return made


def _sites(count: int) -> list[Location]:
    from models.history import write
    from models.inventory.organization import Location

    kind, active = location_type(), status()
    made = [
        Location(name=f"site-{number:04}", location_type=kind, status=active)
        for number in range(count)
    ]
    write.save(made)
    return made
