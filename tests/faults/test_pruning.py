"""A process may die over the removing of old rows."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from models.objects.fields import now_us
from models.runs.results import JobLogEntry, JobResult
from models.upkeep import retention
from models.upkeep.integrity import findings
from models.upkeep.retention import DAY_US, Plan
from tests.faults.world import ROOT
from tests.patience import PATIENCE_S
from tests.tui.rows import job, log, result

if TYPE_CHECKING:
    from models.storage.store import Store

DIES = """
import os, sys
from models.objects.fields import now_us
from models.storage.store import open_store
from models.upkeep import retention

retention.AT_ONCE, retention.PIECE_S = 2, 0
note, pieces = retention._note, []

def die_over_the_third(*values):
    note(*values)
    pieces.append(values)
    if len(pieces) == 3:
        os._exit(9)

retention._note = die_over_the_third
store = open_store(sys.argv[1])
for _ in retention.prune(store, retention.Plan(kind="results", before=now_us())):
    pass
"""


def test_a_process_that_dies_over_it_leaves_a_whole_store(store: Store) -> None:
    old, record = now_us() - DAY_US, job()
    for _ in range(20):
        row = result(record, status="SUCCESS", created=old, started=old, done=old)
        log(row, "a")
    died = subprocess.run(
        [sys.executable, "-c", DIES, str(store.folder)],
        cwd=ROOT,
        timeout=PATIENCE_S,
        check=False,
    )
    assert died.returncode == 9
    left = [row.id for row in JobResult.select().order_by(JobResult.id)]
    assert left == list(range(5, 21))
    assert JobLogEntry.select().count() == len(left)
    assert list(findings(store, deep=True)) == []
    list(retention.prune(store, Plan(kind="results", before=now_us())))
    assert JobResult.select().count() == 0
    assert JobLogEntry.select().count() == 0
