"""Several processes catch up at once: nothing is run twice, nothing is left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.history.changes import ObjectChange
from models.history.context import change_context
from models.runs.results import JobResult
from tests.models.automation.test_dispatch import hook, job

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store

TOP = Path(__file__).parents[2]
CHANGES, PROCESSES, SECONDS = 60, 3, 120


def test_two_processes_never_run_the_same_twice(store: Store, device: Device) -> None:
    hook(job())
    for number in range(CHANGES):
        device.serial = str(number)
        with change_context(mute="muted by load", transaction=True):
            device.save()

    words = ("hook", "catch-up", "--yes", "--json")
    going = [
        subprocess.Popen(
            [sys.executable, "-m", "tui", "--store", str(store.folder), *words],
            cwd=TOP,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    ended = [process.communicate(timeout=SECONDS) for process in going]

    assert [process.returncode for process in going] == [0] * PROCESSES, ended
    queued = [number for out, _ in ended for number in json.loads(out)["queued"]]
    rows = list(JobResult.select().order_by(JobResult.id))
    assert sorted(queued) == [row.id for row in rows]
    assert len({row.change_id for row in rows}) == len(rows) == CHANGES
    found = [v for c in ObjectChange.select() for v in c.read_verdicts()]
    assert {reason for _, reason, *_ in found} == {"fired"}
