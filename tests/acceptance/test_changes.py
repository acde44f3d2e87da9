"""Cases A and B: what is recorded, and what a record tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import change_context
from tests import factories

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from tests.acceptance.conftest import Hookline

LOCATION = ("name=Annex", "location_type=Site", "status=Active")
SCRIPT = """
    from models import Location, LocationType, Status
    from receivers import Job, register_jobs

    class Script(Job):
        def run(self):
            {body}

    register_jobs(Script)
"""


def run_script(hookline: Hookline, body: str) -> None:
    """Run statements in one context, as a job in a process of its own."""
    hookline.write_job("scripts", SCRIPT.format(body=body))
    hookline.run("job", "enable", "scripts.Script")
    hookline.run("--run", "scripts.Script")


def test_A2_a_create_is_recorded_with_its_user(hookline: Hookline) -> None:
    factories.location_type("Site")
    factories.status("Active")

    hookline.run("object", "add", "dcim.location", *LOCATION, "--reason", "more room")

    (change,) = hookline.changes("object=dcim.location:Annex")
    assert change["action"] == "create"
    assert change["user"] == hookline.json("info")["user"]
    assert change["kind"] == "command"
    assert change["reason"] == "more room"


def test_A4_a_change_and_a_delete_in_one_context_are_one_delete(
    hookline: Hookline,
) -> None:
    annex = factories.location("Annex")
    with change_context():
        annex.description = "to go"
        annex.save()
        annex.delete()

    changes = hookline.changes("object=dcim.location:Annex")
    assert [c["action"] for c in changes] == ["create", "delete"]


def test_A4_the_same_in_the_run_of_a_job(hookline: Hookline) -> None:
    factories.location("Annex")

    run_script(
        hookline,
        "annex = Location.objects.get(name='Annex'); annex.description = 'to go';"
        " annex.save(); annex.delete()",
    )

    changes = hookline.changes("object=dcim.location:Annex")
    assert [c["action"] for c in changes] == ["create", "delete"]
    assert changes[-1]["kind"] == "job"


def test_A5_a_create_and_a_change_in_one_context_are_one_create(
    hookline: Hookline,
) -> None:
    factories.location_type("Site")
    factories.status("Active")

    run_script(
        hookline,
        "annex = Location(name='Annex', status=Status.objects.get(name='Active'),"
        " location_type=LocationType.objects.get(name='Site'));"
        " annex.validated_save(); annex.description = 'later'; annex.save()",
    )

    (change,) = hookline.changes("object=dcim.location:Annex")
    assert change["action"] == "create"
    assert change["postchange"]["description"] == "later"


def test_B1_the_record_of_a_create_adds_everything(
    hookline: Hookline, device: Device
) -> None:
    (change,) = hookline.changes(f"object=dcim.device:{device.name}")

    assert change["prechange"] is None
    assert change["postchange"]["name"] == device.name
    assert change["differences"]["removed"] is None
    assert change["differences"]["added"] == change["postchange"]


def test_B2_the_record_of_an_update_tells_what_differs(
    hookline: Hookline, device: Device
) -> None:
    hookline.run("object", "set", f"dcim.device:{device.name}", "serial=A")
    hookline.run("object", "set", f"dcim.device:{device.name}", "serial=B")

    change = hookline.changes(f"object=dcim.device:{device.name}")[-1]
    assert change["prechange"]["serial"] == "A"
    assert change["postchange"]["serial"] == "B"
    assert change["differences"]["removed"]["serial"] == "A"
    assert change["differences"]["added"]["serial"] == "B"
    assert set(change["differences"]["added"]) <= {"serial", "last_updated"}
