"""Button labels: what they may say, and what they cannot reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.automation import labels
from models.errors import ValidationError

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def test_E1_a_label_names_the_object(store: Store, device: Device) -> None:
    assert (
        labels.render("JobButton {{ obj.name }}", device, "ann") == "JobButton core-01"
    )
    assert labels.render("Click me!", device, "ann") == "Click me!"


def test_relations_and_conditions_work(store: Store, device: Device) -> None:
    text = "{% if obj.status.name == 'Active' %}Drain {{ obj.location }}{% endif %}"
    assert labels.render(text, device, "ann") == f"Drain {device.location}"
    device.status.name = "Planned"
    assert labels.render(text, device, "ann") == ""


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(10) %}{% endfor %}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ obj.delete() }}",
        "{{ unclosed",
        "{{ obj.name | tojson }}",
        "x" * 501,
    ],
)
def test_what_could_be_slow_or_wrong_is_refused_at_save(template: str) -> None:
    with pytest.raises(ValidationError) as caught:
        labels.check(template)
    assert list(caught.value.fields) == ["text"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ obj._meta }}",
        "{{ obj.__class__ }}",
        "{{ obj.objects }}",
        "{{ obj.save }}",
        "{{ user.password }}",
        "{{ missing }}",
        "{{ obj.nothing }}",
    ],
)
def test_nothing_but_the_objects_values_can_be_reached(
    store: Store, device: Device, template: str
) -> None:
    with pytest.raises(ValidationError):
        labels.render(template, device, "ann")


def test_plain_words_do_not_load_the_template_engine() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from models.automation import labels; labels.check('Reboot');"
        " labels.render('Reboot', None, None); print('jinja2' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"
