"""Where a device may stand, and what it may be reached by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.inventory.interfaces import Interface, IPAddressToInterface

if TYPE_CHECKING:
    from models.inventory.addresses import IPAddress
    from models.inventory.dcim import Device

Problems = dict[str, list[str]]


def rack_problems(device: Device) -> Problems:
    """Return what is wrong with a device's place in its rack."""
    rack = device.rack
    problems: Problems = {}
    if rack.location != device.location:
        problems["rack"] = [f"{rack} is in {rack.location}, not in {device.location}"]
    if device.position is None:
        if device.face and device.device_type.u_height:
            problems["position"] = ["is required where a face is chosen"]
        return problems
    if not device.face:
        problems["face"] = ["is required where a position is given"]
    height = device.device_type.u_height
    if height == 0:
        problems["position"] = [f"a {device.device_type} fills no units"]
    elif not 1 <= device.position <= rack.u_height - height + 1:
        top = device.position + height - 1
        problems["position"] = [f"{rack} has units 1 to {rack.u_height}, not {top}"]
    else:
        problems |= _overlap_problems(device)
    return problems


def _overlap_problems(device: Device) -> Problems:
    mine = _units(device)
    for other in device.rack.devices.exclude(id=device.pk).filter(
        position__isnull=False
    ):
        both_deep = device.device_type.is_full_depth or other.device_type.is_full_depth
        if mine & _units(other) and (both_deep or device.face == other.face):
            unit = min(mine & _units(other))
            return {"position": [f"unit {unit} of {device.rack} is {other}'s"]}
    return {}


def _units(device: Device) -> set[int]:
    first = device.position
    return set(range(first, first + device.device_type.u_height))


def platform_problems(device: Device) -> Problems:
    """Return whether the platform is by another maker than the device."""
    platform = device.platform
    if platform is None or platform.manufacturer is None:
        return {}
    maker = device.device_type.manufacturer
    if platform.manufacturer == maker:
        return {}
    return {"platform": [f"{platform} is for devices by {platform.manufacturer}"]}


def primary_problems(device: Device) -> Problems:
    """Return which primary address is of the wrong version, or not the device's."""
    problems: Problems = {}
    for version in (4, 6):
        name = f"primary_ip{version}"
        address = getattr(device, name)
        if address is None:
            continue
        if address.ip_version != version:
            problems[name] = [f"{address} is no IPv{version} address"]
        elif not is_on(device, address):
            problems[name] = [f"{address} is on none of {device}'s interfaces"]
    return problems


def is_on(device: Device, address: IPAddress) -> bool:
    """Return whether an address, or what it is translated to, is on a device."""
    keys = [address.pk]
    if address.nat_inside_id is not None:
        keys.append(address.nat_inside_id)
    links = IPAddressToInterface
    mine = Interface.select(Interface.id).where(Interface.device == device)
    query = links.select().where(links.ip_address.in_(keys), links.interface.in_(mine))
    return bool(query.exists())
