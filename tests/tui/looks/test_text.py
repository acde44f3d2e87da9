from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.looks.text import REPLACEMENT, clean, crop, fit, width

# All of Unicode with what is dangerous or wide as likely as the rest.
texts = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("\x1b\x9b\n\t\u202e\u200d\ufe0f\u0301\u0e33日本한👩🇩a …"),
    ),
    max_size=20,
)


@given(texts)
def test_no_control_character_passes(text: str) -> None:
    categories = {unicodedata.category(character) for character in clean(text)}
    assert not categories & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
    clean(text).encode()


@given(texts)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(texts)
def test_widths_agree_with_those_textual_counts(text: str) -> None:
    assert width(clean(text)) == cell_len(clean(text))


@given(texts, st.integers(0, 12), st.sampled_from(["left", "right"]))
def test_fitted_text_takes_exactly_its_cells(text: str, cells: int, align: str) -> None:
    fitted = fit(text, cells, align=align)  # type: ignore[arg-type] # drawn from it
    assert width(fitted) == cells
    assert cell_len(fitted) == cells


@given(texts, st.integers(0, 12), st.integers(0, 12))
def test_a_crop_takes_no_more_than_its_cells(text: str, start: int, cells: int) -> None:
    text = clean(text)
    there = max(0, min(cells, width(text) - start))
    assert width(crop(text, start, cells)) == there


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("core-01", "core-01"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[2Jgone", f"{REPLACEMENT}[2Jgone"),
        ("\x9b31mred", f"{REPLACEMENT}31mred"),
        ("abc\u202edef", f"abc{REPLACEMENT}def"),
        ("[bold]text[/]", "[bold]text[/]"),
        ("lone \udc80", f"lone {REPLACEMENT}"),
        ("🇩🇪", "DE"),
        ("👨\u200d👩", "👨👩"),
        ("e\u0301", "é"),
        ("zalgo" + "\u0317" * 30, "zalgo\u0317\u0317"),
    ],
)
def test_text_is_shown_as_data(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("text", "cells", "fitted"),
    [
        ("core", 6, "core  "),
        ("core-switch", 6, "core-…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日 …"),
        ("x", 0, ""),
    ],
)
def test_text_is_cut_and_padded(text: str, cells: int, fitted: str) -> None:
    assert fit(text, cells) == fitted


def test_no_cells_hold_no_half_of_a_wide_character() -> None:
    assert crop("日", 1, 0) == ""
    assert crop("日", 1, 1) == " "


def test_a_huge_text_is_cut_without_being_read() -> None:
    assert fit("x" * 10_000_000, 5) == "xxxx…"


def test_the_module_needs_neither_textual_nor_rich() -> None:
    code = "import sys, tui.looks.text; print({'textual', 'rich'} & set(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "set()"
