"""The store's `jobs/` folder as a place to import from, and what was imported.

Files are compiled from their source each time: Python's cached bytecode tells two
versions apart by whole seconds, and a file saved twice within one would run stale.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receivers.authors import failures
from receivers.authors.logger import route_module_logger
from receivers.discovery import registry
from receivers.discovery.sources import SourceHashes, file_hash, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from receivers.authors.job import BaseJob


class _SourceLoader(importlib.machinery.SourceFileLoader):
    """Compiles the source, past all bytecode caches."""

    def get_code(self, fullname: str) -> Any:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class JobsFinder:
    """Finds modules in a store's `jobs/`, after everything that is installed.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.loaded: dict[str, tuple[str, tuple[int, ...]]] = {}
        self.hashes: dict[str, str] = {}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002 - the import system's signature
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where a module lies, if it lies in the folder."""
        parent, _, _ = fullname.rpartition(".")
        if parent and parent not in self.loaded:
            return None
        places = [str(self.root)] if path is None else list(path)
        spec = importlib.machinery.PathFinder.find_spec(fullname, places)
        if spec is None:
            return None
        if isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _SourceLoader(fullname, str(spec.origin))
            spec.cached = None
        self.loaded[fullname] = (str(spec.origin), stamp(spec.origin))
        if not parent:
            route_module_logger(fullname)
        return spec

    def is_stale(self) -> bool:
        """Return whether a file that was loaded has changed since."""
        return any(stamp(path) != seen for path, seen in self.loaded.values())

    def forget(self) -> None:
        """Drop every module that came from here, so that the next import reads it."""
        registry.forget_modules(self.loaded)
        for name in self.loaded:
            sys.modules.pop(name, None)
        self.loaded.clear()
        self.hashes.clear()
        importlib.invalidate_caches()


def install(root: Path) -> JobsFinder:
    """Make a folder importable in this process; another one is taken out.

    It comes last, so that no file in it can stand in for an installed module.
    """
    for finder in [f for f in sys.meta_path if isinstance(f, JobsFinder)]:
        if finder.root == root:
            return finder
        uninstall(finder)
    made = JobsFinder(root)
    sys.meta_path.append(made)
    return made


def installed() -> JobsFinder | None:
    """Return the finder that this process uses, if it has one."""
    found = [f for f in sys.meta_path if isinstance(f, JobsFinder)]
    return found[0] if found else None


def is_from_jobs_folder(module: str) -> bool:
    """Return whether a module was imported from the jobs folder."""
    finder = installed()
    return finder is not None and module in finder.loaded


def is_stale() -> bool:
    """Return whether code that this process imported from `jobs/` has changed."""
    finder = installed()
    return finder is not None and finder.is_stale()


def current_hash(root: Path, module: str) -> str:
    """Return the hash of a job's module and what it loads, as the files are now."""
    if is_from_jobs_folder(module):
        return SourceHashes(root).of(module)
    return file_hash(str(sys.modules[module].__file__))


def loaded_hash(root: Path, module: str) -> str | None:
    """Return the hash of a job's code as this process loaded it; None if unknown.

    It is read from the files after the load, and only while they are those loaded.
    """
    finder = installed()
    if finder is None or module not in sys.modules:
        return None
    if module not in finder.hashes:
        found = current_hash(root, module)
        if finder.is_stale():
            return None
        finder.hashes[module] = found
    return finder.hashes[module]


def uninstall(finder: JobsFinder) -> None:
    """Undo `install()`."""
    finder.forget()
    sys.meta_path.remove(finder)


def load_job(root: Path, class_path: str) -> type[BaseJob]:
    """Return a job's class, its module imported as it is now.

    Raises:
        LookupError: The module has no such class, or did not register it.
        Exception: Whatever the author's module raises when it is imported.
    """
    finder = install(root)
    if finder.loaded and finder.is_stale():
        finder.forget()
    found = registry.get_job(class_path)
    if found is None:
        module, _, name = class_path.rpartition(".")
        imported = importlib.import_module(module)
        found = registry.get_job(class_path)
        if found is None:
            raise LookupError(_why_missing(imported, name, class_path))
        if module.split(".")[0] not in finder.loaded:
            route_module_logger(module.split(".")[0])
            failures.count_as_author(str(Path(str(imported.__file__)).parent))
    return found


def _why_missing(module: ModuleType, name: str, class_path: str) -> str:
    if registry.is_job(getattr(module, name, None)):
        return (
            f"{class_path} is not registered; add register_jobs({name}) at the end of"
            f" {module.__file__}."
        )
    return f"{module.__file__} has no job class {name}."
