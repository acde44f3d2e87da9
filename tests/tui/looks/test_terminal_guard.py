from __future__ import annotations

import inspect
import sys
from pathlib import Path
from queue import Queue

from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from tests.terminal import Terminal

ROOT = Path(__file__).resolve().parents[3]

COUNTER = """
from textual.app import ComposeResult
from textual.widgets import Static
from tui.looks.terminal_guard import TerminalGuard

class Counter(TerminalGuard):
    count = 0

    def compose(self) -> ComposeResult:
        yield Static("0000 " * 380, id="all")

    def key_x(self) -> None:
        self.timer = self.set_interval(1 / 60, self.step)

    def step(self) -> None:
        self.count += 1
        if self.count == 120:
            self.timer.stop()
        text = f"{self.count:04} " * 380
        self.query_one("#all", Static).update(text, layout=False)

    def key_s(self) -> None:
        self.query_one("#all", Static).update(f"dropped: {self.frames_dropped > 0}")

Counter().run(mouse=False)
"""


def test_textual_still_has_the_private_names_the_guard_relies_on() -> None:
    """When this fails after an upgrade: read tui/looks/terminal_guard.py again."""
    parameters = list(inspect.signature(App._display).parameters)
    assert parameters == ["self", "screen", "renderable"]
    assert "_batch_count" in inspect.getsource(App._display)
    assert "self._driver.write(" in inspect.getsource(App._display)
    assert "self._writer_thread = WriterThread(" in inspect.getsource(
        LinuxDriver.start_application_mode
    )
    assert isinstance(WriterThread(sys.stderr)._queue, Queue)


def test_a_slow_terminal_gets_fewer_frames_and_the_last_state() -> None:
    command = [sys.executable, "-c", COUNTER]
    with Terminal(command, cwd=ROOT, env={"TEXTUAL_ANIMATIONS": "none"}) as terminal:
        terminal.wait_for("0000 0000")
        terminal.slow_to(32 * 1024)
        terminal.press("x")
        terminal.wait_for("0120 0120")
        terminal.slow_to(0)
        terminal.press("s")
        terminal.wait_for("dropped: True")
