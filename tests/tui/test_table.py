from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.list_screens import (
    BY_NAME,
    COLUMNS,
    Devices,
    TableApp,
    screen_lines,
    until,
    watch_repaints,
)
from tui.lists.keyset import SortColumn
from tui.lists.pager import ListQuery
from tui.widgets.columns import Column, lay_out

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

WIDTH, HEIGHT = 40, 11
ROWS = HEIGHT - 1


@pytest.fixture
def devices(tmp_path: Path) -> Devices:
    return Devices(tmp_path / "store.db", 1_000)


def app_of(pilot: Pilot[Any]) -> TableApp:
    assert isinstance(pilot.app, TableApp)
    return pilot.app


@pytest.fixture
async def pilot(devices: Devices) -> AsyncIterator[Pilot[Any]]:
    app = TableApp(devices)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await until(pilot, lambda: app.table.count.value)
        yield pilot


async def reloaded(pilot: Pilot[Any]) -> None:
    """Reload the table and wait until that has been worked off."""
    table = app_of(pilot).table
    done: list[object] = []
    take = table._take_loaded

    def taking(loaded: Any) -> None:
        take(loaded)
        done.append(loaded)

    table._take_loaded = taking  # type: ignore[method-assign] # to know when
    table.reload()
    await until(pilot, lambda: done)
    await pilot.pause()


async def test_rows_stand_under_their_headings(pilot: Pilot[Any]) -> None:
    assert screen_lines(pilot.app)[:3] == [
        "  Name          Status      Number",
        "> dev-00000     active           0",
        "  dev-00001     failed           3",
    ]


async def test_a_styled_cell_has_a_segment_of_its_own(pilot: Pilot[Any]) -> None:
    table = app_of(pilot).table
    assert len(table.render_line(3)._segments) == 1
    plain, status, _ = table.render_line(2)._segments
    assert status.text == "failed  "
    assert status.style != plain.style


async def test_the_title_says_which_rows_are_shown(pilot: Pilot[Any]) -> None:
    table = app_of(pilot).table
    assert table.title_text == "rows 1\u201310 of 1,000 (1 %)"
    await pilot.press("G")
    assert table.title_text == "rows 991\u20131,000 of 1,000 (100 %)"


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        ("j j k", 1),
        ("down down up", 1),
        ("k", 0),
        ("G", 999),
        ("end home", 0),
        ("G j", 999),
        ("pagedown", ROWS),
        ("pagedown pageup", 0),
        ("ctrl+d ctrl+d", ROWS),
        ("ctrl+d ctrl+u", 0),
        ("G g", 0),
    ],
)
async def test_keys_move_the_cursor(pilot: Pilot[Any], keys: str, cursor: int) -> None:
    await pilot.press(*keys.split())
    table = app_of(pilot).table
    await until(pilot, lambda: table.cursor == cursor)
    assert table.cursor_key == cursor
    marked = [line for line in screen_lines(pilot.app) if line.startswith(">")]
    assert [line.split()[1] for line in marked] == [f"dev-{cursor:05}"]


async def test_a_cursor_move_repaints_two_lines(pilot: Pilot[Any]) -> None:
    repaints = watch_repaints(app_of(pilot).table)
    await pilot.press("j")
    assert sorted(region.y for region in repaints if region) == [1, 2]
    assert None not in repaints


@pytest.mark.parametrize(("jump", "top"), [("line", 1), ("half", 5), ("full", 10)])
async def test_leaving_the_screen_moves_the_list_by_the_setting(
    devices: Devices, jump: str, top: int
) -> None:
    app = TableApp(devices, jump=jump)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await until(pilot, lambda: app.table.count.value)
        await pilot.press(*["j"] * ROWS)
        assert screen_lines(app)[1].split()[-3] == f"dev-{top:05}"


async def test_a_far_jump_shows_the_old_rows_until_the_new_have_come(
    pilot: Pilot[Any],
) -> None:
    table = app_of(pilot).table
    table.go_to(700)
    assert table.cursor == 0
    await until(pilot, lambda: table.cursor == 700)
    assert "dev-00700" in "\n".join(screen_lines(pilot.app))


