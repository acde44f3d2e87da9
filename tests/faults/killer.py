"""Kill at random, and count what was lost.

    python -m tests.faults.killer --duration 3600

Two runners, savers and receivers work on one store while this program kills or stops
one of their processes every few hundredths of a second. In the end everything is
worked off in peace, and every rule of the delivery classes is checked against what the
receivers did outside the store.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import LockedStoreError
from receivers.processes.kernel import lock_holder
from receivers.queueing import locks
from receivers.queueing.queue import cancel
from tests.faults.world import EFFECTS, World, build, is_gone

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from models.storage.store import Store

SEED = 20261121
PAUSE_S = (0.02, 0.15)
STOPPED_S = (0.01, 0.3)
LONG_STOP_S = 1.2
"""Longer than a waiting runner bears with one that stands still."""
BEAR_S = 0.05
"""How long this program bears with a lock that one it has stopped may hold."""
MAKERS_AT_ONCE = 25
MOST_OPEN = 150
"""No more is saved while so many runs wait, so that all can end in good time."""
KINDS = ("lost", "doubled", "stuck")
OPEN = "SELECT count(*) FROM job_result WHERE status IN ('PENDING', 'STARTED')"


@dataclasses.dataclass(kw_only=True)
class Report:
    """What was done, and what came of it."""

    kills: dict[str, int] = dataclasses.field(default_factory=dict)
    stops: int = 0
    cancelled: int = 0
    after_kill_ms: list[float] = dataclasses.field(default_factory=list)
    after_stop_ms: list[float] = dataclasses.field(default_factory=list)
    runs: int = 0
    runs_again: int = 0
    interrupted: int = 0
    given_up: int = 0
    wrongs: list[str] = dataclasses.field(default_factory=list)

    def count(self, kind: str) -> int:
        """Return how many wrongs there are of a kind: lost, doubled, stuck."""
        return sum(wrong.startswith(kind) for wrong in self.wrongs)

    def text(self) -> str:
        """Return the report for people."""
        kills = ", ".join(f"{n} {who}" for who, n in sorted(self.kills.items()))
        known = sum(self.count(kind) for kind in KINDS)
        in_class = (
            f"interrupted (once) {self.interrupted}, run again (idempotent)"
            f" {self.runs_again}, given up after three crashes {self.given_up}"
        )
        wrongs = ", ".join(f"{kind} {self.count(kind)}" for kind in KINDS)
        lines = [
            f"runs {self.runs}, of them cancelled {self.cancelled}",
            f"kills {sum(self.kills.values())} ({kills}), stops {self.stops}",
            f"{wrongs}, other wrongs {len(self.wrongs) - known}",
            f"in their class: {in_class}",
            f"taken over after SIGKILL {spread(self.after_kill_ms)}",
            f"taken over after SIGSTOP {spread(self.after_stop_ms)}",
            *self.wrongs,
        ]
        return "\n".join(lines)


def spread(times_ms: list[float]) -> str:
    """Return how many times there are, their median and the longest."""
    if not times_ms:
        return "0 times"
    middle, longest = statistics.median(times_ms), max(times_ms)
    return f"{len(times_ms)} times: {middle:.0f} ms median, {longest:.0f} ms longest"


class Killer:
    """Works on a world, and against it.

    Args:
        world: The world.
        seed: What decides who dies when.
    """

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.report = Report()
        self._random = random.Random(seed)
        self._runners: list[subprocess.Popen[bytes]] = []
        self._saver: subprocess.Popen[bytes] | None = None
        self._next_maker = 0
        self._stopped: list[tuple[float, int]] = []
        self._struck: tuple[float, int, list[float]] | None = None

    def run(self, seconds: float) -> Report:
        """Kill for so long, then let everything settle, and judge."""
        end = time.monotonic() + seconds
        with self.world.store() as store:
            while time.monotonic() < end:
                self._keep_going(store)
                self._strike(store)
                self._idle(self._random.uniform(*PAUSE_S))
            while self._stopped:
                self._idle(0.01)
        self._stop()
        self.world.settle()
        self._judge()
        return self.report

    def _keep_going(self, store: Store) -> None:
        self._runners = [r for r in self._runners if r.poll() is None]
        while len(self._runners) < 2:
            self._runners.append(self.world.start_runner())
        is_busy = self._saver is not None and self._saver.poll() is None
        if not is_busy and store.execute(OPEN).fetchone()[0] < MOST_OPEN:
            self._next_maker += MAKERS_AT_ONCE
            self._saver = self.world.start_saver(self._next_maker, MAKERS_AT_ONCE)

    def _strike(self, store: Store) -> None:
        strikes: list[tuple[int, Callable[[], None]]] = [
            (8, lambda: self._kill("children", self._children())),
            (1, lambda: self._kill("nurseries", self._nurseries())),
            (2, lambda: self._kill("runners", self._working())),
            (1, lambda: self._kill("waiting runners", self._waiting())),
            (1, lambda: self._kill("savers", self._savers())),
            (4, self._stop_one),
            (1, self._stop_runner_for_long),
            (1, lambda: self._cancel_one(store)),
        ]
        weights = [weight for weight, _ in strikes]
        self._random.choices([strike for _, strike in strikes], weights)[0]()

    def _kill(self, who: str, pids: list[int]) -> None:
        if not pids:
            return
        pid = self._random.choice(pids)
        if who == "runners":
            self._time_take_over(pid, self.report.after_kill_ms)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.report.kills[who] = self.report.kills.get(who, 0) + 1

    def _stop_one(self) -> None:
        pids = self._children() + self._working() + self._savers()
        if pids:
            self._pause(self._random.choice(pids), self._random.uniform(*STOPPED_S))

    def _stop_runner_for_long(self) -> None:
        for pid in self._working():
            self._time_take_over(pid, self.report.after_stop_ms)
            self._pause(pid, LONG_STOP_S)

    def _time_take_over(self, pid: int, times_ms: list[float]) -> None:
        """Have the clock run, if another runner stands by."""
        if any(self._stands_by(other) for other in self._waiting()):
            self._struck = (time.monotonic(), pid, times_ms)

    def _stands_by(self, pid: int) -> bool:
        files = Path(f"/proc/{pid}/fd")
        try:
            opened = [str(path.readlink()) for path in files.iterdir()]
        except OSError:
            return False
        is_stopped = any(pid == stopped for _, stopped in self._stopped)
        return not is_stopped and any(n.endswith(locks.RUNNER_LOCK) for n in opened)

    def _pause(self, pid: int, seconds: float) -> None:
        try:
            os.kill(pid, signal.SIGSTOP)
        except ProcessLookupError:
            return
        self.report.stops += 1
        self._stopped.append((time.monotonic() + seconds, pid))

    def _cancel_one(self, store: Store) -> None:
        rows = store.execute(
            "SELECT id FROM job_result WHERE status IN ('PENDING', 'STARTED')"
        ).fetchall()
        if rows:
            # Who has the lock may be stopped, and nobody else lets it go on.
            store.gate.timeout_s = BEAR_S
            with contextlib.suppress(LockedStoreError):
                cancel(store, self._random.choice(rows)[0])

    def _idle(self, seconds: float) -> None:
        """Let time go by; continue who was stopped, and see who takes over."""
        end = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            for until, pid in [entry for entry in self._stopped if entry[0] <= now]:
                self._stopped.remove((until, pid))
                if not is_gone(pid):
                    os.kill(pid, signal.SIGCONT)
            self._watch_take_over(now)
            if now >= end:
                return
            time.sleep(0.002)

    def _watch_take_over(self, now: float) -> None:
        if self._struck is None:
            return
        since, pid, times_ms = self._struck
        holder = self._holder()
        if holder not in (0, pid):
            times_ms.append((now - since) * 1000)
            self._struck = None
        elif now - since > LONG_STOP_S + 1:
            self._struck = None  # who stood by was struck, too

    def _holder(self) -> int:
        path = self.world.store_folder / "run" / locks.RUNNER_LOCK
        return (lock_holder(path) or 0) if path.exists() else 0

    def _working(self) -> list[int]:
        if self._struck is not None:
            return []  # one at a time, so that each take-over can be timed
        holder = self._holder()
        return [holder] if any(r.pid == holder for r in self._runners) else []

    def _waiting(self) -> list[int]:
        if self._struck is not None:
            return []
        holder = self._holder()
        alive = [r.pid for r in self._runners if r.poll() is None]
        return [pid for pid in alive if pid != holder] if len(alive) > 1 else []

    def _savers(self) -> list[int]:
        saver = self._saver
        return [saver.pid] if saver is not None and saver.poll() is None else []

    def _nurseries(self) -> list[int]:
        return [pid for runner in self._runners for pid in children_of(runner.pid)]

    def _children(self) -> list[int]:
        return [pid for nursery in self._nurseries() for pid in children_of(nursery)]

    def _stop(self) -> None:
        for runner in self._runners:
            runner.send_signal(signal.SIGTERM)

    def _judge(self) -> None:
        report, world = self.report, self.world
        report.wrongs = world.wrongs()
        report.interrupted = world.interrupted()
        with world.store() as store:
            row = store.execute(
                "SELECT count(*), sum(status = 'REVOKED'), sum(crashes >= 3),"
                " sum(crashes > 0) FROM job_result"
            ).fetchone()
        report.runs, report.cancelled, report.given_up, report.runs_again = row


def children_of(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in path.read_text().split()]
        except OSError:  # it has ended meanwhile
            continue
    return found


def main() -> int:
    """Kill for as long as the command line says; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duration", type=float, default=60, help="seconds")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="killer-") as name:
        folder = Path(name)
        build(folder / "store")
        world = World(folder)
        os.environ[EFFECTS] = str(world.effects)
        os.environ["TMPDIR"] = tempfile.tempdir = str(world.temporary)
        try:
            report = Killer(world, options.seed).run(options.duration)
        finally:
            world.close()
        sys.stdout.write(f"seed {options.seed}, {options.duration:g} s\n")
        sys.stdout.write(f"{report.text()}\n")
        if report.wrongs:
            sys.stdout.write(f"{world.output()[-5000:]}\n")
    return 1 if report.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
