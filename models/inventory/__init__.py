"""The object types that ship."""

from models.inventory import (
    addresses,
    dcim,
    extras,
    interfaces,
    ipam,
    organization,
    prefixes,
)

SHIPPED = (
    extras.Status,
    extras.Role,
    extras.Tag,
    extras.CustomField,
    organization.TenantGroup,
    organization.Tenant,
    organization.LocationType,
    organization.Location,
    ipam.Namespace,
    ipam.VRF,
    ipam.VLANGroup,
    ipam.VLAN,
    prefixes.Prefix,
    addresses.IPAddress,
    dcim.Manufacturer,
    dcim.Platform,
    dcim.DeviceType,
    dcim.RackGroup,
    dcim.Rack,
    dcim.Device,
    interfaces.Interface,
)
LINKS = (extras.TaggedItem, interfaces.IPAddressToInterface)
