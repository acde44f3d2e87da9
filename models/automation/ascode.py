"""Hooks and buttons as code: those that the store's config.yaml names.

They are rows as any others, marked with the line that they come from, and not to be
changed elsewhere. All of the file's rows are made, changed and deleted in one
transaction, or, where one of them is wrong, none; then what is wrong is kept, with file
and line, for whoever looks.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

import peewee
import yaml

from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.errors import ConfigError, HooklineError, RefusedError, ValidationError
from models.objects.base import StoreModel
from models.objects.fields import JSONField, SequenceField, TimestampField, now_us
from models.objects.inputs import assign
from models.people.access import require
from models.runs.jobs import find_job
from models.settings.configfile import Loader
from models.storage import cached
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.people.access import User
    from models.storage.store import Store

KINDS: dict[str, Any] = {"hooks": JobHook, "buttons": JobButton}
MANAGED = "managed"
CONFIG = "config.yaml"


class AppliedConfig(StoreModel):
    """What of config.yaml was applied last, and what was wrong with it."""

    id = SequenceField()
    digest = peewee.TextField()
    problems = JSONField(default=list)
    time = TimestampField(default=now_us)


@frozen
class Declared:
    """A hook or a button that the file names.

    Attributes:
        section: `hooks` or `buttons`.
        where: File and line, as in `config.yaml:12`.
        fields: Raw values by field name.
        lines: Where each field stands.
    """

    section: str
    name: str
    where: str
    fields: dict[str, Any]
    lines: dict[str, str]

    @property
    def words(self) -> str:
        """What it is, for people."""
        return f"the {self.section[:-1]} {self.name!r}"


@frozen
class Applied:
    """What applying did: the names by what became of them."""

    made: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [
            f"{word} {', '.join(names)}"
            for word, names in (
                ("made", self.made),
                ("changed", self.changed),
                ("deleted", self.deleted),
            )
            if names
        ]
        return "; ".join(parts) or "nothing differs"


def read_declared(store: Store) -> list[Declared]:
    """Return what the store's config.yaml names, in the file's order.

    Raises:
        ConfigError: With file and line, if it cannot be read.
    """
    path = store.folder / CONFIG
    if not path.is_file():
        return []
    try:
        return list(_declared(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{CONFIG}:{mark.line + 1}" if mark else CONFIG
        raise ConfigError(f"{where} is not YAML: {error}", on=where) from error


def _declared(path: Path) -> Iterator[Declared]:
    loader = Loader(path.read_bytes())
    try:
        root = loader.get_single_node()
        for section in KINDS:
            inner = _child(root, section)
            for name, node in _pairs(_child(inner, MANAGED)):
                fields = dict(_pairs(node))
                yield Declared(
                    section=section,
                    name=str(name.value),
                    where=_line(name),
                    fields={
                        str(key.value): loader.construct_object(value, deep=True)
                        for key, value in fields.items()
                    },
                    lines={str(key.value): _line(key) for key in fields},
                )
    finally:
        loader.dispose()


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    return list(node.value) if isinstance(node, yaml.MappingNode) else []


def _child(node: Any, name: str) -> Any:
    return next((value for key, value in _pairs(node) if key.value == name), None)


def _line(node: Any) -> str:
    return f"{CONFIG}:{node.start_mark.line + 1}"


def digest_of(declared: list[Declared]) -> str:
    """Return what tells one state of the file's rows from another."""
    plain = [dataclasses.asdict(one) for one in declared]
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def pending(store: Store) -> str:
    """Return why the rows are not those of the file; empty when they are."""
    try:
        declared = read_declared(store)
    except ConfigError as error:
        return error.message
    last = AppliedConfig.get_or_none()
    if last is not None and last.digest == digest_of(declared):
        return "; ".join(last.problems)
    if last is None and not declared:
        return ""
    return (
        f"{CONFIG} has changed and is not applied yet; a runner does it, or"
        " `hookline config apply`"
    )


def apply(store: Store, user: User | None = None) -> Applied:
    """Make the rows those of the file.

    A row that was made by hand is taken over by its name.

    Args:
        store: The store whose file it is.
        user: Who asks for it; None for the runner, which keeps the rows so by itself.

    Raises:
        RefusedError: The user may not change hooks.
        ConfigError: Something is wrong; with every problem, its file and line. Then
            the rows stay as they were.
    """
    if user is not None:
        require(user, "change", JobHook, what="the hooks of config.yaml")
    declared = read_declared(store)
    try:
        with store.transaction():
            done = _write(declared)
            _note(declared, [])
    except ConfigError as error:
        with store.transaction():
            _note(declared, error.message.split("\n"))
        raise
    return done


