"""Lists, apps and looks at the screen for the tests of the list and log widgets."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App, ComposeResult

import tui
from tui.lists.keyset import SortColumn
from tui.lists.pager import ListQuery
from tui.widgets.columns import Column
from tui.widgets.table import ObjectTable

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.pilot import Pilot
    from textual.widget import Widget

STYLES = Path(str(tui.__file__)).with_name("app.tcss")
STATES = ("active", "failed")


def failed_is_red(value: str) -> str:
    return "error" if value == "failed" else ""


COLUMNS = (
    Column(id="name", title="Name", width=12),
    Column(id="status", title="Status", width=8, style=failed_is_red),
    Column(id="number", title="Number", width=8, align="right", sortable=False),
)
BY_NAME = ListQuery(
    columns=("d.name", "d.status", "d.number"),
    source="device AS d",
    key="d.id",
    sort=(SortColumn(sql="d.name"),),
)


class Devices:
    """A store with one table."""

    def __init__(self, path: Path, count: int) -> None:
        self.path = path
        with self.connect() as connection:
            connection.execute(
                "CREATE TABLE device (id INTEGER PRIMARY KEY, name, status, number)"
            )
            connection.execute("CREATE INDEX device_name ON device (name, id)")
            rows = ((i, f"dev-{i:05}", STATES[i % 2], i * 3) for i in range(count))
            connection.executemany("INSERT INTO device VALUES (?, ?, ?, ?)", rows)
        connection.close()

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path)

    def write(self, sql: str, *values: Any) -> None:
        with self.connect() as connection:
            connection.execute(sql, values)
        connection.close()


class TableApp(App[None]):
    """An app with one table; it keeps the messages it was sent."""

    CSS_PATH = STYLES

    def __init__(self, devices: Devices, **options: Any) -> None:
        super().__init__()
        options = {"query": BY_NAME, "columns": COLUMNS, **options}
        self.table = ObjectTable(devices.connect, **options)
        self.messages: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_object_table_opened(self, message: ObjectTable.Opened) -> None:
        self.messages.append(message)

    def on_object_table_sort_requested(self, message: Any) -> None:
        self.messages.append(message)

    def on_paged_view_not_found(self, message: Any) -> None:
        self.messages.append(message)


def screen_lines(app: App[Any]) -> list[str]:
    """Return the screen as text, without trailing blanks."""
    strips = app.screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in strips]


async def until(pilot: Pilot[Any], condition: Any) -> None:
    """Wait until a condition holds; the test's time limit ends it."""
    for _ in range(5_000):
        if condition():
            return
        await pilot.pause(0.001)
    raise AssertionError(f"never came true:\n{chr(10).join(screen_lines(pilot.app))}")


def watch_repaints(widget: Widget) -> list[Region | None]:
    """Collect the regions a widget repaints from now on; None for all of it."""
    repaints: list[Region | None] = []
    mark = widget._set_dirty

    def marking(*regions: Region) -> None:
        repaints.extend(regions or (None,))
        mark(*regions)

    widget._set_dirty = marking  # type: ignore[method-assign] # to see what is sent
    return repaints
