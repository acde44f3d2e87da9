"""The demo: a temporary store with a small network, hooks and buttons, and its end.

`hookline --demo` and every command with `--demo` work on one; it is gone afterwards,
its runner too. The first start of the screens offers the same example data.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import models
from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.objects.inputs import save_values
from models.people.access import os_user
from models.runs.jobs import find_job
from models.storage.store import open_store
from receivers.discovery import catalogue
from receivers.queueing.locks import RUNNER_LOCK, is_runner_alive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store

HINT = (
    "This is a demo; nothing is kept. Open Devices, choose one, press e, change its"
    " serial, save: the hooks run. b and a letter press a button."
)
PREFIX = "hookline-demo-"
ALIVE_LOCK = "demo.lock"
CONFIG = """\
# Settings of this store; `hookline config show` lists them all.
object_types: [circuits]
"""
EXAMPLES = "receivers.examples"
RUNNER_SECONDS = 2.0
LOOK_S = 0.01

HOOKS: tuple[dict[str, Any], ...] = (
    {
        "name": "Check serials",
        "object_types": ["dcim.device"],
        "events": ["update"],
        "job": f"{EXAMPLES}.first_steps.ExampleJobHookReceiver",
    },
    {
        "name": "Naming policy",
        "object_types": ["dcim.device"],
        "events": ["create", "update"],
        "job": f"{EXAMPLES}.naming.NamingPolicy",
    },
    {
        "name": "Release addresses",
        "object_types": ["dcim.device"],
        "events": ["update", "delete"],
        "job": f"{EXAMPLES}.decommissioning.ReleaseAddresses",
    },
    {
        "name": "Webhook",
        "object_types": ["dcim.device", "dcim.location"],
        "events": ["create", "update", "delete"],
        "job": f"{EXAMPLES}.webhook.WebhookCall",
        "enabled": False,  # until the setting webhook.url names an address
    },
)
BUTTONS: tuple[dict[str, Any], ...] = (
    {
        "name": "Hello",
        "object_types": ["dcim.device"],
        "text": "Say hello to {{ obj.name }}",
        "key": "h",
        "job": f"{EXAMPLES}.first_steps.ExampleSimpleJobButtonReceiver",
        "confirmation": False,
    },
    {
        "name": "Inspect",
        "object_types": ["dcim.device", "dcim.location"],
        "text": "Inspect",
        "key": "i",
        "job": f"{EXAMPLES}.first_steps.ExampleComplexJobButtonReceiver",
    },
    {
        "name": "Reach",
        "object_types": ["dcim.device"],
        "text": "Reach {{ obj.name }} over TCP",
        "key": "r",
        "job": f"{EXAMPLES}.reachability.TcpReachability",
    },
)


@contextlib.contextmanager
def open_demo() -> Iterator[Store]:
    """Open a temporary store with example data; it is removed with the block.

    A signal that would end the process at once raises `SystemExit` meanwhile, so that
    the removal happens. What a killed demo left behind is removed by the next one.
    """
    _sweep()
    with _orderly_end():
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # 0700
        try:
            prepare(folder)
            with (
                _alive(folder),
                open_store(folder, create=True, durable=False) as store,
            ):
                fill(store)
                try:
                    yield store
                finally:
                    _end_runner(store)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def prepare(folder: Path) -> None:
    """Give a store that is about to be made types of its own: providers, circuits."""
    config = folder / "config.yaml"
    if config.exists():
        return
    types = folder / "types"
    types.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    example = Path(str(models.__file__)).parent / "examples" / "circuits.py"
    shutil.copyfile(example, types / example.name)
    config.write_text(CONFIG, encoding="utf-8")


def fill(store: Store) -> None:
    """Put the example network, the shipped receivers, hooks and buttons into a store.

    Args:
        store: An open store, best a new one.
    """
    from tui.demo import network as demo_network

    fingerprint = catalogue.scan(store.jobs_root)
    with ThreadPoolExecutor(1) as aside:  # the catalogue's child starts meanwhile
        reading = aside.submit(
            catalogue.describe_jobs, store.jobs_root, store_folder=store.folder
        )
        demo_network.build(os_user(store))
    found = reading.result()
    with store.transaction():
        catalogue.store_catalogue(store, found)
        _add_automation()
    catalogue.remember(store, fingerprint)


def _add_automation() -> None:
    """Enable the examples, and make hooks and buttons that run them."""
    for model, rows in ((JobHook, HOOKS), (JobButton, BUTTONS)):
        for row in rows:
            job = find_job(row["job"])
            if not job.enabled:
                job.enable()
            save_values(model(), {**row, "job": job})


@contextlib.contextmanager
def _orderly_end() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exception, unless the program takes care."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {n: signal.getsignal(n) for n in numbers}
    for number in numbers:
        if before[number] is signal.SIG_DFL:
            signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _alive(folder: Path) -> Iterator[None]:
    """Hold a lock that tells a demo in use from one that was left behind."""
    file = os.open(folder / ALIVE_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _sweep() -> None:
    """Remove the folders of demos that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == os.getuid() and _is_left(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    file = os.open(folder / ALIVE_LOCK, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(file)


def _end_runner(store: Store) -> None:
    """End the store's runner: politely, then at once, then by force."""
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
        if not is_runner_alive(store):
            return
        process = int((store.run_folder / RUNNER_LOCK).read_text() or 0)
        if process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
        _wait_for_end(store)


def _wait_for_end(store: Store) -> None:
    deadline = time.monotonic() + RUNNER_SECONDS
    while is_runner_alive(store) and time.monotonic() < deadline:
        time.sleep(LOOK_S)
