from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App, ComposeResult

from tests.tui.list_screens import STYLES, screen_lines, until, watch_repaints
from tui.lists.log_lines import LogLine, LogLines
from tui.widgets.log_view import LogView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from textual.pilot import Pilot

WIDTH, HEIGHT = 40, 10
LEVELS = ("debug", "info", "warning", "error")


def lines(start: int, stop: int) -> list[LogLine]:
    return [
        LogLine(i, LEVELS[i % 4], f"message {i}", "12:00:00")
        for i in range(start, stop)
    ]


class LogApp(App[None]):
    CSS_PATH = STYLES

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.log_view = LogView(**options)
        self.messages: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.log_view

    def on_log_view_not_found(self, message: LogView.NotFound) -> None:
        self.messages.append(message)


def view_of(pilot: Pilot[Any]) -> LogView:
    assert isinstance(pilot.app, LogApp)
    return pilot.app.log_view


@pytest.fixture
async def pilot() -> AsyncIterator[Pilot[Any]]:
    async with LogApp().run_test(size=(WIDTH, HEIGHT)) as pilot:
        yield pilot


async def appended(pilot: Pilot[Any], start: int, stop: int) -> None:
    """Append lines and wait until they have been taken in."""
    view = view_of(pilot)
    view.append(lines(start, stop))
    await until(pilot, lambda: not view._inbox)


def last_line(pilot: Pilot[Any]) -> str:
    return screen_lines(pilot.app)[-1]


# -- the lines


def ids(log: LogLines) -> list[int]:
    return [line.id for line in log.shown]


def test_memory_keeps_the_newest_lines() -> None:
    log = LogLines(keep=10)
    assert log.append(lines(0, 8)) == 0
    assert log.append(lines(8, 13)) == 3
    assert ids(log) == list(range(3, 13))
    log.append(lines(13, 100))
    assert ids(log) == list(range(90, 100))


def test_new_lines_wait_aside_while_paused() -> None:
    log = LogLines(keep=10)
    log.append(lines(0, 5))
    log.pause()
    log.append(lines(5, 8))
    assert (ids(log), log.new_count) == ([0, 1, 2, 3, 4], 3)
    log.resume()
    assert (ids(log), log.new_count) == (list(range(8)), 0)


def test_lines_left_out_during_a_pause_are_told_of() -> None:
    log = LogLines(keep=4)
    log.pause()
    log.append(lines(0, 3))
    log.append(lines(3, 9))
    log.resume()
    log.keep = 10
    assert log.new_count == 0
    assert ids(log) == [5, 6, 7, 8]


def test_a_filter_applies_to_old_and_new_lines() -> None:
    log = LogLines()
    log.append(lines(0, 20))
    log.set_filter(text="MESSAGE 1")
    assert ids(log) == [1, *range(10, 20)]
    log.append(lines(20, 120))
    assert ids(log)[-20:] == list(range(100, 120))
    log.set_filter(text="", level="error")
    assert ids(log) == list(range(3, 120, 4))


def test_a_filtered_log_trims_what_it_shows() -> None:
    log = LogLines(keep=8)
    log.set_filter(level="error")
    log.append(lines(0, 8))
    assert log.append(lines(8, 12)) == 1
    assert ids(log) == [7, 11]


def test_a_message_of_several_lines_takes_several() -> None:
    log = LogLines()
    log.append([LogLine(1, "error", "Traceback\n  File x\nBoom")])
    assert [line.message for line in log.shown] == ["Traceback", "  File x", "Boom"]


@pytest.mark.parametrize(
    ("start", "step", "found"), [(0, 1, 5), (5, 1, 15), (15, 1, 5), (5, -1, 15)]
)
def test_searching_goes_round_the_end(start: int, step: int, found: int) -> None:
    log = LogLines()
    log.append(lines(0, 20))
    assert log.find("5", start, step) == found
    assert log.find("absent", start, step) is None


def test_searching_looks_at_shown_lines_only() -> None:
    log = LogLines()
    log.append(lines(0, 20))
    log.set_filter(level="error")
    index = log.find("MESSAGE 1", -1, 1)
    assert index is not None
    assert log.shown[index].id == 11


# -- the view


async def test_it_says_so_when_nothing_is_logged(pilot: Pilot[Any]) -> None:
    assert "Nothing logged yet." in "\n".join(screen_lines(pilot.app))


async def test_lines_show_time_level_and_message(pilot: Pilot[Any]) -> None:
    view = view_of(pilot)
    view.append([LogLine(1, "warning", "disk is full", "10:01:02", "check", "core-01")])
    await until(pilot, lambda: len(view.log_lines))
    line = screen_lines(pilot.app)[0]
    assert line == "10:01:02 warning  [check] disk is full ("
    await pilot.press("l")
    assert screen_lines(pilot.app)[0] == "  [check] disk is full (core-01)"
    await pilot.press("h")
    assert screen_lines(pilot.app)[0] == line


async def test_the_newest_line_stays_in_view(pilot: Pilot[Any]) -> None:
    await appended(pilot, 0, 50)
    await appended(pilot, 50, 100)
    assert last_line(pilot).endswith("message 99")
    assert view_of(pilot).title_text == "100 lines, following"


