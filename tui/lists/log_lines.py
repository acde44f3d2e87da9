"""Hold the lines of a log that grows while one reads it; knows no Textual.

Memory is bounded and so is the work per batch: lines that would fall out of memory at
once are only counted. While the reader has stopped to read, nothing moves: new lines
wait aside.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LINES_KEPT = 20_000
# How far older lines may push memory up while the reader looks at them.
MOST_OLDER = 4 * LINES_KEPT

LEVELS = {
    "debug": 10,
    "info": 20,
    "success": 25,
    "warning": 30,
    "failure": 35,
    "error": 40,
    "critical": 50,
}


class LogLine(NamedTuple):
    """One line of a log.

    Attributes:
        id: Increases from line to line; older lines are asked for by it.
        level: The level as a word.
        message: The text, as it was logged.
        time: The time as it is to be shown.
        grouping: What part of the run logged it.
        object: Name of the object it is about.
    """

    id: int
    level: str
    message: str
    time: str = ""
    grouping: str = ""
    object: str = ""


class LogLines:
    """The lines in memory, which of them are shown, and those that wait.

    Args:
        keep: How many lines to keep in memory.
    """

    def __init__(self, keep: int = LINES_KEPT) -> None:
        self.keep = keep
        self.is_paused = False
        self.new_count = 0
        self.text = ""
        self.level = 0
        self.grouping = ""
        self._lines: list[LogLine] = []
        self._shown: list[LogLine] = []
        self._waiting: deque[LogLine] = deque(maxlen=keep)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def shown(self) -> Sequence[LogLine]:
        """Return the lines that pass the filters, oldest first."""
        return self._shown

    @property
    def first_id(self) -> int | None:
        """Return the id of the oldest line in memory."""
        return self._lines[0].id if self._lines else None

    # -- growing

    def append(self, batch: Iterable[LogLine]) -> int:
        """Add lines at the end; return how many shown ones fell out at the front."""
        tail = batch if isinstance(batch, list) else list(batch)
        if self.is_paused:
            self.new_count += len(tail)
            self._waiting.extend(tail[-self.keep :])
            return 0
        tail = _split(tail[-self.keep :])
        self._lines += tail
        self._shown += self._passing(tail)
        return self._trim()

    def prepend(self, batch: Sequence[LogLine]) -> int:
        """Add older lines at the front; return how many more are shown."""
        head = _split(list(batch))
        passing = self._passing(head)
        self._lines[:0] = head
        self._shown[:0] = passing
        return len(passing)

    @property
    def is_full(self) -> bool:
        """Say whether no older lines may be added."""
        return len(self._lines) >= self.keep + MOST_OLDER

    def pause(self) -> None:
        """Let new lines wait aside from now on."""
        self.is_paused = True

    def resume(self) -> int:
        """Take in what has waited; return how many shown lines fell out in front."""
        self.is_paused = False
        waiting, left_out = list(self._waiting), self.new_count - len(self._waiting)
        self._waiting.clear()
        self.new_count = 0
        if left_out:
            note = f"{left_out:,} lines are not shown here"
            waiting.insert(0, LogLine(waiting[0].id, "", note))
        return self.append(waiting)

    def clear(self) -> None:
        """Drop all lines."""
        self._lines, self._shown = [], []
        self._waiting.clear()
        self.new_count = 0

    def _trim(self) -> int:
        surplus = len(self._lines) - self.keep
        if surplus <= 0:
            return 0
        gone = len(self._passing(self._lines[:surplus]))
        del self._lines[:surplus]
        del self._shown[:gone]
        return gone

    # -- filtering and searching

    @property
    def groupings(self) -> list[str]:
        """Return the groupings of the lines in memory, in the order of names."""
        return sorted({line.grouping for line in self._lines} - {""})

    def set_filter(
        self,
        *,
        text: str | None = None,
        level: str | None = None,
        grouping: str | None = None,
    ) -> None:
        """Show only lines with a text, of a level or above, and of one grouping."""
        if grouping is not None:
            self.grouping = grouping
        if text is not None:
            self.text = text.casefold()
        if level is not None:
            self.level = LEVELS.get(level, 0)
        self._shown = self._passing(self._lines)

    def _passing(self, lines: list[LogLine]) -> list[LogLine]:
        if self.level:
            level, rank = self.level, LEVELS.get
            lines = [line for line in lines if rank(line.level, level) >= level]
        if self.grouping:
            wanted = self.grouping
            lines = [line for line in lines if line.grouping == wanted]
        if self.text:
            text = self.text
            lines = [line for line in lines if text in _searchable(line)]
        return list(lines) if lines is self._lines else lines

    def find(self, text: str, start: int, step: int) -> int | None:
        """Return the index of the next shown line with a text, round the end."""
        text, total = text.casefold(), len(self._shown)
        for offset in range(1, total + 1):
            index = (start + step * offset) % total
            if text in _searchable(self._shown[index]):
                return index
        return None


def _searchable(line: LogLine) -> str:
    return f"{line.message} {line.grouping} {line.object}".casefold()


def _split(lines: list[LogLine]) -> list[LogLine]:
    """Give every line of a message of several lines a line of its own."""
    if not any("\n" in line.message for line in lines):
        return lines
    out: list[LogLine] = []
    for line in lines:
        if "\n" in line.message:
            out += [line._replace(message=m) for m in line.message.splitlines()]
        else:
            out.append(line)
    return out
