"""Draw the README's picture: `uv run python docs/make_picture.py [FILE]`.

Opens the demo's screens without a terminal, edits a device as a person would, opens the
run of the hook that fired, and saves what the screen shows as `docs/hookline.svg`.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import Device
from models.history.context import change_context
from models.people.access import os_user
from models.runs.results import FINAL, JobResult
from receivers.service.runner import start_in_background
from tui.app import HooklineApp
from tui.demo.store import open_demo

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from models.storage.store import Store

PICTURE = Path(__file__).with_name("hookline.svg")
SIZE = (96, 20)
LOOKS = 500
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Textual has them loaded from the network; a picture should not."""


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    for _ in range(LOOKS):
        if condition():
            return
        await pilot.pause(0.02)
    raise TimeoutError(f"this never came true: {condition}")


def is_over() -> bool:
    """Tell whether every run has ended."""
    rows = list(JobResult.select())
    return bool(rows) and all(row.status in FINAL for row in rows)


async def draw(store: Store) -> str:
    """Return the picture."""
    app = HooklineApp(store, os_user(store))
    async with app.run_test(size=SIZE, notifications=False) as pilot:
        start_in_background(store)
        device = Device.objects.get(name="ams-core-01")
        device.serial = "HKL-2041"
        with change_context(app.user, kind="screen", transaction=True):
            device.validated_save()
        await until(pilot, is_over)
        shown = JobResult.get(JobResult.job_path.endswith("ExampleJobHookReceiver"))
        app.open_place("object", "dcim.device", device.pk)
        await pilot.pause(0.5)
        app.open_place("result", shown.id)
        await pilot.pause(1)
        return app.export_screenshot(title="hookline --demo")


def main() -> None:
    """Write the picture, to the file that is named or to its place."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    with open_demo() as store:
        picture = asyncio.run(draw(store))
    file.write_text(FONTS.sub("", picture) + "\n", encoding="utf-8")
    sys.stderr.write(f"{file} is drawn.\n")


if __name__ == "__main__":
    main()
