"""Crontab's five fields on the wall clock of a time zone, by APScheduler's calendar.

A time that summer time leaves out fires as much later as the clock was moved. One that
occurs twice fires the first time only, unless the hour is `*`: what runs each hour goes
on through the hour that is repeated.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from models.timing.walls import LAST, to_moment, to_wall

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from apscheduler.triggers.cron import CronTrigger

CRON_FIELDS = ("minute", "hour", "day of month", "month", "day of week")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MICROSECOND = dt.timedelta(microseconds=1)
NOTHING = dt.timedelta(0)
REACH = dt.timedelta(hours=3)
"""No clock is moved by more than this; only so near a change is it looked for."""

_SIGNS = re.compile(r"[0-9a-z*,/-]+")
_DAYS = re.compile(
    r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?"
)


class Cron:
    """Five fields, as crontab has them.

    Weekdays count from Sunday, 0 or 7, which APScheduler's own do not; a day of the
    month and a day of the week that are both restricted mean either, as in crontab.

    Args:
        text: The fields; months and weekdays may be names.
        zone: Whose wall clock is meant.
        start: No moment before this one.

    Raises:
        ValueError: A field is wrong, or no time fits; the message says which.
    """

    def __init__(
        self, text: str, zone: ZoneInfo, start: dt.datetime | None = None
    ) -> None:
        fields = split_cron(text)
        self._zone = zone
        self._start = start
        self._is_hourly = fields[1] == "*"
        self._triggers = _triggers(fields)
        if self._wall_after(dt.datetime(1999, 12, 31)) is None:  # noqa: DTZ001 - a wall's
            raise ValueError(f"{text!r} never comes: no month has such a day")

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return the first moment after this one."""
        if self._start is not None and moment < self._start:
            moment = self._start - MICROSECOND
        wall = to_wall(moment, self._zone)
        if shift := self._shift_near(moment):
            return self._near_a_change(moment, wall - shift, shift)
        found = self._wall_after(wall)
        if found is None:
            return None
        first = to_moment(found, self._zone)
        if shift := self._shift_near(first):
            return self._near_a_change(moment, found - shift, shift)
        return first

    def _near_a_change(
        self, moment: dt.datetime, wall: dt.datetime, shift: dt.timedelta
    ) -> dt.datetime | None:
        """Look at every time near a change of the clock, as they may change places."""
        best: dt.datetime | None = None
        until = dt.datetime.max  # noqa: DTZ901 - a wall's
        found = self._wall_after(wall)
        while found is not None and found <= until:
            later = [m for m in self._moments(found) if m > moment]
            if later and best is None:
                until = found + shift
            best = min([*later, *([best] if best else [])], default=None)
            found = self._wall_after(found)
        return best

    def _moments(self, wall: dt.datetime) -> list[dt.datetime]:
        first = to_moment(wall, self._zone)
        again = wall.replace(tzinfo=self._zone, fold=1).astimezone(dt.UTC)
        return [first, again] if self._is_hourly and again > first else [first]

    def _shift_near(self, moment: dt.datetime) -> dt.timedelta:
        """Return by how much the clock is moved near a moment; mostly nothing."""
        offsets = [
            (moment + shift).astimezone(self._zone).utcoffset() or NOTHING
            for shift in (-REACH, NOTHING, REACH)
        ]
        return max(offsets) - min(offsets)

    def _wall_after(self, wall: dt.datetime) -> dt.datetime | None:
        begin = (wall + MICROSECOND).replace(tzinfo=dt.UTC)
        found = [
            time
            for trigger in self._triggers
            if (time := trigger.get_next_fire_time(None, begin)) is not None
        ]
        return min(found).replace(tzinfo=None) if found else None


def split_cron(text: str) -> list[str]:
    """Return the five fields of a cron text in small letters.

    Raises:
        ValueError: There are not five, or one holds what crontab has not.
    """
    fields = text.lower().split()
    if len(fields) != len(CRON_FIELDS):
        hint = "; write @daily as 0 0 * * *" if text.lstrip().startswith("@") else ""
        raise ValueError(
            f"{text!r} has {len(fields)} fields, not five:"
            f" {', '.join(CRON_FIELDS)}{hint}"
        )
    for name, field in zip(CRON_FIELDS, fields, strict=True):
        if not _SIGNS.fullmatch(field):
            raise ValueError(
                f"{field!r} is no {name}: numbers, names, * , - and / may stand there"
            )
    return fields


def _triggers(fields: list[str]) -> list[CronTrigger]:
    minute, hour, day, month, weekday = fields
    days = weekday if weekday == "*" else weekday_numbers(weekday)
    is_either = not (day.startswith("*") or weekday.startswith("*"))
    pairs = [(day, "*"), ("*", days)] if is_either else [(day, days)]
    return [_trigger((minute, hour, *pair, month)) for pair in pairs]


def _trigger(fields: tuple[str, str, str, str, str]) -> CronTrigger:
    """Return APScheduler's trigger on the calendar; UTC, as it stands for any wall.

    Raises:
        ValueError: A field is wrong.
    """
    from apscheduler.triggers.cron import CronTrigger

    minute, hour, day, weekday, month = fields
    for name, field in (("day of month", day), ("minute", minute), ("hour", hour)):
        if re.search("[a-z]", field):
            raise ValueError(f"{field!r} is no {name}: it must be a number")
    try:
        return CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=weekday,
            end_date=LAST,
            timezone=dt.UTC,
        )
    except ValueError as error:
        text = str(error).replace("Error validating expression", "wrong:")
        raise ValueError(text) from None


def weekday_numbers(field: str) -> str:
    """Return crontab's days of the week as APScheduler numbers them, from Monday.

    >>> weekday_numbers("1-5"), weekday_numbers("0"), weekday_numbers("sat-sun")
    ('0,1,2,3,4', '6', '5,6')

    Raises:
        ValueError: One is no day of the week.
    """
    found: set[int] = set()
    for part in field.split(","):
        match = _DAYS.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no day of the week")
        step = int(match["step"] or 1)
        if match["all"]:
            first, last = 0, 6
        else:
            first = _weekday(match["first"])
            ends = match["last"] or ("6" if match["step"] else match["first"])
            last = _weekday(ends)
            last += 7 if last < first else 0
        if not 1 <= step <= 7:
            raise ValueError(f"{part!r} steps by {step}; a week has seven days")
        found |= {(day + 6) % 7 for day in range(first, last + 1, step)}
    return ",".join(map(str, sorted(found)))


def _weekday(text: str) -> int:
    if text in WEEKDAYS:
        return WEEKDAYS.index(text)
    if text.isascii() and text.isdigit() and int(text) <= 7:
        return int(text)
    raise ValueError(
        f"{text!r} is no day of the week: 0 to 7 from Sunday, or sun to sat"
    )
