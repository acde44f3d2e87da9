"""The real program in a real terminal: the demo, an edit, a live result, a press."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import TOP
from tests.acceptance.test_seeds import COMPLEX, SEEDS, SIMPLE
from tests.patience import PATIENCE_S
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.inventory.dcim import Device
    from tests.acceptance.conftest import Hookline

HELP_OF_NAME = "Unique in its location"
FIELDS_BEFORE_SERIAL = 10
HELP_OF_SERIAL = "The maker's number."


@contextmanager
def program(*words: str, env: dict[str, str]) -> Iterator[Terminal]:
    """Run the program at 80 by 24."""
    command = [sys.executable, "-m", "tui", *words]
    with Terminal(command, rows=24, columns=80, env=env, cwd=TOP) as terminal:
        yield terminal


def see(terminal: Terminal, *texts: str) -> None:
    """Wait until all of these are on the screen."""
    for text in texts:
        terminal.wait_for(text, timeout=PATIENCE_S)


def go(terminal: Terminal, place: str) -> None:
    """Go to a place by the line at the bottom."""
    terminal.type(f":{place}")
    see(terminal, f":{place}")
    terminal.press("enter")


def edit_serial(terminal: Terminal, added: str) -> None:
    """Edit the device on the screen: go to its serial, write something behind it."""
    terminal.press("e")
    see(terminal, "Save", "Serial")
    see(terminal, HELP_OF_NAME)
    terminal.press(*["tab"] * FIELDS_BEFORE_SERIAL)
    see(terminal, HELP_OF_SERIAL)
    terminal.press("end")
    terminal.type(added)
    see(terminal, added)
    terminal.press("ctrl+s")


@pytest.fixture
def temporary(tmp_path: Path) -> dict[str, str]:
    """An environment whose temporary files lie in a folder of the test's own."""
    return {"TMPDIR": str(tmp_path)}


def test_from_the_demo_over_an_edit_to_the_live_result_and_a_press(
    temporary: dict[str, str],
) -> None:
    with program("--demo", env=temporary) as terminal:
        see(terminal, "Devices", "30")
        go(terminal, "device")
        see(terminal, "rows 1", "ams-acc-01")
        terminal.press("enter")
        see(terminal, "Say hello to ams-acc-01")

        edit_serial(terminal, "-9")
        see(terminal, "hooks fired")
        terminal.press("r")
        see(terminal, "ExampleJobHookR", "rows 1", "of 3")
        terminal.press("G")
        see(terminal, ">      1")
        terminal.press("enter")
        see(terminal, "ams-acc-01 serial has been changed from", "SUCCESS")

        terminal.press("escape")
        see(terminal, "of 3")
        terminal.press("escape")
        see(terminal, "Say hello to ams-acc-01")
        terminal.press("b")
        see(terminal, "h Say hello")
        terminal.press("h")
        see(terminal, "SUCCESS")
        terminal.press("r")
        see(terminal, "Running Job Button Receiver.")

        (demo,) = Path(temporary["TMPDIR"]).glob("hookline-demo-*")
        terminal.press("ctrl+q")
        terminal.wait_exit()

    assert not demo.exists()
    assert os.listdir(temporary["TMPDIR"]) == []  # noqa: PTH208 - names are enough


def test_the_documents_receivers_run_from_a_screen(
    hookline: Hookline, device: Device
) -> None:
    for seed in sorted(SEEDS.glob("*.txt")):
        hookline.write_job(seed.stem, seed.read_text())
    hookline.add_hook("serials", "hook.ExampleJobHookReceiver", "update")
    hookline.add_button("Simple", SIMPLE, "key=s", "confirmation=false")
    hookline.add_button("Complex", COMPLEX, "key=c", "confirmation=true")
    path = f"dcim.device:{device.name}"

    with program(env={"HOOKLINE_STORE": str(hookline.folder)}) as terminal:
        see(terminal, "Devices")
        go(terminal, "device")
        see(terminal, "rows 1", "core-01")
        terminal.press("enter")
        see(terminal, "Simple", "Complex")

        edit_serial(terminal, "NEW-1")
        see(terminal, "hook fired")
        terminal.press("r")
        see(terminal, "Serial validation completed for core-01", "SUCCESS")
        terminal.press("escape")
        for name, line in (
            ("Simple", "Running Job Button Receiver."),
            ("Complex", "Running Device Job Button Receiver."),
        ):
            see(terminal, "b, then the key")
            terminal.press("b")
            see(terminal, "c Complex  s Simple")
            terminal.press(name[0].lower())
            if name == "Complex":
                see(terminal, "Run it")
                terminal.press("y")
            see(terminal, f"{name}: run queued")
            terminal.press("r")
            see(terminal, line, "SUCCESS")
            terminal.press("escape")

    assert hookline.json("object", "show", path)["serial"] == ""
    assert [r["status"] for r in hookline.results()] == ["SUCCESS"] * 3
