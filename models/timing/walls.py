"""Wall clocks: time zones, and which moment a time on a wall is.

A wall clock is not a line: summer time leaves out an hour and gives one twice. A time
that is left out is as much later as the clock was moved (02:30 is 03:30); of two the
first is meant.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

LAST = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
"""Nothing is planned for a time after this."""


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises:
        ValueError: There is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone {name!r}; write it as in Europe/Amsterdam, or UTC"
        ) from None


def local_zone_name() -> str:
    """Return the name of this machine's time zone; UTC when it has no known name."""
    from tzlocal import get_localzone_name

    try:
        name: str = get_localzone_name()
        zone_named(name)
    except (ValueError, LookupError, OSError, TypeError):
        return "UTC"
    return name


def to_moment(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the moment at which a wall clock shows a time, in UTC.

    Of two the first; a time that is left out is as much later as the clock was moved.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)


def to_wall(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return what a wall clock shows at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def read_moment(text: str, zone: ZoneInfo) -> dt.datetime:
    """Return the moment that a text names, in UTC; without an offset on the wall clock.

    Raises:
        ValueError: It names none.
    """
    try:
        found = dt.datetime.fromisoformat(text.strip())
        moment = (
            to_moment(found, zone) if found.tzinfo is None else found.astimezone(dt.UTC)
        )
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no time; write it as 2026-12-01T03:00, or with an offset"
            " as in 2026-12-01T03:00Z"
        ) from None
    if moment >= LAST or moment.year < 1970:
        raise ValueError(f"{text!r} is not between 1970 and {LAST.year}")
    return moment
