"""The receivers of Nautobot's documents, as written there but for the import lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.inventory.dcim import Device
from tests import factories
from tests.acceptance.conftest import messages

if TYPE_CHECKING:
    from tests.acceptance.conftest import Hookline

SEEDS = Path(__file__).parent / "seeds"
SIMPLE = "simple_button.ExampleSimpleJobButtonReceiver"
COMPLEX = "complex_button.ExampleComplexJobButtonReceiver"


@pytest.fixture
def core(device: Device, hookline: Hookline) -> Device:
    """A device, in a store whose jobs are those of the documents."""
    for seed in sorted(SEEDS.glob("*.txt")):
        hookline.write_job(seed.stem, seed.read_text())
    return device


def test_the_hook_receiver_logs_the_difference_and_reverts_the_serial(
    hookline: Hookline, core: Device
) -> None:
    hookline.add_hook("serials", "hook.ExampleJobHookReceiver", "update")

    hookline.run("object", "set", f"dcim.device:{core.name}", "serial=NEW", "--wait")

    (result,) = hookline.results()
    said = messages(result)
    assert result["status"] == "SUCCESS"
    assert said[1].startswith("DIFF: {'removed': {")
    assert said[2:] == [
        "core-01 serial has been changed from  to NEW",
        "core-01 serial NEW was not valid. Reverted to ",
        "Serial validation completed for core-01",
        "Job completed",
    ]
    assert Device.objects.get(name="core-01").serial == ""


def test_the_simple_button_receiver_runs_for_a_device(
    hookline: Hookline, core: Device
) -> None:
    hookline.add_button("Simple", SIMPLE)

    hookline.run("button", "press", "Simple", f"dcim.device:{core.name}", "--wait")

    (result,) = hookline.results()
    assert result["status"] == "SUCCESS"
    assert messages(result)[1:] == ["Running Job Button Receiver.", "Job completed"]
    assert result["log"][1]["object"]["name"] == core.name


@pytest.mark.parametrize(
    ("reference", "line"),
    [
        ("dcim.device:core-01", "Running Device Job Button Receiver."),
        ("dcim.location:HQ", "Running Location Job Button Receiver."),
    ],
)
def test_the_complex_button_receiver_branches_by_type(
    hookline: Hookline, core: Device, reference: str, line: str
) -> None:
    hookline.run(
        *("button", "add", "name=Complex", f"job={COMPLEX}", "text=Complex"),
        *("object_types=dcim.device,dcim.location", "--enable-job"),
    )

    hookline.run("button", "press", "Complex", reference, "--wait")

    (result,) = hookline.results()
    assert result["status"] == "SUCCESS"
    assert messages(result)[1:] == [line, "Job completed"]


def test_the_complex_button_receiver_refuses_other_types(
    hookline: Hookline, core: Device
) -> None:
    tenant = factories.tenant("ACME")
    hookline.run(
        *("button", "add", "name=Complex", f"job={COMPLEX}", "text=Complex"),
        *("object_types=tenancy.tenant", "--enable-job"),
    )

    press = ("button", "press", "Complex", f"tenancy.tenant:{tenant.name}", "--wait")
    hookline.run(*press, code=1)

    (result,) = hookline.results()
    assert result["status"] == "FAILURE"
    assert result["error"] == "Exception: Job button called on unsupported object type."
    assert "Unable to run Job Button for type Tenant." in messages(result)


def test_each_of_them_runs_by_hand(hookline: Hookline, core: Device) -> None:
    hookline.run("job", "enable", SIMPLE)
    hookline.run("job", "enable", "hook.ExampleJobHookReceiver")
    hookline.run("object", "set", f"dcim.device:{core.name}", "serial=NEW")
    change = hookline.changes("object=dcim.device:core-01")[-1]

    pressed = hookline.json("--run", SIMPLE, "--object", "dcim.device:core-01")
    hooked = hookline.json(
        "--run", "hook.ExampleJobHookReceiver", "--change", str(change["id"])
    )

    assert [pressed["status"], hooked["status"]] == ["SUCCESS", "SUCCESS"]
    assert "Serial validation completed for core-01" in messages(hooked)
