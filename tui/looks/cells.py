"""Values as they are written: into JSON, and into the cells of tables and CSV."""

from __future__ import annotations

import datetime as dt
import enum
import json
import re
from typing import Any

from models.objects.lists import join_list

# What a terminal could act on and JSON does not escape by itself: DEL, the C1
# controls, line separators, direction marks, lone surrogates.
_UNSAFE = re.compile(
    "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def dumps(document: Any, *, indent: int | None = None) -> str:
    r"""Write a document as JSON that is safe to show.

    >>> dumps({"a": "é\x9b"})
    '{"a": "é\\u009b"}'
    """
    text = json.dumps(document, ensure_ascii=False, indent=indent, default=plain)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def plain(value: Any) -> Any:
    """Return what JSON shows for a value of another kind."""
    if hasattr(value, "_meta"):
        return relation(value)
    match value:
        case dt.datetime():
            return moment(value)
        case enum.Enum():
            return value.value
        case bytes():
            return value.hex()
        case set() | frozenset():
            return sorted(value)
    return list(value) if hasattr(value, "__iter__") else str(value)


def relation(row: Any) -> dict[str, Any]:
    """Return `{id, type, name}` for a row."""
    label = row._meta.label_lower  # peewee's public name for it
    return {"id": row.pk, "type": label, "name": str(row)}


def moment(value: dt.datetime) -> str:
    """Return a time in UTC with Z.

    >>> moment(dt.datetime(2026, 1, 2, 3, 4, 5, 670000, dt.UTC))
    '2026-01-02T03:04:05.670000Z'
    """
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def cell(value: Any) -> str:
    """Return the text of a table's cell; the caller makes it safe to show."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case dt.datetime():
            text = moment(value.replace(microsecond=0))
        case dict():
            text = _document_text(value)
        case list() | tuple():
            flat = not any(isinstance(item, (list, tuple)) for item in value)
            text = join_list(map(cell, value)) if flat else dumps(value)
        case float():
            text = f"{value:.3f}".rstrip("0").rstrip(".")
        case enum.Enum():
            text = str(value.value)
        case _:
            text = str(value)
    return text


def _document_text(value: dict[str, Any]) -> str:
    match value:
        case {"name": name, "id": _}:
            return str(name)
        case {"name": name, "size": size}:
            return f"{name} ({size} bytes)"
        case {"done": done, "total": total}:
            return f"{done:,} of {total:,}"
        case _:
            return dumps(value) if value else ""
