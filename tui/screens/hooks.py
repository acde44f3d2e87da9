"""The list of hooks, and their form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from models.automation import catchup
from models.automation.ascode import refuse_managed
from models.automation.hooks import JobHook
from tui.actions import hooks as hook_actions
from tui.commands import Scope
from tui.lists.spec import ListColumn, ListSpec
from tui.looks.cells import cell
from tui.looks.statuses import switch_style, switch_word
from tui.nouns import configured
from tui.nouns.hooks import COLUMNS
from tui.screens.configured import ConfiguredCommands, ConfiguredForm, RowForm, Tried
from tui.screens.dialogs import ChoiceDialog
from tui.screens.hooks_form import HooksForm
from tui.screens.listing import ListScreen
from tui.screens.rehearsal import RehearsalScreen, rehearsal_words
from tui.widgets.bars import Question
from tui.widgets.columns import Column
from tui.widgets.fields import LongTextEdit
from tui.words.condition_words import Completion, complete

if TYPE_CHECKING:
    from collections import Counter

    from textual.events import DescendantFocus

    from models.automation.catchup import CaughtUp, Wanted
    from tui.widgets.fields import FieldEdited

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
STATE_SQL = (
    'CASE WHEN NOT "t1".enabled THEN \'off\' WHEN "t1".muted_until'
    " > CAST(strftime('%s') AS INTEGER) * 1000000 THEN 'muted' ELSE 'on' END"
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
        name_columns()[0],
        ListColumn(
            column=Column(
                id="enabled",
                title="Is",
                width=5,
                style=lambda word: STATES.get(word, "warning"),
            ),
            sql=STATE_SQL,
        ),
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

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._completion = Completion()

    def try_out(self, row: Any) -> Tried:
        """Judge the hook against past changes."""
        return Tried(rehearsal_words(row, self.user))

    # -- completing conditions

    @property
    def _lines(self) -> LongTextEdit | None:
        """Return what conditions are typed in, while it has the focus."""
        edit = self.fields["conditions"].edit
        is_there = isinstance(edit, LongTextEdit) and edit.has_focus
        return edit if is_there and isinstance(edit, LongTextEdit) else None

    def on_field_edited(self, message: FieldEdited) -> None:
        """Try the hook out, and look what the line may go on with."""
        super().on_field_edited(message)
        if message.name == "conditions":
            self._look_for_words()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say what to know about the field; offer words for conditions."""
        super().on_descendant_focus(event)
        self._look_for_words()

    def _look_for_words(self) -> None:
        edit = self._lines
        if edit is None:
            self._offer_words(Completion())
            return
        row, column = edit.cursor_location
        line = edit.document.get_line(row)[:column]
        labels = list(self.fields["object_types"].raw or ())
        self.ask(
            lambda: complete(line, labels),
            self._offer_words,
            group="words",
            exclusive=True,
        )

    def _offer_words(self, found: Completion) -> None:
        self._completion = found if self._lines is not None else Completion()
        self.key_line.show_choices(self._completion.words)

    def do_form_next(self) -> None:
        """Complete a condition if it can be; else go on to the next field."""
        edit, found = self._lines, self._completion
        if edit is None or not found.words or not found.typed:
            self._offer_words(Completion())
            super().do_form_next()
            return
        row, column = edit.cursor_location
        if not edit.document.get_line(row)[:column].endswith(found.typed):
            return  # typed on since the words were looked for
        start = (row, column - len(found.typed))
        edit.replace(found.addition, start, (row, column))
        edit.move_cursor((row, start[1] + len(found.addition)))


class HookCommands(ConfiguredCommands):
    """The commands of a hook."""

    FORM: ClassVar[type[RowForm]] = HookForm

    def do_hook_set(self) -> None:
        """Change the hook, or all that are marked."""
        rows = self.chosen_rows
        managed = next((row for row in rows if row.managed), None)
        if managed is not None:
            self.ask(lambda: refuse_managed(managed), lambda _: None)
        elif len(rows) > 1:
            self.app.push_screen(HooksForm(rows), self._form_left)
        else:
            self.edit_row()

    def do_hook_test(self) -> None:
        """Judge the hook against past changes."""
        self.app.push_screen(RehearsalScreen(self.row.id))

    def do_hook_enable(self) -> None:
        """Let the hook fire, or all that are marked."""
        self.switch_on()

    def do_hook_disable(self) -> None:
        """Keep the hook from firing, or all that are marked."""
        self.switch_off()

    def do_hook_catch_up(self) -> None:
        """Say what was missed, then run it."""
        hooks, user = self.chosen_rows, self.user

        def counted() -> tuple[Wanted, Counter[str]]:
            return hook_actions.wanted(hooks, user), hook_actions.missed_counts(hooks)

        self.ask(counted, self._offer_catch_up)

    def _offer_catch_up(self, found: tuple[Wanted, Counter[str]]) -> None:
        wanted, counts = found
        if not counts:
            self.hookline.say("Nothing was missed.")
            return
        options = [
            ("n", "Back"),
            ("y", "Run what can be run now"),
            ("f", "Give it up for good"),
        ]
        text = f"{hook_actions.words_of(counts)}."
        self.app.push_screen(
            ChoiceDialog("Catch up", text, options),
            lambda choice: self._catch_up(choice, wanted),
        )

    def _catch_up(self, choice: str | None, wanted: Wanted) -> None:
        store, by = self.store, self.user.username
        if choice == "y":
            self.ask(lambda: catchup.catch_up(store, wanted), self._caught_up)
        elif choice == "f":
            self.ask(lambda: catchup.pass_over(store, wanted, by=by), self._caught_up)

    def _caught_up(self, found: CaughtUp) -> None:
        if found.queued:
            self.hookline.latest_run = found.queued[-1]
        self.said(hook_actions.caught_up_words(found))

    def do_hook_mute(self) -> None:
        """Ask for how long, then mute."""
        hint = (
            "for how long: 90m, 2h, 1d; nothing: until unmuted. Then why, if you like"
        )
        self.bar.ask(Question(purpose="mute", prompt="mute ", hint=hint))

    def answer_mute(self, text: str) -> None:
        """Mute for the time that was typed; what follows it is the reason."""
        hooks, user = self.chosen_rows, self.user
        span, _, reason = text.strip().partition(" ")
        if span and not hook_actions.SPAN.fullmatch(span):
            span, reason = "", text.strip()
        self.ask(
            lambda: hook_actions.mute(hooks, user, span=span, reason=reason), self.said
        )

    def do_hook_unmute(self) -> None:
        """Let the hook fire again."""
        hooks, user = self.chosen_rows, self.user
        self.ask(lambda: hook_actions.unmute(hooks, user), self.said)

    def do_hook_reset(self) -> None:
        """Close the hook's breaker."""
        hooks, user = self.chosen_rows, self.user
        self.ask(lambda: hook_actions.reset(hooks, user), self.said)


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
