from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.inventory.addresses import IPAddress
from models.inventory.dcim import Device
from models.inventory.interfaces import Interface
from models.inventory.organization import Location
from models.objects.types import get_type, object_types
from models.runs.jobs import JobRecord
from models.runs.results import JobResult
from receivers.examples.naming import NamingPolicy
from tests.patience import PATIENCE_S, wait_until
from tui.demo import store as demo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store

TOP = Path(__file__).parents[3]
HOLD = """
import sys
import time
from tui.demo.store import open_demo
with open_demo() as store:
    if "runner" in sys.argv:
        from receivers.service.runner import start_in_background
        start_in_background(store)
        from receivers.queueing.locks import is_runner_alive
        deadline = time.monotonic() + 60
        while not is_runner_alive(store) and time.monotonic() < deadline:
            time.sleep(0.01)
    print(store.folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def shown(temporary: Path) -> Iterator[Store]:
    """An open demo."""
    with demo.open_demo() as store:
        yield store


def hold_demo(*words: str) -> tuple[subprocess.Popen[str], Path]:
    """Keep a demo open in another process; return that and the demo's folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, *words],
        cwd=TOP,
        env={**os.environ, "TMPDIR": tempfile.gettempdir()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def end(process: subprocess.Popen[str], number: int) -> None:
    process.send_signal(number)
    process.wait(PATIENCE_S)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()


def wait_until_gone(process: int) -> None:
    """Wait until a process has ended, whether or not anybody has waited for it."""
    wait_until(lambda: not is_running(process))


def is_running(process: int) -> bool:
    """Tell whether a process lives; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


def test_the_demo_is_a_small_network(shown: Store) -> None:
    sites = Location.objects.filter(location_type__name="Site")

    assert sites.count() == 3
    assert Device.objects.count() == 30
    assert Interface.objects.count() > 90
    assert IPAddress.objects.count() == 30


def test_the_demo_has_an_object_type_of_its_own(shown: Store) -> None:
    assert get_type("circuit").objects.count() == 6


def test_every_object_of_the_demo_is_valid(shown: Store) -> None:
    for model in object_types().values():
        for one in model.objects.all():
            one.full_clean()


def test_every_device_can_be_reached_by_an_address_of_its_own(shown: Store) -> None:
    for device in Device.objects.all():
        own = {a.pk for port in device.interfaces for a in port.ip_addresses.all()}
        assert device.primary_ip4.pk in own


def test_devices_follow_the_shipped_naming_policy(shown: Store) -> None:
    import re

    pattern = NamingPolicy().policy()["pattern"]
    names = [device.name for device in Device.objects.all()]

    assert [name for name in names if not re.search(pattern, name)] == []


def test_hooks_and_buttons_are_ready(shown: Store) -> None:
    hooks = [hook for hook in JobHook.select() if hook.enabled]
    buttons = [button for button in JobButton.select() if button.enabled]

    assert len(hooks) >= 3
    assert len(buttons) >= 3
    assert all(row.job.runnable for row in (*hooks, *buttons))


def test_making_the_demo_queues_nothing(shown: Store) -> None:
    assert JobResult.select().count() == 0


def test_the_records_are_fresh_so_nothing_is_listed_twice(shown: Store) -> None:
    from receivers.discovery.catalogue import ensure_fresh

    before = JobRecord.select().count()
    assert ensure_fresh(shown) is False
    assert JobRecord.select().count() == before


def test_the_store_is_for_the_owner_alone_and_gone_afterwards(temporary: Path) -> None:
    with demo.open_demo() as store:
        folder = store.folder
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    assert list(temporary.iterdir()) == []
    assert not folder.exists()


def test_a_crash_removes_the_store(temporary: Path) -> None:
    with pytest.raises(ZeroDivisionError), demo.open_demo():
        raise ZeroDivisionError

    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_removes_the_store_and_ends_its_runner(
    temporary: Path, number: int
) -> None:
    process, folder = hold_demo("runner")
    runner = int((folder / "run" / "runner.lock").read_text())

    end(process, number)

    assert list(temporary.iterdir()) == []
    wait_until_gone(runner)


def test_a_killed_demo_is_removed_by_the_next_and_a_living_one_is_not(
    temporary: Path,
) -> None:
    dead, left = hold_demo()
    end(dead, signal.SIGKILL)
    assert left.exists()
    alive, used = hold_demo()

    with demo.open_demo():
        assert not left.exists()
        assert used.exists()

    end(alive, signal.SIGTERM)
    assert list(temporary.iterdir()) == []
