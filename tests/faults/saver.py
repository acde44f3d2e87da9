"""A process that saves: `python -m tests.faults.saver STORE SAVED FIRST COUNT`.

It notes a name in the file SAVED once the save has returned; what stands there must
never be lost.
"""

from __future__ import annotations

import sys
from pathlib import Path

from models.errors import LockedStoreError
from models.inventory.dcim import Manufacturer
from models.storage.store import open_store


def main(folder: str, saved: str, first: int, count: int) -> None:
    """Save manufacturers, named by their numbers."""
    with open_store(folder, durable=False), Path(saved).open("a") as notes:
        for number in range(first, first + count):
            name = f"maker-{number}"
            if Manufacturer.objects.filter(name=name).exists():
                continue  # a saver that was killed had got so far
            try:
                Manufacturer(name=name).save()
            except LockedStoreError:
                continue  # it says that nothing was saved
            notes.write(f"{name}\n")
            notes.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
