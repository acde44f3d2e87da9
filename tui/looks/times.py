"""Times and durations as people read them on the screens: local, and short."""

from __future__ import annotations

import datetime as dt


def local(value: dt.datetime | None, *, now: dt.datetime | None = None) -> str:
    """Return a time in the local zone: the clock for today, else the day too.

    >>> local(None)
    ''
    """
    if value is None:
        return ""
    here = value.astimezone()
    today = (now or dt.datetime.now(dt.UTC)).astimezone().date()
    if here.date() == today:
        return here.strftime("%H:%M:%S")
    return here.strftime("%Y-%m-%d %H:%M")


def brief(value: dt.datetime | None, *, now: dt.datetime | None = None) -> str:
    """Return a time in at most eight cells: the clock for today, else the day."""
    if value is None:
        return ""
    here = value.astimezone()
    today = (now or dt.datetime.now(dt.UTC)).astimezone().date()
    return here.strftime("%H:%M:%S" if here.date() == today else "%d %b")


def duration(seconds: float | None) -> str:
    """Return how long something took.

    >>> duration(0.0123), duration(2.5), duration(75), duration(7300)
    ('12 ms', '2.5 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def exact(value: dt.datetime | None) -> str:
    """Return a time to the second, with its zone, for the screen of one thing."""
    if value is None:
        return ""
    return value.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
