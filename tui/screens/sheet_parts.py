"""Parts that several sheets have: the latest results of something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.people.grants import visible
from models.runs.results import JobResult
from models.storage.store import current_store
from tui.looks.statuses import status_style
from tui.looks.times import duration, local
from tui.screens.sheet import Link, Styled, text_column

if TYPE_CHECKING:
    from models.people.access import User
    from tui.screens.sheet import Sheet

RESULTS_READ = 20_000
MOST_RESULTS = 10
RESULT_COLUMNS = (
    text_column("time", 16),
    text_column("status", 11),
    text_column("object", 20, grows=True),
    text_column("user", 10),
    text_column("took", 12),
)


def add_results(sheet: Sheet, condition: Any, user: User) -> None:
    """Add the latest results that fit, looked for without an index among the last."""
    rows = list(
        JobResult.select()
        .where(
            condition,
            visible(user, JobResult),
            JobResult.id > _last_result() - RESULTS_READ,
        )
        .order_by(JobResult.id.desc())
        .limit(MOST_RESULTS)
    )
    for row in rows:
        sheet.add(
            local(row.created),
            Styled(row.status, status_style(row.status)),
            row.object_name or "",
            row.user_name,
            duration(row.duration_s),
            link=Link("result", (row.id,)),
            name=str(row.id),
        )
    if not rows:
        sheet.say("None lately.")


def _last_result() -> int:
    found = current_store().execute("SELECT max(id) FROM job_result").fetchone()
    return int(found[0] or 0)
