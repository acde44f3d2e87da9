from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from receivers import (
    Job,
    JobButtonReceiver,
    JobHookReceiver,
    StringVar,
    get_job,
    get_jobs,
    is_job,
    is_variable,
    register_jobs,
)
from receivers.authors.job import BaseJob
from receivers.discovery import registry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    registry.forget_modules([__name__])


def make(name: str = "Made") -> type[BaseJob]:
    return type(name, (Job,), {"__module__": __name__})


def test_a_registered_class_is_found_by_its_path() -> None:
    made = make()
    register_jobs(made)
    assert get_job(f"{__name__}.Made") is made
    assert get_jobs()[f"{__name__}.Made"] is made


def test_G4_registering_a_path_again_changes_nothing() -> None:
    first, second = make(), make()
    register_jobs(first)
    register_jobs(second)
    assert get_job(first.class_path) is first


def test_an_unregistered_class_does_not_exist() -> None:
    assert get_job(make("Hidden").class_path) is None


@pytest.mark.parametrize("wrong", [1, "text", object, Job])
def test_only_job_classes_can_be_registered(wrong: type[BaseJob]) -> None:
    with pytest.raises(TypeError, match="takes classes derived from Job"):
        register_jobs(wrong)


def test_the_mapping_of_jobs_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        get_jobs()["x"] = make()  # type: ignore[index]


@pytest.mark.parametrize("base", [BaseJob, Job, JobHookReceiver, JobButtonReceiver])
def test_the_base_classes_are_no_jobs(base: type[BaseJob]) -> None:
    assert not is_job(base)


def test_is_job_knows_classes_from_the_rest() -> None:
    made = make()
    assert is_job(made)
    assert not is_job(made())
    assert not is_job("Made")


def test_is_variable_is_about_instances() -> None:
    assert is_variable(StringVar())
    assert not is_variable(StringVar)


def test_the_grouping_is_the_modules_name_or_its_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert registry.grouping(make()) == __name__
    monkeypatch.setattr(sys.modules[__name__], "name", "Guards", raising=False)
    assert registry.grouping(make()) == "Guards"
