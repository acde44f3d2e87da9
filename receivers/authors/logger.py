"""What a run logs: from `self.logger`, module loggers, prints, to batches of entries.

Entries leave this process through `emit`, at once while lines are few and in batches
when they come thick; no entry waits longer than `FLUSH_SECONDS`. How they are stored
is left to the runner.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from receivers.authors.failures import author_traceback
from receivers.authors.sanitiser import make_safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from receivers.authors.sanitiser import Sanitiser

SUCCESS = 25
FAILURE = 35
LEVELS = {
    logging.DEBUG: "debug",
    logging.INFO: "info",
    SUCCESS: "success",
    logging.WARNING: "warning",
    FAILURE: "failure",
    logging.ERROR: "error",
    logging.CRITICAL: "critical",
}

FLUSH_SECONDS = 0.02
IMMEDIATE_BATCHES = 16  # in FLUSH_SECONDS; beyond it a run is chatty
MOST_ENTRIES = 100
BATCH_BYTES = 32 * 1024

LONGEST_LINE = 1024 * 1024

OBJECT_NAME_LENGTH = 200
OBJECT_URL_LENGTH = 255
GROUPING_LENGTH = 100

Emit = Callable[[dict[str, Any]], object]
Entry = tuple[int, str, str, str, str, str]

logging.addLevelName(SUCCESS, "SUCCESS")
logging.addLevelName(FAILURE, "FAILURE")


def level_name(number: int) -> str:
    """Return the name of the highest level that is not above this number."""
    return LEVELS[max((n for n in LEVELS if n <= number), default=logging.DEBUG)]


class RunLog:
    """The entries of one run on their way out.

    Args:
        result_id: The job result they belong to.
        emit: Takes the messages for the runner; called from two threads, not at once.
        sanitiser: Cleans every text.
    """

    def __init__(self, result_id: int, emit: Emit, sanitiser: Sanitiser) -> None:
        self.sanitiser = sanitiser
        self._result_id = result_id
        self._emit = emit
        self._lock = threading.RLock()
        self._entries: list[Entry] = []
        self._bytes = 0
        self._window = 0.0
        self._batches = 0
        self._tail: _TailFlusher | None = None

    def add(
        self,
        level: int,
        message: str,
        *,
        grouping: str = "main",
        object: Any = None,  # noqa: A002 - the name in `extra`
        wait: bool = False,
    ) -> None:
        """Add an entry of the run itself, such as its first and last line.

        Args:
            level: Its level.
            message: Its text.
            grouping: What it is part of.
            object: What it is about.
            wait: Send it with whatever comes next, if only the end of the run.
        """
        name, url = describe_object(object)
        now = time.time_ns() // 1000
        self._append(now, level, grouping, message, name, url, wait=wait)

    def handle(self, record: logging.LogRecord) -> None:
        """Add a record of the logging module, unless it asks to be left out."""
        if getattr(record, "skip_db_logging", False):
            return
        name, url = describe_object(getattr(record, "object", None))
        self._append(
            int(record.created * 1_000_000),
            record.levelno,
            str(getattr(record, "grouping", None) or record.funcName or "main"),
            _text(record),
            name,
            url,
        )

    def _append(  # noqa: PLR0913, PLR0917 - the columns of an entry
        self,
        time_us: int,
        level: int,
        grouping: str,
        message: str,
        name: str,
        url: str,
        *,
        wait: bool = False,
    ) -> None:
        entry = (
            time_us,
            level_name(level),
            make_safe(grouping[:GROUPING_LENGTH]),
            self.sanitiser.clean(message),
            make_safe(name),
            make_safe(url),
        )
        with self._lock:
            if self._bytes > BATCH_BYTES:
                self._send()
            self._entries.append(entry)
            self._bytes += len(entry[3])
            if not wait:
                self._send_or_wait()

    def _send_or_wait(self) -> None:
        now = time.monotonic()
        if now - self._window >= FLUSH_SECONDS:
            self._window, self._batches = now, 0
        if self._batches < IMMEDIATE_BATCHES or len(self._entries) >= MOST_ENTRIES:
            self._batches += 1
            self._send()
        elif self._tail is None:
            self._tail = _TailFlusher(self.flush)
        else:
            self._tail.wake()

    def _send(self, **more: object) -> None:
        if not self._entries:
            return
        entries, self._entries, self._bytes = self._entries, [], 0
        message = {"op": "log", "result": self._result_id, "entries": entries}
        self._emit({**message, **more})

    def flush(self) -> None:
        """Send what waits."""
        with self._lock:
            self._send()

    def send(self, message: dict[str, Any]) -> None:
        """Send another message about this run, after the entries so far."""
        with self._lock:
            self._send()
            self._emit({**message, "result": self._result_id})

    def close(self) -> None:
        """Send what waits and end the flusher."""
        if self._tail is not None:
            self._tail.close()
            self._tail = None
        with self._lock:
            self._send(last=True)


class _TailFlusher:
    """Sends the last lines of a chatty stretch; sleeps while nothing waits."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._waiting = threading.Event()
        self._over = threading.Event()
        self._waiting.set()
        self._thread = threading.Thread(
            target=self._run, name="hookline-log", daemon=True
        )
        self._thread.start()

    def wake(self) -> None:
        self._waiting.set()

    def _run(self) -> None:
        while not self._over.is_set():
            self._waiting.wait()
            self._waiting.clear()
            self._over.wait(FLUSH_SECONDS)
            self._flush()

    def close(self) -> None:
        self._over.set()
        self._waiting.set()
        self._thread.join()


