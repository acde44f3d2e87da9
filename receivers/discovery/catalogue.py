"""Which jobs there are: described in a child process, kept in the store's records.

Authors' files are imported by `describing.py`, in processes that may hang or die; this
module starts them, writes down what they say, and notices when files have changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import HooklineError
from models.objects.fields import now_us
from models.runs import queues
from models.runs.jobs import SYSTEM_JOBS, JobImportError, JobRecord
from models.runs.queues import JobQueue
from receivers.discovery.sources import module_files, stamp
from receivers.processes.launch import python_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.storage.store import Store
    from receivers.discovery.descriptions import BrokenFile, Catalogue, JobDescription

IMPORT_SECONDS = 10.0
WHOLE_SECONDS = 300.0
NAME_LENGTH = 100
GROUPING_LENGTH = 255
FINGERPRINT_FILE = "catalogue"
EXAMPLES = str(Path(__file__).parents[1] / "examples")

# Fields that come from the class each time, and those that a person may override.
COMPUTED = (
    *("is_job_hook_receiver", "is_job_button_receiver", "read_only"),
    *("supports_dryrun", "delivery", "retries", "batch", "variables"),
    *("source_path", "source_line", "source_hash"),
)
OVERRIDABLE = (
    *("grouping", "description", "hidden", "has_sensitive_variables"),
    *("overlap", "soft_time_limit", "time_limit", "queue", "dryrun_default"),
)


def describe_jobs(
    jobs_root: Path,
    *,
    store_folder: Path | None = None,
    import_seconds: float = IMPORT_SECONDS,
) -> Catalogue:
    """Import all authors' files in a child process and return what they hold.

    Args:
        jobs_root: The folder of the files.
        store_folder: The store to open there, for files that read it when imported.
        import_seconds: How long the import of one file may take.

    Raises:
        HooklineError: The child itself could not do its work.
    """
    import subprocess

    from receivers.discovery.descriptions import catalogue_from

    command = python_command(
        "receivers.discovery.describing",
        str(jobs_root),
        "" if store_folder is None else str(store_folder),
        str(import_seconds),
    )
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WHOLE_SECONDS,
            start_new_session=True,
        )
        found = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, OSError, ValueError) as error:
        raise HooklineError(
            f"The jobs in {jobs_root} could not be listed: {error}. Look for a file"
            " there that starts programs or never ends when it is imported.",
            on=str(jobs_root),
        ) from error
    return catalogue_from(found)


def scan(jobs_root: Path) -> str:
    """Return a fingerprint that changes when a job may have changed.

    It covers the files of the folder and, by the time of the folder they lie in, the
    installed packages. Every process of one environment gives the same.
    """
    digest = hashlib.sha256()
    for name, path in module_files(jobs_root):
        digest.update(f"{name}{stamp(str(path))}".encode())
    for folder in (EXAMPLES, *(sysconfig.get_path(n) for n in ("purelib", "platlib"))):
        digest.update(f"{folder}{stamp(folder)[:1]}".encode())
    return digest.hexdigest()


def ensure_fresh(store: Store) -> bool:
    """Read the jobs again if a file has changed; return whether it did."""
    fingerprint = scan(store.jobs_root)
    if fingerprint == _known_fingerprint(store):
        return False
    refresh(store, fingerprint=fingerprint)
    return True


def refresh(store: Store, *, fingerprint: str | None = None) -> Catalogue:
    """Describe all jobs and bring the store's records up to date.

    Args:
        store: The open store.
        fingerprint: What `scan()` gave before, if it was called already.
    """
    fingerprint = fingerprint or scan(store.jobs_root)  # before: a later save shows
    catalogue = describe_jobs(store.jobs_root, store_folder=store.folder)
    store_catalogue(store, catalogue)
    remember(store, fingerprint)
    return catalogue


def remember(store: Store, fingerprint: str) -> None:
    """Note that the store's records are those of the files with this fingerprint."""
    path = store.run_folder / FINGERPRINT_FILE
    fresh = path.with_name(f"{FINGERPRINT_FILE}.{os.getpid()}")
    fresh.write_text(fingerprint, encoding="ascii")
    fresh.replace(path)


def _known_fingerprint(store: Store) -> str:
    try:
        return (store.run_folder / FINGERPRINT_FILE).read_text(encoding="ascii")
    except OSError:
        return ""


