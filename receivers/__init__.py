"""Hookline's API for the authors of receivers and jobs.

Names are loaded when they are first used: the command line imports this package on
every start, and most commands need none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from receivers.authors.errors import GiveUp, RetryLater, RunJobTaskFailed
    from receivers.authors.job import BaseJob, Job, JobButtonReceiver, JobHookReceiver
    from receivers.authors.limits import SoftTimeLimitExceeded
    from receivers.authors.logger import get_task_logger
    from receivers.authors.objectvars import MultiObjectVar, ObjectVar
    from receivers.authors.variables import (
        BooleanVar,
        ChoiceVar,
        DryRunVar,
        FileVar,
        IntegerVar,
        IPAddressVar,
        IPAddressWithMaskVar,
        IPNetworkVar,
        JSONVar,
        MultiChoiceVar,
        ScriptVariable,
        StringVar,
        TextVar,
    )
    from receivers.discovery.registry import (
        get_job,
        get_jobs,
        is_job,
        is_variable,
        register_jobs,
    )
    from receivers.execution.trial import run_receiver

__all__ = [
    "BaseJob",
    "BooleanVar",
    "ChoiceVar",
    "DryRunVar",
    "FileVar",
    "GiveUp",
    "IPAddressVar",
    "IPAddressWithMaskVar",
    "IPNetworkVar",
    "IntegerVar",
    "JSONVar",
    "Job",
    "JobButtonReceiver",
    "JobHookReceiver",
    "MultiChoiceVar",
    "MultiObjectVar",
    "ObjectVar",
    "RetryLater",
    "RunJobTaskFailed",
    "ScriptVariable",
    "SoftTimeLimitExceeded",
    "StringVar",
    "TextVar",
    "get_job",
    "get_jobs",
    "get_task_logger",
    "is_job",
    "is_variable",
    "register_jobs",
    "run_receiver",
]

_HOMES = {
    "receivers.authors.errors": ("GiveUp", "RetryLater", "RunJobTaskFailed"),
    "receivers.authors.job": ("BaseJob", "Job", "JobButtonReceiver", "JobHookReceiver"),
    "receivers.authors.limits": ("SoftTimeLimitExceeded",),
    "receivers.authors.logger": ("get_task_logger",),
    "receivers.authors.objectvars": ("MultiObjectVar", "ObjectVar"),
    "receivers.discovery.registry": (
        *("get_job", "get_jobs", "is_job", "is_variable", "register_jobs"),
    ),
    "receivers.execution.trial": ("run_receiver",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    home = importlib.import_module(_HOME_OF.get(name, "receivers.authors.variables"))
    globals()[name] = value = getattr(home, name)
    return value
