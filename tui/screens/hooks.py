"""The list of hooks, and their form."""

from __future__ import annotations

from typing import Any, ClassVar

from models.hooks import JobHook
from tui.cells import cell
from tui.commands import Scope
from tui.list_spec import ListColumn, ListSpec
from tui.nouns import configured
from tui.nouns.hooks import COLUMNS
from tui.screens.configured import ConfiguredCommands, ConfiguredForm, Tried
from tui.screens.listing import ListScreen
from tui.screens.rehearsal import RehearsalScreen, rehearsal_words
from tui.statuses import switch_style, switch_word
from tui.widgets.columns import Column

EVENTS_SQL = (
    'CASE WHEN "t1".type_create AND "t1".type_update AND "t1".type_delete THEN \'all\''
    " ELSE rtrim(CASE WHEN \"t1\".type_create THEN 'create ' ELSE '' END"
    " || CASE WHEN \"t1\".type_update THEN 'update ' ELSE '' END"
    " || CASE WHEN \"t1\".type_delete THEN 'delete ' ELSE '' END) END"
)
JOB_SQL = (
    "(SELECT CASE WHEN j.error IS NOT NULL OR NOT j.installed THEN 'missing'"
    " WHEN j.enabled THEN 'on' ELSE 'off' END"
    ' FROM job_record AS j WHERE j.id = "t1".job_id)'
)
STATES = {"on": "success", "off": "muted", "missing": "error"}


def name_columns() -> tuple[ListColumn, ...]:
    """Return the columns that lists of hooks and of buttons begin with."""
    switch = Column(
        id="enabled", title="On", width=3, text=switch_word, style=switch_style
    )
    return (
        ListColumn(column=Column(id="name", title="Name", width=18, grows=True)),
        ListColumn(column=switch),
    )


def job_columns() -> tuple[ListColumn, ...]:
    """Return the columns of the job, and of how it stands."""
    state = Column(
        id="job_state",
        title="Job is",
        width=7,
        style=lambda word: STATES.get(word, ""),
        sortable=False,
    )
    return (
        ListColumn(column=Column(id="job", title="Job", width=13, grows=True)),
        ListColumn(column=state, sql=JOB_SQL),
    )


def types_column() -> ListColumn:
    """Return the column of object types."""
    return ListColumn(
        column=Column(
            id="object_types",
            title="Object types",
            width=12,
            text=lambda stored: cell(JobHook.object_types.python_value(stored)),
            sortable=False,
        )
    )


SPEC = ListSpec(
    model=JobHook,
    title="Hooks",
    columns=(
        *name_columns(),
        types_column(),
        ListColumn(
            column=Column(id="events", title="Events", width=13, sortable=False),
            sql=EVENTS_SQL,
        ),
        *job_columns(),
    ),
    sort=("name",),
    empty="There are no hooks yet. Press a to have a receiver run when objects change.",
    listing=configured.listing(JobHook, COLUMNS),
)


class HookForm(ConfiguredForm):
    """Make or change a hook."""

    MODEL: ClassVar[Any] = JobHook
    KIND: ClassVar[str] = "is_job_hook_receiver"
    TRIED: ClassVar[frozenset[str]] = frozenset(
        {"object_types", "events", "job", "conditions", "accept_chained"}
    )

    def try_out(self, row: Any) -> Tried:
        """Judge the hook against past changes."""
        return Tried(rehearsal_words(row))


class HookCommands(ConfiguredCommands):
    """The commands of a hook."""

    FORM: ClassVar[type[ConfiguredForm]] = HookForm

    def do_hook_set(self) -> None:
        """Change the hook."""
        self.edit_row()

    def do_hook_test(self) -> None:
        """Judge the hook against past changes."""
        self.app.push_screen(RehearsalScreen(self.row.id))

    def do_hook_enable(self) -> None:
        """Let the hook fire."""
        self.switch_on()

    def do_hook_disable(self) -> None:
        """Keep the hook from firing."""
        self.switch_off()


class HooksScreen(HookCommands, ListScreen):
    """All hooks, or those that fit a filter."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.HOOKS,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "hook.show",
        "hook.add",
        "hook.set",
        "hook.enable",
        "hook.disable",
    )
    ABOUT = (
        "A hook runs a receiver when an object of some types is created, updated or"
        " deleted. + and - turn it on and off; its screen says what it made of the"
        " latest changes."
    )

    def make_spec(self) -> ListSpec:
        """Return the list of hooks."""
        return SPEC

    def open_row(self, key: Any) -> None:
        """Open a hook."""
        self.hookline.open_place("hook", key)

    def do_hook_show(self) -> None:
        """Open the hook under the cursor."""
        if self.table is not None:
            self.table.action_open()

    def do_hook_add(self) -> None:
        """Make a hook."""
        self.add_row()

    def do_hook_delete(self) -> None:
        """Delete the hook under the cursor."""
        self.delete_row()
