"""When a schedule fires: calendars, intervals, and what summer time does to both."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.timing.crontab import Cron
from models.timing.firetimes import due_times, next_times, read_times
from models.timing.walls import read_moment, to_wall, zone_named

UTC = ZoneInfo("UTC")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def fires(
    words: str,
    after: str,
    count: int = 3,
    zone: ZoneInfo = UTC,
    *,
    kind: str = "cron",
    anchor: str = "2026-01-01",
    start: str = "",
) -> list[str]:
    """Return the next fire times as the wall clock shows them, with its offset."""
    times = read_times(kind, words, zone, anchor=at(anchor), start=start)
    return [
        f"{moment.astimezone(zone):%m-%d %H:%M%z}"
        for moment in next_times(times, at(after), count)
    ]


# Cron


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("0 3 * * *", ["11-22 03:00+0000", "11-23 03:00+0000"]),
        ("*/20 * * * *", ["11-21 12:20+0000", "11-21 12:40+0000"]),
        ("5,35 13-14 * * *", ["11-21 13:05+0000", "11-21 13:35+0000"]),
        ("0 0 1 jan *", ["01-01 00:00+0000", "01-01 00:00+0000"]),
        ("0 0 * JAN-MAR Mon", ["01-04 00:00+0000", "01-11 00:00+0000"]),
        ("0 0 29 2 *", ["02-29 00:00+0000", "02-29 00:00+0000"]),
    ],
)
def test_a_cron_text_fires_as_crontab_does(words: str, expected: list[str]) -> None:
    assert fires(words, "2026-11-21T12:00", 2) == expected


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", ["Sun"]),
        ("7", ["Sun"]),
        ("1", ["Mon"]),
        ("sun", ["Sun"]),
        ("1-5", ["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("mon-fri/2", ["Mon", "Wed", "Fri"]),
        ("sat-sun", ["Sat", "Sun"]),
        ("5-7", ["Fri", "Sat", "Sun"]),
        ("*/3", ["Wed", "Sat", "Sun"]),
        ("2,4", ["Tue", "Thu"]),
    ],
)
def test_weekdays_count_from_sunday_as_in_crontab(field: str, days: list[str]) -> None:
    cron = Cron(f"0 12 * * {field}", UTC)
    monday = at("2026-11-22T23:00")

    found = [f"{m:%a}" for m in next_times(cron, monday, len(days))]

    assert found == days


def test_a_restricted_day_of_month_and_weekday_mean_either() -> None:
    assert fires("0 9 13 * fri", "2026-11-10", 3) == [
        "11-13 09:00+0000",
        "11-20 09:00+0000",
        "11-27 09:00+0000",
    ]
    assert fires("0 9 12 * fri", "2026-11-10", 2) == [
        "11-12 09:00+0000",
        "11-13 09:00+0000",
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("* * * *", "has 4 fields, not five"),
        ("0 0 * * * *", "has 6 fields, not five"),
        ("@daily", "write @daily as 0 0 * * *"),
        ("60 * * * *", "maximum value (59)"),
        ("0 24 * * *", "maximum value (23)"),
        ("0 0 0 * *", "lower than the minimum value (1)"),
        ("0 0 * 13 *", "maximum value (12)"),
        ("0 0 * * 8", "'8' is no day of the week"),
        ("0 0 L * *", "'l' is no day of month"),
        ("0 0 * * mon#1", "'mon#1' is no day of week"),
        ("0 0 ? * *", "'?' is no day of month"),
        ("a * * * *", "'a' is no minute"),
        ("*/0 * * * *", "Increment must be higher than 0"),
        ("9-3 * * * *", "must not be higher than the maximum"),
        ("0 0 * foo *", "foo"),
        ("0 0 30 2 *", "never comes"),
    ],
)
def test_i1_a_wrong_cron_text_is_refused(words: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        Cron(words, UTC)
    assert complaint in str(caught.value)


def test_i5_without_a_start_the_first_time_is_the_next_match() -> None:
    assert fires("*/10 * * * *", "2026-11-21T12:34:56.789", 1) == ["11-21 12:40+0000"]


def test_a_cron_text_does_not_fire_before_its_start_and_may_at_it() -> None:
    begin = "2026-12-01T03:00"

    assert fires("0 3 * * *", "2026-11-21", 1, AMSTERDAM, start=begin) == [
        "12-01 03:00+0100"
    ]


# Summer time


@pytest.mark.parametrize(
    ("zone", "eve", "expected"),
    [
        (AMSTERDAM, "2026-03-28T12:00", "03-29 03:30+0200"),
        (NEW_YORK, "2026-03-07T12:00", "03-08 03:30-0400"),
        (LORD_HOWE, "2026-10-03T00:00", "10-04 02:30+1100"),
    ],
)
def test_a_time_that_is_left_out_fires_as_much_later(
    zone: ZoneInfo, eve: str, expected: str
) -> None:
    minute = "0" if zone is LORD_HOWE else "30"  # its clock moves by half an hour

    found = fires(f"{minute} 2 * * *", eve, 2, zone)

    assert found[0] == expected
    assert f" 02:{minute:0>2}" in found[1]


@pytest.mark.parametrize(
    ("zone", "eve", "expected"),
    [
        (AMSTERDAM, "2026-10-24T12:00", ["10-25 02:30+0200", "10-26 02:30+0100"]),
        (NEW_YORK, "2026-10-31T12:00", ["11-01 01:30-0400", "11-02 01:30-0500"]),
    ],
)
def test_a_time_that_occurs_twice_fires_the_first_time_only(
    zone: ZoneInfo, eve: str, expected: list[str]
) -> None:
    hour = 2 if zone is AMSTERDAM else 1

    assert fires(f"30 {hour} * * *", eve, 2, zone) == expected


def test_what_runs_each_hour_goes_on_through_the_repeated_hour() -> None:
    assert fires("0 * * * *", "2026-10-24T23:00", 5, AMSTERDAM) == [
        "10-25 02:00+0200",
        "10-25 02:00+0100",
        "10-25 03:00+0100",
        "10-25 04:00+0100",
        "10-25 05:00+0100",
    ]


def test_what_runs_each_hour_has_no_double_time_where_one_is_left_out() -> None:
    assert fires("0 * * * *", "2026-03-28T23:30", 3, AMSTERDAM) == [
        "03-29 01:00+0100",
        "03-29 03:00+0200",
        "03-29 04:00+0200",
    ]
    assert fires("0 2,3 * * *", "2026-03-28T12:00", 2, AMSTERDAM) == [
        "03-29 03:00+0200",
        "03-30 02:00+0200",
    ]


def test_i2_every_week_keeps_weekday_and_time_over_summer_time() -> None:
    found = fires(
        "1w",
        "2026-03-20",
        3,
        AMSTERDAM,
        kind="interval",
        start="2026-01-06T09:15",  # a Tuesday
    )

    assert found == ["03-24 09:15+0100", "03-31 09:15+0200", "04-07 09:15+0200"]


def test_elapsed_hours_know_no_summer_time() -> None:
    found = fires("24h", "2026-03-28T08:00", 2, AMSTERDAM, kind="interval")

    assert found == ["03-29 01:00+0100", "03-30 02:00+0200"]


@settings(deadline=None)
@given(
    words=st.sampled_from(
        ["30 2 * * *", "*/15 * * * *", "*/30 1-3 * * *", "15 2 * * sun", "0 */2 * * *"]
    ),
    zone=st.sampled_from([AMSTERDAM, NEW_YORK, LORD_HOWE]),
    begin=st.datetimes(
        min_value=dt.datetime(2025, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=dt.datetime(2027, 1, 1),  # noqa: DTZ001 - the same
        timezones=st.just(dt.UTC),
    ),
)
def test_fire_times_only_go_forward_and_none_is_left_out(
    words: str, zone: ZoneInfo, begin: dt.datetime
) -> None:
    times = Cron(words, zone)

    found = list(next_times(times, begin, 6))

    assert found == sorted(set(found))
    assert found[0] > begin
    for earlier, later in itertools.pairwise(found):
        between = earlier + (later - earlier) / 2
        assert times.after(between) == later


@pytest.mark.parametrize("zone", [AMSTERDAM, NEW_YORK, LORD_HOWE])
def test_each_day_of_a_year_has_its_one_fire_time(zone: ZoneInfo) -> None:
    found = list(next_times(Cron("15 2 * * *", zone), at("2026-01-01T12:00"), 365))

    days = [to_wall(moment, zone).date() for moment in found]
    assert len(set(days)) == 365


# Intervals and single times


def test_i4_an_interval_is_not_due_the_moment_it_is_made() -> None:
    made = "2026-11-21T12:34:56"

    assert fires("hourly", made, 2, kind="interval", anchor=made) == [
        "11-21 13:34+0000",
        "11-21 14:34+0000",
    ]


def test_an_interval_with_a_start_to_come_begins_at_it() -> None:
    assert fires("15m", "2026-11-21", 2, kind="interval", start="2026-12-01T03:00") == [
        "12-01 03:00+0000",
        "12-01 03:15+0000",
    ]


@pytest.mark.parametrize("words", ["fortnightly", "", "15", "m", "0s", "11y", "9999w"])
def test_a_wrong_interval_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"no interval|not between"):
        read_times("interval", words, UTC, anchor=at("2026-01-01"))


def test_one_time_fires_once() -> None:
    assert fires("2026-12-01T03:00", "2026-11-21", zone=AMSTERDAM, kind="at") == [
        "12-01 03:00+0100"
    ]
    assert (
        fires("2026-12-01T03:00", "2026-12-01T02:00", zone=AMSTERDAM, kind="at") == []
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-29T02:30", "2026-03-29T01:30"),  # left out: 03:30 of summer time
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # of two the first
        ("2026-12-01T03:00Z", "2026-12-01T03:00"),
        ("2026-12-01T03:00+05:00", "2026-11-30T22:00"),
        ("2026-12-01", "2026-11-30T23:00"),
    ],
)
def test_a_time_stands_on_the_wall_unless_it_has_an_offset(
    text: str, moment: str
) -> None:
    assert read_moment(text, AMSTERDAM) == at(moment)


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time|is not between"):
        read_moment(text, AMSTERDAM)


def test_an_unknown_time_zone_is_refused() -> None:
    for name in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(ValueError, match="no time zone"):
            zone_named(name)


# What is due


def test_due_times_begin_with_the_first_and_end_now() -> None:
    times = read_times("interval", "15m", UTC, anchor=at("2026-11-21T00:00"))

    found = due_times(times, at("2026-11-21T10:00"), at("2026-11-21T10:59"), 100)

    assert found == [
        at(f"2026-11-21T10:{minute}") for minute in ("00", "15", "30", "45")
    ]


@pytest.mark.parametrize(("kind", "words"), [("interval", "1s"), ("cron", "* * * * *")])
def test_of_many_missed_times_the_newest_are_due(kind: str, words: str) -> None:
    times = read_times(kind, words, AMSTERDAM, anchor=at("2016-01-01"))
    now = at("2026-11-21T10:00")

    found = due_times(times, at("2016-01-01"), now, 100)

    step = found[1] - found[0]
    assert found == [now - step * number for number in reversed(range(100))]


def test_a_yearly_time_that_was_missed_is_found() -> None:
    times = Cron("0 0 1 1 *", UTC)

    found = due_times(times, at("2020-01-01"), at("2026-11-21"), 3)

    assert found == [at("2024-01-01"), at("2025-01-01"), at("2026-01-01")]
