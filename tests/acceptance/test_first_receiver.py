"""From nothing to one's own receiver's result, and what ends one that never returns."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.conftest import TOP, Hookline, messages
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from models.inventory.dcim import Device


def test_five_commands_lead_to_the_result_of_ones_own_receiver(tmp_path: Path) -> None:
    hookline = Hookline(folder=tmp_path / "store")

    hookline.run("init")
    file = Path(hookline.run("job", "new", "guards.NameGuard").out.strip())
    edit(file, "self.logger.info(", 'self.logger.info("I saw it."); self.logger.info(')
    hookline.run(
        *("hook", "add", "name=Guard names", "object_types=tenancy.tenant"),
        *("events=create", "job=guards.NameGuard", "--enable-job"),
    )
    made = hookline.run("object", "add", "tenancy.tenant", "name=ACME", "--wait")

    assert "I saw it." in made.err
    (result,) = hookline.results()
    assert result["job"] == "guards.NameGuard"
    assert result["status"] == "SUCCESS"


def edit(file: Path, old: str, new: str) -> None:
    """Do what a person does in an editor."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_an_edit_and_a_press_of_the_demo_over_the_command_line(tmp_path: Path) -> None:
    hookline = Hookline(folder=tmp_path / "never made")
    device = "dcim.device:ams-core-01"

    edited = hookline.run("--demo", "object", "set", device, "serial=NEW", "--wait")
    pressed = hookline.run("--demo", "button", "press", "Hello", device, "--wait")

    assert "ams-core-01 serial has been changed from ARAMS0012 to NEW" in edited.err
    assert "Running Job Button Receiver. (ams-core-01)" in pressed.out
    assert not hookline.folder.exists()


def test_a_saved_file_counts_from_the_next_run_on(
    hookline: Hookline, device: Device
) -> None:
    file = hookline.write_job("greeting", GREETING)
    hookline.add_hook("greet", "greeting.Greet", "update")
    change = ("object", "set", f"dcim.device:{device.name}", "--wait")
    hookline.run(*change, "serial=A")

    edit(file, "hello", "good evening")
    hookline.run(*change, "serial=B")

    first, second = hookline.results()
    assert "hello" in messages(first)
    assert "good evening" in messages(second)


def test_a_broken_file_is_shown_with_its_line(hookline: Hookline) -> None:
    hookline.write_job("broken", "from receivers import JobHookReceiver\nclass X(\n")

    said = hookline.run("job", "list").err

    assert "broken.py:2:" in said


def test_a_receiver_that_never_returns_is_ended_while_others_go_on(
    hookline: Hookline, device: Device
) -> None:
    hookline.write_job("greeting", GREETING)
    hookline.write_job("stuck", STUCK)
    hookline.add_hook("a stuck one", "stuck.Stuck", "update")
    hookline.add_hook("greet", "greeting.Greet", "update")
    runner = subprocess.Popen(
        hookline.command("--run"),
        cwd=TOP,
        env=hookline.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        change = ("object", "set", f"dcim.device:{device.name}", "serial=A", "--wait")
        hookline.run(*change, code=1)
    finally:
        runner.terminate()
        runner.wait(PATIENCE_S)

    stuck, greeted = hookline.results()
    assert (stuck["status"], greeted["status"]) == ("FAILURE", "SUCCESS")
    assert stuck["error"].startswith("TimeLimitExceeded")
    assert greeted["done"] < stuck["done"]


GREETING = """
    from receivers import JobHookReceiver, register_jobs

    class Greet(JobHookReceiver):
        def receive_job_hook(self, change, action, changed_object):
            self.logger.info("hello")

    register_jobs(Greet)
"""
STUCK = """
    import time
    from receivers import JobHookReceiver, register_jobs

    class Stuck(JobHookReceiver):
        class Meta:
            soft_time_limit = 0.2
            time_limit = 0.6

        def receive_job_hook(self, change, action, changed_object):
            while True:
                try:
                    time.sleep(60)
                except BaseException:
                    pass

    register_jobs(Stuck)
"""
