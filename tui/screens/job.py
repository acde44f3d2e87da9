"""One job: what its code says of itself, what it asks for, and what runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.automation.buttons import JobButton
from models.automation.hooks import JobHook
from models.people.grants import visible
from models.runs.jobs import JobFacts, JobRecord, effective_limits
from models.runs.results import JobResult
from models.storage.store import current_store
from models.timing.schedules import JobSchedule
from tui.actions.scheduling import when
from tui.commands import Scope
from tui.looks.cells import cell
from tui.looks.statuses import switch_style, switch_word
from tui.looks.times import duration
from tui.screens.configured import job_state
from tui.screens.hooks import STATES
from tui.screens.job_commands import JobCommands
from tui.screens.sheet import Link, Sheet, SheetScreen, Styled, text_column
from tui.screens.sheet_parts import RESULT_COLUMNS, add_results
from tui.words.jobs import takes

if TYPE_CHECKING:
    from models.people.access import User

VARIABLE_COLUMNS = (
    text_column("name", 16),
    text_column("takes", 26, grows=True),
    text_column("default", 12),
    text_column("description", 16, grows=True),
)
USER_COLUMNS = (
    text_column("noun", 8),
    text_column("name", 24),
    text_column("on", 3),
    text_column("types", 20, grows=True),
)
KIND_WORDS = {
    "hook": "hook receiver, for changes of objects",
    "button": "button receiver, for one object",
    "job": "job, run by hand or by a schedule",
    "system": "job that Hookline itself needs",
}
FLAGS = (
    ("read_only", "read only"),
    ("supports_dryrun", "has a dry run"),
    ("hidden", "hidden"),
)


def job_sheet(job_id: int, user: User, *, is_ascii: bool = False) -> Sheet:
    """Return the page of a job; it says so when there is none."""
    record = JobRecord.get_or_none(JobRecord.id == job_id, visible(user, JobRecord))
    if record is None:
        sheet = Sheet(f"Job {job_id}", is_ascii=is_ascii)
        sheet.say("There is no such job.")
        return sheet
    sheet = Sheet(f"Job {record.name}", record, is_ascii=is_ascii)
    _add_facts(sheet, record)
    _add_variables(sheet, record)
    _add_users(sheet, record)
    sheet.begin("Latest results", RESULT_COLUMNS)
    add_results(sheet, JobResult.job == record, user)
    link = Link("results", (f"job={record.class_path}",))
    sheet.begin("")
    sheet.add("", "all its results", link=link, name="results")
    return sheet


def _add_facts(sheet: Sheet, record: Any) -> None:
    state = job_state(record)
    words = {"off": "off: + enables it, once you have read its code"}.get(state, state)
    sheet.fact("job is", Styled(words, STATES[state]))
    if record.error:
        sheet.fact("error", Styled(record.error, "error"))
    if record.is_changed:
        held = current_store().settings.jobs.require_reapproval
        changed = "its code has changed since it was enabled"
        changed += "; it does not run until + enables it again" if held else ""
        sheet.fact("", Styled(changed, "warning"))
    sheet.fact("class", record.class_path)
    source = Link("source", (record.source_path, record.source_line))
    sheet.fact("file", record.place, link=source)
    sheet.fact("kind", KIND_WORDS[record.kind])
    sheet.fact("group", record.grouping)
    sheet.fact("description", record.description)
    sheet.fact("limits", _limits(record))
    sheet.fact("queue", record.queue)
    own = ", ".join(record.overrides)
    sheet.fact("set here", f"{own}: O takes them back to the class's" if own else "")
    flags = [words for name, words in FLAGS if getattr(record, name)]
    sheet.fact("runs", ", ".join([*_delivery(record), *flags]))


def _limits(record: Any) -> str:
    limits = effective_limits(current_store(), JobFacts.of(record))
    soft, hard = map(duration, limits)
    return f"asked to stop after {soft}, stopped after {hard}"


def _delivery(record: Any) -> list[str]:
    words = [f"delivery {record.delivery}", f"overlap {record.overlap}"]
    if record.retries:
        words.append(f"up to {record.retries} retries")
    if record.batch:
        words.append(f"up to {record.batch} changes at once")
    return words


def _add_variables(sheet: Sheet, record: Any) -> None:
    sheet.begin("Asks for", VARIABLE_COLUMNS)
    for entry in record.variables or []:
        required = entry.get("required") and entry.get("default") is None
        about = entry.get("description") or entry["label"]
        sheet.add(
            entry["name"],
            takes(entry),
            "required" if required else cell(entry.get("default")),
            about,
            text=f"{about}\n{takes(entry)}",
            name=entry["name"],
        )


def _add_users(sheet: Sheet, record: Any) -> None:
    sheet.begin("Used by", USER_COLUMNS)
    for place, model in (("hook", JobHook), ("button", JobButton)):
        for row in model.select().where(model.job == record).order_by(model.name):
            sheet.add(
                place,
                row.name,
                Styled(switch_word(row.enabled), switch_style(row.enabled)),
                ", ".join(row.object_types),
                link=Link(place, (row.id,)),
                name=f"{place} {row.id}",
            )
    for row in JobSchedule.select().where(JobSchedule.job == record):
        sheet.add(
            "schedule",
            row.name,
            Styled(switch_word(row.enabled), switch_style(row.enabled)),
            when(row),
            link=Link("schedule", (row.id,)),
            name=f"schedule {row.id}",
        )
    sheet.begin("", has_gap=False)
    if record.kind != "hook" and not record.has_sensitive_variables:
        link = Link("new schedule", (record.id,))
        sheet.add("new", "schedule that runs it", link=link, name="plan")
    if record.kind in {"hook", "button"}:
        link = Link(f"new {record.kind}", (record.id,))
        sheet.add("new", f"{record.kind} that runs it", link=link, name="add")


class JobScreen(JobCommands, SheetScreen):
    """The screen of a job.

    Args:
        job_id: The job record.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.JOB,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "job.enable",
        "job.disable",
        "job.edit",
        "job.run",
        "job.set",
    )
    ABOUT = (
        "One job: where its code stands, what it asks for, which hooks, buttons and"
        " schedules run it, and its latest results. Enabling it says that you trust its"
        " code."
    )

    def __init__(self, job_id: int) -> None:
        super().__init__()
        self.job_id = job_id

    def read(self) -> Sheet:
        """Put the page together."""
        return job_sheet(self.job_id, self.user, is_ascii=self.is_ascii)

    def open_link(self, link: Link) -> None:
        """Open a screen, or the form of what runs this job."""
        if link.place == "new hook":
            from tui.screens.hooks import HookForm

            self.app.push_screen(HookForm(given={"job": self.row}), self._added)
        elif link.place == "new schedule":
            from tui.screens.schedules_form import ScheduleForm

            self.app.push_screen(ScheduleForm(given={"job": self.row}), self._added)
        elif link.place == "new button":
            from tui.screens.buttons import ButtonForm

            self.app.push_screen(ButtonForm(given={"job": self.row}), self._added)
        elif link.place == "source":
            self.show_source(*link.arguments)
        else:
            super().open_link(link)

    def _added(self, saved: object) -> None:
        if saved is not None:
            self.reload()
