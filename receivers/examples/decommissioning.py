"""A device that leaves gives its IP addresses back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import IPAddress
from receivers import JobHookReceiver, register_jobs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models import Device, ObjectChange

name = "Examples: decommissioning"
RETIRED = ("Decommissioning", "Decommissioned")


class ReleaseAddresses(JobHookReceiver):
    """Deletes the IP addresses of a device that is decommissioned or deleted."""

    class Meta:
        name = "Release addresses on decommission"
        description = """
        When a device gets the status Decommissioning or Decommissioned, or is deleted,
        its IP addresses are deleted, so that others can have them. An address that
        another device uses too stays.

        Use it with a hook on dcim.device for update and delete. Of a deleted device
        the primary addresses are known; its interfaces are gone.
        """
        delivery = "idempotent"

    def receive_job_hook(
        self, change: ObjectChange, action: str, changed_object: Device | None
    ) -> list[str]:
        """Release the addresses; return them as texts."""
        if changed_object is not None:
            retired = changed_object.status.name in RETIRED
            return self.release(addresses_of(changed_object)) if retired else []
        if action != "delete":
            return []
        before = change.get_snapshots()["prechange"] or {}
        return self.release(primary_addresses(before))

    def release(self, addresses: Iterable[IPAddress]) -> list[str]:
        """Delete addresses."""
        released = []
        for address in addresses:
            self.logger.info("Released %s.", address, extra={"object": address})
            released.append(str(address))
            address.delete()
        return released


def addresses_of(device: Device) -> list[IPAddress]:
    """Return the addresses on a device's interfaces and on no other device's."""
    found: dict[Any, IPAddress] = {}
    for interface in device.interfaces.all():
        for address in interface.ip_addresses.all():
            if all(other.device == device for other in address.interfaces.all()):
                found[address.pk] = address
    return list(found.values())


def primary_addresses(image: dict[str, Any]) -> list[IPAddress]:
    """Return the primary addresses that an image names, if nothing uses them."""
    named = [image.get(field) for field in ("primary_ip4", "primary_ip6")]
    keys = [relation["id"] for relation in named if relation]
    found = IPAddress.objects.filter(pk__in=keys)
    return [address for address in found if not address.interfaces.exists()]


register_jobs(ReleaseAddresses)
