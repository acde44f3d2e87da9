"""What the README and the documents say is so: commands, code and links."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from models.automation.dispatch import Reason

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text()
DOCUMENTS = sorted(TOP.glob("docs/*.md"))
WRITTEN = [path for path in DOCUMENTS if path.name != "commands.md"]
WITH_COMMANDS = [path for path in WRITTEN if "```sh" in path.read_text()]
WITH_PYTHON = [path for path in WRITTEN if "```python" in path.read_text()]
NETWORK = """
dcim.location_type:
  - name: Site
extras.status:
  - name: Active
extras.role:
  - name: Core
dcim.manufacturer:
  - name: Arista
dcim.device_type:
  - model: X1
    manufacturer: Arista
dcim.location:
  - name: HQ
    location_type: Site
    status: Active
dcim.device:
  - name: core-01
    device_type: X1
    role: Core
    status: Active
    location: HQ
"""


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[str]:
    return [line for block in blocks(text, "sh") for line in block.splitlines()]


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", *words],
        cwd=folder,
        env={
            **os.environ,
            "HOOKLINE_STORE": str(folder / "store"),
            "PYTHONPATH": str(TOP),
            "TMPDIR": str(folder),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def check_types(*files: Path) -> None:
    """Check authors' files as mypy does beside an installed Hookline."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", *files],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_it_is_short() -> None:
    assert README.count("\n") <= 150


def test_its_receiver_is_short_and_passes_the_strict_type_checker(
    tmp_path: Path,
) -> None:
    (code,) = blocks(README, "python")
    assert code.count("\n") < 12
    (tmp_path / "guards.py").write_text(code)

    check_types(tmp_path / "guards.py")


def test_its_commands_lead_to_the_receivers_line(tmp_path: Path) -> None:
    (tmp_path / "network.yaml").write_text(blocks(README, "yaml")[0])
    lines = [line for line in commands(README) if line.startswith("hookline ")]
    assert len(lines) >= 6
    said = ""
    for line in lines:
        done = run(shlex.split(line)[1:], tmp_path)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        said += done.stderr
        if " job new " in line:
            Path(done.stdout.strip()).write_text(blocks(README, "python")[0])

    assert "serial is now ABC" in said
    assert list(tmp_path.glob("hookline-demo-*")) == []


GREETING = """
from receivers import JobButtonReceiver, register_jobs

class Hello(JobButtonReceiver):
    def receive_job_button(self, obj):
        self.logger.info("Hello, %s.", obj)

register_jobs(Hello)
"""


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda p: p.name)
def test_the_commands_of_a_document_run(path: Path, tmp_path: Path) -> None:
    lines = [line for line in commands(path.read_text()) if line[:9] == "hookline "]
    (tmp_path / "network.yaml").write_text(NETWORK)
    run(["init"], tmp_path)
    run(["load", "network.yaml"], tmp_path)
    jobs = tmp_path / "store" / "jobs"
    (jobs / "guards.py").write_text(blocks(README, "python")[0])
    (jobs / "greeting.py").write_text(GREETING)

    for line in lines:
        done = run(shlex.split(line)[1:], tmp_path)
        assert done.returncode == 0, f"{line}: {done.stderr}"


def test_the_picture_is_drawn_by_the_program(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    done = subprocess.run(
        [sys.executable, str(TOP / "docs" / "make_picture.py"), str(picture)],
        cwd=TOP,
        env={**os.environ, "PYTHONPATH": str(TOP), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert "ams-core-01" in picture.read_text()
    assert "url(" not in picture.read_text().replace("url(#", "")


def test_every_verdict_is_explained() -> None:
    text = (TOP / "docs" / "hooks-and-buttons.md").read_text()
    table = text.partition("### Verdicts")[2].partition("## Buttons")[0]

    assert [reason.value for reason in Reason if reason.value not in table] == []


def test_continuous_integration_runs_the_command_of_the_readme() -> None:
    script = (TOP / ".ci" / "run").read_text()
    set_up = [
        line for line in commands(README) if line.startswith("pip install uv && ")
    ]

    assert [line.removeprefix("pip install uv && ") for line in set_up] == [
        "uv run hookline --demo",
        "uv run pytest",
    ]
    assert re.search("uv run pytest$", script, re.MULTILINE)


@pytest.mark.parametrize("path", [TOP / "README.md", *DOCUMENTS], ids=lambda p: p.name)
def test_links_lead_to_files_that_are_there(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())

    assert [t for t in targets if not (path.parent / t).exists()] == []


@pytest.mark.parametrize("path", WITH_PYTHON, ids=lambda p: p.name)
def test_the_documents_python_passes_the_strict_type_checker(
    path: Path, tmp_path: Path
) -> None:
    files = []
    for number, code in enumerate(blocks(path.read_text(), "python")):
        files.append(tmp_path / f"example_{number}.py")
        files[-1].write_text(code)
    check_types(*files)
