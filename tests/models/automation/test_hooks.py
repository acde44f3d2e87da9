"""The rules of hooks, as they are checked when one is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.automation.hooks import JobHook
from models.errors import ValidationError
from models.objects import inputs
from models.runs.jobs import JobRecord
from models.runs.results import JobResult

if TYPE_CHECKING:
    from models.storage.store import Store


def job(name: str = "J", **values: Any) -> JobRecord:
    given: dict[str, Any] = {"is_job_hook_receiver": True, "enabled": True, **values}
    record = JobRecord(module_name="guards", job_class_name=name, name=name, **given)
    record.save()
    return record


def hook(record: JobRecord, name: str, events: list[str], **values: Any) -> JobHook:
    made = JobHook(
        name=name,
        job=record,
        **{"object_types": ["dcim.device"], "events": events, **values},
    )
    made.validated_save()
    return made


def problems(
    record: JobRecord, name: str, events: list[str], **values: Any
) -> dict[str, list[str]]:
    before = JobHook.select().count()
    with pytest.raises(ValidationError) as caught:
        hook(record, name, events, **values)
    assert JobHook.select().count() == before
    return caught.value.message_dict


def test_C1_another_job_may_have_the_same_type_and_events(store: Store) -> None:
    hook(job("J"), "one", ["create", "update"])
    assert hook(job("J2"), "two", ["create", "update"]).id


def test_C2_the_same_job_may_have_another_event(store: Store) -> None:
    record = job()
    hook(record, "one", ["create", "update"])
    assert hook(record, "two", ["delete"]).id


def test_C4_a_shared_event_is_refused_event_by_event(store: Store) -> None:
    record = job()
    hook(record, "one", ["create", "update"])
    found = problems(record, "two", ["create", "update", "delete"])
    assert set(found) == {"type_create", "type_update"}
    assert "guards.J" in found["type_create"][0]
    assert "dcim.device" in found["type_create"][0]


def test_C7_a_hook_does_not_conflict_with_itself(store: Store) -> None:
    made = hook(job(), "one", ["create"])
    made.validated_save()


def test_C8_a_hook_without_an_event_is_refused(store: Store) -> None:
    assert set(problems(job(), "one", [])) == {"events"}


def test_C10_a_name_is_taken_once(store: Store) -> None:
    record = job()
    hook(record, "one", ["create"])
    assert set(problems(record, "one", ["delete"])) == {"name"}


@pytest.mark.parametrize("kind", [{}, {"is_job_button_receiver": True}])
def test_C11_only_hook_receivers_will_do(store: Store, kind: dict[str, Any]) -> None:
    record = job(is_job_hook_receiver=False, **kind)
    assert set(problems(record, "one", ["create"])) == {"job"}


def test_C14_a_deleted_job_takes_its_hooks_and_leaves_its_results(store: Store) -> None:
    record = job()
    hook(record, "one", ["create"])
    result = JobResult(name="J", job=record, job_path="guards.J")
    result.save()
    record.delete_instance()
    assert JobHook.select().count() == 0
    assert JobResult.get_by_id(result.id).job is None


def test_J11_a_change_of_events_alone_is_checked_for_conflicts(store: Store) -> None:
    record = job()
    hook(record, "one", ["create"])
    other = hook(record, "two", ["delete"])
    with pytest.raises(ValidationError):
        inputs.save_values(other, {"events": "create"})


def test_an_enabled_hook_needs_an_enabled_job(store: Store) -> None:
    found = problems(job(enabled=False), "one", ["create"])
    assert "enable the job first" in found["enabled"][0]


def test_an_unknown_type_is_named(store: Store) -> None:
    found = problems(job(), "one", ["create"], object_types=["dcim.nothing"])
    assert "dcim.nothing" in found["object_types"][0]


def test_values_are_given_as_words(store: Store) -> None:
    job()
    made = JobHook()
    words = {
        "name": "h",
        "object_types": "device,Location",
        "events": "update,create",
        "job": "guards.J",
    }
    inputs.save_values(made, words)
    assert made.object_types == ["dcim.device", "dcim.location"]
    assert made.events == ["create", "update"]


def test_an_unknown_event_is_told_by_field(store: Store) -> None:
    with pytest.raises(ValidationError) as caught:
        inputs.assign(JobHook(), {"events": "renamed"})
    assert list(caught.value.fields) == ["events"]
