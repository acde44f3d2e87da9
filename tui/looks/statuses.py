"""How the statuses of runs, and switches, are shown: a word, and a style beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.runs.results import JobResult

if TYPE_CHECKING:
    from collections.abc import Iterable

STYLES = {
    "PENDING": "muted",
    "STARTED": "accent",
    "SUCCESS": "success",
    "FAILURE": "error",
    "INTERRUPTED": "warning",
    "REVOKED": "muted",
}


def status_style(status: str) -> str:
    """Return the style of a status."""
    return STYLES.get(status, "")


def switch_word(on: object) -> str:
    """Return how a switch is shown.

    >>> switch_word(True), switch_word(0)
    ('on', 'off')
    """
    return "on" if on else "off"


def switch_style(on: object) -> str:
    """Return the style of a switch."""
    return "success" if on else "muted"


def statuses_of(result_ids: Iterable[int]) -> dict[int, str]:
    """Return how runs stand, by their ids."""
    wanted = list(result_ids)
    if not wanted:
        return {}
    query = JobResult.select(JobResult.id, JobResult.status)
    return {row.id: row.status for row in query.where(JobResult.id.in_(wanted))}