def store_catalogue(store: Store, catalogue: Catalogue) -> None:
    """Bring job records and import errors up to date, in one transaction.

    New records are disabled. A job that has vanished or broken keeps its record, its
    switch and its hooks; the record says what is wrong. Rows that are right already
    are not written: each write makes every process read its configuration again.
    """
    with store.transaction():
        records = {(r.module_name, r.job_class_name): r for r in JobRecord.select()}
        names = {record.name: record for record in records.values()}
        broken = list(catalogue.broken)
        seen = set()
        for job in catalogue.jobs:
            too_long = _too_long(job)
            if too_long is not None:
                broken.append(too_long)
                continue
            key = (job.module_name, job.job_class_name)
            seen.add(key)
            _store_job(records.get(key) or JobRecord(), job, names)
        for key, record in records.items():
            if key not in seen:
                _mark_missing(record, broken, catalogue)
        _add_queues(job.queue for job in catalogue.jobs)
        _store_broken(broken)


def _too_long(job: JobDescription) -> BrokenFile | None:
    from receivers.discovery.descriptions import BrokenFile

    for what, text in (("module", job.module_name), ("class", job.job_class_name)):
        if len(text) > NAME_LENGTH:
            return BrokenFile(
                path=job.source_path,
                line=job.source_line,
                message=f"The {what} name has {len(text)} characters, more than"
                f" {NAME_LENGTH}: {text[:40]}…",
                hint="Shorten it.",
                module=job.module_name,
                job_class_name=job.job_class_name,
            )
    return None


def _store_job(
    record: JobRecord, job: JobDescription, names: dict[str, JobRecord]
) -> None:
    values = {name: getattr(job, name) for name in COMPUTED}
    values |= {
        name: getattr(job, name) for name in OVERRIDABLE if name not in record.overrides
    }
    if "grouping" in values:
        values["grouping"] = values["grouping"][:GROUPING_LENGTH]
    values |= {
        "module_name": job.module_name,
        "job_class_name": job.job_class_name,
        "installed": True,
        "error": None,
    }
    values |= _name_values(record, job, names)
    is_dry = values.get("dryrun_default", record.dryrun_default)
    values["variables"] = [_with_default(entry, is_dry) for entry in job.variables]
    if f"{job.module_name}.".startswith(SYSTEM_JOBS):
        values["approved_hash"] = job.source_hash
        record.enabled = record.enabled or not record.present_in_database
    changed = {n: v for n, v in values.items() if getattr(record, n) != v}
    for name, value in changed.items():
        setattr(record, name, value)
    if changed or not record.present_in_database:
        record.save()
    names[record.name] = record


def _with_default(entry: dict[str, Any], is_dry: Any) -> dict[str, Any]:
    """Return a variable's schema; a dry run begins as the record says."""
    return entry | {"default": bool(is_dry)} if entry["kind"] == "dry_run" else entry


def _add_queues(names: Iterable[str]) -> None:
    """Make the queues that jobs name and that are not there yet."""
    for name in sorted({*names} - {*queues.priorities()}):
        JobQueue(name=name[:NAME_LENGTH]).save()


def _name_values(
    record: JobRecord, job: JobDescription, names: dict[str, JobRecord]
) -> dict[str, Any]:
    """Return a free name; a suffixed one is fixed, so that no refresh undoes it."""
    if "name" in record.overrides:
        return {}
    wanted = name = job.name[:NAME_LENGTH]
    number = 1
    while name in names and names[name] is not record:
        number += 1
        suffix = f" ({number})"
        name = wanted[: NAME_LENGTH - len(suffix)] + suffix
    if name == wanted:
        return {"name": name}
    return {"name": name, "overrides": [*record.overrides, "name"]}


def _mark_missing(
    record: JobRecord, broken: list[BrokenFile], catalogue: Catalogue
) -> None:
    record.installed = False
    error = _why_missing(record, broken, catalogue)
    if record.error != error or record.is_dirty():
        record.error = error
        record.save()


def _why_missing(
    record: JobRecord, broken: list[BrokenFile], catalogue: Catalogue
) -> str:
    for file in broken:
        same_class = file.job_class_name in {"", record.job_class_name}
        if file.module == record.module_name and same_class:
            return str(file)
    path = record.source_path
    if any(job.source_path == path for job in catalogue.jobs):
        return f"{path}:1: the class {record.job_class_name} is no longer registered"
    return f"{path}:1: the file is gone, or registers no job"


def _store_broken(broken: list[BrokenFile]) -> None:
    rows = [(f.path, f.line, f.message, f.hint) for f in broken]
    query = JobImportError.select().order_by(JobImportError.id)
    if [(e.path, e.line, e.message, e.hint) for e in query] == rows:
        return
    JobImportError.delete().execute()
    now = now_us()
    for path, line, message, hint in rows:
        JobImportError(
            path=path, line=line, message=message, hint=hint, time=now
        ).save()
