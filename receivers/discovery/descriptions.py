"""What the catalogue's child says of jobs and files, as it travels to the parent.

Apart from `catalogue.py`, which every command loads to ask whether anything changed.
"""

from __future__ import annotations

from typing import Any

from models.values import frozen


@frozen
class JobDescription:
    """What a job's class says of itself; the fields are those of its record."""

    module_name: str
    job_class_name: str
    name: str
    grouping: str
    description: str
    is_job_hook_receiver: bool
    is_job_button_receiver: bool
    read_only: bool
    supports_dryrun: bool
    hidden: bool
    has_sensitive_variables: bool
    soft_time_limit: float
    time_limit: float
    delivery: str
    overlap: str
    retries: int
    batch: int
    queue: str
    dryrun_default: bool
    variables: list[dict[str, Any]]
    source_path: str
    source_line: int
    source_hash: str


@frozen
class BrokenFile:
    """A file, or a class in it, that cannot be used.

    Attributes:
        path: Relative to the jobs folder; of an installed package as it is.
        line: The line in it; 0 when none is known.
        message: What is wrong.
        hint: What to do.
        module: The module's name.
        job_class_name: The class, when only that one is unusable.
    """

    path: str
    line: int
    message: str
    hint: str = ""
    module: str = ""
    job_class_name: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@frozen
class Catalogue:
    """Every job that was found, and every file that could not be used."""

    jobs: list[JobDescription]
    broken: list[BrokenFile]


def catalogue_from(found: dict[str, Any]) -> Catalogue:
    """Return the catalogue of what a child printed as JSON."""
    return Catalogue(
        jobs=[JobDescription(**job) for job in found["jobs"]],
        broken=[BrokenFile(**file) for file in found["broken"]],
    )
