"""Whom to tell of failed runs: the setting `notify`, checked and read.

How a message is delivered stands in `receivers.system.delivery`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from models.settings.mismatches import Mismatch, nearest
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KINDS = ("webhook", "command", "mail")
STATUSES = ("FAILURE", "INTERRUPTED")
SECURITIES = ("starttls", "tls", "none")
LONGEST_TIMEOUT_S = 300.0

COMMON = ("name", "statuses", "hooks", "buttons", "jobs", "timeout_s")
KEYS = {
    "webhook": ("headers", "secret_headers", "body"),
    "command": (),
    "mail": ("from", "server", "security", "user", "secret"),
}
SECRET_URL = "secret:"  # noqa: S105 - what stands before a name


@frozen
class Run:
    """What a target's filters look at in a run that ended."""

    status: str
    job: str
    job_name: str
    hook: str
    button: str


@frozen
class Target:
    """Somebody who is told of failed runs.

    Attributes:
        name: Names it in messages and in `hookline notify test NAME`.
        kind: webhook, command or mail.
        places: A URL or `secret:NAME`, a command line, or mail addresses.
        statuses: Those that it wants; YAML reads a key `on` as true.
        hooks: Names of hooks; runs of others are left out. Empty: any run.
        buttons: The same for buttons.
        jobs: The same for jobs, by class path or name.
        headers: HTTP headers.
        secret_headers: HTTP headers whose values are secrets, by their names.
        body: What is posted; None for the whole message.
        sender: Mail: the address it comes from.
        server: Mail: HOST or HOST:PORT.
        security: Mail: starttls, tls or none.
        user: Mail: whom to log in as, with the secret named `secret`.
        timeout_s: How long one attempt may take.
    """

    name: str
    kind: str
    places: tuple[str, ...]
    statuses: tuple[str, ...] = STATUSES
    hooks: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    sender: str = ""
    server: str = "localhost"
    security: str = "starttls"
    user: str = ""
    secret: str = ""
    timeout_s: float = 10.0

    def wants(self, run: Run) -> bool:
        """Return whether its filters let a run through."""
        return (
            run.status in self.statuses
            and (not self.hooks or run.hook in self.hooks)
            and (not self.buttons or run.button in self.buttons)
            and (not self.jobs or bool({run.job, run.job_name} & set(self.jobs)))
        )

    def secrets(self) -> Iterator[str]:
        """Yield the names of the secrets that it needs."""
        if self.places[0].startswith(SECRET_URL):
            yield self.places[0].removeprefix(SECRET_URL)
        yield from self.secret_headers.values()
        if self.secret:
            yield self.secret

    @property
    def place(self) -> str:
        """Where it goes, in short and without what may be secret."""
        if self.kind == "mail":
            return ", ".join(self.places)
        place = self.places[0]
        if self.kind == "command" or place.startswith(SECRET_URL):
            return place
        return urlsplit(place).hostname or place


def check_targets(value: object) -> tuple[Mapping[str, object], ...]:
    """Return the setting `notify` as it stands, once every target can be read.

    Raises:
        Mismatch: Saying what one must be.
    """
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise Mismatch(
            "a list of targets, each with `webhook`, `command` or `mail`, and filters"
        )
    names = [target.name for target in read_targets(value)]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise Mismatch(f"a list of targets with different names ({twice.pop()} twice)")
    return tuple(value)


def read_targets(rows: Iterable[Mapping[str, Any]]) -> list[Target]:
    """Return the targets of the setting `notify`.

    Raises:
        Mismatch: One of them is wrong.
    """
    return [_target(row, number) for number, row in enumerate(rows, 1)]


def _target(row: Mapping[str, Any], number: int) -> Target:
    kinds = [kind for kind in KINDS if kind in row]
    if len(kinds) != 1:
        raise Mismatch(f"a list whose entry {number} has one of {', '.join(KINDS)}")
    (kind,) = kinds
    known = (kind, *COMMON, *KEYS[kind])
    for key in row:
        if key not in known:
            near = nearest(str(key), known)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise Mismatch(f"a list whose entry {number} has no {key!r}{hint}")
    reader = _Reader(row, f"entry {number}")
    target = Target(
        name=reader.text("name", kind if number == 1 else f"{kind}-{number}"),
        kind=kind,
        places=reader.texts(kind),
        statuses=reader.choices("statuses", STATUSES),
        hooks=reader.texts("hooks"),
        buttons=reader.texts("buttons"),
        jobs=reader.texts("jobs"),
        headers=reader.mapping("headers"),
        secret_headers=reader.mapping("secret_headers"),
        body=row.get("body"),
        sender=reader.text("from", ""),
        server=reader.text("server", "localhost"),
        security=reader.choices("security", SECURITIES)[0],
        user=reader.text("user", ""),
        secret=reader.text("secret", ""),
        timeout_s=reader.seconds("timeout_s", 10.0),
    )
    _check(target, number)
    return target


def _check(target: Target, number: int) -> None:
    place = target.places[0] if target.places else ""
    if not place:
        raise Mismatch(f"a list whose entry {number} says where its {target.kind} goes")
    if target.kind == "webhook" and not place.startswith(
        ("http://", "https://", SECRET_URL)
    ):
        raise Mismatch(
            f"a list whose entry {number} has a URL or secret:NAME as its webhook"
        )
    if target.kind == "command":
        try:
            shlex.split(place)
        except ValueError as error:
            raise Mismatch(
                f"a list whose entry {number} has a command line ({error})"
            ) from None
    if target.kind == "mail" and not target.sender:
        raise Mismatch(f"a list whose entry {number} says whom its mail is `from`")
    if target.kind == "mail" and not target.server.rpartition(":")[2]:
        raise Mismatch(f"a list whose entry {number} has HOST or HOST:PORT as server")


@dataclass(frozen=True)
class _Reader:
    """Reads the values of one entry."""

    row: Mapping[str, Any]
    where: str

    def text(self, key: str, default: str) -> str:
        value = self.row.get(key, default)
        if not isinstance(value, str):
            raise Mismatch(f"a list whose {self.where} has a text as {key}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.row.get(key, [])
        found = [value] if isinstance(value, str) else value
        if not (isinstance(found, list) and all(isinstance(v, str) for v in found)):
            raise Mismatch(f"a list whose {self.where} has texts as {key}")
        return tuple(found)

    def choices(self, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
        found = self.texts(key) or known
        if not set(found) <= set(known):
            raise Mismatch(f"a list whose {self.where} has {key} of {', '.join(known)}")
        return found

    def mapping(self, key: str) -> dict[str, str]:
        value = self.row.get(key, {})
        if isinstance(value, dict) and all(
            isinstance(part, str) for pair in value.items() for part in pair
        ):
            return value
        raise Mismatch(f"a list whose {self.where} has names with texts as {key}")

    def seconds(self, key: str, default: float) -> float:
        value = self.row.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Mismatch(f"a list whose {self.where} has a number as {key}")
        if not 0 < value <= LONGEST_TIMEOUT_S:
            raise Mismatch(
                f"a list whose {self.where} has {key} between 0 and"
                f" {LONGEST_TIMEOUT_S:g}"
            )
        return float(value)
