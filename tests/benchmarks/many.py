"""Measure what is done to many objects at once: edit, revert, delete, revert that.

    python -m tests.benchmarks.many [--objects 10000] [--profile STEP] [--json]

Each is measured without a hook and with one that fires for every object. Not a test:
it asserts nothing.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.figures import Figure, report

os.environ["HOOKLINE_HOOKS_BREAKER_RUNS"] = "0"

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator

    from models.people.access import User

MOST_SHOWN = 30


def opened(**options: Any) -> Any:
    """Open a change context, as a command does."""
    from models.history.context import change_context

    return change_context(kind="command", **options)


def steps(user: User) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what is measured, each on what the one before has left."""
    from models.history.bulk import Edit, make
    from models.history.revert import revert_request
    from models.inventory.dcim import Device
    from tui.actions.deleting import delete, doomed_of

    keys: list[uuid.UUID] = list(Device.objects.values_list("id", flat=True))
    edit = Edit(model=Device, keys=keys, values={"serial": "X"}, user=user)

    def deletion() -> Any:
        return delete(doomed_of(list(Device.objects.all()), user), opened)

    yield "edit", lambda: make(edit, opened)
    yield "revert of the edit", lambda: revert_request(newest(), user, opened)
    yield "deletion", deletion
    yield "revert of the deletion", lambda: revert_request(newest(), user, opened)
    yield "revert of the creation", lambda: revert_request(newest(), user, opened)


def newest() -> uuid.UUID:
    """Return the request of the newest change."""
    from models.history.changes import ObjectChange

    row = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    found: uuid.UUID = row.request_id
    return found


def add_devices(count: int) -> None:
    """Make the devices."""
    from models.inventory.dcim import Device
    from tests import factories

    first = factories.device("core-00000")
    first.tags.add(factories.tag())
    names = ("device_type", "role", "status", "location")
    shared = {name: getattr(first, name) for name in names}
    with opened(transaction=True):
        Device.objects.bulk_create(
            [Device(name=f"core-{n:05}", **shared) for n in range(1, count)]
        )


def measure(*, objects: int = 10_000, profiled: str = "") -> Iterator[Figure]:
    """Yield every figure.

    Args:
        objects: How many.
        profiled: The step whose profile is printed.
    """
    from models.people.access import os_user
    from models.storage.store import open_store
    from tests.benchmarks.save import add_hooks

    for hooks in (0, 1):
        with (
            tempfile.TemporaryDirectory(prefix="hookline-many-") as folder,
            open_store(Path(folder) / "store", create=True, durable=False) as store,
        ):
            add_devices(objects)
            add_hooks(hooks, event="update")
            for step, do in steps(os_user(store)):
                began = time.perf_counter()
                (watched if step == profiled else _call)(do)
                rate = objects / (time.perf_counter() - began)
                words = f"{step}, {hooks} hook{'s' * (hooks != 1)}"
                hold = ">= 1500" if hooks == 0 else ""
                yield Figure(words, rate, "objects/s", hold)


def _call(do: Callable[[], Any]) -> None:
    do()


def watched(do: Callable[[], Any]) -> None:
    """Profile a step, and print where its time went."""
    profile = cProfile.Profile()
    profile.runcall(do)
    pstats.Stats(profile).sort_stats("tottime").print_stats(MOST_SHOWN)


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--profile", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report(
        measure(objects=options.objects, profiled=options.profile), as_json=options.json
    )


if __name__ == "__main__":
    main()
