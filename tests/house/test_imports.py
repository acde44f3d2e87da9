"""What a start may load: without a screen no Textual, without need nothing slow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from models.storage.store import Store

TOP = Path(__file__).parents[2]
SCREENS = {"textual", "rich"}
SLOW = {"apscheduler", "httpx", "jinja2", "asyncio", "multiprocessing"}
SCRIPT = """
import json, sys
from tui.cli import main
code = main(sys.argv[2:])
sys.stdout.flush()
names = sorted({name.partition(".")[0] for name in sys.modules})
open(sys.argv[1], "w").write(json.dumps([int(code), names]))
"""


def loaded_by(*words: str, store: Store, folder: Path) -> set[str]:
    """Run a command in a fresh interpreter; return the packages that it loaded."""
    said = folder / "loaded.json"
    environment = {**os.environ, "HOOKLINE_STORE": str(store.folder)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(said), *words],
        cwd=TOP,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    code, names = json.loads(said.read_text())
    assert code == 0, done.stderr
    return set(names)


@pytest.mark.parametrize("words", ["--version", "--help", "object list --help"])
def test_help_loads_neither_the_screens_nor_the_database(
    words: str, store: Store, tmp_path: Path
) -> None:
    loaded = loaded_by(*words.split(), store=store, folder=tmp_path)

    assert loaded & (SCREENS | SLOW | {"peewee", "yaml"}) == set()


@pytest.mark.parametrize(
    "words",
    [
        "object list dcim.device",
        "object show dcim.device:core-01",
        "object set dcim.device:core-01 serial=ABC",
        "hook list",
        "job list",
        "result list",
        "change list",
    ],
)
def test_commands_load_neither_the_screens_nor_what_they_do_not_need(
    words: str, store: Store, device: object, tmp_path: Path
) -> None:
    loaded = loaded_by(*words.split(), store=store, folder=tmp_path)

    assert loaded & (SCREENS | SLOW) == set()


def test_running_one_job_does_not_load_the_screens_nor_the_scheduler(
    store: Store, tmp_path: Path
) -> None:
    (store.jobs_root / "greetings.py").write_text(
        "from receivers import Job, register_jobs\n"
        "class Greet(Job):\n"
        "    def run(self):\n"
        "        self.logger.info('hello')\n"
        "register_jobs(Greet)\n"
    )
    loaded_by("job", "enable", "greetings.Greet", store=store, folder=tmp_path)

    loaded = loaded_by("--run", "greetings.Greet", store=store, folder=tmp_path)

    assert loaded & (SCREENS | SLOW) == set()


def test_working_the_queue_off_does_not_load_the_screens(
    store: Store, tmp_path: Path
) -> None:
    loaded = loaded_by("--run", "--until-empty", store=store, folder=tmp_path)

    assert loaded & SCREENS == set()