async def test_rows_that_do_not_come_in_time_are_shown_as_such(
    pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = app_of(pilot).table
    monkeypatch.setattr(table._reader, "request", lambda numbers: None)
    table.go_to(700)
    await until(pilot, lambda: table.cursor == 700)
    assert screen_lines(pilot.app)[1] == "  ..."
    await pilot.press("enter", "space")
    assert not app_of(pilot).messages
    assert not table.marks


async def test_enter_opens_the_row(pilot: Pilot[Any]) -> None:
    await pilot.press("j", "enter")
    (message,) = app_of(pilot).messages
    assert (message.key, message.control) == (1, app_of(pilot).table)


async def test_space_marks_rows_by_key(pilot: Pilot[Any]) -> None:
    table = app_of(pilot).table
    assert table.chosen_keys == [0]
    await pilot.press("space", "j", "space", "j")
    assert table.marks == {0, 1}
    assert set(table.chosen_keys) == {0, 1}
    assert screen_lines(pilot.app)[1].startswith(" *dev-00000")
    assert table.title_text.endswith("2 marked")
    await pilot.press("k", "space")
    assert table.marks == {0}
    table.clear_marks()
    assert not table.marks


async def test_columns_scroll_behind_the_frozen_first(devices: Devices) -> None:
    app = TableApp(devices)
    async with app.run_test(size=(26, HEIGHT)) as pilot:
        await until(pilot, lambda: app.table.count.value)
        await pilot.press("l", "l")
        assert screen_lines(app)[1] == "> dev-00000            0"
        assert app.table.selected_column.id == "number"
        await pilot.press("h")
        assert screen_lines(app)[1] == "> dev-00000     active"


async def test_sorting_is_asked_of_the_screen(devices: Devices) -> None:
    app = TableApp(devices, sort=("name", False))
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        app.table.reverse_sort()
        await pilot.press("l")
        app.table.sort_by_selected()
        await pilot.press("l")
        app.table.sort_by_selected()
        await pilot.pause()
        asked = [(message.column, message.descending) for message in app.messages]
        assert asked == [("name", True), ("status", False)]
        assert "Name ▲" in screen_lines(app)[0]


async def test_another_query_keeps_the_cursor_on_its_row(pilot: Pilot[Any]) -> None:
    table = app_of(pilot).table
    await pilot.press("j", "j")
    downwards = ListQuery(
        columns=BY_NAME.columns,
        source=BY_NAME.source,
        key=BY_NAME.key,
        sort=(SortColumn(sql="d.name", descending=True),),
    )
    table.set_query(downwards, sort=("name", True))
    await until(pilot, lambda: table.cursor == 997)
    assert table.cursor_key == 2


async def test_other_columns_appear_with_their_rows(pilot: Pilot[Any]) -> None:
    table = app_of(pilot).table
    query = ListQuery(columns=("d.number",), source="device AS d", key="d.id")
    table.set_query(query, columns=(Column(id="number", title="Nr", width=6),))
    assert "Status" in screen_lines(pilot.app)[0]
    await until(pilot, lambda: screen_lines(pilot.app)[0] == "  Nr")
    assert screen_lines(pilot.app)[2] == "  3"


async def test_finding_goes_to_the_row_and_on(pilot: Pilot[Any]) -> None:
    table = app_of(pilot).table
    table.find("00500")
    await until(pilot, lambda: table.cursor == 500)
    table.find("dev-0000")
    await until(pilot, lambda: table.cursor == 0)
    await pilot.press("n")
    await until(pilot, lambda: table.cursor == 1)
    await pilot.press("N")
    await until(pilot, lambda: table.cursor == 0)


async def test_a_text_that_is_nowhere_is_reported(pilot: Pilot[Any]) -> None:
    app_of(pilot).table.find("no such device")
    await until(pilot, lambda: app_of(pilot).messages)
    assert app_of(pilot).messages[0].text == "no such device"


async def test_a_reload_without_a_visible_change_repaints_nothing(
    pilot: Pilot[Any], devices: Devices
) -> None:
    repaints = watch_repaints(app_of(pilot).table)
    devices.write("UPDATE device SET status = 'gone' WHERE id = 600")
    await reloaded(pilot)
    assert repaints == []


async def test_a_changed_cell_repaints_only_what_differs(
    pilot: Pilot[Any], devices: Devices
) -> None:
    repaints = watch_repaints(app_of(pilot).table)
    devices.write("UPDATE device SET status = 'actual' WHERE id = 4")
    await reloaded(pilot)
    (region,) = repaints
    assert region is not None
    assert (region.y, region.x, region.width) == (5, 19, 3)


async def test_the_cursor_stays_with_its_row_when_rows_come_before_it(
    pilot: Pilot[Any], devices: Devices
) -> None:
    table = app_of(pilot).table
    await pilot.press("pagedown", "j")
    before = screen_lines(pilot.app)
    repaints = watch_repaints(table)
    devices.write("INSERT INTO device VALUES (5000, 'dev-', 'active', 1)")
    await reloaded(pilot)
    assert (table.cursor, table.cursor_key) == (12, 11)
    assert screen_lines(pilot.app) == before
    assert repaints == []


async def test_the_cursor_keeps_its_place_when_its_row_is_deleted(
    pilot: Pilot[Any], devices: Devices
) -> None:
    table = app_of(pilot).table
    await pilot.press("j", "j")
    devices.write("DELETE FROM device WHERE id = 2")
    await reloaded(pilot)
    assert (table.cursor, table.cursor_key) == (2, 3)


async def test_an_empty_list_says_so_and_fills_itself(tmp_path: Path) -> None:
    devices = Devices(tmp_path / "empty.db", 0)
    app = TableApp(devices, empty="No devices yet.\nAdd one with a.")
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await until(pilot, lambda: app.table.title_text == "no rows")
        text = "\n".join(screen_lines(app))
        assert "No devices yet.\n  Add one with a." in text
        await pilot.press("j", "G", "enter", "space", "pagedown", "n")
        assert not app.messages
        devices.write("INSERT INTO device VALUES (1, 'first', 'active', 1)")
        await reloaded(pilot)
        assert screen_lines(app)[1].startswith("> first")


async def test_an_unreadable_list_says_why(devices: Devices) -> None:
    app = TableApp(devices)
    async with app.run_test(size=(80, HEIGHT)) as pilot:
        await until(pilot, lambda: app.table.count.value)
        app.table.set_query(ListQuery(columns=("x",), source="missing", key="id"))
        await until(pilot, lambda: app.table.title_text == "not readable")
        assert "no such table: missing" in "\n".join(screen_lines(app))


async def test_foreign_text_is_shown_as_data_and_keeps_the_columns(
    tmp_path: Path,
) -> None:
    devices = Devices(tmp_path / "foreign.db", 0)
    for key, name in enumerate(["\x1b[2Jx", "[red]x[/]", "日本語日本語日本", "a\nb"]):
        devices.write("INSERT INTO device VALUES (?, ?, 'active', 7)", key, name)
    query = ListQuery(columns=BY_NAME.columns, source="device AS d", key="d.id")
    app = TableApp(devices, query=query)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await until(pilot, lambda: app.table.count.value)
        assert screen_lines(app)[1:5] == [
            "> \ufffd[2Jx         active           7",
            "  [red]x[/]     active           7",
            "  日本語日本 …  active           7",
            "  a b           active           7",
        ]


async def test_a_smaller_screen_keeps_the_cursor_in_sight(pilot: Pilot[Any]) -> None:
    await pilot.press(*["j"] * (ROWS - 1))
    await pilot.resize_terminal(WIDTH, 5)
    await until(pilot, lambda: len(screen_lines(pilot.app)) == 5)
    assert any(line.startswith("> dev-00009") for line in screen_lines(pilot.app))


async def test_the_end_of_a_list_still_being_counted_is_reached(
    tmp_path: Path,
) -> None:
    devices = Devices(tmp_path / "large.db", 10_300)
    query = ListQuery(
        columns=BY_NAME.columns, source="device AS d", key="d.id", where="d.number >= 0"
    )
    app = TableApp(devices, query=query)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await until(pilot, lambda: app.table.count.value)
        await pilot.press("G")
        await until(pilot, lambda: app.table.cursor == 10_299)


async def test_a_click_moves_the_cursor_and_the_wheel_the_list(
    pilot: Pilot[Any],
) -> None:
    table = app_of(pilot).table
    await pilot.click(table, offset=(5, 4))
    assert table.cursor == 3
    await pilot._post_mouse_events([_wheel()], table, offset=(5, 4), button=0)
    assert screen_lines(pilot.app)[1].startswith("> dev-00003")


def _wheel() -> Any:
    from textual.events import MouseScrollDown

    return MouseScrollDown


def test_cells_left_over_go_to_the_columns_that_grow() -> None:
    columns = (*COLUMNS[:2], Column(id="c", title="C", width=5, grows=True))
    layout = lay_out(columns, 50, 1)
    assert [place.width for place in layout.places] == [12, 8, 24]
    assert layout.places[-1].end == 50


def test_signs_are_plain_where_only_ascii_may_be_used() -> None:
    layout = lay_out(COLUMNS, 40, 1, ascii_only=True)
    text = "".join(text for text, _ in layout.body(("a name too long", "up", 1)))
    assert text.startswith("a name too ~")
