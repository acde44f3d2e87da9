from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from textual.events import Key

from models.history.changes import ObjectChange
from models.history.context import change_context
from models.objects.fields import now_us
from models.runs.attention import acknowledge, is_unseen, unseen
from models.runs.results import JobFile, JobLogEntry, JobResult
from tests import factories
from tests.patience import PATIENCE_S
from tests.tui.driver import Screens, open_screens
from tests.tui.rows import (
    SECOND,
    button,
    hook,
    job,
    last_change,
    last_result,
    line_with,
    log,
    open_place,
    result,
)
from tui.lists.spec import ListSpec
from tui.pages.result import older_entries, read_page, traceback_lines
from tui.screens.result_sheet import address_link, progress_bar

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from models.storage.store import Store

TRACEBACK = 'Traceback:\n  File "guards.py", line 3\nValueError: no good'


def running(record: Any = None, **values: Any) -> JobResult:
    return result(record, status="STARTED", started=now_us(), done=None, **values)


def failed(record: Any = None, **values: Any) -> JobResult:
    given = {"error": "ValueError: no good", "traceback": TRACEBACK, **values}
    return result(record, status="FAILURE", **given)


def fire(device: Device, user: User, serial: str = "ABC") -> JobResult:
    with change_context(user, kind="screen", transaction=True):
        device.serial = serial
        device.validated_save()
    return last_result()


# The list


async def test_the_list_shows_how_each_run_stands(store: Store, user: User) -> None:
    result(object_name="core-01")
    failed()
    async with open_screens(store) as seen:
        await open_place(seen, "results", shows="SUCCESS")

        assert "FAILURE" in seen.lines[2]
        assert "core-01" in seen.lines[3]
        assert "2.0 s" in seen.lines[3]


async def test_a_run_that_ends_is_seen_at_once(store: Store, user: User) -> None:
    row = running()
    async with open_screens(store) as seen:
        await open_place(seen, "results", shows="STARTED")
        JobResult.update(status="SUCCESS", done=now_us()).where(
            JobResult.id == row.id
        ).execute()
        await seen.shows("SUCCESS")


async def test_u_shows_only_what_is_not_acknowledged(store: Store, user: User) -> None:
    result()
    failed()
    result(status="INTERRUPTED")
    acknowledge(user, [failed(object_name="seen before").id])
    async with open_screens(store) as seen:
        await open_place(seen, "results", shows="SUCCESS")
        await seen.press("u")
        await seen.shows("of 2 (100 %)")

        assert "SUCCESS" not in seen.text
        assert "seen before" not in seen.text
        await seen.press("u")
        await seen.shows("of 4 (100 %)")


async def test_marked_failures_are_acknowledged_together(
    store: Store, user: User
) -> None:
    first, second, third = failed(), failed(), failed()
    async with open_screens(store) as seen:
        await open_place(seen, "results", shows="FAILURE")
        await seen.press("space", "down", "space", "A")
        await seen.shows("2 acknowledged.")

    assert [row.id for row in unseen(user)] == [first.id]
    assert {second.id, third.id}.isdisjoint({first.id})


# One result


async def test_a_result_shows_what_led_to_it(
    store: Store, user: User, device: Device
) -> None:
    hook("Check serials")
    row = fire(device, user)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="PENDING")

        assert "Serial guard (guards.SerialGuard)" in line_with(seen, "job")
        assert "dcim.device core-01" in line_with(seen, "object")
        assert f"{last_change().id}, update by" in line_with(seen, "change")
        assert "Check serials" in line_with(seen, "hook ")
        assert "no runner is alive" in line_with(seen, "status")


async def test_a_press_is_said_to_come_from_its_button(
    store: Store, user: User
) -> None:
    row = result(button_id=button("Reboot it").id)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="Reboot it")


async def test_log_entries_are_seen_as_they_are_written(
    store: Store, user: User
) -> None:
    row = running()
    log(row, "first line")
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="first line")
        log(row, "second line")
        await seen.shows("second line", "2 lines, following")


async def test_progress_and_the_end_are_seen_as_they_come(
    store: Store, user: User
) -> None:
    row = running(progress_done=5, progress_total=20)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="[#####---------------] 5 of 20")

        assert "STARTED" in line_with(seen, "status")
        row.status, row.done, row.result = "SUCCESS", now_us(), {"checked": 3}
        row.save()
        await seen.shows("SUCCESS in", '{"checked": 3}')


async def test_a_failure_shows_its_traceback_below_the_log(
    store: Store, user: User
) -> None:
    row = failed()
    log(row, "before it broke")
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="before it broke")
        await seen.shows('  File "guards.py", line 3')

        assert "FAILURE in 2.0 s" in line_with(seen, "status")
        assert "not acknowledged" in line_with(seen, "status")
        assert "ValueError: no good" in line_with(seen, "error")


