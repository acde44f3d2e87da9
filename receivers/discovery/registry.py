"""The job classes that this process knows, by class path.

A class that is not registered does not exist. What is offered to people are the job
records, which the catalogue writes; this registry is what the catalogue and the
runs fill by importing the authors' files.
"""

from __future__ import annotations

import inspect
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from receivers.authors.errors import JobDefinitionError
from receivers.authors.job import BaseJob, Job, JobButtonReceiver, JobHookReceiver
from receivers.authors.variables import ScriptVariable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BASES = (BaseJob, Job, JobHookReceiver, JobButtonReceiver)
METHODS = frozenset(
    {"run", "receive_job_hook", "receive_job_hooks", "receive_job_button"}
)

_jobs: dict[str, type[BaseJob]] = {}


def register_jobs(*jobs: type[BaseJob]) -> None:
    """Make job classes known; of one class path the first one stays.

    Raises:
        TypeError: Something is not a job class.
    """
    for job in jobs:
        if not is_job(job):
            raise TypeError(
                f"register_jobs() takes classes derived from Job, not {job!r}."
            )
        _jobs.setdefault(job.class_path, job)


def get_job(class_path: str) -> type[BaseJob] | None:
    """Return the class registered under a class path, or None."""
    return _jobs.get(class_path)


def get_jobs() -> Mapping[str, type[BaseJob]]:
    """Return every registered class by its class path."""
    return MappingProxyType(_jobs)


def forget_modules(modules: Iterable[str]) -> None:
    """Drop the classes of modules that are about to be imported again."""
    gone = set(modules)
    for path in [p for p, job in _jobs.items() if job.__module__ in gone]:
        del _jobs[path]


def is_job(candidate: Any) -> bool:
    """Return whether this is a job class and not one of the base classes."""
    return (
        inspect.isclass(candidate)
        and issubclass(candidate, BaseJob)
        and candidate not in BASES
    )


def unregistered(
    modules: Iterable[str],
) -> Iterator[tuple[type[BaseJob], JobDefinitionError]]:
    """Yield the classes of modules that could run but are not registered, and why.

    One that others are made of is a base class, and left out.
    """
    wanted = set(modules)
    waiting: list[type[BaseJob]] = [*BASES]
    while waiting:
        derived = waiting.pop().__subclasses__()
        waiting += [job for job in derived if job not in BASES]
        for job in derived:
            if job.__module__ in wanted and _is_forgotten(job):
                why = (
                    f"{job.__name__} is not registered, so nothing can run it. Write"
                    f" register_jobs({job.__name__}) at the end of the file."
                )
                yield job, JobDefinitionError(why)


def _is_forgotten(job: type[BaseJob]) -> bool:
    is_there = getattr(sys.modules.get(job.__module__), job.__name__, None) is job
    can_run = METHODS.intersection(vars(job)) and not job.__subclasses__()
    return is_there and bool(can_run) and job.class_path not in _jobs


def is_variable(candidate: Any) -> bool:
    """Return whether this is a variable, as declared in a job's class body."""
    return isinstance(candidate, ScriptVariable)


def grouping(job: type[BaseJob]) -> str:
    """Return the heading a job is listed under: its module's `name`, or its path."""
    name = getattr(sys.modules.get(job.__module__), "name", None)
    return name if isinstance(name, str) and name else job.__module__
