"""One configuration file: YAML in, checked values with their lines out.

What the settings are called and which file wins stands in `models.settings.layers`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from models.errors import ConfigError
from models.settings.mismatches import Mismatch, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import Field
    from pathlib import Path

# The C loader reads the defaults in 1 ms, the Python one in 8.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

YES = frozenset({"true", "yes", "on", "1"})
NO = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True)
class Entry:
    """A value and where it was read."""

    value: object
    origin: str


@dataclass(frozen=True)
class Rule:
    """What one setting may be."""

    kind: str
    minimum: float | None = None

    @classmethod
    def of(cls, item: Field[Any]) -> Rule:
        """Read the rule from a data class field's annotation and metadata."""
        return cls(str(item.type), item.metadata.get("minimum"))

    def check(self, value: object, key: str, where: str) -> object:
        """Return the value in its type.

        Raises:
            ConfigError: It is of another type, or too small.
        """
        try:
            checked = CHECKS[self.kind](value)
            self._check_minimum(checked)
        except Mismatch as wanted:
            raise ConfigError(
                f"{key} in {where} must be {wanted}, not {value!r}", on=where
            ) from None
        return checked

    def _check_minimum(self, value: Any) -> None:
        if self.minimum is not None and value < self.minimum:
            raise Mismatch(f"at least {self.minimum:g}")

    def from_text(self, text: str, key: str, where: str) -> object:
        """Return the value that a text from the environment or a flag means."""
        value: object = text
        if self.kind == "bool" and text.lower() in YES | NO:
            value = text.lower() in YES
        elif self.kind in {"int", "float"}:
            value = _number(text)
        elif self.kind == "tuple[str, ...]" and not text.startswith("["):
            value = [part.strip() for part in text.split(",") if part.strip()]
        elif self.kind.startswith(("tuple", "Mapping")):
            value = _yaml(text, where)
        return self.check(value, key, where)


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _yaml(text: str, where: str) -> object:
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506  # a safe loader
    except yaml.YAMLError as error:
        raise ConfigError(f"{where} is not YAML: {error}", on=where) from error


def _integer(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Mismatch("a whole number")


def _float(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number):
            return number
    raise Mismatch("a number")


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise Mismatch("true or false")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise Mismatch("a text")


def _one_of(*choices: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if isinstance(value, bool):  # YAML 1.1 reads on and off as booleans
            value = "on" if value else "off"
        if value in choices:
            return str(value)
        raise Mismatch(" or ".join(choices))

    return check


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise Mismatch("a list of texts")


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    wanted = "a list of pairs [pattern, replacement]"
    if not isinstance(value, list):
        raise Mismatch(wanted)
    pairs = []
    for item in value:
        if not (isinstance(item, list) and len(item) == 2):
            raise Mismatch(wanted)
        pairs.append((_text(item[0]), _text(item[1])))
    return tuple(pairs)


def _texts_by_name(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Mismatch("names with their texts")
    texts = {}
    for name, item in value.items():
        text = ",".join(_texts(item)) if isinstance(item, list) else item
        texts[_text(name)] = _text(text)
    return texts


def _rows_by_name(value: object) -> dict[str, dict[str, object]]:
    wanted = "names, each with its fields: {object_types: …, events: …, job: …}"
    if not isinstance(value, dict):
        raise Mismatch(wanted)
    for name, row in value.items():
        if not (isinstance(name, str) and isinstance(row, dict)):
            raise Mismatch(wanted)
    return value


def _targets(value: object) -> tuple[Mapping[str, object], ...]:
    if value == []:
        return ()
    from models.settings.targets import check_targets

    return check_targets(value)


CHECKS: dict[str, Callable[[object], Any]] = {
    "int": _integer,
    "float": _float,
    "bool": _boolean,
    "str": _text,
    "Durability": _one_of("normal", "full"),
    "Switch": _one_of("auto", "on", "off"),
    "tuple[str, ...]": _texts,
    "tuple[tuple[str, str], ...]": _pairs,
    "Mapping[str, str]": _texts_by_name,
    "tuple[Mapping[str, object], ...]": _targets,
    "Mapping[str, Mapping[str, object]]": _rows_by_name,
}


def read_config(
    path: Path,
    schema: Mapping[str, Rule],
    origin: str | None = None,
    *,
    only: tuple[str, ...] = (),
) -> dict[str, Entry]:
    """Read one file into checked entries by dotted key.

    Args:
        path: The file.
        schema: The rule of every key.
        origin: What `config show` says about its values; default FILE:LINE.
        only: The only sections that this file may hold; empty for all.

    Raises:
        ConfigError: With file and line, for whatever is wrong with it.
    """
    try:
        loader = Loader(path.read_bytes())
        try:
            return _Reader(path, schema, origin, only, loader).read()
        finally:
            loader.dispose()
    except OSError as error:
        raise ConfigError(
            f"Cannot read {path}: {error.strerror}", on=str(path)
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or error
        raise ConfigError(f"{where} is not YAML: {problem}", on=where) from error


@dataclass(frozen=True)
class _Reader:
    path: Path
    schema: Mapping[str, Rule]
    origin: str | None
    only: tuple[str, ...]
    loader: Any  # yaml has no types for its C loader

    def read(self) -> dict[str, Entry]:
        root = self.loader.get_single_node()
        entries: dict[str, Entry] = {}
        if root is not None:
            self._mapping(root, "", entries)
        return entries

    def _mapping(self, node: Any, prefix: str, entries: dict[str, Entry]) -> None:
        if not isinstance(node, yaml.MappingNode):
            if prefix and node.tag == "tag:yaml.org,2002:null":
                return  # a section whose every key is commented out
            what = prefix.rstrip(".") or "The file"
            raise self._error(node, f"{what} must hold keys with values")
        seen: set[str] = set()
        for key_node, value_node in node.value:
            name = prefix + str(key_node.value)
            if name in seen:
                raise self._error(key_node, f"{name} stands there twice")
            seen.add(name)
            self._entry(name, key_node, value_node, entries)

    def _entry(
        self, name: str, key_node: Any, value_node: Any, entries: dict[str, Entry]
    ) -> None:
        if self.only and name.partition(".")[0] not in self.only:
            allowed = " and ".join(self.only)
            raise self._error(
                key_node,
                f"{name} belongs to the store's config.yaml; here stand {allowed} only",
            )
        rule = self.schema.get(name)
        where = self._where(value_node)
        if rule is not None:
            value = self.loader.construct_object(value_node, deep=True)
            checked = rule.check(value, name, where)
            entries[name] = Entry(checked, self.origin or where)
        elif any(key.startswith(name + ".") for key in self.schema):
            self._mapping(value_node, name + ".", entries)
        else:
            sections = {key.partition(".")[0] for key in self.schema}
            near = nearest(name, [*self.schema, *sorted(sections)])
            hint = f"; did you mean {near[0]}?" if near else ""
            raise self._error(key_node, f"Unknown setting {name!r}{hint}", near)

    def _where(self, node: Any) -> str:
        return f"{self.path}:{node.start_mark.line + 1}"

    def _error(
        self, node: Any, message: str, candidates: list[str] | None = None
    ) -> ConfigError:
        where = self._where(node)
        return ConfigError(f"{message} ({where})", on=where, candidates=candidates)
