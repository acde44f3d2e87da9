from __future__ import annotations

import json
from pathlib import Path

import pytest

from receivers.authors.failures import (
    author_line,
    author_traceback,
    is_author_file,
    one_line,
)

HERE = Path(__file__).parent


def raised(text: str) -> Exception:
    try:
        json.loads(text)
    except ValueError as error:
        return error
    raise AssertionError


def test_frames_of_libraries_are_left_out() -> None:
    text = author_traceback(raised("{"))
    assert "test_failures.py" in text
    assert "json" not in text.replace("json.loads", "").replace("json.decoder.", "")
    assert text.endswith("(char 1)")


def test_the_cause_is_shown_too() -> None:
    error = KeyError("outer")
    error.__cause__ = raised("{")
    text = author_traceback(error)
    assert "direct cause" in text
    assert "decoder.py" not in text
    assert text.endswith("KeyError: 'outer'")


def test_every_exception_of_a_group_is_shown() -> None:
    text = author_traceback(ExceptionGroup("two", [ValueError("a"), raised("{")]))
    assert "ValueError: a" in text
    assert "char 1" in text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/somewhere/jobs/guards.py", True),
        (f"{HERE.parents[2]}/receivers/execution/run.py", False),
        (f"{HERE.parents[2]}/receivers/examples/naming.py", True),
        (f"{HERE.parents[2]}/models/history/write.py", False),
        (json.__file__, False),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_an_authors_file_is_known(path: str, *, expected: bool) -> None:
    assert is_author_file(path) == expected


def test_the_line_is_the_innermost_of_the_folder() -> None:
    found = author_line(raised("{"), HERE)
    assert found is not None
    assert found[0] == __file__


def test_a_line_outside_of_the_folder_is_none(tmp_path: Path) -> None:
    assert author_line(raised("{"), tmp_path) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("a\n  b"), "ValueError: a b"),
        (KeyError(), "KeyError"),
        (SyntaxError("bad", ("f.py", 3, 1, "x")), "SyntaxError: bad"),
    ],
)
def test_an_exception_fits_one_line(error: BaseException, expected: str) -> None:
    assert one_line(error) == expected
