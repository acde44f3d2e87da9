"""A real terminal for tests: a program in a pty, and an emulator that reads it.

    from tests.terminal import Terminal

    with Terminal([sys.executable, "-m", "tui"], rows=24, columns=80) as terminal:
        terminal.wait_for("rows 1")              # a text, or a predicate
        terminal.press("down", "ctrl+d", "enter")
        terminal.type("core-01")
        terminal.wait_for(lambda screen: "Active" in screen.line(3))
        assert "core-01" in terminal.screen_text()

* Nothing sleeps: `wait_for` is woken by output and raises `AssertionError`, with the
  screen in its message, when the time is over or the program has ended.
* `press` takes Textual's key names (`ctrl+s`, `shift+tab`, `f1`, `pagedown`, `escape`,
  or a character). Right after `escape` wait for its effect: a byte that follows it
  within 100 ms makes it Alt.
* `byte_count`, `first_output_at` and `last_output_at` measure what the program sends
  (`time.monotonic`). With `emulate=False` nothing is parsed and `raw` is all there is:
  for measurements, as pyte is slow. `slow_to(bytes_per_second)` makes a slow line.
* `close`, also at the end of `with`, ends everything the program has started in its
  terminal session, and is safe to call twice.

The terminal answers what Textual asks: synchronized output is there, in-band resize and
the kitty keyboard are not, and where the cursor is.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyte

from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "shift+tab": "\x1b[Z",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f10": "\x1b[21~",
    "f11": "\x1b[23~",
    "f12": "\x1b[24~",
}
_QUERY = re.compile(rb"\x1b\[(?:\?(\d+)\$p|([0>]?)c|(6)n|\?(u))")
# pyte would print parts of these: private modes with other marks than "?", queries,
# strings such as the title.
_UNKNOWN = re.compile(
    rb"\x1b\[(?:[<=>][0-9;:]*[a-zA-Z]|\?\d*\$p|\?u)|\x1b[]P][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:<=>?$ ]*|[]P][^\x07\x1b]*\x1b?)?\Z")
_BEGIN, _END = b"\x1b[?2026h", b"\x1b[?2026l"
_MODES = {2026: 2}
"""DEC modes by what is answered: 2 is known and off; all others are 0, not known."""


def key_bytes(key: str) -> bytes:
    """Return what a terminal sends for a key named as Textual names it."""
    if key in _KEYS:
        return _KEYS[key].encode()
    if len(key) == 1:
        return key.encode()
    modifier, _, rest = key.partition("+")
    if modifier == "ctrl" and len(rest) == 1 and rest.isalpha():
        return bytes([ord(rest.lower()) - ord("a") + 1])
    if modifier == "alt" and rest:
        return b"\x1b" + key_bytes(rest)
    raise ValueError(f"no bytes are known for the key {key!r}")


class Terminal:
    """A program running in a terminal of its own.

    Args:
        command: The program and its arguments.
        rows: Height of the terminal.
        columns: Width of the terminal.
        env: Environment variables over those of this process; None takes one out.
        cwd: Where to run.
        emulate: Whether to keep a screen; without, only bytes are counted.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        rows: int = 24,
        columns: int = 80,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        emulate: bool = True,
    ) -> None:
        self.byte_count = 0
        self.raw = b""
        self.first_output_at = self.last_output_at = 0.0
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._emulate = emulate
        self._rest = b""
        self._rate = 0
        self._ended = False
        self._changed = threading.Condition()
        self._master, slave = pty.openpty()
        self._set_size(rows, columns)
        self.started_at = time.monotonic()
        try:
            self.process = self._spawn(command, slave, env or {}, cwd)
        finally:
            os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal-reader")
        self._reader.start()

    def _spawn(
        self,
        command: Sequence[str],
        slave: int,
        env: Mapping[str, str | None],
        cwd: Path | None,
    ) -> subprocess.Popen[bytes]:
        wanted = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name, value in {
            "NO_COLOR": None,
            "LINES": None,
            "COLUMNS": None,
            **env,
        }.items():
            if value is None:
                wanted.pop(name, None)
            else:
                wanted[name] = value

        def own_terminal() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        return subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=wanted,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=own_terminal,  # noqa: PLW1509 - one system call, no locks
        )

    # -- what the program shows

    def screen_text(self) -> str:
        """Return the screen as lines of text, without trailing blanks."""
        with self._changed:
            return "\n".join(line.rstrip() for line in self._screen.display)

    def line(self, row: int) -> str:
        """Return one line of the screen, counted from 0, without trailing blanks."""
        with self._changed:
            return str(self._screen.display[row]).rstrip()

    def cell(self, row: int, column: int) -> pyte.screens.Char:
        """Return a cell of the screen, with its colours and attributes."""
        with self._changed:
            return self._screen.buffer[row][column]

    def wait_for(
        self, wanted: str | Callable[[Terminal], object], timeout: float = PATIENCE_S
    ) -> None:
        """Wait until a text is on the screen, or a predicate is true.

        Raises:
            AssertionError: The time is over, or the program has ended before.
        """
        what = repr(wanted) if isinstance(wanted, str) else wanted.__name__
        if not self._wait(lambda: self._shows(wanted), timeout):
            state = "has ended" if self._ended else f"did not within {timeout} s"
            raise AssertionError(f"waited for {what}; it {state}:\n{self._shown()}")

    def _shows(self, wanted: str | Callable[[Terminal], object]) -> bool:
        if isinstance(wanted, str):
            return wanted in self.screen_text()
        return bool(wanted(self))

    def wait_for_raw(self, wanted: bytes, timeout: float = PATIENCE_S) -> None:
        """Wait until the program has sent these bytes."""
        if not self._wait(lambda: wanted in self.raw, timeout):
            raise AssertionError(f"waited for {wanted!r}:\n{self.raw[-2000:]!r}")

    def wait_for_count(self, count: int, timeout: float = PATIENCE_S) -> None:
        """Wait until the program has sent so many bytes in all."""
        if not self._wait(lambda: self.byte_count >= count, timeout):
            raise AssertionError(f"only {self.byte_count} bytes came, not {count}")

    def wait_for_quiet(self, seconds: float = 0.1, timeout: float = PATIENCE_S) -> None:
        """Wait until nothing has been sent for a while; only to measure by."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while time.monotonic() < deadline:
                seen = self.byte_count
                if not self._changed.wait_for(lambda: self.byte_count != seen, seconds):  # noqa: B023 - used at once
                    return
        raise AssertionError(f"output did not stop within {timeout} s")

    def wait_exit(self, timeout: float = PATIENCE_S) -> int:
        """Wait until the program ends; return its exit status."""
        status = self.process.wait(timeout)
        self._reader.join(timeout)
        return status

    def _wait(self, is_there: Callable[[], bool], timeout: float) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: is_there() or self._ended, timeout)
            return is_there()

    def _shown(self) -> str:
        return self.screen_text() if self._emulate else repr(self.raw[-2000:])

    # -- what the user does

    def press(self, *keys: str) -> None:
        """Press keys, one write each."""
        for key in keys:
            os.write(self._master, key_bytes(key))

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._master, text.encode())

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the terminal and tell the program."""
        with self._changed:
            self._screen.resize(rows, columns)
        self._set_size(rows, columns)
        os.kill(self.process.pid, signal.SIGWINCH)

    def slow_to(self, bytes_per_second: int) -> None:
        """Read no faster than this from now on; 0 for full speed."""
        self._rate = bytes_per_second

    def _set_size(self, rows: int, columns: int) -> None:
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    # -- the reading thread

    def _read(self) -> None:
        while chunk := self._next_chunk():
            with self._changed:
                self.last_output_at = time.monotonic()
                self.first_output_at = self.first_output_at or self.last_output_at
                self.byte_count += len(chunk)
                self.raw += chunk
                self._take(chunk)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _next_chunk(self) -> bytes:
        if rate := self._rate:
            time.sleep(1024 / rate)
        try:
            select.select([self._master], [], [])
            return os.read(self._master, 1024 if self._rate else 65536)
        except OSError:  # Linux says EIO when the last program has closed its side
            return b""

    def _take(self, chunk: bytes) -> None:
        data = self._rest + chunk
        cut = _UNFINISHED.search(data)
        end = cut.start() if cut else len(data)
        if data.rfind(_BEGIN) > data.rfind(_END):
            end = min(end, data.rfind(_BEGIN))  # a frame is shown whole, or not yet
        data, self._rest = data[:end], data[end:]
        if self._emulate:
            self._stream.feed(_UNKNOWN.sub(b"", data))
        for query in _QUERY.finditer(data):
            os.write(self._master, self._answer(query))

    def _answer(self, query: re.Match[bytes]) -> bytes:
        mode, device, position, _ = query.groups()
        if mode:
            return b"\x1b[?%d;%d$y" % (int(mode), _MODES.get(int(mode), 0))
        if device is not None:
            return b"\x1b[>0;0;0c" if device == b">" else b"\x1b[?62;22c"
        if position:
            cursor = self._screen.cursor
            return b"\x1b[%d;%dR" % (cursor.y + 1, cursor.x + 1)
        return b""  # no kitty keyboard: no answer

    # -- the end

    def close(self) -> None:
        """End the program and all it has started in this terminal."""
        self._rate = 0
        if self.process.poll() is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
        self._signal(signal.SIGKILL)
        self.process.wait()
        self._reader.join()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def _signal(self, number: signal.Signals) -> None:
        for pid in _session_members(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                _end(pid, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _end(pid: int, number: signal.Signals) -> None:
    handle = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(handle, number)
        if number == signal.SIGKILL:
            select.select([handle], [], [], 5)  # until it has ended
    finally:
        os.close(handle)


def _session_members(session: int) -> list[int]:
    """Return the ids of the processes of a session, whatever their group."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(after_name[3]) == session:
                members.append(int(entry.name))
    return members
