"""Make the stored copy of this schema: `python -m tests.faults.make_stored_copy`.

Run it once when a schema is released, and keep the file for good: a test opens the
copies of all schemas. It holds objects with changes, a hook, runs that are over and one
that waits.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from models.backup import backup
from models.hooks import JobHook
from models.jobs import JobRecord
from models.schema import SCHEMA_VERSION
from models.store import open_store
from receivers import queue
from receivers.claims import Batch, Finish
from tests import factories

COPIES = Path(__file__).parent / "stores"


def main() -> None:
    """Make the copy."""
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
        size = backup(store, target)
    sys.stdout.write(f"{target}: {size} bytes\n")


if __name__ == "__main__":
    main()
