"""What `class Meta` of a job may say, and what holds where it says nothing.

Unknown attributes are ignored, so that code written for other versions still loads.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from models.runs.overlap import POLICIES
from models.runs.queues import DEFAULT_QUEUE
from models.values import frozen
from receivers.authors.errors import JobDefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

DELIVERIES = ("once", "idempotent")


@frozen
class Attribute:
    """One attribute of `Meta`.

    Attributes:
        kinds: The types its value may have.
        default: Its value when `Meta` does not name it.
        choices: The only texts it may be, where they are limited.
    """

    kinds: tuple[type, ...]
    default: Any
    choices: tuple[str, ...] = ()


def _flag(default: bool = False) -> Attribute:  # noqa: FBT001, FBT002 - reads as it is
    return Attribute(kinds=(bool,), default=default)


ATTRIBUTES: dict[str, Attribute] = {
    "name": Attribute(kinds=(str,), default=None),
    "description": Attribute(kinds=(str,), default=""),
    "console_log_default": _flag(),
    "dryrun_default": _flag(),
    "field_order": Attribute(kinds=(list, tuple), default=()),
    "has_sensitive_variables": _flag(default=True),
    "hidden": _flag(),
    "is_singleton": _flag(),
    "read_only": _flag(),
    "soft_time_limit": Attribute(kinds=(int, float), default=0),
    "time_limit": Attribute(kinds=(int, float), default=0),
    "task_queues": Attribute(kinds=(list, tuple), default=()),
    "template_name": Attribute(kinds=(str,), default=""),
    # Hookline's own
    "delivery": Attribute(kinds=(str,), default="once", choices=DELIVERIES),
    "overlap": Attribute(kinds=(str,), default="parallel", choices=POLICIES),
    "retries": Attribute(kinds=(int,), default=0),
    "batch": Attribute(kinds=(int,), default=0),
}


def meta_value(job: type, name: str) -> Any:
    """Return what a job's `Meta` says, or the default.

    Raises:
        JobDefinitionError: A TypeError that names the attribute, when its value is of
            a wrong type or no choice.
    """
    attribute = ATTRIBUTES[name]
    value = getattr(getattr(job, "Meta", None), name, attribute.default)
    if value is None and name == "name":
        return job.__name__
    is_number = isinstance(value, bool) and bool not in attribute.kinds
    if not isinstance(value, attribute.kinds) or is_number:
        kinds = " or ".join(kind.__name__ for kind in attribute.kinds)
        raise JobDefinitionError(
            f"Meta.{name} of {job.__name__} must be {kinds}, not {value!r}."
        )
    if attribute.choices and value not in attribute.choices:
        raise JobDefinitionError(
            f"Meta.{name} of {job.__name__} must be one of"
            f" {', '.join(attribute.choices)}, not {value!r}."
        )
    return inspect.cleandoc(str(value)) if name == "description" else value


def overlap(job: type) -> str:
    """Return what happens when a run comes while another goes on.

    Nautobot's `is_singleton` says "single", unless `overlap` says something else.
    """
    named = str(meta_value(job, "overlap"))
    if meta_value(job, "is_singleton") and named == "parallel":
        return "single"
    return named


def queue(job: type) -> str:
    """Return the queue that a job's runs wait in: the first of `task_queues`."""
    named = meta_value(job, "task_queues")
    return str(named[0]) if named else DEFAULT_QUEUE


class FromMeta(Generic[T]):
    """A class attribute that reads `Meta`; `get` may work on what it says."""

    def __init__(self, get: Callable[[type, str], T] = meta_value) -> None:
        self._get = get
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> T:
        return self._get(owner, self._name)
