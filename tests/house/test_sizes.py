"""The house's measures: how long a function may be, who may catch everything."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
LONGEST = 50
LONGEST_FILE = 400
LONGER_FILES = {
    "models/objects/queries.py": "Django's query API on peewee is one concept",
    "models/storage/store.py": "the folder and its one door to the database",
    "tui/lists/pager.py": "the window on a list, and the list without a keyset",
}
FILES = sorted(
    str(path.relative_to(TOP))
    for layer in ("models", "receivers", "tui")
    for path in (TOP / layer).rglob("*.py")
)


@cache
def source(file: str) -> str:
    return (TOP / file).read_text()


@pytest.mark.parametrize("file", FILES)
def test_no_function_is_too_long(file: str) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(source(file)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lines = {f"{node.name}:{node.lineno}": length(node) for node in functions}

    assert {name: size for name, size in lines.items() if size > LONGEST} == {}


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function; what its docstring explains costs nothing."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_a_file_is_too_long_only_for_a_reason() -> None:
    long = {file for file in FILES if source(file).count("\n") > LONGEST_FILE}

    assert long - set(LONGER_FILES) == set()


@pytest.mark.parametrize("file", FILES)
def test_who_catches_everything_says_why_or_raises_it_again(file: str) -> None:
    lines = source(file).splitlines()
    silent = [
        f"{file}:{node.lineno}"
        for node in ast.walk(ast.parse(source(file)))
        if isinstance(node, ast.ExceptHandler)
        and catches_everything(node)
        and "#" not in lines[node.lineno - 1]
        and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    ]

    assert silent == []


def catches_everything(handler: ast.ExceptHandler) -> bool:
    name = getattr(handler.type, "id", None)
    return handler.type is None or name in {"Exception", "BaseException"}
