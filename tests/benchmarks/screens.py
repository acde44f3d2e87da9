"""Measure the list and log widgets in a real terminal.

    python tests/benchmarks/screens.py [--rows 10000000] [--json]

Makes a SQLite table of devices in a temporary folder, runs a small app around the
widgets in a pty of 80x24, and prints what design.md section 9 asks for: times from the
key to the last byte that answers it, and bytes. Medians of many, unless a name says
otherwise. Not a test: it asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import ComposeResult

    from tests.terminal import Terminal

ROWS, COLUMNS = 24, 80
QUIET_SECONDS = 0.06


class Figure(NamedTuple):
    """One line of the report."""

    name: str
    value: float
    unit: str
    to_hold: float | None


# -- the store


def devices(count: int) -> Iterator[tuple[object, ...]]:
    states = ("active", "planned", "failed", "staged")
    for i in range(count):
        number = i * 7_919 % count
        yield (
            uuid.UUID(int=(1 << 124) + i).bytes,
            f"device-{number:09}",
            states[i % 4],
            f"role-{i % 12}",
            f"site-{i % 500:03}",
            f"SN{i * 31 % 10**8:08}",
            None if i % 3 else f"asset-{i}",
            f"comment number {i}",
        )


def make_store(path: Path, count: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(
        "CREATE TABLE device (id BLOB PRIMARY KEY, name TEXT, status TEXT, role TEXT,"
        " location TEXT, serial TEXT, asset TEXT, comments TEXT)"
    )
    places = ", ".join("?" * 8)
    connection.executemany(f"INSERT INTO device VALUES ({places})", devices(count))
    connection.execute("CREATE INDEX device_name ON device (name, id)")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


# -- the apps that are measured; imports are late, as the launcher's will be


def run_table_app(path: str) -> None:
    from textual.widgets import Static

    from tui.lists.keyset import SortColumn
    from tui.lists.pager import ListQuery
    from tui.looks.terminal_guard import TerminalGuard
    from tui.widgets.columns import Column
    from tui.widgets.table import ObjectTable

    names = ("name", "status", "role", "location", "serial", "asset", "comments")
    query = ListQuery(
        columns=tuple(f"d.{name}" for name in names),
        source="device AS d",
        key="d.id",
        sort=(SortColumn(sql="d.name"),),
    )
    columns = tuple(Column(id=n, title=n.title(), width=16) for n in names)

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path)

    class TableApp(TerminalGuard):
        CSS = "#title { height: 1; }"
        ENABLE_COMMAND_PALETTE = False

        def compose(self) -> ComposeResult:
            yield Static("", id="title", markup=False)
            yield ObjectTable(connect, query, columns, sort=("name", False))

        def on_mount(self) -> None:
            self.table = self.query_one(ObjectTable)
            self.watch(self.table, "title_text", self.show_title)
            self.watcher = connect()
            self.version = self.watched()
            self.set_interval(0.1, self.look)

        def watched(self) -> int:
            return int(self.watcher.execute("PRAGMA data_version").fetchone()[0])

        def look(self) -> None:
            if (version := self.watched()) != self.version:
                self.version = version
                self.table.reload()

        def show_title(self, title: str) -> None:
            self.query_one("#title", Static).update(title, layout=False)

        def key_5(self) -> None:
            self.table.go_to(self.table.count.value // 2)

        def key_7(self) -> None:
            self.table.go_to(self.table.count.value * 3 // 4)

    TableApp().run(mouse=False)


def run_log_app(lines_per_second: int, seconds: float, report: str) -> None:
    import threading

    from tui.lists.log_lines import LogLine
    from tui.looks.terminal_guard import TerminalGuard
    from tui.widgets.log_view import LogView

    batch, levels = 500, ("info", "debug", "warning", "success")
    total = int(lines_per_second * seconds)

    class LogApp(TerminalGuard):
        ENABLE_COMMAND_PALETTE = False

        def compose(self) -> ComposeResult:
            yield LogView()

        def on_mount(self) -> None:
            self.view = self.query_one(LogView)
            self.late = 0.0
            self.set_timer(0.3, self.start)

        def start(self) -> None:
            self.cpu, self.began = time.process_time(), time.monotonic()
            self.due = self.began
            threading.Thread(target=self.produce, daemon=True).start()
            self.call_later(self.tick)

        def produce(self) -> None:
            for start in range(0, total, batch):
                self.view.append(
                    LogLine(i, levels[i % 4], f"line {i:>9} {'x' * 70}", "12:00:00")
                    for i in range(start, start + batch)
                )
                ahead = self.began + start / lines_per_second - time.monotonic()
                if ahead > 0:
                    time.sleep(ahead)

        def tick(self) -> None:
            """Notice how late the event loop comes round: a stall."""
            now = time.monotonic()
            self.late = max(self.late, now - self.due)
            shown = self.view.log_lines.shown
            if shown and shown[-1].id >= total - 1:
                took = now - self.began
                cpu = (time.process_time() - self.cpu) / took
                figures = {"rate": total / took, "stall": self.late, "cpu": cpu}
                Path(report).write_text(json.dumps(figures))
                self.exit()
                return
            self.due = now + 0.001
            self.set_timer(0.001, self.tick)

    LogApp().run(mouse=False)


# -- measuring


def spawn(*arguments: str) -> Terminal:
    from tests.terminal import Terminal

    env = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}
    command = [sys.executable, __file__, *arguments]
    return Terminal(command, rows=ROWS, columns=COLUMNS, env=env, emulate=False)


def answer(terminal: Terminal, act: Callable[[], None]) -> tuple[float, int]:
    """Return the milliseconds to the last byte that answers, and how many came."""
    before = terminal.byte_count
    began = time.monotonic()
    act()
    terminal.wait_for_count(before + 1)
    terminal.wait_for_quiet(QUIET_SECONDS)
    return (terminal.last_output_at - began) * 1e3, terminal.byte_count - before


def press_many(terminal: Terminal, *keys: str) -> tuple[list[float], list[int]]:
    answers = [answer(terminal, lambda key=key: terminal.press(key)) for key in keys]  # type: ignore[misc] # mypy cannot infer a lambda's default
    return [took for took, _ in answers], [size for _, size in answers]


def memory(terminal: Terminal) -> float:
    text = Path(f"/proc/{terminal.process.pid}/status").read_text()
    line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def until(terminal: Terminal, text: bytes) -> float:
    terminal.wait_for_raw(text, 120)
    return (time.monotonic() - terminal.started_at) * 1e3


def measure_start(path: Path) -> Iterator[Figure]:
    paints, rows = [], []
    for _ in range(5):
        with spawn("--app", "table", str(path)) as terminal:
            paints.append(until(terminal, b"Status"))
            rows.append(until(terminal, b"device-000000010"))
    yield Figure("first paint", statistics.median(paints), "ms", 300)
    yield Figure("first rows", statistics.median(rows), "ms", 350)


def measure_moves(terminal: Terminal) -> Iterator[Figure]:
    press_many(terminal, "j", "k")
    took, sizes = press_many(terminal, *"jjjjjkkkkk" * 4)
    yield Figure("cursor move", statistics.median(took), "ms", 5)
    yield Figure("cursor move, slowest", max(took), "ms", None)
    yield Figure("cursor move, bytes", statistics.median(sizes), "bytes", 300)
    press_many(terminal, *["j"] * (ROWS - 3))
    took, sizes = press_many(terminal, *["j"] * 110)
    yield Figure("scrolled line, mean", statistics.mean(took), "ms", 5)
    yield Figure("scrolled line, mean bytes", statistics.mean(sizes), "bytes", 700)
    took, sizes = press_many(terminal, *["pagedown"] * 30)
    yield Figure("page", statistics.median(took), "ms", 10)
    yield Figure("page, slowest", max(took), "ms", None)
    yield Figure("page, bytes", statistics.median(sizes), "bytes", None)


def measure_jumps(terminal: Terminal) -> Iterator[Figure]:
    for key, name in (("5", "to the middle"), ("7", "to 75 %"), ("end", "to the end")):
        took, sizes = press_many(terminal, key)
        yield Figure(f"jump {name}", took[0], "ms", 150)
        yield Figure(f"jump {name}, bytes", sizes[0], "bytes", None)
    took, _ = press_many(terminal, "home", "end")
    yield Figure("jump home again", took[0], "ms", None)
    yield Figure("jump to the end again", took[1], "ms", None)


def bytes_during(terminal: Terminal, act: Callable[[], None], seconds: float) -> float:
    """Return the bytes a second that come while something is done ten times."""
    before, began = terminal.byte_count, time.monotonic()
    while time.monotonic() - began < seconds:
        act()
        time.sleep(0.1)
    return (terminal.byte_count - before) / seconds


def measure_idle(terminal: Terminal, path: Path) -> Iterator[Figure]:
    press_many(terminal, "home")
    terminal.wait_for_quiet(0.5)
    yield Figure("idle", bytes_during(terminal, lambda: None, 3), "bytes/s", 0)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")

    def update(name: str) -> None:
        connection.execute(
            "UPDATE device SET status = 's' || (abs(random()) % 1000) WHERE name = ?",
            (name,),
        )

    def out_of_sight() -> None:
        update("device-000004321")

    def in_sight() -> None:
        update("device-000000005")

    used = cpu_seconds(terminal)
    yield Figure(
        "others' rows change 10/s",
        bytes_during(terminal, out_of_sight, 3),
        "bytes/s",
        0,
    )
    share = (cpu_seconds(terminal) - used) / 3 * 100
    yield Figure("others' rows change 10/s, processor", share, "%", None)
    yield Figure(
        "a row in sight changes 10/s",
        bytes_during(terminal, in_sight, 3),
        "bytes/s",
        None,
    )
    connection.close()


def cpu_seconds(terminal: Terminal) -> float:
    fields = Path(f"/proc/{terminal.process.pid}/stat").read_text().split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def measure_slow_line(path: Path) -> Iterator[Figure]:
    """Hold a key for three seconds on a line of 32 KiB/s."""
    for key, to_hold in (("down", 500), ("pagedown", None)):
        with spawn("--app", "table", str(path)) as terminal:
            until(terminal, b"device-000000010")
            terminal.wait_for_quiet(0.3)
            terminal.slow_to(32 * 1024)
            for _ in range(90):
                terminal.press(key)
                time.sleep(1 / 30)
            released = time.monotonic()
            terminal.wait_for_quiet(0.4, 30)
            behind = max(0.0, terminal.last_output_at - released) * 1e3
        yield Figure(f"3 s of {key} at 32 KiB/s: behind", behind, "ms", to_hold)


def measure_log(folder: Path) -> Iterator[Figure]:
    for rate in (60_000, 200_000):
        report = folder / f"log-{rate}.json"
        with spawn("--app", "log", str(rate), "3", str(report)) as terminal:
            terminal.wait_exit(60)
            sent = terminal.byte_count
        figures = json.loads(report.read_text())
        name = f"log at {rate // 1000} k lines/s"
        to_hold = 50_000 if rate == 60_000 else None
        yield Figure(f"{name}: shown", figures["rate"], "lines/s", to_hold)
        yield Figure(f"{name}: longest stall", figures["stall"] * 1e3, "ms", 50)
        yield Figure(f"{name}: processor", figures["cpu"] * 100, "%", None)
        yield Figure(
            f"{name}: sent", sent * figures["rate"] / rate / 3, "bytes/s", None
        )


def measure(count: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="hookline-screens-") as name:
        folder = Path(name)
        path = folder / "store.db"
        make_store(path, count)
        yield from measure_start(path)
        with spawn("--app", "table", str(path)) as terminal:
            until(terminal, b"device-000000010")
            terminal.wait_for_quiet(0.5)
            yield Figure("opening, bytes", terminal.byte_count, "bytes", None)
            yield from measure_moves(terminal)
            yield from measure_jumps(terminal)
            yield from measure_idle(terminal, path)
            yield Figure("memory (RSS) after all this", memory(terminal), "MB", 80)
        yield from measure_slow_line(path)
        yield from measure_log(folder)


def table_of(figures: list[Figure]) -> Iterator[str]:
    yield f"{'what':<48}{'measured':>14}{'to hold':>12}"
    for figure in figures:
        digits = 1 if figure.value < 1000 else 0
        hold = "" if figure.to_hold is None else f"{figure.to_hold:,}"
        value = f"{figure.value:,.{digits}f}"
        yield f"{figure.name:<48}{value:>14}{hold:>12} {figure.unit}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = list(measure(arguments.rows))
    if arguments.json:
        values = {figure.name: round(figure.value, 3) for figure in figures}
        text = json.dumps({"rows": arguments.rows, "figures": values})
    else:
        text = "\n".join(table_of(figures))
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--app", "table", store]:
            run_table_app(store)
        case ["--app", "log", rate, seconds, report]:
            run_log_app(int(rate), float(seconds), report)
        case _:
            main()
