from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.errors import RequestError
from models.runs.results import JobResult, enqueue
from receivers.discovery.templates import (
    TEMPLATES,
    class_name_of,
    job_template,
    title_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from models import Device, User
    from tests.receivers.conftest import Jobs, Ran


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_new_file_loads_and_runs(
    jobs: Jobs,
    run: Callable[..., Ran],
    user: User,
    device: Device,
    kind: str,
) -> None:
    from models.history.changes import ObjectChange

    jobs.write("mine.py", job_template("Serial guard", kind))
    assert jobs.refresh().broken == []
    record = jobs.enable("SerialGuard")
    assert (record.name, record.kind) == ("Serial guard", kind)
    given = {
        "hook": {
            "change": ObjectChange.select().order_by(ObjectChange.id.desc()).get()
        },
        "button": {"obj": device, "arguments": {"loudly": True}},
        "job": {"arguments": {"greeting": "Hi"}},
    }[kind]
    result: JobResult = enqueue(record, user, **given)
    ran = run(result.id)
    assert ran.outcome.status == "SUCCESS", ran.outcome
    assert len(ran.messages) == 3


@pytest.mark.parametrize(
    ("name", "class_name", "title"),
    [
        ("Serial guard", "SerialGuard", "Serial guard"),
        ("SerialGuard", "SerialGuard", "Serial guard"),
        ("check-MTU 9k", "CheckMTU9k", "Check MTU 9k"),
        ("IPCheck", "IPCheck", "IP check"),
        ("x", "X", "X"),
    ],
)
def test_names_become_those_of_a_class_and_for_people(
    name: str, class_name: str, title: str
) -> None:
    assert class_name_of(name) == class_name
    assert title_of(name) == title


@pytest.mark.parametrize("name", ["", "9 lives", "…"])
def test_a_name_that_cannot_be_a_class_is_refused(name: str) -> None:
    with pytest.raises(RequestError, match="cannot name a job"):
        job_template(name, "hook")


def test_quotes_in_a_name_cannot_break_the_file() -> None:
    assert 'name = "A b c"' in job_template('a" + b + "c', "hook")
