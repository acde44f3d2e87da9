"""The list of jobs, with the files that cannot be loaded above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from models.runs.jobs import SYSTEM_JOBS, JobImportError, JobRecord
from tui.commands import Scope
from tui.lists.spec import ListColumn, ListSpec
from tui.nouns.jobs import LISTING
from tui.screens.hooks import STATES
from tui.screens.job_commands import JobCommands
from tui.screens.listing import ListScreen
from tui.screens.sheet import FactList, Styled, text_column
from tui.screens.text import TextScreen
from tui.widgets.columns import Column
from tui.widgets.sections import Item, Section, SectionList

if TYPE_CHECKING:
    from textual.app import ComposeResult

KIND_SQL = (
    f"CASE WHEN \"t1\".module_name LIKE '{SYSTEM_JOBS}%' THEN 'system'"
    " WHEN \"t1\".is_job_hook_receiver THEN 'hook'"
    " WHEN \"t1\".is_job_button_receiver THEN 'button' ELSE 'job' END"
)
STATE_SQL = (
    'CASE WHEN "t1".error IS NOT NULL OR NOT "t1".installed THEN \'missing\''
    " WHEN \"t1\".enabled THEN 'on' ELSE 'off' END"
)
PATH_SQL = '"t1".module_name || \'.\' || "t1".job_class_name'

SPEC = ListSpec(
    model=JobRecord,
    title="Jobs",
    columns=(
        ListColumn(column=Column(id="name", title="Name", width=22, grows=True)),
        ListColumn(
            column=Column(
                id="state",
                title="Is",
                width=7,
                style=lambda word: STATES.get(word, ""),
                sortable=False,
            ),
            sql=STATE_SQL,
        ),
        ListColumn(column=Column(id="kind", title="Kind", width=6), sql=KIND_SQL),
        ListColumn(
            column=Column(id="job", title="Class path", width=35, grows=True),
            sql=PATH_SQL,
        ),
        ListColumn(column=Column(id="grouping", title="Group", width=14)),
        ListColumn(column=Column(id="error", title="Error", width=16, grows=True)),
    ),
    sort=("name",),
    empty=(
        "There are no jobs yet. Press a to begin a file of your own, or copy one into"
        " the jobs folder."
    ),
    listing=LISTING,
)
ERROR_COLUMNS = (text_column("place", 20), text_column("message", 40, grows=True))


@dataclass(frozen=True)
class Broken:
    """A file that cannot be loaded, as a row of the list."""

    path: str
    line: int
    text: str


def broken_section(errors: list[Any]) -> Section:
    """Return the files that cannot be loaded, with what is wrong and what to do."""
    items = []
    for error in errors:
        place = f"{error.path}:{error.line}"
        text = f"{place}\n\n{error.message}\n\n{error.hint}".strip()
        key = Broken(error.path, error.line, text)
        values = (Styled(place, "error"), error.message)
        items.append(Item(key=key, values=values))
        if error.hint:
            items.append(Item(key=None, values=("", Styled(error.hint, "muted"))))
    problems = f"{len(errors)} problem{'s' if len(errors) != 1 else ''}"
    files = len({error.path for error in errors})
    return Section(
        title=f"{problems} in {files} file{'s' if files != 1 else ''}",
        columns=ERROR_COLUMNS,
        items=tuple(items),
    )


class JobsScreen(JobCommands, ListScreen):
    """All jobs, or those that fit a filter."""

    CSS_PATH = "jobs.tcss"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.JOBS,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "job.new",
        "job.enable",
        "job.disable",
        "job.edit",
        "job.run",
    )
    ABOUT = (
        "The classes found in the jobs folder and in installed packages. A new one is"
        " off until you have read its code and enabled it with +. Files that cannot be"
        " loaded stand above; Tab goes there, e opens the line in your editor."
    )

    def __init__(self, line: str = "") -> None:
        super().__init__(line)
        self.broken = FactList(id="broken")

    def make_spec(self) -> ListSpec:
        """Return the list of jobs."""
        return SPEC

    def compose_body(self) -> ComposeResult:
        """Lay out the broken files above the jobs."""
        yield self.broken
        yield from super().compose_body()

    def on_mount(self) -> None:
        """Show the jobs, and which files cannot be loaded."""
        self.broken.ascii_only = self.hookline.look.is_ascii
        super().on_mount()
        self.refresh_data()

    def read(self) -> list[Any]:
        """Read which files cannot be loaded."""
        return list(JobImportError.select().order_by(JobImportError.id))

    def show_data(self, data: list[Any]) -> None:
        """Show which files cannot be loaded."""
        self.broken.set_class(not data, "-none")
        self.broken.can_focus = bool(data)
        self.broken.show([broken_section(data)] if data else [])

    def on_section_list_chosen(self, message: SectionList.Chosen) -> None:
        """Show what is wrong with a file, and what to do."""
        message.stop()
        if isinstance(message.key, Broken):
            self.app.push_screen(TextScreen(message.key.path, message.key.text))

    def open_row(self, key: Any) -> None:
        """Open a job."""
        self.hookline.open_place("job", key)

    def do_job_show(self) -> None:
        """Open the job under the cursor, or what is wrong with a file."""
        if self.broken.has_focus:
            self.broken.action_choose()
        elif self.table is not None:
            self.table.action_open()

    def do_job_edit(self) -> None:
        """Edit the file under the cursor, in whichever list it is."""
        key = self.broken.key
        if self.broken.has_focus and isinstance(key, Broken):
            self.edit_file(key.path, key.line)
        else:
            super().do_job_edit()
