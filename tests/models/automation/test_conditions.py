"""Conditions of hooks, by the cases of Nautobot's, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.automation import conditions
from models.automation.conditions import Case, failing, parse
from models.automation.hooks import JobHook
from models.errors import ValidationError
from models.history.changes import ObjectChange
from models.runs.jobs import JobRecord

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


def relation(name: str) -> dict[str, str]:
    return {"id": "1", "object_type": "extras.status", "name": name}


def case(
    before: dict[str, Any] | None, after: dict[str, Any] | None, user: str = "ann"
) -> Case:
    event = "create" if before is None else "delete" if after is None else "update"
    return Case(event=event, before=before, after=after, user=user)


def holds(line: str, one: Case) -> bool:
    return failing(parse(line), one) == ""


STAGED, ACTIVE = {"status": relation("Staged")}, {"status": relation("Active")}


def test_K1_no_lines_hold() -> None:
    assert failing(parse(""), case(None, {})) == ""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (STAGED, ACTIVE, True),
        (STAGED, {"status": relation("Failed")}, False),
        (None, ACTIVE, False),
    ],
)
@pytest.mark.parametrize("path", ["status", "status.name"])
def test_K2_a_transition_is_from_one_value_to_another(
    path: str, before: Any, after: Any, expected: bool
) -> None:
    assert holds(f"{path}: Staged -> Active", case(before, after)) is expected
    assert holds(f"{path}: * -> Active", case(before, after)) is expected


@pytest.mark.parametrize(
    ("mtu", "expected"), [(9001, True), (9000, False), (None, False)]
)
def test_K4_numbers_are_compared(mtu: int | None, expected: bool) -> None:
    assert holds("mtu > 9000", case({}, {"mtu": mtu})) is expected


def test_K5_a_number_that_is_text_compares_as_a_number() -> None:
    assert holds("slot > 9", case({}, {"slot": "10"}))


@pytest.mark.parametrize(
    ("tags", "expected"), [(["b", "a"], True), (["a", "b", "c"], False), (["a"], False)]
)
def test_K7_lists_are_equal_as_sets(tags: list[str], expected: bool) -> None:
    assert holds("tags = a,b", case({}, {"tags": tags})) is expected


@pytest.mark.parametrize(("user", "expected"), [("ann", True), ("sync", False)])
def test_K8_a_line_may_be_turned_round(user: str, expected: bool) -> None:
    assert holds("not user is sync", case({}, {}, user)) is expected


@pytest.mark.parametrize(
    "line", ["when len(after.mtu) > 1", "not when len(after.mtu) > 1"]
)
def test_K10_what_cannot_be_judged_does_not_hold_even_negated(line: str) -> None:
    one = case({}, {"mtu": None})
    assert not holds(line, one)
    assert "TypeError" in failing(parse(line), one)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("when after.mtu > 9000 and before.mtu < 2000", True),
        ("when changed('mtu')", True),
        ("when changed('name')", False),
        ("when after.status.name == 'Active'", True),
        ("when 'a' in after.tags", True),
        ("when event == 'update' and user != 'sync'", True),
        ("mtu in 1,9216", True),
        ("name startswith core", True),
        ("name endswith 02", False),
        ("tags contains a", True),
        ("serial = ", True),
        ("enabled = true", True),
        ("enabled = 1", False),
        ("changed mtu", True),
        ("changed name", False),
    ],
)
def test_a_line_is_judged(line: str, expected: bool) -> None:
    before = {"mtu": 1500, "name": "core-01"}
    after = {
        "mtu": 9216,
        "name": "core-01",
        "tags": ["a"],
        "serial": None,
        "enabled": True,
        "status": relation("Active"),
    }
    assert holds(line, case(before, after)) is expected


def test_K11_every_wrong_line_is_named_with_its_number() -> None:
    with pytest.raises(ValidationError) as caught:
        parse("mtu > 1; {{ obj.mtu }}; mtu >\nnonsense here; when ((")
    messages = caught.value.fields["conditions"]
    assert [message.split(":")[0] for message in messages] == [
        "line 2",
        "line 3",
        "line 4",
        "line 5",
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "9 ** 9 ** 9",
        "[x for x in after.tags]",
        "after.__class__",
        "open('/etc/passwd')",
        "after.tags.append(1)",
        "lambda: 1",
        "'a' * 100000000",
        "unknown > 1",
        " and ".join(["1"] * 200),
    ],
)
def test_an_expression_is_bounded(expression: str) -> None:
    with pytest.raises(ValidationError):
        parse(f"when {expression}")


def test_the_value_seen_stands_in_the_verdict() -> None:
    found = failing(parse("changed mtu; mtu > 9000"), case({"mtu": 1}, {"mtu": 2}))
    assert found == "2: mtu > 9000 (mtu is 2)"


def test_a_hook_fires_only_where_its_conditions_hold(
    store: Store, device: Device
) -> None:
    record = JobRecord(module_name="m", job_class_name="J", name="J")
    record.is_job_hook_receiver = record.enabled = True
    record.save()
    hook = JobHook(name="h", job=record, object_types=["dcim.device"])
    hook.events, hook.conditions = ["update"], "changed serial; serial startswith A"
    hook.validated_save()
    reasons = []
    for serial in ("B1", "A1"):
        device.serial = serial
        device.save()
        change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
        reasons.append(change.read_verdicts()[0][1:3])
    assert reasons == [
        ["condition", "2: serial startswith A (serial is B1)"],
        ["fired", ""],
    ]


def test_a_hook_with_a_wrong_condition_is_refused(store: Store) -> None:
    record = JobRecord(module_name="m", job_class_name="J", name="J")
    record.is_job_hook_receiver = record.enabled = True
    record.save()
    hook = JobHook(name="h", job=record, object_types=["dcim.device"])
    hook.events, hook.conditions = ["update"], "serail = 1"
    with pytest.raises(ValidationError, match="serail"):
        hook.validated_save()


def test_the_fields_that_lines_name_are_known() -> None:
    text = "changed serial; not status.name: a -> b; mtu > 1; user is ann"
    assert conditions.fields_named(text) == {"serial", "status", "mtu"}
