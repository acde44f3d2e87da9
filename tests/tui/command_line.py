"""The command line, called in this process or started as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.patience import PATIENCE_S
from tui.cli import main

if TYPE_CHECKING:
    import pytest

TOP = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it wrote as JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """What it wrote as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> Any:
        """The error that it wrote as JSON."""
        return json.loads(self.err.splitlines()[-1])["error"]


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """Runs command lines on one store."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str, code: int = 0) -> Ended:
        """Run a command in this process, and check how it ends."""
        from models.storage.store import _Current, current_store

        before = current_store() if _Current.default is not None else None
        if before is not None:
            before.database.close()  # two in one process would undo each other's locks
        self.capture.readouterr()
        found = main(["--store", str(self.folder), *words])
        if before is not None:
            _Current.default = before  # the command has closed its own
        captured = self.capture.readouterr()
        ended = Ended(code=found, out=captured.out, err=captured.err)
        assert found == code, f"{words}: {ended}"
        return ended

    def json(self, *words: str, code: int = 0) -> Any:
        """Run a command in this process, and return the document that it writes."""
        return self(*words, "--json", code=code).document

    def start(self, *words: str, code: int = 0, **more: Any) -> Ended:
        """Run a command as a program of its own, and check how it ends."""
        given = {"stdin": subprocess.DEVNULL, **more}
        if "input" in more:
            del given["stdin"]
        environment = {**os.environ, "HOOKLINE_STORE": str(self.folder)}
        done = subprocess.run(
            [sys.executable, "-m", "tui", *words],
            cwd=TOP,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            **given,
        )
        ended = Ended(code=done.returncode, out=done.stdout, err=done.stderr)
        assert done.returncode == code, f"{words}: {ended}"
        return ended

    def write_job(self, name: str, text: str) -> Path:
        """Save an author's file."""
        path = self.folder / "jobs" / f"{name}.py"
        path.write_text(text)
        return path
