"""Verdicts as they are stored: one compact value on a change, in hook name order.

Each is `[hook id, reason, detail, result id]`; what the reasons are stands in
`models.automation.dispatch`.
"""

from __future__ import annotations

import json
import zlib
from typing import Any


def encode_verdicts(verdicts: list[list[Any]]) -> bytes:
    """Return verdicts as they are stored: JSON, squeezed where that pays."""
    if not verdicts:
        return b""
    text = json.dumps(verdicts, separators=(",", ":")).encode()
    return text if len(text) < 200 else b"z" + zlib.compress(text, 1)


def decode_verdicts(stored: bytes | None) -> list[list[Any]]:
    """Return the verdicts that `encode_verdicts()` was given."""
    if not stored:
        return []
    text = zlib.decompress(stored[1:]) if stored[:1] == b"z" else stored
    found: list[list[Any]] = json.loads(text)
    return found


def has_verdict(stored: bytes | None, hooks: str, reasons: str) -> int:
    """Tell SQL whether a change has such a verdict; called `has_verdict` there.

    Args:
        stored: The verdicts as they are stored.
        hooks: The numbers of hooks as JSON; empty for any.
        reasons: Reasons as JSON; empty for any.
    """
    if not stored:
        return 0
    wanted_hooks = json.loads(hooks) if hooks else None
    wanted = json.loads(reasons) if reasons else None
    return int(
        any(
            (wanted_hooks is None or hook in wanted_hooks)
            and (wanted is None or reason in wanted)
            for hook, reason, *_ in decode_verdicts(stored)
        )
    )
