"""Networks and addresses as people write them: `10.0.0.0/24`.

A row keeps the parts; these read the whole, and compare with it.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from models.errors import RequestError, ValidationError
from models.objects.queries import Q

if TYPE_CHECKING:
    from collections.abc import Callable


def _parsed(text: Any, parse: Callable[[str], Any], name: str, like: str) -> Any:
    try:
        return parse(str(text).strip())
    except ValueError as error:
        raise ValidationError(
            {name: [f"{str(text)!r} is not written like {like}"]}
        ) from error


def text_lookup(parse: Callable[[Any], Q]) -> Callable[[list[str], Any], Q]:
    """Return a lookup for a text that stands in several columns.

    Args:
        parse: Turns one text into a condition.
    """

    def resolve(rest: list[str], value: Any) -> Q:
        if rest not in ([], ["exact"], ["in"]):
            raise RequestError("this can only be compared with =, or with __in")
        whole = Q(pk__in=[])
        for text in value if rest == ["in"] else [value]:
            whole = whole | parse(text)
        return whole

    return resolve


def read_network(text: Any) -> Any:
    """Return the network that a text names; bits behind the length are dropped.

    Raises:
        ValidationError: It names none.
    """

    def parse(text: str) -> Any:
        return ipaddress.ip_network(text, strict=False)

    return _parsed(text, parse, "prefix", "10.0.0.0/24")


def prefix_is(text: Any) -> Q:
    """Return the condition that a prefix is the one that a text names."""
    network = read_network(text)
    return Q(network=network.network_address, prefix_length=network.prefixlen)


def read_address(text: Any) -> Any:
    """Return the address, with its network, that a text names.

    Raises:
        ValidationError: It names none.
    """
    return _parsed(text, ipaddress.ip_interface, "address", "10.0.0.1/24")


def address_is(text: Any) -> Q:
    """Compare the host, and the mask length where one is written."""
    address = read_address(text)
    if "/" not in str(text):
        return Q(host=address.ip)
    return Q(host=address.ip, mask_length=address.network.prefixlen)
