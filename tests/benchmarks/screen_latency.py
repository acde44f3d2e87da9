"""Measure how long it takes from pressing save to the receiver's line on the screen.

    python -m tests.benchmarks.screen_latency [--saves 20] [--json]

Drives the real program in a pty, as a person would: edits a device's serial, presses
save, presses `r` as soon as the screen says that a hook has fired, and waits for the
bytes of the line that the receiver logs. Not a test: it asserts nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure, report

ROOT = Path(__file__).resolve().parents[2]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.terminal import Terminal

SECONDS = 20.0
MOST_TABS = 20
HELP_OF_SERIAL = "The maker"
QUIET_S = 0.4
RECEIVER = """
    from receivers import JobHookReceiver, register_jobs

    class Saw(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            self.logger.info("saw %s", changed_object.serial)

    register_jobs(Saw)
"""


def make_store(folder: Path) -> None:
    """Make a store with a device and a hook."""
    from models.automation.hooks import JobHook
    from models.runs.jobs import find_job
    from models.storage.store import open_store
    from receivers.discovery import catalogue
    from tests import factories

    with open_store(folder, create=True) as store:
        factories.device("core-01")
        (store.jobs_root / "watching.py").write_text(textwrap.dedent(RECEIVER))
        catalogue.refresh(store)
        record = find_job("watching.Saw")
        record.enable()
        hook = JobHook(name="saw", object_types=["dcim.device"], job=record)
        hook.events = ["update"]
        hook.validated_save()


class Person:
    """Somebody at a terminal, who acts as soon as there is something to see."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._seen = 0

    def press(self, *keys: str) -> None:
        """Press keys; what is waited for next comes after them."""
        self._seen = len(self.terminal.raw)
        self.terminal.press(*keys)

    def see(self, text: str) -> float:
        """Wait until the program sends a text; return the time."""
        self.terminal.wait_for(lambda _: self.has_seen(text), timeout=SECONDS)
        return time.monotonic()

    def has_seen(self, text: str) -> bool:
        """Tell whether the program has sent a text since the last key."""
        return text.encode() in self.terminal.raw[self._seen :]

    def rest(self) -> None:
        """Wait until nothing more is drawn."""
        self.terminal.wait_for_quiet(QUIET_S)

    def open_device(self) -> None:
        """Go from the first screen to the device's page."""
        self.see("Devices")
        self.rest()
        self.press("enter")
        self.see("rows 1")
        self.rest()
        self.press("enter")
        self.see("Asset tag")
        self.rest()

    def save(self, serial: str) -> tuple[float, float]:
        """Save a new serial; return the ms to the message and to the log line."""
        self.press("e")
        self.see("Save")
        self.rest()
        for _ in range(MOST_TABS):
            self.press("tab")
            self.rest()
            if self.has_seen(HELP_OF_SERIAL):
                break
        self.press("end", "ctrl+u")
        self.rest()
        self.terminal.type(serial)
        self.rest()
        begun = time.monotonic()
        self.press("ctrl+s")
        told = self.see("fired")
        self.press("r")
        line = self.see(f"saw {serial}")
        self.rest()
        self.press("escape")
        self.see("Asset tag")
        self.rest()
        return (told - begun) * 1000, (line - begun) * 1000


def measure(*, saves: int = 20) -> Iterator[Figure]:
    """Yield every figure."""
    from tests.terminal import Terminal

    with tempfile.TemporaryDirectory(prefix="hookline-latency-") as name:
        folder = Path(name)
        make_store(folder / "store")
        with Terminal(
            [sys.executable, "-m", "tui", "--store", str(folder / "store")],
            rows=24,
            columns=80,
            cwd=ROOT,
            emulate=False,
        ) as terminal:
            person = Person(terminal)
            person.open_device()
            person.save("WARM-UP")
            pairs = [person.save(f"S{number:04}") for number in range(saves)]
            told, lines = ([pair[at] for pair in pairs] for at in (0, 1))
            terminal.press("ctrl+q")
            terminal.wait_exit(SECONDS)
    yield Figure(
        "save -> told which hooks fired: p50", statistics.median(told), "ms", ""
    )
    name = "save -> receiver's line on screen"
    yield Figure(f"{name}: p50", statistics.median(lines), "ms", "<= 200")
    yield Figure(f"{name}: worst of {saves}", max(lines), "ms", "")


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report(measure(saves=options.saves), as_json=options.json)


if __name__ == "__main__":
    main()
