from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import receivers
from models import ObjectChange, change_context
from models.errors import RequestError, ValidationError
from models.inventory.extras import Tag
from receivers import (
    IntegerVar,
    Job,
    JobButtonReceiver,
    JobHookReceiver,
    run_receiver,
)
from receivers.authors.errors import JobDefinitionError

if TYPE_CHECKING:
    from models import Device
    from models.storage.store import Store

logger = logging.getLogger(__name__)


class Pressed(JobButtonReceiver):
    times = IntegerVar(default=2, max_value=9)

    def receive_job_button(self, obj: Any, times: int = 0) -> int:
        logger.debug("module")
        self.logger.info("instance")
        self.create_file("a.txt", "content")
        self.progress(1, 2)
        return times


class Hooked(JobHookReceiver):
    pass


def test_a_trial_gives_result_log_and_files(device: Device) -> None:
    done = run_receiver(Pressed, obj=device)
    assert (done.status, done.result) == ("SUCCESS", 2)
    assert [(line.level, line.message) for line in done.log] == [
        ("debug", "module"),
        ("info", "instance"),
        ("success", "Job completed"),
    ]
    assert done.files == {"a.txt": b"content"}


def test_inputs_are_checked_as_in_a_form(device: Device) -> None:
    assert run_receiver(Pressed, obj=device, times="3").result == 3
    with pytest.raises(ValidationError, match="at most 9"):
        run_receiver(Pressed, obj=device, times=10)


def test_a_trial_without_its_subject_says_what_to_give(store: Store) -> None:
    with pytest.raises(RequestError, match="give obj="):
        run_receiver(Pressed)
    with pytest.raises(RequestError, match="give change="):
        run_receiver(Hooked)


def test_an_ordinary_job_needs_no_subject(store: Store) -> None:
    class Plain(Job):
        def run(self) -> str:
            return str(self.user)

    assert run_receiver(Plain).status == "SUCCESS"


def test_a_class_that_cannot_work_is_refused(device: Device) -> None:
    with pytest.raises(JobDefinitionError):
        run_receiver(type("Both", (Hooked, Pressed), {}), obj=device)


def test_a_trial_leaves_the_modules_logger_alone(device: Device) -> None:
    run_receiver(Pressed, obj=device)
    assert logger.handlers == []
    assert logger.propagate


@pytest.mark.parametrize("name", receivers.__all__)
def test_every_name_of_the_api_is_there(name: str) -> None:
    assert getattr(receivers, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        receivers.Nonsense  # noqa: B018 - the look-up is the test


def test_importing_the_api_loads_neither_models_nor_the_screens() -> None:
    code = (
        "import sys, receivers;"
        "print([m for m in ('models.objects.base', 'peewee', 'textual')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_receiver_of_batches_gets_all_changes_of_a_trial(store: Store) -> None:
    class Many(JobHookReceiver):
        def receive_job_hooks(self, changes: list[ObjectChange]) -> Any:
            return [str(change.changed_object) for change in changes]

    with change_context(transaction=True):
        Tag(name="a").save()
        Tag(name="b").save()
    changes = list(ObjectChange.select().order_by(ObjectChange.id))
    assert run_receiver(Many, changes=changes).result == ["a", "b"]
    assert run_receiver(Many, change=changes[0]).result == ["a"]