def describe_object(thing: Any) -> tuple[str, str]:
    """Return an object's name and URL for an entry, cut to their columns."""
    if thing is None:
        return "", ""
    try:
        name = str(thing)
    except Exception as error:  # the author's own __str__; a log line must not fail
        name = f"<{type(thing).__name__}, whose text failed: {error!r}>"
    try:
        url = str(thing.get_absolute_url())
    except (AttributeError, NotImplementedError):
        url = ""
    return name[:OBJECT_NAME_LENGTH], url[:OBJECT_URL_LENGTH]


def _text(record: logging.LogRecord) -> str:
    try:
        message = record.getMessage()
    except Exception as error:  # wrong placeholders, or an author's own __str__
        message = f"{record.msg!r} (its arguments do not fit: {error})"
    if record.exc_info and record.exc_info[1] is not None:
        message += "\n" + author_traceback(record.exc_info[1])
    return message


class _Route(logging.Handler):
    """Takes records to the run that goes on in this process, if one does."""

    log: RunLog | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self.log is not None:
            self.log.handle(record)


_route = _Route()


class RunLogger(logging.Logger):
    """The logger of a job: Python's, with the levels success and failure."""

    def __init__(self, name: str, level: int = logging.DEBUG) -> None:
        super().__init__(name, level)
        self.propagate = False
        self.addHandler(_route)

    def success(self, message: object, *args: object, **options: Any) -> None:
        """Log at success level (25)."""
        if self.isEnabledFor(SUCCESS):
            options["stacklevel"] = options.get("stacklevel", 1) + 1
            self._log(SUCCESS, message, args, **options)

    def failure(self, message: object, *args: object, **options: Any) -> None:
        """Log at failure level (35), which does not end the run."""
        if self.isEnabledFor(FAILURE):
            options["stacklevel"] = options.get("stacklevel", 1) + 1
            self._log(FAILURE, message, args, **options)


def get_task_logger(name: str) -> RunLogger:
    """Return a logger for a module, whose lines go to the log of whatever run it is in.

    Nautobot's authors know it by this name; `logging.getLogger()` works as well.
    """
    return RunLogger(name)


def route_module_logger(name: str) -> None:
    """Have the loggers of a module and all below it feed the run's log.

    The records stop here: a root handler that writes to stderr would bring each
    line back as a captured print.
    """
    logger = logging.getLogger(name)
    if _route not in logger.handlers:
        logger.addHandler(_route)
        logger.propagate = False
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.DEBUG)


def unroute_module_logger(name: str) -> None:
    """Undo `route_module_logger()`."""
    logger = logging.getLogger(name)
    logger.removeHandler(_route)
    logger.propagate = True


class CapturedStream(io.TextIOBase):
    """Stands in for stdout or stderr: each line becomes a warning in the log.

    Args:
        logger: Where the lines go.
        number: The descriptor it stands for, which subprocesses inherit.
    """

    encoding = "utf-8"

    def __init__(self, logger: logging.Logger, number: int) -> None:
        self._logger = logger
        self._number = number
        self._partial = ""

    @property
    def buffer(self) -> io.RawIOBase:
        """The stream for bytes; what is no UTF-8 is written out."""
        return _CapturedBytes(self)

    def write(self, text: str) -> int:
        """Log the lines that are complete."""
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._log(line)
        if len(self._partial) > LONGEST_LINE:  # it may never end
            self.end_line()
        return len(text)

    def _log(self, line: str) -> None:
        shown = line.rstrip("\r").rsplit("\r", 1)[-1]  # what a terminal would show
        if shown.strip():
            self._logger.warning("%s", shown, stacklevel=3)

    def end_line(self) -> None:
        """Log what has no line end yet."""
        line, self._partial = self._partial, ""
        self._log(line)

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor it stands for."""
        return self._number


class _CapturedBytes(io.RawIOBase):
    def __init__(self, stream: CapturedStream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._stream.write(bytes(content).decode(errors="backslashreplace"))
        return len(content)


@contextlib.contextmanager
def recording(log: RunLog, logger: logging.Logger) -> Iterator[None]:
    """Send this process's loggers, stdout and stderr to a run's log."""
    streams = CapturedStream(logger, 1), CapturedStream(logger, 2)
    before = _route.log, sys.stdout, sys.stderr
    _route.log, sys.stdout, sys.stderr = log, *streams
    try:
        yield
    finally:
        for stream in streams:
            stream.end_line()
        _route.log, sys.stdout, sys.stderr = before
