"""Field types that the shipped types, and people's own, are made of.

Each field knows three shapes of its value: Python's, the database's, and the JSON
one that stands in a change's image.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import os
import time
import uuid
from typing import TYPE_CHECKING, Any

import peewee

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "AddressField",
    "BigIntegerField",
    "BooleanField",
    "BytesField",
    "ChoiceField",
    "FloatField",
    "IdField",
    "IntegerField",
    "JSONField",
    "ListField",
    "NameField",
    "SequenceField",
    "TextField",
    "TimestampField",
    "from_us",
    "now_us",
    "to_json",
    "to_us",
    "uuid7",
]

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)

IPAddressValue = ipaddress.IPv4Address | ipaddress.IPv6Address


def now_us() -> int:
    """Return the time now, in integer microseconds UTC."""
    return time.time_ns() // 1000


def to_us(moment: dt.datetime) -> int:
    """Return an aware datetime as integer microseconds UTC."""
    return (moment - EPOCH) // MICROSECOND


def from_us(microseconds: int) -> dt.datetime:
    """Return integer microseconds UTC as an aware datetime."""
    return EPOCH + dt.timedelta(microseconds=microseconds)


_last_stamp = 0


def uuid7() -> uuid.UUID:
    """Return a UUIDv7 (RFC 9562): 48 bits of milliseconds, a counter, random bits.

    The twelve bits after the milliseconds hold their fraction, and the stamp never
    repeats in a process, so ids made one after the other sort in that order.
    """
    global _last_stamp  # noqa: PLW0603 - the monotonic counter of RFC 9562, 6.2
    stamp = time.time_ns() * 4096 // 1_000_000
    _last_stamp = stamp = max(stamp, _last_stamp + 1)
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | tail
    return uuid.UUID(int=value)


class Described(peewee.Field):
    """Tells type checkers that a field's value, not the field, is on an object."""

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: Any = None) -> Any: ...

        def __set__(self, instance: object, value: Any) -> None: ...


class BooleanField(Described, peewee.BooleanField):
    """Yes or no."""


class IntegerField(Described, peewee.IntegerField):
    """A whole number of up to 32 bits."""


class BigIntegerField(Described, peewee.BigIntegerField):
    """A whole number of up to 64 bits."""


class FloatField(Described, peewee.FloatField):
    """A number."""


class TextField(Described, peewee.TextField):
    """Text of any length."""


class LinesField(TextField):
    """Lines of text: people add one, or take one away."""


class IdField(Described):
    """A UUID, stored in 16 bytes."""

    field_type = "BLOB"

    def db_value(self, value: Any) -> bytes | None:
        """Take a UUID, its text, or its 16 bytes; a model instance gives its key."""
        match value:
            case None:
                return None
            case uuid.UUID():
                return value.bytes
            case bytes() if len(value) == 16:
                return value
            case str():
                return uuid.UUID(value).bytes
            case peewee.Model():
                return self.db_value(value._pk)  # noqa: SLF001 - peewee's own name
        raise ValueError(f"{value!r} is no id; give a UUID")

    def python_value(self, value: Any) -> uuid.UUID | None:
        """Return the UUID."""
        if value is None or isinstance(value, uuid.UUID):
            return value
        return uuid.UUID(bytes=bytes(value))


class TimestampField(Described):
    """A moment: an aware datetime in Python, integer microseconds UTC in the store."""

    field_type = "BIGINT"

    def db_value(self, value: Any) -> int | None:
        """Take an aware datetime, its ISO text, or microseconds."""
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, str):
            value = dt.datetime.fromisoformat(value)
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; write it with one, as in Z")
        return to_us(value)

    def python_value(self, value: Any) -> dt.datetime | None:
        """Return an aware datetime in UTC."""
        return from_us(value) if isinstance(value, int) else value

    def to_image(self, value: int | None) -> str | None:
        """Return the ISO text for an image."""
        return None if value is None else from_us(value).isoformat()


class JSONAccessor(peewee.FieldAccessor):
    """Gives a JSON value, and keeps its text as it was when it was read.

    `device.cf["site"] = "x"` assigns nothing; a save finds it by that text.
    """

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        value = super().__get__(instance, owner)
        if instance is not None and instance.present_in_database:
            loaded = instance.__dict__.setdefault("_loaded_json", {})
            if self.name not in loaded:
                loaded[self.name] = to_json(value)
        return value


def to_json(value: Any) -> str:
    """Return compact JSON, as it is stored."""
    return json.dumps(value, separators=(",", ":"))


class JSONField(Described):
    """Any JSON value, stored as text."""

    field_type = "TEXT"
    accessor_class = JSONAccessor

    def db_value(self, value: Any) -> str | None:
        """Return compact JSON."""
        return None if value is None else to_json(value)

    def python_value(self, value: Any) -> Any:
        """Return the value; what is not text is one already."""
        return json.loads(value) if isinstance(value, str) else value

    to_image = python_value


class ListField(JSONField):
    """A list of texts, such as the object types that a status is for.

    Args:
        choose: Returns the texts that there are to choose from, when they change.
    """

    def __init__(
        self, *args: Any, choose: Callable[[], list[str]] | None = None, **options: Any
    ) -> None:
        self.choose = choose
        super().__init__(*args, **options)


class BytesField(Described):
    """Raw bytes."""

    field_type = "BLOB"


class NameField(TextField):
    """One line of text that names something; its length is bounded.

    Args:
        max_length: The most characters it may have.
    """

    def __init__(self, *args: Any, max_length: int = 255, **options: Any) -> None:
        self.max_length = max_length
        super().__init__(*args, **options)

    def db_value(self, value: Any) -> Any:
        """Store no text as NULL where that is allowed: it is no name to be unique."""
        return None if value == "" and self.null else super().db_value(value)


class ChoiceField(TextField):
    """A text out of a fixed list; `choices` holds (value, label) pairs."""


class AddressField(Described):
    """An IPv4 or IPv6 address.

    Stored as its version and its packed bytes, so that addresses compare and sort
    as numbers, IPv4 first.
    """

    field_type = "BLOB"

    def db_value(self, value: Any) -> bytes | None:
        """Take an address or its text."""
        if value is None or isinstance(value, bytes):
            return value
        address = ipaddress.ip_address(value)
        return bytes([address.version]) + address.packed

    def python_value(self, value: Any) -> IPAddressValue | None:
        """Return an `ipaddress` object."""
        if isinstance(value, bytes):
            return ipaddress.ip_address(value[1:])
        found: IPAddressValue | None = value
        return found

    def to_image(self, value: bytes | None) -> str | None:
        """Return the text for an image."""
        return None if value is None else str(self.python_value(value))


class SequenceField(Described, peewee.AutoField):
    """An integer key that is never given twice, so that it is also an order."""

    def ddl(self, ctx: Any) -> Any:
        """Return the column's definition."""
        return peewee.NodeList((super().ddl(ctx), peewee.SQL("AUTOINCREMENT")))
