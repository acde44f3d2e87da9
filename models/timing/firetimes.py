"""When a schedule fires: from its words and its time zone to moments.

Whole days and weeks of an interval keep the time on the wall clock
(`models.timing.walls`), as cron does; hours, minutes and seconds of it are elapsed time
and know no summer.
"""

from __future__ import annotations

import collections
import datetime as dt
import re
from typing import TYPE_CHECKING, Protocol

from models.timing.crontab import Cron
from models.timing.walls import LAST, read_moment, to_moment, to_wall
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

KINDS = ("cron", "interval", "at")
MICROSECOND = dt.timedelta(microseconds=1)
LONGEST_S = 10 * 366 * 86400
FIRST_WINDOW = dt.timedelta(minutes=1)

_PART = re.compile(r"(\d+)\s*([a-z]+)\s*")
_NAMED = {"hourly": "1h", "daily": "1d", "weekly": "1w"}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
}


class FireTimes(Protocol):
    """The moments at which something fires."""

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return the first moment after this one, in UTC; None when there is none."""


@frozen
class At:
    """One moment."""

    moment: dt.datetime

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return it, if it is after this one."""
        return self.moment if self.moment > moment else None


@frozen
class Elapsed:
    """Steps of elapsed time from an anchor, which is the first of them."""

    anchor: dt.datetime
    step: dt.timedelta

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return the first step after a moment."""
        if moment < self.anchor:
            return self.anchor
        found = self.anchor + ((moment - self.anchor) // self.step + 1) * self.step
        return found if found < LAST else None


@frozen
class Days:
    """Steps of whole days from an anchor, at the same time on the wall clock."""

    anchor: dt.datetime
    step: dt.timedelta
    zone: ZoneInfo

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return the first step after a moment."""
        first = to_wall(self.anchor, self.zone)
        number = max(0, (to_wall(moment, self.zone) - first) // self.step - 1)
        while True:
            wall = first + number * self.step
            found = self.anchor if number == 0 else to_moment(wall, self.zone)
            if found > moment:
                return found if found < LAST else None
            number += 1


def split_interval(text: str) -> list[tuple[int, str]]:
    """Return the parts of an interval as numbers and units: s, m, h, d, w.

    >>> split_interval("1h 30min"), split_interval("daily")
    ([(1, 'h'), (30, 'm')], [(1, 'd')])

    Raises:
        ValueError: It is none, or too short or too long.
    """
    rest = _NAMED.get(text.strip().lower(), text.strip().lower())
    parts: list[tuple[int, str]] = []
    while rest and (match := _PART.match(rest)) and match[2] in _UNITS:
        parts.append((int(match[1]), _UNITS[match[2]]))
        rest = rest[match.end() :]
    if rest or not parts:
        raise ValueError(
            f"{text!r} is no interval; write it as 30s, 15m, 1h30m, 1d or 2w"
        )
    seconds = sum(number * _SECONDS[unit] for number, unit in parts)
    if not 1 <= seconds <= LONGEST_S:
        raise ValueError(f"{text!r} is not between one second and ten years")
    return parts


def read_times(
    kind: str, words: str, zone: ZoneInfo, *, anchor: dt.datetime, start: str = ""
) -> FireTimes:
    """Return the fire times that some words mean.

    Args:
        kind: One of `KINDS`.
        words: Five fields, an interval, or a time.
        zone: Whose wall clock is meant.
        anchor: Where an interval without a start begins to count.
        start: The first moment that may be one, as a text.

    Raises:
        ValueError: They mean none; the message says why.
    """
    begin = read_moment(start, zone) if start else None
    if kind == "cron":
        return Cron(words, zone, begin)
    if kind == "at":
        return At(moment=read_moment(words, zone))
    parts = split_interval(words)
    step = dt.timedelta(seconds=sum(n * _SECONDS[unit] for n, unit in parts))
    if all(unit in "dw" for _, unit in parts):
        return Days(anchor=begin or anchor, step=step, zone=zone)
    return Elapsed(anchor=begin or anchor, step=step)


def next_times(
    times: FireTimes, moment: dt.datetime, most: int
) -> Iterator[dt.datetime]:
    """Yield the next fire times after a moment, `most` at most."""
    for _ in range(most):
        found = times.after(moment)
        if found is None:
            return
        yield found
        moment = found


def due_times(
    times: FireTimes, first: dt.datetime, now: dt.datetime, most: int
) -> list[dt.datetime]:
    """Return the newest fire times from a first one until now, oldest first.

    A schedule of every second may have missed a million: only the end is looked at.
    """
    window = FIRST_WINDOW
    while True:
        begin = max(first, now - window)
        found: collections.deque[dt.datetime] = collections.deque(maxlen=most)
        if begin == first:
            found.append(first)
        moment = times.after(begin if begin == first else begin - MICROSECOND)
        while moment is not None and moment <= now:
            found.append(moment)
            moment = times.after(moment)
        if begin == first or len(found) == most:
            return list(found)
        window *= 4
