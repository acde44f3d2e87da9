"""What is stored, and what a save does.

The names that receivers use are here; they are loaded when they are first asked for,
so that a program that needs one of them does not wait for all.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.automation.buttons import JobButton
    from models.automation.hooks import JobHook
    from models.errors import ValidationError
    from models.history.changes import ObjectChange, ObjectChangeActionChoices
    from models.history.context import change_context
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
    from models.objects.base import ChangeLoggedModel, unlogged
    from models.objects.fields import (
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
    from models.objects.links import ChangeLoggedLink, LinkModel
    from models.objects.queries import DoesNotExist, MultipleObjectsReturned, Q
    from models.objects.relations import Members, Relation
    from models.people.access import Group, ObjectPermission, User
    from models.runs.jobs import JobRecord
    from models.runs.results import (
        JobLogEntry,
        JobResult,
        JobResultStatusChoices,
        LogLevelChoices,
    )
    from models.storage.store import open_store

_HOMES = {
    "models.people.access": ("Group", "ObjectPermission", "User"),
    "models.objects.base": ("ChangeLoggedModel", "unlogged"),
    "models.automation.buttons": ("JobButton",),
    "models.history.changes": ("ObjectChange", "ObjectChangeActionChoices"),
    "models.history.context": ("change_context",),
    "models.errors": ("ValidationError",),
    "models.objects.fields": (
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
    "models.automation.hooks": ("JobHook",),
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
    "models.runs.jobs": ("JobRecord",),
    "models.objects.links": ("ChangeLoggedLink", "LinkModel"),
    "models.objects.queries": ("DoesNotExist", "MultipleObjectsReturned", "Q"),
    "models.objects.relations": ("Members", "Relation"),
    "models.runs.results": (
        "JobLogEntry",
        "JobResult",
        "JobResultStatusChoices",
        "LogLevelChoices",
    ),
    "models.storage.store": ("open_store",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "VLAN",
    "VRF",
    "AddressField",
    "BigIntegerField",
    "BooleanField",
    "ChangeLoggedLink",
    "ChangeLoggedModel",
    "ChoiceField",
    "CustomField",
    "Device",
    "DeviceType",
    "DoesNotExist",
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
    "MultipleObjectsReturned",
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
