"""The facts of a job result: how it stands, what led to it, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from models.runs.queues import DEFAULT_QUEUE
from tui.looks.cells import cell, dumps
from tui.looks.statuses import status_style
from tui.looks.times import duration, exact, local
from tui.screens.sheet import Link, Sheet, Styled

if TYPE_CHECKING:
    import datetime as dt

    from tui.pages.result import ResultPage

BAR_CELLS = 20
KILOBYTE = 1024
ADDRESS = "hookline:"
CHANGE = "extras.objectchange"


def result_sheet(
    page: ResultPage,
    *,
    now: dt.datetime,
    is_runner_alive: bool,
    is_ascii: bool = False,
) -> Sheet:
    """Return the facts of a result at a moment."""
    row = page.row
    sheet = Sheet(f"Result {row.id}", row, is_ascii=is_ascii)
    words = status_words(page, now=now, is_runner_alive=is_runner_alive)
    sheet.fact("status", Styled(words, status_style(row.status)))
    sheet.fact("", advice(row))
    sheet.fact("progress", progress_bar(row.progress_done, row.progress_total))
    _add_causes(sheet, page)
    _add_outcome(sheet, page)
    return sheet


def status_words(page: ResultPage, *, now: dt.datetime, is_runner_alive: bool) -> str:
    """Return how a run stands: its status first, then what is to be known."""
    row = page.row
    match row.status:
        case "PENDING":
            return f"PENDING, {_why_pending(page, now, is_runner_alive)}"
        case "STARTED":
            words = f"STARTED {duration((now - row.started).total_seconds())} ago"
            return words + (", being cancelled" if row.cancel_requested else "")
    took = "" if row.duration_s is None else f" in {duration(row.duration_s)}"
    seen = ", not acknowledged" if page.is_unseen else ""
    return f"{row.status}{took}, {local(row.done)}{seen}"


def _why_pending(page: ResultPage, now: dt.datetime, is_runner_alive: object) -> str:
    row = page.row
    if page.is_paused:
        which = "" if row.queue == DEFAULT_QUEUE else f" {row.queue}"
        return f"the queue{which} is paused; `hookline queue resume` lets it go on"
    if row.due is not None and row.due > now:
        again = f" for attempt {row.attempt + 1}" if row.attempt else ""
        return f"waits until {local(row.due)}{again}"
    if not is_runner_alive:
        return "no runner is alive; `hookline --run` works it off"
    return "waits for its turn"


def advice(row: Any) -> str:
    """Return what to do about a run, where that is not plain."""
    if row.status == "INTERRUPTED":
        return "It had begun when its process died. r runs it again."
    return ""


def progress_bar(done: int | None, total: int | None) -> str:
    """Return how far a run is, in words and as a bar.

    >>> progress_bar(5, 20), progress_bar(7, None), progress_bar(None, None)
    ('[#####---------------] 5 of 20', '7 done', '')
    """
    if done is None:
        return ""
    if not total:
        return f"{done:,} done"
    filled = max(0, min(BAR_CELLS, BAR_CELLS * done // total))
    return f"[{'#' * filled:-<{BAR_CELLS}}] {done:,} of {total:,}"


def _who(row: Any) -> str:
    acted = f", for whom {row.acted_for} acted" if row.acted_for else ""
    return f"{row.user_name or 'nobody'}{acted}"


def _add_causes(sheet: Sheet, page: ResultPage) -> None:
    row = page.row
    job = None if row.job_id is None else Link("job", (row.job_id,))
    sheet.fact("job", f"{row.name} ({row.job_path})", link=job)
    if row.object_id is not None:
        key = UUID(bytes=bytes(row.object_id))
        name = f"{row.object_type} {row.object_name}"
        sheet.fact("object", name, link=Link("object", (row.object_type, key)))
    if page.change is not None:
        words = (
            f"{page.change.id}, {page.change.action.value} by {page.change.user_name}"
        )
        sheet.fact("change", words, link=Link("change", (page.change.id,)))
    if page.changes > 1:
        request = page.change.request_id if page.change is not None else None
        link = None if request is None else Link("changes", (f"request={request}",))
        sheet.fact("changes", f"{page.changes:,} in one run", link=link)
    for label, key, name in (
        ("hook", row.hook_id, page.hook),
        ("button", row.button_id, page.button),
        ("schedule", row.schedule_id, page.schedule),
    ):
        if key is not None:
            link = Link(label, (key,)) if name else None
            sheet.fact(label, name or f"{label} {key}, deleted", link=link)
    sheet.fact("fire time", exact(row.fire_time))
    sheet.fact("queued", f"{exact(row.created)} by {_who(row)}")
    if row.queue != DEFAULT_QUEUE:
        sheet.fact("queue", row.queue)
    sheet.fact("cancelled by", row.cancelled_by)
    for label, key in (("caused by", row.caused_by), ("repeats", row.rerun_of)):
        if key is not None:
            sheet.fact(label, f"result {key}", link=Link("result", (key,)))
    if page.rerun is not None:
        link = Link("result", (page.rerun,))
        sheet.fact("run again", f"as result {page.rerun}", link=link)


def _add_outcome(sheet: Sheet, page: ResultPage) -> None:
    row = page.row
    if row.attempt > 1:
        sheet.fact("attempt", str(row.attempt))
    if row.arguments:
        text = dumps(row.arguments, indent=2)
        sheet.fact("arguments", cell(row.arguments), text=text)
    if row.result is not None:
        whole = (
            row.result if isinstance(row.result, str) else dumps(row.result, indent=2)
        )
        sheet.fact("returned", cell(row.result) or "(empty)", text=whole)
    if row.error:
        style = "warning" if row.status == "INTERRUPTED" else "error"
        whole = row.traceback or row.error
        sheet.fact("error", Styled(first_line(row.error), style), text=whole)
    for number, file in enumerate(page.files):
        name = f"{file.name}, {size(file.size)}"
        sheet.add("files" if not number else "", name, link=Link("file", (file.id,)))


def first_line(text: str) -> str:
    """Return the first line of a text."""
    return (text.splitlines() or [""])[0]


def size(count: int) -> str:
    """Return a number of bytes for people.

    >>> size(12), size(2048), size(3_500_000)
    ('12 bytes', '2.0 KiB', '3.3 MiB')
    """
    if count < KILOBYTE:
        return f"{count} bytes"
    if count < KILOBYTE**2:
        return f"{count / KILOBYTE:.1f} KiB"
    return f"{count / KILOBYTE**2:.1f} MiB"


def address_link(address: str) -> Link | None:
    """Return where an address such as `hookline:dcim.device/UUID` leads."""
    label, _, key = address.removeprefix(ADDRESS).partition("/")
    if not address.startswith(ADDRESS) or not key:
        return None
    try:
        if label == CHANGE:
            return Link("change", (int(key),))
        return Link("object", (label, UUID(key)))
    except ValueError:
        return None
