"""Cases C: which hooks may be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import LOGGING_HOOK

if TYPE_CHECKING:
    from tests.acceptance.conftest import Hookline

OTHER_HOOK = LOGGING_HOOK.replace("Watch", "Other")


@pytest.fixture(autouse=True)
def _first_hook(hookline: Hookline) -> None:
    hookline.write_job("watching", LOGGING_HOOK)
    hookline.write_job("others", OTHER_HOOK)
    hookline.add_hook("first", "watching.Watch", "create,update")


def test_C1_another_job_may_watch_the_same_events(hookline: Hookline) -> None:
    hookline.add_hook("second", "others.Other", "create,update")

    names = [hook["name"] for hook in hookline.json("hook", "list")]
    assert names == ["first", "second"]


def test_C2_the_same_job_may_watch_other_events(hookline: Hookline) -> None:
    hookline.add_hook("second", "watching.Watch", "delete")

    names = [hook["name"] for hook in hookline.json("hook", "list")]
    assert names == ["first", "second"]


def test_C4_C5_the_same_job_may_not_watch_an_event_twice(hookline: Hookline) -> None:
    words = ["name=second", "job=watching.Watch", "events=create,update,delete"]
    done = hookline.run(
        *("hook", "add", *words, "object_types=dcim.device", "--json"), code=2
    )

    fields = done.error["fields"]
    assert set(fields) == {"type_create", "type_update"}
    for said in (fields["type_create"][0], fields["type_update"][0]):
        assert "dcim.device" in said
        assert "watching.Watch" in said
    assert [hook["name"] for hook in hookline.json("hook", "list")] == ["first"]


def test_C8_a_hook_needs_an_event(hookline: Hookline) -> None:
    done = hookline.run(
        *("hook", "add", "name=second", "job=others.Other", "object_types=dcim.device"),
        *("--enable-job", "--json"),
        code=2,
    )

    assert set(done.error["fields"]) == {"events"}
    assert [hook["name"] for hook in hookline.json("hook", "list")] == ["first"]
