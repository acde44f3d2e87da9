"""What is stored, and what a save does.

The names that receivers use are here; they are loaded when they are first asked for,
so that a program that needs one of them does not wait for all.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.access import Group, ObjectPermission, User
    from models.base import ChangeLoggedModel, unlogged
    from models.buttons import JobButton
    from models.changes import ObjectChange, ObjectChangeActionChoices
    from models.context import change_context
    from models.errors import ValidationError
    from models.fields import (
        AddressField,
        BigIntegerField,
        BooleanField,
        ChoiceField,
        FloatField,
        IntegerField,
        JSONField,
        ListField,
        NameField,
        TextField,
        TimestampField,
    )
    from models.hooks import JobHook
    from models.inventory.addresses import IPAddress
    from models.inventory.dcim import (
        Device,
        DeviceType,
        Manufacturer,
        Platform,
        Rack,
        RackGroup,
    )
    from models.inventory.extras import CustomField, Role, Status, Tag
    from models.inventory.interfaces import Interface, IPAddressToInterface
    from models.inventory.ipam import VLAN, VRF, Namespace, VLANGroup
    from models.inventory.organization import (
        Location,
        LocationType,
        Tenant,
        TenantGroup,
    )
    from models.inventory.prefixes import Prefix
    from models.jobs import JobRecord
    from models.links import LinkModel
    from models.queries import Q
    from models.relations import Members, Relation
    from models.results import (
        JobLogEntry,
        JobResult,
        JobResultStatusChoices,
        LogLevelChoices,
    )
    from models.store import open_store

_HOMES = {
    "models.access": ("Group", "ObjectPermission", "User"),
    "models.base": ("ChangeLoggedModel", "unlogged"),
    "models.buttons": ("JobButton",),
    "models.changes": ("ObjectChange", "ObjectChangeActionChoices"),
    "models.context": ("change_context",),
    "models.errors": ("ValidationError",),
    "models.fields": (
        "AddressField",
        "BigIntegerField",
        "BooleanField",
        "ChoiceField",
        "FloatField",
        "IntegerField",
        "JSONField",
        "ListField",
        "NameField",
        "TextField",
        "TimestampField",
    ),
    "models.hooks": ("JobHook",),
    "models.inventory.dcim": (
        "Device",
        "DeviceType",
        "Manufacturer",
        "Platform",
        "Rack",
        "RackGroup",
    ),
    "models.inventory.extras": ("CustomField", "Role", "Status", "Tag"),
    "models.inventory.interfaces": ("IPAddressToInterface", "Interface"),
    "models.inventory.addresses": ("IPAddress",),
    "models.inventory.ipam": ("Namespace", "VLAN", "VLANGroup", "VRF"),
    "models.inventory.prefixes": ("Prefix",),
    "models.inventory.organization": (
        "Location",
        "LocationType",
        "Tenant",
        "TenantGroup",
    ),
    "models.jobs": ("JobRecord",),
    "models.links": ("LinkModel",),
    "models.queries": ("Q",),
    "models.relations": ("Members", "Relation"),
    "models.results": (
        "JobLogEntry",
        "JobResult",
        "JobResultStatusChoices",
        "LogLevelChoices",
    ),
    "models.store": ("open_store",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "VLAN",
    "VRF",
    "AddressField",
    "BigIntegerField",
    "BooleanField",
    "ChangeLoggedModel",
    "ChoiceField",
    "CustomField",
    "Device",
    "DeviceType",
    "FloatField",
    "Group",
    "IPAddress",
    "IPAddressToInterface",
    "IntegerField",
    "Interface",
    "JSONField",
    "JobButton",
    "JobHook",
    "JobLogEntry",
    "JobRecord",
    "JobResult",
    "JobResultStatusChoices",
    "LinkModel",
    "ListField",
    "Location",
    "LocationType",
    "LogLevelChoices",
    "Manufacturer",
    "Members",
    "NameField",
    "Namespace",
    "ObjectChange",
    "ObjectChangeActionChoices",
    "ObjectPermission",
    "Platform",
    "Prefix",
    "Q",
    "Rack",
    "RackGroup",
    "Relation",
    "Role",
    "Status",
    "Tag",
    "Tenant",
    "TenantGroup",
    "TextField",
    "TimestampField",
    "User",
    "VLANGroup",
    "ValidationError",
    "change_context",
    "open_store",
    "unlogged",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'models' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
