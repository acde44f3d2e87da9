"""Files that people load: YAML, JSON, JSON lines and CSV, item by item with lines.

An item is one object's raw values. Nothing here knows the models; `tui.loads.loading`
does.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from models.errors import RequestError
from models.settings.configfile import Loader
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMS = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".jsonl": "jsonl",
    ".csv": "csv",
}
SHOWN_ONLY = frozenset({"display", "created", "last_updated"})
"""What `--json` shows of an object and no file can set."""


@frozen
class Item:
    """One object of a file.

    Attributes:
        where: FILE:LINE, for messages.
        type: The type as written; empty when neither the item nor --type names one.
        values: Raw values by field name.
        part: The number of the YAML document in the file.
    """

    where: str
    type: str
    values: dict[str, Any]
    part: int = 0


@frozen
class Source:
    """A file that can be read several times.

    Attributes:
        name: As the person wrote it.
        form: yaml, json, jsonl or csv.
        type: The type of items that name none themselves.
        text: The content, when it came from stdin; files are read anew each time.
    """

    name: str
    form: str
    type: str
    text: str | None = None

    @classmethod
    def open(cls, name: str, *, kind: str = "") -> Source:
        """Look at a file, or read stdin for `-`.

        Raises:
            RequestError: It cannot be read, or its form is unknown.
        """
        if name == "-":
            text = sys.stdin.read()
            return cls(name="stdin", form=_sniff(text, kind), type=kind, text=text)
        path = Path(name)
        form = FORMS.get(path.suffix.lower())
        if form is None:
            raise RequestError(
                f"{name} is of no known form; its name must end in {', '.join(FORMS)}",
                on=name,
            )
        source = cls(name=name, form=form, type=kind)
        if form == "csv" and not kind and "object_type" not in source.header():
            raise RequestError(
                f"{name} does not say what its rows are; name it with --type", on=name
            )
        return source

    def items(self) -> Iterator[Item]:
        """Yield the items, from the start.

        Raises:
            RequestError: The file cannot be read, or is broken, at a line.
        """
        try:
            match self.form:
                case "csv":
                    yield from self._csv()
                case "jsonl":
                    yield from self._json_lines()
                case "json":
                    yield from self._json()
                case _:
                    yield from self._yaml()
        except OSError as error:
            reason = error.strerror or error
            raise RequestError(
                f"Cannot read {self.name}: {reason}", on=self.name
            ) from error
        except UnicodeDecodeError as error:
            raise RequestError(
                f"{self.name} is not UTF-8 text: {error}", on=self.name
            ) from error

    def _stream(self) -> io.TextIOBase:
        if self.text is not None:
            return io.StringIO(self.text)
        return Path(self.name).open(encoding="utf-8-sig", newline="")

    def _whole(self) -> str:
        with self._stream() as stream:
            return stream.read()

    def header(self) -> list[str]:
        """Return the first row of a CSV file."""
        try:
            with self._stream() as stream:
                return next(csv.reader(stream), [])
        except OSError as error:
            raise RequestError(
                f"Cannot read {self.name}: {error.strerror}", on=self.name
            ) from error

    def _item(self, line: int, values: Any, kind: str = "", *, part: int = 0) -> Item:
        where = f"{self.name}:{line}"
        if not isinstance(values, dict):
            raise RequestError(f"{where}: an object's fields are wanted", on=where)
        values = {str(key): _plain(value) for key, value in values.items()}
        named = values.pop("object_type", None) or kind or self.type
        custom = values.pop("custom_fields", None) or {}
        values.update({f"cf.{key}": value for key, value in custom.items()})
        kept = {key: v for key, v in values.items() if key not in SHOWN_ONLY}
        return Item(where=where, type=str(named), values=kept, part=part)

    def _csv(self) -> Iterator[Item]:
        with self._stream() as stream:
            reader = csv.reader(stream)
            header = [name.strip() for name in next(reader, [])]
            for row in reader:
                if len(row) > len(header):
                    where = f"{self.name}:{reader.line_num}"
                    raise RequestError(
                        f"{where}: {len(row)} cells under {len(header)} columns",
                        on=where,
                    )
                cells = dict(zip(header, row, strict=False))
                if any(row):  # an empty cell leaves its field as it is
                    given = {k: text for k, text in cells.items() if text}
                    yield self._item(reader.line_num, given)

    def _json_lines(self) -> Iterator[Item]:
        with self._stream() as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield self._item(number, self._loads(line, number))

    def _loads(self, line: str, number: int) -> Any:
        try:
            return json.loads(line)
        except ValueError as error:
            where = f"{self.name}:{number}"
            raise RequestError(f"{where} is not JSON: {error}", on=where) from error

    def _json(self) -> Iterator[Item]:
        scanner = _JsonScanner(self.name, self._whole())
        for kind, line, values in scanner.items():
            yield self._item(line, values, kind)

    def _yaml(self) -> Iterator[Item]:
        loader = Loader(self._whole())
        try:
            for part in itertools.count():
                if not loader.check_node():
                    break
                for kind, node in self._yaml_nodes(loader.get_node()):
                    values = loader.construct_object(node, deep=True)
                    line = node.start_mark.line + 1
                    yield self._item(line, values, kind, part=part)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{self.name}:{mark.line + 1}" if mark else self.name
            problem = getattr(error, "problem", None) or error
            raise RequestError(f"{where} is not YAML: {problem}", on=where) from error
        finally:
            loader.dispose()

    def _yaml_nodes(self, root: Any) -> Iterator[tuple[str, Any]]:
        if root.tag == "tag:yaml.org,2002:null":
            return
        if isinstance(root, yaml.SequenceNode):
            yield from (("", node) for node in root.value)
            return
        if isinstance(root, yaml.MappingNode):
            for key, value in root.value:
                if not isinstance(value, yaml.SequenceNode):
                    where = f"{self.name}:{value.start_mark.line + 1}"
                    raise RequestError(
                        f"{where}: {key.value} wants a list of objects", on=where
                    )
                yield from ((key.value, node) for node in value.value)
            return
        raise RequestError(
            f"{self.name} must hold a list of objects, or lists by type", on=self.name
        )


def _sniff(text: str, kind: str) -> str:
    start = text.lstrip()[:1]
    if start in {"[", "{"}:
        first = text.lstrip().splitlines()[0]
        return "jsonl" if start == "{" and first.rstrip().endswith("}") else "json"
    return "csv" if kind and "," in text.split("\n", 1)[0] else "yaml"


def _plain(value: Any) -> Any:
    """Return a YAML date as the text that it was written as."""
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value


class _JsonScanner:
    """Takes a JSON document apart item by item, so that each has its line."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._decoder = json.JSONDecoder()

    def items(self) -> Iterator[tuple[str, int, Any]]:
        """Yield (type or nothing, line, values)."""
        if self._peek() == "[":
            yield from self._list("")
        elif self._peek() == "{":
            yield from self._lists()
        else:
            raise self._broken("a list of objects, or lists by type, is wanted")

    def _lists(self) -> Iterator[tuple[str, int, Any]]:
        self._take("{")
        for _ in self._separated("}"):
            kind = self._value()
            self._take(":")
            yield from self._list(str(kind))

    def _list(self, kind: str) -> Iterator[tuple[str, int, Any]]:
        self._take("[")
        for _ in self._separated("]"):
            self._peek()
            line = self._current_line()
            yield kind, line, self._value()

    def _separated(self, end: str) -> Iterator[int]:
        """Yield before each element, and eat the commas and the end."""
        for number in itertools.count():
            if self._peek() == end:
                break
            if number:
                self._take(",")
            yield number
        self._take(end)

    def _peek(self) -> str:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._broken(f"{sign!r} is wanted")
        self._at += 1

    def _value(self) -> Any:
        self._peek()
        try:
            value, self._at = self._decoder.raw_decode(self._text, self._at)
        except ValueError as error:
            raise self._broken(str(error)) from error
        return value

    def _current_line(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _broken(self, problem: str) -> RequestError:
        where = f"{self._name}:{self._current_line()}"
        return RequestError(f"{where} is not JSON: {problem}", on=where)


def read_document(text: str, name: str) -> Any:
    """Read one JSON or YAML document.

    Raises:
        RequestError: It is neither.
    """
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506  # a safe loader
    except yaml.YAMLError as error:
        raise RequestError(
            f"{name} is neither JSON nor YAML: {error}", on=name
        ) from error