async def test_an_interrupted_run_says_so_and_is_run_again_by_one_key(
    store: Store, user: User, device: Device
) -> None:
    hook()
    row = fire(device, user)
    row.status, row.error = "INTERRUPTED", "The machine went down."
    row.started = row.done = now_us()
    row.save()
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="INTERRUPTED")

        assert "r runs it again" in seen.text
        await seen.press("r")
        await seen.shows(f"Result {row.id + 1}", "PENDING", f"result {row.id}")

    assert last_result().rerun_of == row.id
    assert last_result().change_id == row.change_id


async def test_what_is_going_cannot_be_run_again(store: Store, user: User) -> None:
    row = running()
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="STARTED")
        await seen.press("r")
        await seen.shows("it is not over yet")

    assert JobResult.select().count() == 1


async def test_a_waiting_run_is_cancelled_after_a_question(
    store: Store, user: User, device: Device
) -> None:
    hook()
    row = fire(device, user)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="PENDING")
        await seen.press("x")
        await seen.shows("Cancel Serial guard")
        await seen.press("y")
        await seen.shows("REVOKED")


async def test_a_running_run_is_asked_to_stop(store: Store, user: User) -> None:
    row = running(user=user, owner="somebody")
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="STARTED")
        await seen.press("x")
        await seen.shows("its process is ended")
        await seen.press("y")
        await seen.shows("being cancelled")

    assert JobResult.get_by_id(row.id).cancel_requested


async def test_no_is_the_answer_at_first(store: Store, user: User) -> None:
    row = running(user=user)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="STARTED")
        await seen.press("x")
        await seen.shows("Cancel Serial guard")
        await seen.press("enter")
        await seen.hides("Cancel Serial guard")

    assert not JobResult.get_by_id(row.id).cancel_requested


async def test_a_failure_is_acknowledged_by_one_key(store: Store, user: User) -> None:
    row = failed()
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="not acknowledged")
        await seen.press("A")
        await seen.hides("not acknowledged")

    assert not is_unseen(user, row.id)


# The log's lines


async def test_enter_on_a_log_entry_opens_its_object(
    store: Store, user: User, device: Device
) -> None:
    row = result()
    log(row, "about the device", object_url=device.get_absolute_url())
    log(row, "about nothing")
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="about nothing")
        await seen.press("up", "up", "enter")
        await seen.is_at("core-01")


async def test_enter_on_a_log_entry_about_a_change_opens_it(
    store: Store, user: User, device: Device
) -> None:
    change = ObjectChange.objects.latest("time")
    row = result()
    log(row, "about the change", object_url=change.get_absolute_url())
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="about the change")
        await seen.press("up", "enter")
        await seen.is_at(f"Change {change.id}")


async def test_enter_on_another_log_entry_shows_it_whole(
    store: Store, user: User
) -> None:
    row = result()
    log(row, "long " * 40)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="long long")
        await seen.press("up", "enter")
        await seen.shows("entry 1 of Result 1")


async def test_up_stops_to_read_and_end_follows_again(store: Store, user: User) -> None:
    row = running()
    log(row, *(f"line {n}" for n in range(30)))
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="line 29")
        await seen.press("up", "up")
        await seen.shows("paused")
        log(row, "a new one")
        await seen.shows("paused, 1 new line")
        await seen.press("G")
        await seen.shows("a new one", "following")


async def test_v_leaves_lower_levels_out(store: Store, user: User) -> None:
    row = result(warning_log_count=1, error_log_count=2)
    for level in ("info", "warning", "error"):
        log(row, f"a {level} entry", level=level)
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="a info entry")
        assert "3 lines, 1 warning, 2 errors" in seen.text
        await seen.press("v")
        await seen.hides("a info entry")
        assert "warning and above" in seen.text
        await seen.press("v")
        await seen.hides("a warning entry")
        await seen.press("v")
        await seen.shows("a info entry", "a error entry")


async def test_slash_filters_the_log_by_a_text(store: Store, user: User) -> None:
    row = result()
    log(row, "serial ABC", "location HQ")
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="location HQ")
        await seen.press("slash")
        await seen.type("serial")
        await seen.hides("location HQ")
        await seen.press("enter", "escape")
        await seen.shows("location HQ")


async def test_a_file_of_the_run_is_shown(store: Store, user: User) -> None:
    row = result()
    folder = store.files_folder / str(row.id)
    folder.mkdir(parents=True)
    (folder / "report.txt").write_text("all is well")
    JobFile(result=row, name="report.txt", size=11, path=f"{row.id}/report.txt").save()
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="report.txt, 11 bytes")
        await seen.press("tab", "end", "enter")
        await seen.shows("all is well")


# What is read


