"""An exception as the author should read it: their own lines, not the machinery's."""

from __future__ import annotations

import functools
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).resolve().parents[1]
_EXAMPLES = f"{_HERE}/examples/"
_authors: set[str] = {_EXAMPLES}


def count_as_author(folder: str) -> None:
    """Show frames of this folder too: it holds jobs of an installed package."""
    _authors.add(f"{folder}/")


@functools.cache
def _not_authors() -> tuple[str, ...]:
    import sysconfig

    names = ("stdlib", "purelib", "platlib")
    python = (f"{sysconfig.get_path(name)}/" for name in names)
    return (f"{_HERE}/", f"{_HERE.parent}/models/", *python, "<frozen ")


def is_author_file(path: str) -> bool:
    """Return whether a file is neither Hookline's, Python's nor a library's."""
    return path.startswith(tuple(_authors)) or not path.startswith(_not_authors())


def author_traceback(error: BaseException) -> str:
    """Return the traceback text with only the authors' frames in it."""
    report = traceback.TracebackException.from_exception(error)
    for part in _parts(report):
        part.stack[:] = [f for f in part.stack if is_author_file(f.filename)]
    return "".join(report.format()).rstrip("\n")


def _parts(
    report: traceback.TracebackException,
) -> Iterator[traceback.TracebackException]:
    yield report
    linked = (report.__cause__, report.__context__, *(report.exceptions or ()))
    for part in linked:
        if part is not None:
            yield from _parts(part)


def author_line(error: BaseException, root: Path) -> tuple[str, int] | None:
    """Return the file and line inside a folder where an exception came from.

    A syntax error names the line that cannot be read; anything else the innermost
    frame that lies in the folder.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno or 1
    inside = f"{root}/"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(inside):
            return frame.filename, frame.lineno or 1
    return None


def one_line(error: BaseException) -> str:
    """Return `Type: message` on one line."""
    text = str(error.msg if isinstance(error, SyntaxError) else error).strip()
    name = type(error).__name__
    return f"{name}: {' '.join(text.split())}" if text else name
