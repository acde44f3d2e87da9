"""A job, and what it is to be run with, from the words of a command line.

Apart from `hookline job …`: `hookline --run JOB` has no time to load lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.objects.lists import split_list
from models.runs import jobs
from models.storage.store import current_store
from receivers.authors.arguments import serialise, validate
from receivers.discovery.catalogue import ensure_fresh
from tui.words.grammar import parse_assignments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LIST_VARIABLES = frozenset({"multi_choice", "multi_object"})

BOUNDS = (
    ("min_value", "max_value", ""),
    ("min_length", "max_length", " characters"),
    ("min_prefix_length", "max_prefix_length", " bits"),
)


def find_job(text: str) -> Any:
    """Return the record of a job, after a look at the files.

    Raises:
        NotFoundError: There is none; the near ones are named.
    """
    ensure_fresh(current_store())
    return jobs.find_job(text)


def read_arguments(
    record: Any, words: Iterable[str], given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the checked arguments of a run, as they are stored.

    Args:
        record: The job's record; its schema says what is asked for.
        words: `key=text` words; texts for lists are split at commas.
        given: Values from a file; the words win.

    Raises:
        ValidationError: With messages by variable.
    """
    schema = record.variables or []
    lists = {v["name"] for v in schema if v["kind"] in LIST_VARIABLES}
    files = {v["name"] for v in schema if v["kind"] == "file"}
    values = dict(given or {})
    for assignment in parse_assignments(words):
        if assignment.operator not in {"=", ":="}:
            raise RequestError(
                f"{assignment.key}{assignment.operator} does not fit a run;"
                f" write {assignment.key}=VALUE",
                on=assignment.key,
            )
        is_path = assignment.key in files
        value = assignment.text if is_path else assignment.value()
        if assignment.operator == "=" and assignment.key in lists:
            value = split_list(value)
        values[assignment.key] = value
    return serialise(validate(schema, values))


def takes(entry: Mapping[str, Any]) -> str:
    """Return what a variable takes in words: its kind, and what its values must fit."""
    parts = [str(entry["kind"]).replace("_", " ")]
    if "choices" in entry:
        parts.append("of " + ", ".join(str(value) for value, _ in entry["choices"]))
    if "model" in entry:
        parts.append(f"of {entry['model']}")
    for low, high, unit in BOUNDS:
        least, most = entry.get(low), entry.get(high)
        if least is not None and most is not None:
            parts.append(f"{least} to {most}{unit}")
        elif least is not None:
            parts.append(f"from {least}{unit}")
        elif most is not None:
            parts.append(f"up to {most}{unit}")
    if "regex" in entry:
        parts.append(f"like {entry['regex']}")
    for lookup, value in (entry.get("query_params") or {}).items():
        parts.append(f"{lookup}={value}")
    return " ".join(parts)
