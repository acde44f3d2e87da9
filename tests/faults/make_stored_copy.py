"""Write down this schema, and make a copy of a store that has it.

    python -m tests.faults.make_stored_copy

Until the first release: run it after every change of a table, an index or a trigger,
also after resolving a conflict in one of the two files. It writes the classes of today
into `models/migrations/0001_initial.sql`, from which stores are made, and a store with
objects, changes, a hook, runs that are over and one that waits into `stores/`.

From the first release on both files are kept for good, and a change is a migration of
its own, with `SCHEMA_VERSION` one up: this command then makes only the new copy.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from models.automation.hooks import JobHook
from models.people.access import os_user
from models.runs.jobs import JobRecord
from models.schema import tables
from models.schema import versions as schema
from models.schema.versions import SCHEMA_VERSION
from models.storage.store import open_store
from models.upkeep.backup import backup
from receivers.queueing import queue
from receivers.queueing.claims import Batch, Finish
from tests import factories

COPIES = Path(__file__).parent / "stores"


def write_down() -> None:
    """Write the tables of the classes of today into the first migration."""
    path = schema.MIGRATIONS / "0001_initial.sql"
    path.write_text("\n".join(tables.statements()) + "\n", encoding="utf-8")
    sys.stdout.write(f"{path}\n")


def main() -> None:
    """Write down the schema, and make the copy."""
    if SCHEMA_VERSION == 1:
        write_down()
    target = COPIES / f"schema-{SCHEMA_VERSION}.tar.gz"
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "store", create=True) as store,
    ):
        device = factories.device("core-01")
        factories.interface(device)
        factories.prefix()
        factories.address()
        job = JobRecord(
            module_name="m", job_class_name="J", name="J", is_job_hook_receiver=True
        )
        job.enable()
        hook = JobHook(name="h", object_types=["dcim.device"], job=job)
        hook.events = ["update"]
        hook.save()
        for serial in ("A", "B"):
            device.serial = serial
            device.save()
        ends = [
            Finish(claim=claim, status="SUCCESS")
            for claim in queue.claim(store, "maker", 1)
        ]
        queue.settle(store, "maker", Batch(finishes=ends), 0)
        size = backup(store, target, os_user(store))
    sys.stdout.write(f"{target}: {size} bytes\n")


if __name__ == "__main__":
    main()
