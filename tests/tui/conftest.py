from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import textual._wait

from tests.tui.command_line import CommandLine

if TYPE_CHECKING:
    from models.storage.store import Store


@pytest.fixture(autouse=True)
def quick_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pilot look for idleness every millisecond: 4 ms a key instead of 61."""
    monkeypatch.setattr(textual._wait, "SLEEP_GRANULARITY", 0.001)
    monkeypatch.setattr(textual._wait, "SLEEP_IDLE", 0.001 / 20)


@pytest.fixture
def hookline(store: Store, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line of a new store."""
    return CommandLine(folder=store.folder, capture=capsys)
