"""Cases E: buttons, pressed over the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.automation.buttons import buttons_of
from tests.acceptance.conftest import messages

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.people.access import User
    from tests.acceptance.conftest import Hookline

PRESSED = "pressing.Pressed"


@pytest.fixture(autouse=True)
def _pressing(hookline: Hookline) -> None:
    hookline.write_job(
        "pressing",
        """
        from receivers import JobButtonReceiver, register_jobs

        class Pressed(JobButtonReceiver):
            def receive_job_button(self, obj):
                self.logger.info("user: %s", self.user)
                self.logger.info("object: %s", obj)

        register_jobs(Pressed)
        """,
    )


def test_E1_an_objects_buttons_are_shown_with_its_name(
    hookline: Hookline, device: Device, user: User
) -> None:
    hookline.add_button("Named", PRESSED, text="JobButton {{ obj.name }}")
    hookline.add_button("Plain", PRESSED, text="Click me!")

    labels = [shown.label for shown in buttons_of(device, user)]
    assert labels == ["JobButton core-01", "Click me!"]


def test_E2_markup_in_a_label_is_text(
    hookline: Hookline, device: Device, user: User
) -> None:
    hookline.add_button("Unsafe", PRESSED, text="[b]<script>{{ obj.name }}[/b]")

    (shown,) = buttons_of(device, user)
    assert shown.label == "[b]<script>core-01[/b]"


def test_E8_a_confirmation_is_asked_for_on_screens_only(
    hookline: Hookline, device: Device
) -> None:
    hookline.add_button("Sure", PRESSED, "confirmation=true")

    hookline.run("button", "press", "Sure", f"dcim.device:{device.name}", "--wait")

    assert [result["status"] for result in hookline.results()] == ["SUCCESS"]


def test_E11_a_press_is_a_run_of_the_user_who_pressed(
    hookline: Hookline, device: Device, editor: User
) -> None:
    hookline.add_button("Press", PRESSED)

    pressed = hookline.json(
        *("button", "press", "Press", f"dcim.device:{device.name}"),
        *("--user", editor.username),
    )

    assert pressed["user"] == editor.username
    assert pressed["button"]["name"] == "Press"
    assert pressed["object"]["name"] == device.name
    assert [result["id"] for result in hookline.results()] == [pressed["id"]]


def test_E13_the_receiver_knows_the_user_and_the_object(
    hookline: Hookline, device: Device, editor: User
) -> None:
    hookline.add_button("Press", PRESSED)

    hookline.run(
        *("button", "press", "Press", f"dcim.device:{device.name}"),
        *("--user", editor.username, "--wait"),
    )

    (result,) = hookline.results()
    assert result["status"] == "SUCCESS"
    assert messages(result)[1:3] == ["user: editor", "object: core-01"]
