"""Read pages in a thread, so that no screen ever waits for the store.

One thread with its own connection. The latest request wins: what nobody looks at any
more is not read, and a slow statement for it is interrupted. When there is nothing
else to do, the thread reads the neighbouring pages and finishes a capped count.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.lists.dialect import SQLITE, Dialect
from tui.lists.pager import Connect, Direction, ListQuery, SqlPager
from tui.lists.rows import Counted, Found, Loaded, PageRead, ReadFailed, Result, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

logger = logging.getLogger(__name__)

# A reload may take a fifth of the thread's time at most: finding a row's place in ten
# million takes 0.2 s, and a busy store changes many times a second.
_REST_AFTER_RELOAD = 4


@dataclass(frozen=True)
class _Load:
    query: ListQuery
    view: View
    generation: int


@dataclass(frozen=True)
class _Read:
    number: int
    request: int | None
    """Which request wanted it; None for a neighbour nobody asked for."""


@dataclass(frozen=True)
class _Find:
    text: str
    start: int
    direction: Direction


@dataclass(frozen=True)
class _CountAll:
    pass


_Job = _Load | _Read | _Find | _CountAll


class PageReader:
    """A thread that reads one list.

    Args:
        connect: Opens a connection; called in the thread.
        query: What to list at first.
        deliver: Takes each result, in the thread, in the order of reading.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        connect: Connect,
        query: ListQuery,
        deliver: Callable[[Result], Any],
        *,
        dialect: Dialect = SQLITE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.generation = 0
        self._query = query
        self._now = 0
        """The generation of what the pager lists; the thread's own."""
        self._deliver = deliver
        self._dialect = dialect
        self._clock = clock
        self._cancelled = False
        self._pager = SqlPager(
            connect, query, dialect=dialect, is_cancelled=lambda: self._cancelled
        )
        self._changed = threading.Condition()
        self._load: _Load | None = None
        self._find: _Find | None = None
        self._wanted: list[int] = []
        self._requests = 0
        self._neighbours: list[int] = []
        self._count_all = False
        self._running: _Job | None = None
        self._rest_until = 0.0
        self._closing = False
        self._thread = threading.Thread(
            target=self._run, name="hookline-reader", daemon=True
        )

    # -- requests, from any thread

    def start(self, view: View | None = None) -> None:
        """Start the thread and load the first view."""
        self.invalidate(view or View())
        self._thread.start()

    def set_query(self, query: ListQuery, view: View | None = None) -> None:
        """List something else; results of the old query are not delivered as new."""
        with self._changed:
            self._query = query
            self.generation += 1
            self._wanted.clear()
            self._neighbours.clear()
            self._find = None
            self._count_all = False
            self._rest_until = 0.0
            self._load = _Load(query, view or View(), self.generation)
            self._wake(interrupt=True)

    def invalidate(self, view: View) -> None:
        """Read the view again, since the store has changed; ends in `Loaded`."""
        with self._changed:
            self._load = _Load(self._query, view, self.generation)
            self._wake(interrupt=isinstance(self._running, _CountAll))

    def request(self, numbers: Iterable[int]) -> None:
        """Ask for pages, instead of all asked for before that have not come yet."""
        with self._changed:
            self._wanted = list(dict.fromkeys(numbers))
            self._requests += 1
            self._neighbours = _neighbours(self._wanted)
            running = self._running
            useless = isinstance(running, _CountAll) or (
                isinstance(running, _Read) and running.number not in self._wanted
            )
            self._wake(interrupt=useless)

    def find(self, text: str, start: int, direction: Direction = 1) -> None:
        """Look for the next row with a text; ends in `Found`."""
        with self._changed:
            self._find = _Find(text, start, direction)
            self._wake(interrupt=isinstance(self._running, (_Find, _CountAll)))

    def close(self) -> None:
        """Stop reading, close the connection and wait for the thread to end."""
        with self._changed:
            self._closing = True
            self._wake(interrupt=True)
        if self._thread.is_alive():
            self._thread.join()

    def _wake(self, *, interrupt: bool) -> None:
        if interrupt and self._running is not None:
            self._cancelled = True
            self._pager.interrupt()
        self._changed.notify()

    # -- the thread

    def _run(self) -> None:
        while (job := self._next_job()) is not None:
            try:
                result = self._perform(job)
            except Exception as error:  # the thread's border: the screen shows it
                result = self._failed(job, error)
            with self._changed:
                self._running = None
                is_current = result is not None and not self._closing
            if is_current and result is not None:
                self._deliver(result)
        self._pager.close()

    def _next_job(self) -> _Job | None:
        """Wait for something to do and take it up; None when closing."""
        with self._changed:
            while not self._closing:
                job = self._pick()
                if job is not None:
                    self._running, self._cancelled = job, False
                    return job
                self._changed.wait(self._rest() if self._load else None)
            return None

    def _rest(self) -> float:
        return max(0.0, self._rest_until - self._clock())

    def _pick(self) -> _Job | None:
        if self._load is not None and not self._rest():
            job, self._load = self._load, None
            return job
        if self._wanted:
            return _Read(self._wanted.pop(0), self._requests)
        if self._find is not None:
            found, self._find = self._find, None
            return found
        while self._neighbours:
            number = self._neighbours.pop(0)
            if self._pager.cached(number) is None:
                return _Read(number, None)
        if self._count_all:
            return _CountAll()
        return None

    def _perform(self, job: _Job) -> Result | None:
        match job:
            case _Load():
                return self._perform_load(job)
            case _Read():
                page = self._pager.page(job.number)
                if not page.keys and job.request is None:
                    return None
                count = self._pager.count()
                return PageRead(generation=self._now, page=page, count=count)
            case _Find():
                position = self._pager.find(job.text, job.start, job.direction)
                return Found(generation=self._now, text=job.text, position=position)
            case _CountAll():
                count = self._pager.count(exact=True)
                self._count_all = False
                return Counted(generation=self._now, count=count)

    def _perform_load(self, job: _Load) -> Loaded:
        began = self._clock()
        pager = self._pager
        known = pager.known_count()
        # A count that was exact stays so: it must not fall back on the screen.
        exact = known is not None and known.is_exact and job.generation == self._now
        if job.generation != self._now:
            pager.set_query(job.query)
            self._now = job.generation
        pager.forget()
        with pager.snapshot():
            count = pager.count(exact=exact)
            view, position = job.view, None
            if view.key is not None:
                position = pager.locate(view.key, near=view.cursor)
            total = max(count.value, 0 if position is None else position + 1)
            numbers = view.settle(position, total).pages()
            pages = tuple(pager.page(number) for number in numbers)
            is_sorting = pager.sorts_without_index()
        took = self._clock() - began
        with self._changed:
            self._rest_until = self._clock() + _REST_AFTER_RELOAD * took
            self._neighbours = _neighbours(list(numbers))
            self._count_all = not count.is_exact
        return Loaded(
            generation=job.generation,
            asked=job.view,
            position=position,
            count=pager.count(),
            pages=pages,
            sorts_without_index=is_sorting,
        )

    def _failed(self, job: _Job, error: Exception) -> ReadFailed | None:
        """Put an interrupted job back if it is still wanted; report real errors."""
        if not self._dialect.was_interrupted(error):
            logger.warning("a list could not be read: %s", error)
            with self._changed:
                self._count_all = False
            return ReadFailed(generation=self._now, error=error)
        with self._changed:
            if isinstance(job, _Load) and self._load is None:
                self._load = job
            elif isinstance(job, _Find) and self._find is None:
                self._find = job
            elif isinstance(job, _Read) and job.request == self._requests:
                self._wanted.insert(0, job.number)
        return None


def _neighbours(numbers: list[int]) -> list[int]:
    if not numbers:
        return []
    around = (max(numbers) + 1, min(numbers) - 1)
    return [number for number in around if number >= 0]
