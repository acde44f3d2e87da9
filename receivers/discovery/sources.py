"""The files of a jobs folder: which there are, which may load, and their hashes."""

from __future__ import annotations

import ast
import hashlib
import importlib.machinery
import keyword
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_NAMES = frozenset({"models", "receivers", "tui"})
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})


def stamp(path: str | None) -> tuple[int, ...]:
    """Return what changes when a file is saved; empty when it is gone."""
    try:
        found = os.stat(path or "")  # noqa: PTH116 - no Path for each file of each run
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_ctime_ns


def module_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Iterate over the modules of a folder: dotted name and file, in name order.

    Hidden folders and virtual environments are left out; a folder that a link leads
    to is read once.
    """
    yield from _walk(root, "", {os.path.realpath(root)})


def _walk(folder: Path, prefix: str, seen: set[str]) -> Iterator[tuple[str, Path]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if entry.is_dir():
            real = os.path.realpath(path)
            if real in seen or entry.name in SKIPPED_FOLDERS or _is_environment(path):
                continue
            yield from _walk(path, f"{prefix}{entry.name}.", seen | {real})
        elif entry.name == "__init__.py" and prefix:
            yield prefix[:-1], path
        elif entry.name.endswith(".py"):
            yield f"{prefix}{path.stem}", path


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()


def refusal(module: str) -> tuple[str, str] | None:
    """Return why a module of that name is not loaded, and what to do; or None."""
    for part in module.split("."):
        if not part.isidentifier() or keyword.iskeyword(part):
            better = "".join(c if c.isalnum() else "_" for c in part)
            if better[:1].isdigit() or keyword.iskeyword(better):
                better = f"job_{better}"
            return (
                f"{part!r} is no name that Python can import",
                f"Rename it, for instance to {better!r}.",
            )
    top = module.partition(".")[0]
    if top in OWN_NAMES:
        owner = "Hookline's own"
    elif top in sys.stdlib_module_names:
        owner = "Python's own"
    elif _is_installed(top):
        owner = "an installed"
    else:
        return None
    return (
        f"It has the name of {owner} module {top!r} and is not loaded",
        f"Rename it, for instance to {top}_jobs.py.",
    )


def _is_installed(top: str) -> bool:
    spec = importlib.machinery.PathFinder.find_spec(top)
    return spec is not None and spec.loader is not None


def file_hash(path: str) -> str:
    """Return the hash of one file; that of nothing when it is gone."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return hashlib.sha256().hexdigest()


class SourceHashes:
    """Hashes over a module and all of the folder's modules that it imports.

    Imports are read from the source, also those inside functions. A module that
    imports by computed names is hashed with the whole folder.

    Args:
        root: The jobs folder.
    """

    def __init__(self, root: Path) -> None:
        self._files = dict(module_files(root))
        self._root = root
        self._sources: dict[str, bytes] = {}
        self._imports: dict[str, frozenset[str]] = {}

    def of(self, module: str) -> str:
        """Return the hash of a module and what it loads."""
        digest = hashlib.sha256()
        for name in sorted(self.closure(module)):
            digest.update(f"{name}\0".encode())
            digest.update(hashlib.sha256(self._source(name)).digest())
        return digest.hexdigest()

    def closure(self, module: str) -> set[str]:
        """Return the folder's modules that a module loads, itself included."""
        found: set[str] = set()
        waiting = [*self._known(module)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._imports_of(name))
        return found

    def _source(self, name: str) -> bytes:
        if name not in self._sources:
            try:
                self._sources[name] = self._files[name].read_bytes()
            except OSError:
                self._sources[name] = b""
        return self._sources[name]

    def _known(self, name: str) -> Iterator[str]:
        """Give the modules that importing a name loads: its packages and itself."""
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            prefix = ".".join(parts[:end])
            if prefix in self._files:
                yield prefix

    def _imports_of(self, name: str) -> frozenset[str]:
        if name not in self._imports:
            self._imports[name] = frozenset(self._read_imports(name))
        return self._imports[name]

    def _read_imports(self, name: str) -> Iterator[str]:
        source = self._source(name)
        if b"importlib" in source or b"__import__" in source:
            yield from self._files
            return
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return
        is_package = self._files[name].name == "__init__.py"
        package = name if is_package else name.rpartition(".")[0]
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._known(alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(node, package)
                for alias in node.names:
                    yield from self._known(f"{base}.{alias.name}".lstrip("."))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])
