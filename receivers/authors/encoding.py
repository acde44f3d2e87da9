"""Values between Python and JSON: what a run returns, and what it is given."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import ipaddress
import json
import os
import uuid
from typing import TYPE_CHECKING, Any

from models.errors import HooklineError, NotFoundError, ValidationError
from models.objects import types
from models.objects.base import StoreModel

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESSES = (
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)


def plain(value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """Return the JSON value for what the json module does not know itself.

    Raises:
        TypeError: There is none.
    """
    match value:
        case StoreModel():
            meta: Any = value._meta
            return {
                "id": to_json(value.pk),
                "type": meta.label_lower,
                "name": str(value),
            }
        case dt.datetime() if value.tzinfo is not None:
            return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return value.total_seconds()
        case set() | frozenset():
            return sorted(value, key=str)
        case bytes():
            return value.decode(errors="backslashreplace")
        case enum.Enum():
            return value.value
        case uuid.UUID() | decimal.Decimal() | os.PathLike() | Exception():
            return str(value)
        case _ if isinstance(value, ADDRESSES):
            return str(value)
    raise TypeError(
        f"{type(value).__name__} cannot be written as JSON; return texts, numbers,"
        " lists, dictionaries, or objects of the store."
    )


_encoder = json.JSONEncoder(default=plain, allow_nan=False, ensure_ascii=False)


def encode(value: Any) -> str:
    """Return a value as JSON text; objects of the store as id, type and name.

    Raises:
        TypeError: Something in it has no JSON form.
        ValueError: It holds itself, or a number that is not finite.
    """
    return _encoder.encode(value)


def to_json(value: Any) -> Any:
    """Return an argument as a JSON value; objects of the store as their keys."""
    if isinstance(value, StoreModel):
        return to_json(value.pk)
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return plain(value)


def find_model(label: str) -> Any:
    """Return the class of a type, or of another table, by its label.

    Raises:
        NotFoundError: There is none.
    """
    try:
        return types.get_type(label)
    except NotFoundError:
        for model in _tables(StoreModel):
            if model._meta.label_lower == label.lower():
                return model
        raise


def _tables(base: Any) -> Iterator[Any]:
    for model in base.__subclasses__():
        yield model
        yield from _tables(model)


def find_object(model: Any, reference: Any) -> Any:
    """Return the object that a reference names.

    Args:
        model: Its class.
        reference: The object itself, its key, its natural name, or a dictionary of
            lookups.

    Raises:
        ValidationError: None fits, or more than one.
    """
    if isinstance(reference, model):
        return reference
    words = model._meta.verbose_name
    try:
        for lookups in _lookups(model, reference):
            found = list(model.objects.filter(**lookups)[:2])
            if len(found) == 1:
                return found[0]
            if found:
                raise ValidationError(f"More than one {words} fits {reference!r}.")
    except (HooklineError, TypeError, ValueError) as error:
        if isinstance(error, ValidationError):
            raise
        raise ValidationError(f"{reference!r} names no {words}: {error}") from error
    raise ValidationError(f"There is no {words} {reference!r}.")


def _lookups(model: Any, reference: Any) -> Iterator[dict[str, Any]]:
    if isinstance(reference, dict):
        yield reference
        return
    if not isinstance(reference, str):
        yield {"pk": reference}
        return
    if _is_key(model, reference):
        yield {"pk": reference}
    natural: tuple[str, ...] = getattr(model._meta, "natural_name", ())
    if len(natural) == 1:
        yield {natural[0]: reference}


def _is_key(model: Any, text: str) -> bool:
    if model._meta.primary_key.field_type != "BLOB":
        return text.isdecimal()
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