def test_only_new_entries_are_read(store: Store, user: User) -> None:
    row = running()
    log(row, "one", "two")
    first = read_page(store, user, row.id, 0)
    log(row, "three")

    second = read_page(store, user, row.id, first.entries[-1].id)

    assert [line.message for line in first.entries] == ["one", "two"]
    assert [line.message for line in second.entries] == ["three"]


def test_older_entries_come_oldest_first(store: Store, user: User) -> None:
    row = result()
    log(row, "one", "two", "three")
    last = JobLogEntry.select().order_by(JobLogEntry.id.desc()).get()

    found = older_entries(store, user, row.id, last.id, 1)

    assert [line.message for line in found] == ["two"]


def test_a_result_without_a_traceback_ends_with_its_error(
    store: Store, user: User
) -> None:
    row = result(status="INTERRUPTED", error="The machine went down.")

    assert [line.message for line in traceback_lines(row)] == ["The machine went down."]


@pytest.mark.parametrize(
    ("done", "total", "expected"),
    [
        (None, None, ""),
        (7, None, "7 done"),
        (0, 4, "[--------------------] 0 of 4"),
        (4, 4, "[####################] 4 of 4"),
        (9, 4, "[####################] 9 of 4"),
        (1_000, 2_000, "[##########----------] 1,000 of 2,000"),
    ],
)
def test_progress_is_a_bar_with_numbers(
    done: int | None, total: int | None, expected: str
) -> None:
    assert progress_bar(done, total) == expected


@pytest.mark.parametrize(
    "address", ["", "https://example.com/x", "hookline:dcim.device", "hookline:a/b"]
)
def test_an_address_that_names_no_object_leads_nowhere(address: str) -> None:
    assert address_link(address) is None


async def test_a_retry_says_until_when_it_waits(store: Store, user: User) -> None:
    row = result(
        job(), status="PENDING", due=now_us() + 3600 * SECOND, attempt=1, done=None
    )
    async with open_screens(store) as seen:
        await open_place(seen, "result", row.id, shows="waits until")

        assert "for attempt 2" in line_with(seen, "waits until")


async def test_a_result_that_is_not_there_says_so(store: Store, user: User) -> None:
    async with open_screens(store) as seen:
        await open_place(seen, "result", 99, shows="There is no such job result.")


# Typing fast


async def test_what_is_typed_right_behind_a_colon_lands_in_the_bar(
    store: Store,
) -> None:
    async with open_screens(store) as seen:
        for key, character in (("colon", ":"), ("j", "j"), ("o", "o"), ("b", "b")):
            seen.app.post_message(Key(key, character))
        seen.app.post_message(Key("s", "s"))
        seen.app.post_message(Key("enter", "\r"))
        await seen.is_at("Jobs")


def at_once(seen: Screens, *keys: tuple[str, str]) -> None:
    """Send keys as one packet brings them: nothing happens in between."""
    for key, character in keys:
        seen.app.post_message(Key(key, character))


STAR, R, B, P = ("asterisk", "*"), ("r", "r"), ("b", "b"), ("p", "p")


async def test_what_comes_with_the_key_that_marks_all_is_for_all(
    store: Store, user: User
) -> None:
    job()
    for _ in range(3):
        result(status="FAILURE")
    async with open_screens(store) as seen:
        await open_place(seen, "results", shows="FAILURE")
        await seen.shows("of 3")
        at_once(seen, STAR, R)
        await seen.shows("Run again 3 results?")
        await seen.press("y")
        await seen.shows("3 queued again.")
        await seen.shows("of 6")
        at_once(seen, STAR, STAR, R)
        await seen.shows("1 queued again.")


async def test_marks_toggled_while_all_are_being_marked_count(
    store: Store, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        result(status="FAILURE")
    opened = threading.Event()
    original = ListSpec.query_set

    def slow(spec: ListSpec, user: User, line: str) -> Any:
        if threading.current_thread() is not threading.main_thread():
            opened.wait(PATIENCE_S)
        return original(spec, user, line)

    async with open_screens(store) as seen:
        await open_place(seen, "results", shows="FAILURE")
        await seen.shows("of 3")
        monkeypatch.setattr(ListSpec, "query_set", slow)
        await seen.press("asterisk", "space")
        await seen.shows("1 marked")
        await seen.press("A")
        opened.set()
        await seen.shows("2 acknowledged.")


async def test_a_button_is_pressed_on_all_that_the_same_packet_marks(
    store: Store, user: User
) -> None:
    for number in range(3):
        factories.device(f"sw-{number}")
    button("Ping", key="p")
    async with open_screens(store) as seen:
        await seen.go("device")
        await seen.shows("sw-2")
        at_once(seen, STAR, B, P)
        await seen.shows("Ping?", "sw-0, sw-1, sw-2")
        await seen.press("y")
        await seen.shows("Ping: 3 runs queued")
