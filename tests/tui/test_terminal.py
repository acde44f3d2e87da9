from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.terminal import Terminal, key_bytes

ECHO_KEYS = """
import sys, termios, tty
tty.setraw(0)
print("ready", end="\\r\\n", flush=True)
while True:
    import os
    print(repr(os.read(0, 100)), end="\\r\\n", flush=True)
"""

SIZE = """
import os, signal
def show(*_):
    size = os.get_terminal_size()
    print(f"{size.lines} rows, {size.columns} columns", flush=True)
signal.signal(signal.SIGWINCH, show)
show()
while True:
    signal.pause()
"""

QUERY = """
import os, tty
tty.setraw(0)
print("a\\x1b[>1u\\x1b]0;title\\x07b", end="\\r\\n", flush=True)
os.write(1, b"\\x1b[?2026$p")
answer = os.read(0, 100)
os.write(1, b"answer " + repr(answer).encode() + b"\\r\\n")
os.read(0, 1)
"""

GRANDCHILD = """
import os, subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN);"
     "signal.signal(1, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"],
    process_group=0,
)
print("grandchild", child.pid, "is started", flush=True)
time.sleep(600)
"""


def python(code: str, *, rows: int = 24, columns: int = 80) -> Terminal:
    return Terminal([sys.executable, "-c", code], rows=rows, columns=columns)


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    return False


def test_keys_reach_the_program_as_their_bytes() -> None:
    with python(ECHO_KEYS) as terminal:
        terminal.wait_for("ready")
        terminal.press("ctrl+s")
        terminal.wait_for("b'\\x13'")
        terminal.press("enter")
        terminal.wait_for("b'\\r'")
        terminal.type("é!")
        terminal.wait_for("b'\\xc3\\xa9!'")


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("a", b"a"),
        ("G", b"G"),
        ("ctrl+d", b"\x04"),
        ("shift+tab", b"\x1b[Z"),
        ("alt+x", b"\x1bx"),
        ("pagedown", b"\x1b[6~"),
        ("f5", b"\x1b[15~"),
    ],
)
def test_key_names_stand_for_bytes(key: str, sent: bytes) -> None:
    assert key_bytes(key) == sent


def test_an_unknown_key_name_is_refused() -> None:
    with pytest.raises(ValueError, match="hyper"):
        key_bytes("hyper+x")


def test_the_program_sees_the_size_and_its_changes() -> None:
    with python(SIZE, rows=30, columns=90) as terminal:
        terminal.wait_for("30 rows, 90 columns")
        terminal.resize(10, 40)
        terminal.wait_for("10 rows, 40 columns")


def test_mode_queries_are_answered_and_strings_are_not_shown() -> None:
    with python(QUERY) as terminal:
        terminal.wait_for("2026;2$y")
        assert terminal.line(0) == "ab"
        assert terminal.byte_count == len(terminal.raw)


def test_a_program_that_ends_stops_the_waiting() -> None:
    with (
        python("print('only this')") as terminal,
        pytest.raises(AssertionError, match="has ended:\nonly this"),
    ):
        terminal.wait_for("something else")


def test_the_exit_status_is_returned() -> None:
    with python("raise SystemExit(3)") as terminal:
        assert terminal.wait_exit() == 3


def test_colours_and_attributes_can_be_looked_at() -> None:
    with python(r"print('\x1b[1;31mred\x1b[0m', flush=True)") as terminal:
        terminal.wait_for("red")
        assert terminal.cell(0, 0).fg == "red"
        assert terminal.cell(0, 0).bold


def test_closing_ends_what_the_program_has_started() -> None:
    with python(GRANDCHILD) as terminal:
        terminal.wait_for("is started")
        terminal.wait_for("up")
        lines = terminal.screen_text().splitlines()
        pid = int(next(line for line in lines if "is started" in line).split()[1])
        assert is_running(pid)
        assert os.getsid(pid) == terminal.process.pid
    assert not is_running(pid)
    terminal.close()
