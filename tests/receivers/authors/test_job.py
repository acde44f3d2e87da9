from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from receivers import (
    IntegerVar,
    Job,
    JobButtonReceiver,
    JobHookReceiver,
    RetryLater,
    StringVar,
)
from receivers.authors.arguments import variables_of
from receivers.authors.errors import JobDefinitionError
from receivers.authors.job import BaseJob, check_definition
from receivers.authors.meta import meta_value, overlap

if TYPE_CHECKING:
    from pathlib import Path

DEFAULTS: dict[str, Any] = {
    "description": "",
    "console_log_default": False,
    "dryrun_default": False,
    "has_sensitive_variables": True,
    "hidden": False,
    "is_singleton": False,
    "read_only": False,
    "soft_time_limit": 0,
    "time_limit": 0,
    "template_name": "",
}


class Plain(Job):
    pass


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_meta_attributes_have_nautobots_defaults(name: str, default: object) -> None:
    assert getattr(Plain, name) == default
    assert getattr(Plain(), name) == default


def test_the_name_defaults_to_the_class_name() -> None:
    assert Plain.name == "Plain"


def test_delivery_defaults_to_once_and_overlap_to_parallel() -> None:
    assert meta_value(Plain, "delivery") == "once"
    assert meta_value(Plain, "retries") == 0
    assert meta_value(Plain, "batch") == 0
    assert overlap(Plain) == "parallel"


def test_meta_says_what_a_job_is() -> None:
    class Named(Job):
        class Meta:
            name = "A name"
            description = """First line.

            Second paragraph.
            """
            time_limit = 12.5

    assert Named.name == "A name"
    assert Named.description == "First line.\n\nSecond paragraph."
    assert Named().time_limit == 12.5


def test_a_subclass_reads_the_meta_of_its_base() -> None:
    class Base(Job):
        class Meta:
            read_only = True

    class Derived(Base):
        pass

    assert Derived.read_only


def test_a_singleton_is_single_unless_overlap_says_otherwise() -> None:
    class Lonely(Job):
        class Meta:
            is_singleton = True

    class Restarting(Job):
        class Meta:
            is_singleton = True
            overlap = "restart"

    assert overlap(Lonely) == "single"
    assert overlap(Restarting) == "restart"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 1),
        ("hidden", "yes"),
        ("soft_time_limit", "10"),
        ("time_limit", True),
        ("field_order", "a"),
        ("retries", 1.5),
        ("delivery", "twice"),
        ("overlap", "sometimes"),
    ],
)
def test_G10_a_wrongly_typed_meta_value_is_a_type_error_naming_it(
    name: str, value: object
) -> None:
    wrong = type("Wrong", (Job,), {"Meta": type("Meta", (), {name: value})})
    with pytest.raises(TypeError, match=f"Meta.{name} of Wrong"):
        meta_value(wrong, name)


def test_unknown_and_old_meta_attributes_are_ignored() -> None:
    class Old(Job):
        class Meta:
            approval_required = True
            commit_default = False
            model = "x"

    check_definition(Old)
    assert Old.name == "Old"


def test_D10_receivers_are_not_hidden() -> None:
    assert not JobHookReceiver.hidden
    assert not JobButtonReceiver.hidden


def test_E17_a_button_receivers_own_inputs_are_exactly_key_and_model() -> None:
    class Pressed(JobButtonReceiver):
        pass

    assert list(variables_of(Pressed)) == ["object_pk", "object_model_name"]


def test_a_hook_receivers_only_own_input_is_the_change() -> None:
    class Hooked(JobHookReceiver):
        pass

    assert list(variables_of(Hooked)) == ["object_change"]


def test_a_receiver_may_have_an_init_that_calls_no_other() -> None:
    class Careless(Job):
        def __init__(self, *args: object, **options: object) -> None:
            self.ready = True

    assert Careless().logger.name == __name__
    assert Careless().user is None


def test_a_receiver_without_the_method_says_what_to_write() -> None:
    with pytest.raises(NotImplementedError, match="no receive_job_hook"):
        JobHookReceiver().receive_job_hook(None, "create", None)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match="no receive_job_button"):
        JobButtonReceiver().receive_job_button(None)
    with pytest.raises(NotImplementedError, match=r"no run\(\)"):
        Plain().run()


def test_a_class_of_both_receivers_is_refused() -> None:
    both = type("Both", (JobHookReceiver, JobButtonReceiver), {})
    with pytest.raises(JobDefinitionError, match="Make two classes"):
        check_definition(both)


@pytest.mark.parametrize("name", ["name", "logger", "fail", "user", "run"])
def test_a_variable_with_a_reserved_name_is_refused(name: str) -> None:
    clashing = type("Clashing", (Job,), {name: StringVar()})
    with pytest.raises(JobDefinitionError, match=f"'{name}' of Clashing"):
        check_definition(clashing)


@pytest.mark.parametrize("name", ["retries", "batch", "overlap", "delivery"])
def test_hooklines_own_meta_names_stay_free_for_variables(name: str) -> None:
    check_definition(type("Free", (Job,), {name: IntegerVar()}))


def test_the_run_of_nautobot_1_is_refused_with_the_new_form() -> None:
    class Old(Job):
        def run(self, data: Any, commit: Any) -> None:
            pass

    with pytest.raises(JobDefinitionError, match="is from Nautobot 1"):
        check_definition(Old)


def test_the_log_methods_of_nautobot_1_name_their_replacement() -> None:
    with pytest.raises(AttributeError, match=r"Write self.logger.warning\("):
        Plain().log_warning(None, "text")
    with pytest.raises(AttributeError, match="has no attribute 'lag_info'"):
        Plain().lag_info  # noqa: B018 - the look-up is the test


def test_files_beside_the_job_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.json").write_text(json.dumps({"a": 1}))
    (tmp_path / "rules.yaml").write_text("b: 2\n")
    monkeypatch.setattr(f"{__name__}.__file__", str(tmp_path / "job.py"))

    assert Plain().load_json("rules.json") == {"a": 1}
    assert Plain().load_yaml("rules.yaml") == {"b": 2}


@pytest.mark.parametrize("call", ["create_file", "progress", "secret"])
def test_what_needs_a_run_says_so_outside_of_one(call: str) -> None:
    arguments = {"create_file": ("a", "b"), "progress": (1, 2), "secret": ("a",)}[call]
    with pytest.raises(RuntimeError, match="only while the job runs"):
        getattr(Plain(), call)(*arguments)


def test_the_class_path_is_module_and_class() -> None:
    assert Plain.class_path == f"{__name__}.Plain"
    assert BaseJob.class_path == "receivers.authors.job.BaseJob"


def test_retry_later_says_when() -> None:
    assert str(RetryLater(90)) == "Try again in 90 s."
    assert str(RetryLater(90, "busy")) == "busy"
