"""Hooks and buttons as code: what config.yaml names is what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.automation import ascode
from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.errors import ConfigError, RefusedError
from models.runs.results import JobResult
from models.settings.layers import load_settings
from tests.models.automation.test_dispatch import hook, job, touch

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store

ONE = """\
hooks:
  managed:
    Check serials:
      object_types: [dcim.device]
      events: [update]
      job: guards.Guard
      conditions:
        - changed serial
        - not user is sync
"""


def write(store: Store, text: str) -> None:
    (store.folder / "config.yaml").write_text(text)


def test_the_files_hooks_are_made_and_fire(store: Store, device: Device) -> None:
    job()
    write(store, ONE)

    done = ascode.apply(store)

    made = JobHook.get()
    assert done.made == ("Check serials",)
    assert made.managed == "config.yaml:3"
    assert made.conditions == "changed serial\nnot user is sync"
    touch(device)
    assert JobResult.get().hook_id == made.id


def test_what_differs_is_changed_and_what_is_gone_deleted(store: Store) -> None:
    job()
    write(store, ONE)
    ascode.apply(store)
    kept = JobHook.get().id

    write(store, "# moved\n" + ONE)
    assert str(ascode.apply(store)) == "nothing differs"
    assert JobHook.get().managed == "config.yaml:4"
    write(store, ONE.replace("[update]", "[create]"))
    assert ascode.apply(store).changed == ("Check serials",)
    assert JobHook.get().id == kept
    write(store, "")
    assert ascode.apply(store).deleted == ("Check serials",)
    assert not JobHook.select().exists()


def test_a_hook_made_by_hand_is_taken_over_and_others_are_left(store: Store) -> None:
    record = job()
    mine = hook(record, "Check serials")
    hook(record, "By hand", events=["delete"])
    write(store, ONE)

    ascode.apply(store)

    assert JobHook.get_by_id(mine.id).managed == "config.yaml:3"
    write(store, "")
    ascode.apply(store)
    assert [row.name for row in JobHook.select()] == ["By hand"]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("dcim.device", "dcim.devise", "config.yaml:4: the hook 'Check serials'"),
        ("guards.Guard", "guards.Gard", "config.yaml:3: the hook 'Check serials'"),
        ("changed serial", "changed serail", "config.yaml:7: the hook"),
        ("[update]", "[updated]", "config.yaml:5: the hook"),
        ("events", "event", "config.yaml:5: the hook"),
        ("job:", "name: x\n      job:", "config.yaml:6: the hook"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_changes_nothing(
    store: Store, old: str, new: str, where: str
) -> None:
    job()
    write(store, ONE)
    ascode.apply(store)
    write(store, ONE.replace(old, new) + "    Second: {events: create}\n")

    with pytest.raises(ConfigError) as caught:
        ascode.apply(store)

    assert where in caught.value.message
    assert "config.yaml:10: the hook 'Second'" in caught.value.message or "name" in new
    assert JobHook.get().conditions == "changed serial\nnot user is sync"
    assert ascode.pending(store).startswith("config.yaml:")


def test_a_job_that_is_off_does_not_stand_in_the_way(
    store: Store, device: Device
) -> None:
    job(enabled=False)
    write(store, ONE)

    ascode.apply(store)

    assert touch(device).read_verdicts()[0][1] == "job off"


def test_one_hook_may_take_anothers_event_over(store: Store) -> None:
    job()
    first = "    First: {object_types: dcim.device, events: EV, job: guards.Guard}\n"
    text = "hooks:\n  managed:\n" + first + first.replace("First", "Second")
    write(store, text.replace("EV", "create", 1).replace("EV", "delete"))
    ascode.apply(store)

    write(store, text.replace("EV", "delete", 1).replace("EV", "create"))
    ascode.apply(store)

    assert [row.events for row in JobHook.select()] == [["delete"], ["create"]]


def test_buttons_too(store: Store) -> None:
    job("Reboot", is_job_hook_receiver=False, is_job_button_receiver=True)
    write(
        store,
        "buttons:\n  managed:\n    Reboot:\n      object_types: dcim.device\n"
        "      text: Reboot it\n      job: guards.Reboot\n",
    )

    ascode.apply(store)

    assert JobButton.get().managed == "config.yaml:3"
    assert JobButton.get().key == "r"


def test_who_changes_a_managed_row_is_told_where_it_stands(store: Store) -> None:
    job()
    write(store, ONE)
    ascode.apply(store)

    with pytest.raises(RefusedError, match=r"managed by config\.yaml:3"):
        ascode.refuse_managed(JobHook.get())


def test_settings_take_the_section_and_refuse_what_is_no_row(store: Store) -> None:
    write(store, ONE)
    managed = load_settings(store.folder).hooks.managed
    assert list(managed) == ["Check serials"]

    write(store, "hooks:\n  managed:\n    A: yes\n")
    with pytest.raises(ConfigError, match=r"config\.yaml:3"):
        load_settings(store.folder)


def test_the_keeper_applies_what_changed_and_waits_for_what_is_wrong(
    store: Store,
) -> None:
    keeper = ascode.Keeper(store)
    assert keeper.keep() == ""
    write(store, ONE)
    assert "there is no job" in keeper.keep().lower()
    assert keeper.keep() == ""  # said once

    job()
    assert keeper.keep() == "config.yaml applied: made Check serials"
    assert keeper.keep() == ""
    write(store, ONE + "\n x: [\n")
    assert "is not" in keeper.keep()
    assert JobHook.get().name == "Check serials"


def test_pending_says_what_is_not_applied_yet(store: Store) -> None:
    job()
    assert ascode.pending(store) == ""
    write(store, ONE)
    assert "hookline config apply" in ascode.pending(store)
    ascode.apply(store)
    assert ascode.pending(store) == ""
