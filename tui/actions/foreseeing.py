"""What many changes at once would do, in words: said before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.history.bulk import Foreseen

MOST_NAMED = 5


def counted(model: Any, count: int) -> str:
    """Return a number of objects of a type: `1 device`, `12 devices`."""
    meta = model._meta
    return f"{count:,} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"


def effects(found: Foreseen) -> str:
    r"""Say what an edit would leave as it is, and which hooks it would fire.

    >>> from models.history.bulk import Foreseen
    >>> effects(Foreseen(total=3, looked_at=3, changing=2, fires={"Guard": 2}))
    '1 has these values already.\\nFires 1 hook: Guard (2 times).'
    """
    same = found.looked_at - found.changing
    has = "has" if same == 1 else "have"
    parts = [
        f"{same:,} {has} these values already." if same else "",
        hooks_text(found),
        "" if found.is_exact else f"Judged by the first {found.looked_at:,}.",
    ]
    return "\n".join(part for part in parts if part)


def hooks_text(found: Foreseen) -> str:
    """Say which hooks would fire, and how often."""
    if not found.fires:
        return "No hook fires."
    names = [
        f"{name} ({count:,} times)" if count > 1 else name
        for name, count in list(found.fires.items())[:MOST_NAMED]
    ]
    more = "" if len(found.fires) <= MOST_NAMED else ", …"
    hooks = f"{len(found.fires)} hook{'s' if len(found.fires) > 1 else ''}"
    about = "" if found.is_exact else f"; about {found.runs:,} runs in all"
    return f"Fires {hooks}: {', '.join(names)}{more}{about}."
