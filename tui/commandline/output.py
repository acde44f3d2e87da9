"""Results to stdout, talk to stderr: tables, JSON, JSON lines, CSV.

Text that objects, receivers and logs hold is data: no control character of theirs
reaches a terminal. Rich and Textual are never loaded here.
"""

from __future__ import annotations

import csv
import io
import itertools
import traceback
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO

from models.values import frozen
from tui.looks.cells import cell, dumps
from tui.looks.text import clean, fit, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from models.errors import HooklineError

    Row = Mapping[str, Any]

MEASURED_ROWS = 100
WIDEST_COLUMN = 60
GAP = "  "


class Form(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSON = "json"
    JSON_LINES = "json-lines"
    CSV = "csv"


@frozen
class Output:
    """Where a command writes, and how.

    Attributes:
        results: The stream for results.
        talk: The stream for everything else.
    """

    results: TextIO
    talk: TextIO
    form: Form = Form.TABLE
    is_quiet: bool = False
    is_verbose: bool = False
    has_color: bool = False

    @property
    def is_for_people(self) -> bool:
        """Tell whether results are laid out for reading."""
        return self.form is Form.TABLE

    def write(self, text: str) -> None:
        """Write one line of results, as it is."""
        self.results.write(text + "\n")

    def line(self, text: str) -> None:
        """Write one line of foreign text to the results, made harmless."""
        self.write(clean(text))

    def raw(self, content: bytes) -> None:
        """Write bytes to the results as they are; to a terminal, text made harmless."""
        buffer = getattr(self.results, "buffer", None)
        if buffer is None or self.results.isatty():
            for line in content.decode(errors="replace").splitlines():
                self.line(line)
            return
        self.results.flush()
        buffer.write(content)
        buffer.flush()

    def flush(self) -> None:
        """Bring out what is written so far."""
        self.results.flush()

    def say(self, text: str) -> None:
        """Tell a person something, unless told to be quiet."""
        if not self.is_quiet:
            self._talk(text)

    def detail(self, text: str) -> None:
        """Tell a person what only matters with -v."""
        if self.is_verbose:
            self._talk(text)

    def _talk(self, text: str) -> None:
        for line in text.splitlines():
            self.talk.write(clean(line) + "\n")
        self.talk.flush()

    def rows(self, columns: Sequence[str], rows: Iterable[Row]) -> int:
        """Write a list; return how many rows it had."""
        match self.form:
            case Form.JSON:
                return self._json_array(rows)
            case Form.JSON_LINES:
                return self._each(rows, self.document)
            case Form.CSV:
                return self._csv(columns, rows)
        return self._table(columns, rows)

    def document(self, document: Any) -> None:
        """Write one JSON document, on one line with --json-lines."""
        indent = 2 if self.form is Form.JSON else None
        self.write(dumps(document, indent=indent))

    def record(self, document: Row) -> None:
        """Write one thing with its fields, a field on each line for people."""
        if self.form is Form.CSV:
            self.rows(list(document), [document])
        elif not self.is_for_people:
            self.document(document)
        else:
            broad = max((len(key) for key in document), default=0)
            for key, value in document.items():
                self._field(key, value, broad)

    def _field(self, key: str, value: Any, broad: int) -> None:
        name = clean(key.replace("_", " ")).ljust(broad)
        first, *others = cell(value).splitlines() or [""]
        self.write(f"{name}{GAP}{clean(first)}".rstrip())
        for line in others:
            self.write(f"{' ' * broad}{GAP}{clean(line)}".rstrip())

    def _each(self, rows: Iterable[Row], write: Any) -> int:
        count = 0
        for count, row in enumerate(rows, 1):  # noqa: B007  # the last count is asked for
            write(row)
        return count

    def _json_array(self, rows: Iterable[Row]) -> int:
        """Write the rows one by one: a list of any length in little memory."""
        count = 0
        for count, row in enumerate(rows, 1):
            self.results.write(("[\n " if count == 1 else ",\n ") + dumps(row))
        self.write("\n]" if count else "[]")
        return count

    def _csv(self, columns: Sequence[str], rows: Iterable[Row]) -> int:
        writer = csv.writer(self.results, lineterminator="\n")
        writer.writerow(columns)
        safe = self.results.isatty()

        def write(row: Row) -> None:
            cells = [cell(row.get(column)) for column in columns]
            writer.writerow([clean(text) if safe else text for text in cells])

        return self._each(rows, write)

    def _table(self, columns: Sequence[str], rows: Iterable[Row]) -> int:
        """Write aligned columns, as wide as the first rows need."""
        texts = self._cells(columns, rows)
        first = list(itertools.islice(texts, MEASURED_ROWS))
        heads = [clean(column.replace("_", " ")) for column in columns]
        widths = [
            min(WIDEST_COLUMN, max(width(row[place]) for row in (heads, *first)))
            for place in range(len(columns))
        ]
        if first:
            self._table_line([head.upper() for head in heads], widths)
        return self._each(
            itertools.chain(first, texts),  # type: ignore[arg-type]  # rows of cells
            lambda row: self._table_line(row, widths),
        )

    def _cells(
        self, columns: Sequence[str], rows: Iterable[Row]
    ) -> Iterator[list[str]]:
        for row in rows:
            yield [clean(cell(row.get(column))) for column in columns]

    def _table_line(self, cells: Sequence[str], widths: Sequence[int]) -> None:
        *head, last = zip(cells, widths, strict=True)
        parts = [fit(text, size) for text, size in head]
        self.write(GAP.join([*parts, last[0]]).rstrip())

    def error(self, error: HooklineError) -> None:
        """Write an error: for people, or as one JSON line with --json."""
        if self.form in {Form.JSON, Form.JSON_LINES}:
            self.talk.write(dumps({"error": error_document(error)}) + "\n")
            self.talk.flush()
            return
        lines = [f"hookline: {error.message}"]
        if sum(map(len, error.fields.values())) > 1:
            lines = [f"hookline: {error.on or 'The values'}: not valid."]
            for name, texts in error.fields.items():
                prefix = "" if name == "__all__" else f"{name}: "
                lines += [f"  {prefix}{text}" for text in texts]
        self._talk("\n".join(lines))

    def traceback(self, error: BaseException) -> None:
        """Write where an error came from."""
        text = io.StringIO()
        traceback.print_exception(error, file=text)
        self._talk(text.getvalue())


def error_document(error: HooklineError) -> dict[str, Any]:
    """Return an error as its JSON fields."""
    return {
        "code": error.code,
        "message": error.message,
        "on": error.on,
        "fields": error.fields,
        "candidates": error.candidates,
    }
