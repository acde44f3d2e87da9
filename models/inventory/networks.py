"""Which prefix an address or a smaller prefix lies in, and keeping that true.

The parents are derived: they follow from the networks, as in Nautobot. When a prefix
comes, moves or goes, its neighbours' parents are set in the same transaction, without
a change of their own; a /8 laid over ten thousand prefixes is one change, not ten
thousand, and fires one hook.
"""

from __future__ import annotations

import ipaddress
import uuid
from typing import TYPE_CHECKING, Any

from models.errors import ValidationError
from models.storage.store import current_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.objects.fields import IPAddressValue

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Place = tuple[bytes, bytes, int]
"""A prefix's namespace, packed network and length: no two have the same."""


def packed(address: IPAddressValue) -> bytes:
    """Return an address as an `AddressField` stores it."""
    return bytes([address.version]) + address.packed


def starts(address: IPAddressValue, *, shorter_than: int) -> list[tuple[int, bytes]]:
    """Return the networks that hold an address: length and packed start, longest first.

    Numbers, not `ipaddress` objects: a load asks this of every row.
    """
    width = address.max_prefixlen
    host, size = int(address), width // 8
    version = bytes([address.version])
    return [
        (
            length,
            version + (host >> width - length << width - length).to_bytes(size, "big"),
        )
        for length in range(shorter_than - 1, -1, -1)
    ]


def closest(
    namespace: bytes,
    address: IPAddressValue,
    *,
    shorter_than: int,
    fresh: Mapping[Place, uuid.UUID] | None = None,
) -> uuid.UUID | None:
    """Return the key of the longest prefix of a namespace that holds an address.

    Args:
        namespace: The namespace's key.
        address: The address, or a network's first one.
        shorter_than: Only prefixes shorter than this count.
        fresh: Prefixes that are about to be written.
    """
    around = starts(address, shorter_than=shorter_than)
    if not around:
        return None
    networks = {start for _, start in around}
    row = (
        current_store()
        .execute(
            "SELECT id, prefix_length FROM prefix WHERE namespace_id = ?"
            f" AND network IN ({','.join('?' * len(networks))}) AND prefix_length < ?"
            " AND broadcast >= ? ORDER BY prefix_length DESC LIMIT 1",
            [namespace, *networks, shorter_than, packed(address)],
        )
        .fetchone()
    )
    for length, start in around if fresh else ():
        if row is not None and length <= row[1]:
            break
        if fresh and (namespace, start, length) in fresh:
            return fresh[namespace, start, length]
    return None if row is None else uuid.UUID(bytes=row[0])


def adopt(key: bytes) -> None:
    """Make a prefix that was just written the parent of what now lies in it."""
    execute = current_store().execute
    space, network, broadcast, length, parent = execute(
        "SELECT namespace_id, network, broadcast, prefix_length, parent_id"
        " FROM prefix WHERE id = ?",
        [key],
    ).fetchone()
    execute(
        "UPDATE prefix SET parent_id = ? WHERE namespace_id = ?"
        " AND network BETWEEN ? AND ? AND prefix_length > ? AND parent_id IS ?",
        [key, space, network, broadcast, length, parent],
    )
    if parent is not None:
        execute(
            "UPDATE ip_address SET parent_id = ?"
            " WHERE parent_id = ? AND host BETWEEN ? AND ?",
            [key, parent, network, broadcast],
        )


def release(key: bytes, parent: bytes | None, *, inside: tuple[Any, Any]) -> None:
    """Give what lay in a prefix that was moved to the parent that it had.

    Args:
        key: The prefix.
        parent: The parent that it had.
        inside: The first and the last address of where it is now.

    Raises:
        ValidationError: Addresses would be left without a prefix.
    """
    execute = current_store().execute
    execute("UPDATE prefix SET parent_id = ? WHERE parent_id = ?", [parent, key])
    if parent is not None:
        execute(
            "UPDATE ip_address SET parent_id = ? WHERE parent_id = ?", [parent, key]
        )
        return
    stranded = execute(
        "SELECT count(*) FROM ip_address"
        " WHERE parent_id = ? AND NOT host BETWEEN ? AND ?",
        [key, *inside],
    ).fetchone()[0]
    if stranded:
        raise ValidationError(
            {"prefix": [f"{stranded} of its addresses would lie in no prefix"]}
        )


def bequeath(keys: Sequence[bytes]) -> None:
    """Give what lies in prefixes that go to the nearest prefixes that stay.

    Addresses for which none stays are left as they are; they forbid the deletion.
    """
    execute = current_store().execute
    going = set(keys)
    above = {
        key: execute("SELECT parent_id FROM prefix WHERE id = ?", [key]).fetchone()
        for key in going
    }
    for key in going:
        heir: bytes | None = key
        while heir in going:
            row = above[heir]
            heir = None if row is None else row[0]
        execute("UPDATE prefix SET parent_id = ? WHERE parent_id = ?", [heir, key])
        if heir is not None:
            execute(
                "UPDATE ip_address SET parent_id = ? WHERE parent_id = ?", [heir, key]
            )
