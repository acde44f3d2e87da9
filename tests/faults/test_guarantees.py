"""The page of promises names tests, and they are there."""

from __future__ import annotations

import re

from tests.faults.world import ROOT

PAGE = ROOT / "docs" / "guarantees.md"
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE.read_text())


def test_every_test_that_the_promises_name_is_there() -> None:
    missing = [
        f"{file}::{name}"
        for file, name in NAMED
        if f"def {name}(" not in (ROOT / file).read_text()
    ]
    assert NAMED
    assert missing == []


def test_every_promise_names_a_test() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith("| promise")]
    assert [row for row in promises if "::test_" not in row] == []
