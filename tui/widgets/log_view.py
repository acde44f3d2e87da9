"""Show a log while it is written.

Lines come in batches; the screen is brought up to date at most a dozen times a second,
whatever comes in. Lines are never wrapped: h and l move sideways.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.lists.log_lines import LINES_KEPT, LogLine, LogLines
from tui.looks.text import clean, crop, width
from tui.widgets.columns import centred
from tui.widgets.lines import Line, LineView, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual import events

    Loader = Callable[[int, int], Sequence[LogLine]]

TICK_SECONDS = 1 / 12
OLDER_AT_ONCE = 1_000
_SIDEWAYS = 16
_WHEEL_LINES = 3
_STYLES = {
    "debug": "log--debug",
    "success": "log--success",
    "warning": "log--warning",
    "failure": "log--error",
    "error": "log--error",
    "critical": "log--error",
    "": "log--debug",
}


class LogView(LineView):
    """A log that grows.

    Args:
        load_older: Returns up to so many lines before an id, oldest first; called in a
            thread when the user goes up past what is in memory.
        empty: What to say when there are no lines.
        keep: How many lines to keep in memory.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"log--{name}"
        for name in ("debug", "success", "warning", "error", "found", "notice")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="log.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="log.up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page", show=False, id="log.page"),
        Binding("pageup,ctrl+b", "page(-1)", show=False, id="log.page_back"),
        Binding("ctrl+d", "half_page(1)", show=False, id="log.half_page"),
        Binding("ctrl+u", "half_page(-1)", show=False, id="log.half_page_back"),
        Binding("home,g", "home", "First line", show=False, id="log.home"),
        Binding("end,G", "follow", "Follow", show=False, id="log.follow"),
        Binding("f", "toggle_follow", "Follow", show=False, id="log.toggle"),
        Binding("left,h", "sideways(-1)", show=False, id="log.left"),
        Binding("right,l", "sideways(1)", show=False, id="log.right"),
        Binding("n", "find_next(1)", show=False, id="log.find_next"),
        Binding("N", "find_next(-1)", show=False, id="log.find_previous"),
    ]

    @dataclass
    class NotFound(Message):
        """No line contains the text that was looked for."""

        view: LogView
        text: str

    @dataclass
    class _Older(Message):
        """Older lines have come."""

        lines: Sequence[LogLine]

    class _Incoming(Message):
        """Lines lie in the inbox."""

    def __init__(
        self,
        *,
        load_older: Loader | None = None,
        empty: str = "Nothing logged yet.",
        keep: int = LINES_KEPT,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.log_lines = LogLines(keep)
        self.empty = empty
        self._load_older = load_older
        self._is_loading = False
        self._inbox: deque[list[LogLine]] = deque()
        self._ticking = False
        self._top = 0
        self._left = 0
        self._found: LogLine | None = None
        self._sought = ""

    # -- what the screen may ask and do

    @property
    def is_following(self) -> bool:
        """Say whether the newest line stays in view."""
        return not self.log_lines.is_paused

    def append(self, lines: Iterable[LogLine]) -> None:
        """Add lines; from any thread, and in batches, as each call costs a message."""
        self._inbox.append(list(lines))
        if not self._ticking:
            self._ticking = True
            self.post_message(self._Incoming())

    def clear(self) -> None:
        """Drop all lines and follow."""
        self._inbox.clear()
        self.log_lines.clear()
        self.action_follow()

    def set_filter(self, text: str) -> None:
        """Show only lines with this text, in any case; all for an empty one."""
        self._refilter(lambda: self.log_lines.set_filter(text=text))

    def set_level(self, level: str) -> None:
        """Show only lines of this level and above; all for an empty one."""
        self._refilter(lambda: self.log_lines.set_filter(level=level))

    def set_grouping(self, grouping: str) -> None:
        """Show only lines of this grouping; all for an empty one."""
        self._refilter(lambda: self.log_lines.set_filter(grouping=grouping))

    def find(self, text: str, direction: int = -1) -> None:
        """Go to the next line with a text, up from here unless told otherwise."""
        self._sought = text
        if not text:
            return
        index = self.log_lines.find(text, self._found_index(direction), direction)
        if index is None:
            self.post_message(self.NotFound(self, text))
            return
        self._found = self.log_lines.shown[index]
        self.log_lines.pause()
        if not self._top <= index < self._top + self.size.height:
            middle = index - self.size.height // 2
            self._top = max(0, min(middle, self._last_top))
        self._show()

    # -- keys

    def action_move(self, step: int) -> None:
        """Scroll a line."""
        self._move_top(self._top + step)

    def action_page(self, step: int) -> None:
        """Scroll a screenful."""
        self._move_top(self._top + step * max(1, self.size.height - 1))

    def action_half_page(self, step: int) -> None:
        """Scroll half a screenful."""
        self._move_top(self._top + step * max(1, self.size.height // 2))

    def action_home(self) -> None:
        """Go to the oldest line in memory, and ask for older ones."""
        self._move_top(0)
        self._ask_for_older()

    def action_follow(self) -> None:
        """Go to the newest line and stay with it."""
        self.log_lines.resume()
        self._top = self._last_top
        self._show()

    def action_toggle_follow(self) -> None:
        """Stop at what is in view, or follow again."""
        if self.log_lines.is_paused:
            self.action_follow()
        else:
            self.log_lines.pause()
            self._show()

    def action_sideways(self, step: int) -> None:
        """Move the text sideways."""
        self._left = max(0, self._left + step * _SIDEWAYS)
        self._show()

    def action_find_next(self, direction: int) -> None:
        """Go to the next line below with the text looked for last, or above."""
        self.find(self._sought, direction)

    # -- moving

    @property
    def _last_top(self) -> int:
        return max(0, len(self.log_lines.shown) - self.size.height)

    def _move_top(self, top: int) -> None:
        """Scroll; leaving the end pauses, coming to it follows again."""
        goes_up = top < self._top
        if top < 0:
            self._ask_for_older()
        if top >= self._last_top and not goes_up:
            top -= self.log_lines.resume()
        self._top = max(0, min(top, self._last_top))
        if self._top < self._last_top or goes_up:
            self.log_lines.pause()
        self._show()

    def _refilter(self, change: Callable[[], None]) -> None:
        """Change the filter; the line at the top stays there if it is still shown."""
        shown = self.log_lines.shown
        anchor = shown[self._top].id if self._top < len(shown) else 0
        change()
        if self.log_lines.is_paused:
            ids = [line.id for line in self.log_lines.shown]
            self._top = min(bisect_left(ids, anchor), self._last_top)
        else:
            self._top = self._last_top
        self._show()

    def _found_index(self, direction: int) -> int:
        """Return where to look on from: the line found last, or the edge in view."""
        shown = self.log_lines.shown
        if self._found is not None:
            for index, line in enumerate(shown):
                if line is self._found:
                    return index
        bottom = min(len(shown), self._top + self.size.height)
        return self._top - 1 if direction > 0 else bottom

    def _ask_for_older(self) -> None:
        first, load = self.log_lines.first_id, self._load_older
        if load is None or first is None or self._is_loading or self.log_lines.is_full:
            return
        self._is_loading = True

        def work() -> None:
            lines: Sequence[LogLine] = ()
            try:
                lines = load(first, OLDER_AT_ONCE)
            finally:
                self.post_message(self._Older(lines))

        self.run_worker(work, thread=True, group="older", exit_on_error=False)

    # -- what comes in

    def on_log_view__incoming(self) -> None:
        """Show the first lines at once, and collect what follows until the next."""
        self._tick()

    def _tick(self) -> None:
        if not self._inbox:
            self._ticking = False
            if self._inbox:  # a thread has added lines in between
                self.append(())
            return
        while self._inbox:
            self.log_lines.append(self._inbox.popleft())
        if self.is_following:
            self._top = self._last_top
        self._show()
        self.set_timer(TICK_SECONDS, self._tick)

    def on_log_view__older(self, message: _Older) -> None:
        """Put older lines above; what is in view stays where it is."""
        self._is_loading = False
        self.log_lines.pause()
        self._top += self.log_lines.prepend(message.lines)
        self._show()

    # -- painting

    def on_resize(self) -> None:
        """Keep to the end, or within the lines."""
        if self.is_following:
            self._top = self._last_top
        self._top = min(self._top, self._last_top)
        self._show()

    def _show(self) -> None:
        self.repaint()
        self.title_text = self._title()

    def _title(self) -> str:
        """Say what is shown: `1,204 lines, following` or `paused, 57 new lines`."""
        lines = self.log_lines
        if not lines.is_paused:
            text = f"{len(lines):,} lines, following"
        elif lines.new_count:
            plural = "" if lines.new_count == 1 else "s"
            text = f"paused, {lines.new_count:,} new line{plural}"
        else:
            text = "paused"
        if lines.text or lines.level or lines.grouping:
            text += f", {len(lines.shown):,} match"
        return text

    def make_lines(self, width: int, height: int) -> list[Line]:
        """Return the lines in view."""
        shown = self.log_lines.shown
        if not shown:
            notice = self.empty if not len(self.log_lines) else "No line matches."
            return [((t, "log--notice"),) for t in centred(notice, width, height)]
        lines = [
            self._line(line, width) for line in shown[self._top : self._top + height]
        ]
        return lines + [((" " * width, ""),)] * (height - len(lines))

    def _line(self, line: LogLine, cells: int) -> Line:
        style = _STYLES.get(line.level, "")
        before = f"{clean(line.time)} " if line.time else ""
        level = f"{clean(line.level):<8} "
        after = _text_of(line)
        if self._found is line:
            return ((self._cut(before + level + after, cells), "log--found"),)
        if self._left or not style or not before:
            return ((self._cut(before + level + after, cells), style),)
        level = level[: max(0, cells - len(before))]
        rest = self._cut(after, cells - len(before) - len(level))
        spans: list[Span] = [(before[:cells], ""), (level, style), (rest, "")]
        return tuple(span for span in spans if span[0])

    def _cut(self, text: str, cells: int) -> str:
        # Only what is in view is cleaned; marks and wide characters need some more.
        text = clean(text[: 4 * (self._left + cells)])
        text = crop(text, self._left, cells)
        return text + " " * (cells - width(text))

    # -- the mouse, where it is on

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self._move_top(self._top + _WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self._move_top(self._top - _WHEEL_LINES)


def _text_of(line: LogLine) -> str:
    text = f"[{line.grouping}] {line.message}" if line.grouping else line.message
    return f"{text} ({line.object})" if line.object else text