async def test_going_up_pauses_and_new_lines_are_counted(pilot: Pilot[Any]) -> None:
    await appended(pilot, 0, 50)
    await pilot.press("k")
    before = screen_lines(pilot.app)
    assert before[-1].endswith("message 48")
    repaints = watch_repaints(view_of(pilot))
    await appended(pilot, 50, 60)
    await until(pilot, lambda: view_of(pilot).title_text == "paused, 10 new lines")
    assert screen_lines(pilot.app) == before
    assert repaints == []


@pytest.mark.parametrize("key", ["G", "f"])
async def test_a_key_follows_again(pilot: Pilot[Any], key: str) -> None:
    await appended(pilot, 0, 50)
    await pilot.press("g")
    assert screen_lines(pilot.app)[0].endswith("message 0")
    await appended(pilot, 50, 60)
    await pilot.press(key)
    assert last_line(pilot).endswith("message 59")
    assert view_of(pilot).is_following


async def test_going_down_shows_all_that_has_waited(pilot: Pilot[Any]) -> None:
    await appended(pilot, 0, 30)
    await pilot.press("k")
    await appended(pilot, 30, 60)
    await pilot.press("pagedown")
    assert last_line(pilot).endswith("message 37")
    assert not view_of(pilot).is_following
    await pilot.press("pagedown", "pagedown", "pagedown")
    assert last_line(pilot).endswith("message 59")
    assert view_of(pilot).is_following


async def test_a_filter_keeps_the_place_and_the_offset(pilot: Pilot[Any]) -> None:
    await appended(pilot, 0, 100)
    view = view_of(pilot)
    await pilot.press("g", "ctrl+d", "ctrl+d", "l")
    first = screen_lines(pilot.app)[0]
    assert first.endswith("essage 10")
    view.set_filter("1")
    assert screen_lines(pilot.app)[0] == first
    assert view.title_text.endswith("19 match")
    view.set_filter("no such text")
    assert "No line matches." in "\n".join(screen_lines(pilot.app))
    view.set_filter("")
    view.set_level("error")
    await pilot.press("h", "g")
    assert screen_lines(pilot.app)[0].endswith("message 3")


async def test_searching_marks_the_line_and_stops_there(pilot: Pilot[Any]) -> None:
    await appended(pilot, 0, 100)
    view = view_of(pilot)
    view.find("message 3")
    assert view._found is not None
    assert view._found.id == 39
    assert not view.is_following
    await pilot.press("n")
    assert view._found.id == 3
    await pilot.press("N")
    assert view._found.id == 39
    assert "message 39" in "\n".join(screen_lines(pilot.app))
    view.find("absent")
    await until(pilot, lambda: pilot.app.messages)  # type: ignore[attr-defined] # a LogApp


async def test_older_lines_are_loaded_above_the_view() -> None:
    asked: list[tuple[int, int]] = []

    def load(before: int, limit: int) -> Sequence[LogLine]:
        asked.append((before, limit))
        return lines(max(0, before - 20), before)

    async with LogApp(load_older=load).run_test(size=(WIDTH, HEIGHT)) as pilot:
        view = view_of(pilot)
        await appended(pilot, 50, 100)
        await pilot.press("g")
        await until(pilot, lambda: len(view.log_lines) == 70)
        assert asked == [(50, 1_000)]
        assert screen_lines(pilot.app)[0].endswith("message 50")
        await pilot.press("k")
        assert screen_lines(pilot.app)[0].endswith("message 49")


async def test_a_failing_loader_can_be_asked_again() -> None:
    calls: list[int] = []

    def load(before: int, limit: int) -> Sequence[LogLine]:
        calls.append(limit)
        if len(calls) == 1:
            raise OSError("the store is gone")
        return lines(0, before)

    async with LogApp(load_older=load).run_test(size=(WIDTH, HEIGHT)) as pilot:
        view = view_of(pilot)
        await appended(pilot, 5, 50)
        await pilot.press("g")
        await until(pilot, lambda: calls and not view._is_loading)
        await pilot.press("g")
        await until(pilot, lambda: len(view.log_lines) == 50)


async def test_lines_may_be_appended_from_threads(pilot: Pilot[Any]) -> None:
    view = view_of(pilot)

    def produce() -> None:
        for start in range(0, 5_000, 50):
            view.append(lines(start, start + 50))

    threads = [threading.Thread(target=produce) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await until(pilot, lambda: len(view.log_lines) == 10_000)


async def test_clearing_starts_anew(pilot: Pilot[Any]) -> None:
    await appended(pilot, 0, 50)
    await pilot.press("k")
    view_of(pilot).clear()
    assert "Nothing logged yet." in "\n".join(screen_lines(pilot.app))
    await appended(pilot, 50, 51)
    assert screen_lines(pilot.app)[0].endswith("message 50")


async def test_foreign_text_is_shown_as_data(pilot: Pilot[Any]) -> None:
    view = view_of(pilot)
    view.append(
        [LogLine(1, "info", "\x1b[2J[red]x[/]\x9b日本"), LogLine(2, "", "a\tb")]
    )
    await until(pilot, lambda: len(view.log_lines))
    assert screen_lines(pilot.app)[:2] == [
        "info     \ufffd[2J[red]x[/]\ufffd日本",
        "         a b",
    ]