def _note(declared: list[Declared], problems: list[str]) -> None:
    AppliedConfig.delete().execute()
    AppliedConfig(digest=digest_of(declared), problems=problems).save()


def _write(declared: list[Declared]) -> Applied:
    deleted = list(_delete_others(declared))
    made, changed, problems = [], [], []
    rows: list[tuple[Declared, Any]] = []
    for one in declared:
        try:
            row = _assigned(one)
        except HooklineError as error:
            problems += _problems(one, error)
            continue
        if not row.present_in_database:
            made.append(one.name)
        elif _differs(row):
            changed.append(one.name)
        row.save()
        rows.append((one, row))
    for one, row in rows:  # once all are there, as one may take another's event over
        try:
            row.full_clean()
        except ValidationError as error:
            problems += _problems(one, error)
        else:
            row.save()  # what a check fills in, such as a button's key
    if problems:
        raise ConfigError("\n".join(problems), on=CONFIG)
    return Applied(made=tuple(made), changed=tuple(changed), deleted=tuple(deleted))


def _delete_others(declared: list[Declared]) -> Iterator[str]:
    kept = {(one.section, one.name) for one in declared}
    for section, model in KINDS.items():
        for row in list(model.select().where(model.managed != "")):
            if (section, row.name) not in kept:
                row.delete_instance()
                yield row.name


def _assigned(one: Declared) -> Any:
    """Return the row of a declaration with its values, not saved.

    Raises:
        HooklineError: A value is wrong, or there is no such job.
    """
    model = KINDS[one.section]
    row = model.get_or_none(model.name == one.name) or model(name=one.name)
    values = {"enabled": True, **one.fields}
    if "job" not in values or "object_types" not in values:
        missing = "job" if "job" not in values else "object_types"
        raise ValidationError({missing: ["must be given"]})
    for name in ("name", MANAGED):
        if name in one.fields:
            raise ValidationError({name: ["is no field to give here"]})
    if isinstance(values.get("conditions"), list):
        values["conditions"] = "\n".join(map(str, values["conditions"]))
    values["job"] = find_job(str(values["job"]))
    assign(row, values)
    row.managed = one.where
    return row


def _differs(row: Any) -> bool:
    """Tell whether a row is not as it is stored, but for the line that it is from."""
    stored = type(row).get_by_id(row.id)
    return any(
        stored.__data__.get(name) != row.__data__.get(name)
        for name in row.__data__
        if name != MANAGED
    )


def _problems(one: Declared, error: HooklineError) -> list[str]:
    if not isinstance(error, ValidationError) or not error.fields:
        return [f"{one.where}: {one.words}: {error.message}"]
    return [
        f"{one.lines.get(name, one.where)}: {one.words}: {name}: {text}"
        for name, texts in error.fields.items()
        for text in texts
    ]


def refuse_managed(row: Any) -> None:
    """Refuse to change what stands in config.yaml.

    Raises:
        RefusedError: It does; the message says where.
    """
    where = getattr(row, MANAGED, "")
    if where:
        raise RefusedError(
            f"{row} is managed by {where}: change it there, then run"
            " `hookline config apply`, or let the runner see it.",
            on=str(row),
        )


class Keeper:
    """Keeps the rows those of the file, for a process that goes on.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: tuple[Any, int] | None = None
        self._is_wrong = False

    def keep(self) -> str:
        """Apply the file if it has changed, or again if it was wrong and jobs changed.

        Returns:
            What was done, for people; empty when nothing was.
        """
        path = self._store.folder / CONFIG
        try:
            status = path.stat()
            file: Any = (status.st_mtime_ns, status.st_size, status.st_ino)
        except FileNotFoundError:
            file = None
        jobs = cached.version(self._store) if self._is_wrong else 0
        if self._seen == (file, jobs):
            return ""
        text = self._apply()
        self._seen = (file, cached.version(self._store) if self._is_wrong else 0)
        return text

    def _apply(self) -> str:
        self._is_wrong = False
        if not pending(self._store):
            return ""
        try:
            return f"{CONFIG} applied: {apply(self._store)}"
        except ConfigError as error:
            self._is_wrong = True
            return f"{CONFIG} is not applied: {error.message}"
