from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from receivers.discovery.sources import SourceHashes, module_files, refusal

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / f"{name.replace('__slash__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(root: Path) -> list[str]:
    return [name for name, _ in module_files(root)]


def test_modules_packages_and_plain_folders_are_found(tmp_path: Path) -> None:
    write(tmp_path, b="", a__slash____init__="", a__slash__x="", plain__slash__y="")
    assert names(tmp_path) == ["a", "a.x", "b", "plain.y"]


def test_hidden_folders_caches_and_environments_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, ok="")
    for folder in (".git", "__pycache__", "venv"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.py").touch()
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    assert names(tmp_path) == ["ok"]


def test_a_link_back_to_the_folder_ends(tmp_path: Path) -> None:
    write(tmp_path, a="")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert names(tmp_path) == ["a"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert names(tmp_path / "gone") == []


@pytest.mark.parametrize(
    ("module", "message", "hint"),
    [
        ("json", "Python's own module 'json'", "json_jobs.py"),
        ("models.x", "Hookline's own module 'models'", "models_jobs.py"),
        ("receivers", "Hookline's own", "receivers_jobs.py"),
        ("tui", "Hookline's own", "tui_jobs.py"),
        ("yaml", "an installed module 'yaml'", "yaml_jobs.py"),
        ("my-job", "no name that Python can import", "'my_job'"),
        ("class", "no name that Python can import", "'job_class'"),
        ("a.2nd", "no name that Python can import", "'job_2nd'"),
    ],
)
def test_a_name_that_cannot_load_is_refused_with_another(
    module: str, message: str, hint: str
) -> None:
    refused = refusal(module)
    assert refused is not None
    assert message in refused[0]
    assert hint in refused[1]


def test_an_ordinary_name_is_not_refused() -> None:
    assert refusal("serial_guards.checks") is None


@pytest.mark.parametrize(
    "statement",
    [
        "import deep.rules",
        "from deep import rules",
        "from deep.rules import LIMIT",
        "def run():\n    import deep.rules",
        "import importlib\nimportlib.import_module('deep.rules')",
    ],
)
def test_the_hash_covers_what_a_module_imports(tmp_path: Path, statement: str) -> None:
    write(tmp_path, job=statement, deep__slash____init__="", deep__slash__rules="A = 1")
    before = SourceHashes(tmp_path).of("job")
    write(tmp_path, deep__slash__rules="A = 2")
    assert SourceHashes(tmp_path).of("job") != before


@pytest.mark.parametrize(
    "statement", ["from . import rules", "from .rules import A", "from .. import base"]
)
def test_the_hash_follows_relative_imports(tmp_path: Path, statement: str) -> None:
    folder = "pack__slash__deep__slash__"
    files = {
        "pack__slash____init__": "",
        "pack__slash__base": "A = 1",
        f"{folder}__init__": "",
        f"{folder}job": statement,
        f"{folder}rules": "A = 1",
    }
    write(tmp_path, **files)
    before = SourceHashes(tmp_path).of("pack.deep.job")
    changed = "pack__slash__base" if ".." in statement else f"{folder}rules"
    write(tmp_path, **{changed: "A = 2"})
    assert SourceHashes(tmp_path).of("pack.deep.job") != before


def test_the_hash_covers_what_imports_import_even_in_circles(tmp_path: Path) -> None:
    write(tmp_path, a="import b", b="import c", c="import a")
    assert SourceHashes(tmp_path).closure("a") == {"a", "b", "c"}


def test_the_hash_leaves_out_what_is_not_loaded(tmp_path: Path) -> None:
    write(tmp_path, job="import json", other="A = 1")
    before = SourceHashes(tmp_path).of("job")
    write(tmp_path, other="A = 2")
    assert SourceHashes(tmp_path).of("job") == before


def test_a_package_counts_with_its_modules(tmp_path: Path) -> None:
    write(tmp_path, p__slash____init__="A = 1", p__slash__job="")
    assert SourceHashes(tmp_path).closure("p.job") == {"p", "p.job"}
