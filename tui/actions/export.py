"""A run's log and files, taken out of the store; for every front end."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import NotFoundError, RequestError
from models.people.grants import visible
from models.runs.results import JobFile, JobLogEntry
from models.storage.store import current_store
from tui.lists.documents import log_document, result_document
from tui.lists.log_lines import LEVELS
from tui.looks.cells import dumps, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from models.people.access import User

FORMS = ("text", "json", "csv")
COLUMNS = ("time", "level", "grouping", "message", "object")


def chosen_entries(
    row: Any, user: User, *, level: str = "", grouping: str | None = None
) -> Any:
    """Return the query of a run's log entries, oldest first.

    Args:
        row: The job result.
        user: Who asks; entries that they may not see are left out.
        level: Leave out those below it.
        grouping: Only those of this one.
    """
    query = JobLogEntry.select().where(
        JobLogEntry.result == row.id, visible(user, JobLogEntry)
    )
    if level:
        wanted = [name for name, rank in LEVELS.items() if rank >= LEVELS[level]]
        query = query.where(JobLogEntry.level.in_(wanted))
    if grouping is not None:
        query = query.where(JobLogEntry.grouping == grouping)
    return query.order_by(JobLogEntry.id)


def export(row: Any, entries: Any, form: str, user: User) -> Iterator[str]:
    """Yield a run's log in pieces of text; as JSON, the whole result with it."""
    if form == "json":
        document = result_document(row, user)
        document["log"] = [log_document(entry) for entry in entries]
        yield dumps(document, indent=2) + "\n"
        return
    lines = entries.iterator()
    if form == "text":
        yield from (f"{text_line(entry)}\n" for entry in lines)
        yield from (f"{line}\n" for line in (row.traceback or "").splitlines())
        return
    yield _csv_row(COLUMNS)
    for entry in lines:
        values = log_document(entry)
        yield _csv_row([str(plain(values["time"])), *_texts(values)])


def _texts(values: dict[str, Any]) -> list[str]:
    about = values["object"] or {}
    return [*(values[name] for name in COLUMNS[1:-1]), about.get("name", "")]


def _csv_row(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def text_line(entry: Any) -> str:
    """Return an entry as a line of a text file: `[12:30:59.125] warning [part] …`."""
    at = entry.time.strftime("%H:%M:%S.") + f"{entry.time.microsecond // 1000:03}"
    part = f"[{entry.grouping}] " if entry.grouping else ""
    return f"[{at}] {entry.level} {part}{entry.message}"


def form_for(path: Path) -> str:
    """Return the form that a file's name asks for."""
    return {".json": "json", ".csv": "csv"}.get(path.suffix.lower(), "text")


def write_export(
    row: Any, entries: Any, path: Path, user: User, form: str = ""
) -> Path:
    """Write a run's log to a new file; return its path.

    Raises:
        RequestError: There is such a file, or it cannot be written.
    """
    return _write_new(path, export(row, entries, form or form_for(path), user))


def _write_new(path: Path, pieces: Iterator[str]) -> Path:
    try:
        with path.expanduser().open("x", encoding="utf-8", newline="") as stream:
            stream.writelines(pieces)
    except OSError as error:
        raise _cannot_write(path, error) from error
    return path


def _cannot_write(path: Path, error: OSError) -> RequestError:
    if isinstance(error, FileExistsError):
        return RequestError(f"{path} is there already; name another.", on=str(path))
    return RequestError(f"{path} cannot be written: {error.strerror}", on=str(path))


def find_file(row: Any, name: str | None) -> JobFile:
    """Return a file that a run made: the named one, or the only one.

    Raises:
        NotFoundError: There is none, or no such, or several to choose from.
    """
    files: Sequence[Any] = list(JobFile.select().where(JobFile.result == row.id))
    named = [file for file in files if name in {None, file.name}]
    if len(named) == 1 or (named and name is not None):
        found: JobFile = named[-1]  # a later one of the same name took its place
        return found
    names = [file.name for file in files]
    known = ", ".join(names) if names else "it made none"
    raise NotFoundError(
        f"Name one of the files of job result {row.id}: {known}.",
        on=name or "",
        candidates=names,
    )


def stored_path(file: JobFile) -> Path:
    """Return where a run's file lies in the store."""
    return Path(current_store().files_folder / file.path)


def save_file(file: JobFile, target: Path) -> Path:
    """Copy a run's file out of the store, into a folder or to a new name.

    Raises:
        RequestError: There is such a file, or it cannot be written.
    """
    target = target.expanduser()
    path = target / file.name if target.is_dir() else target
    try:
        with stored_path(file).open("rb") as source, path.open("xb") as copy:
            shutil.copyfileobj(source, copy)
    except OSError as error:
        raise _cannot_write(path, error) from error
    return path
