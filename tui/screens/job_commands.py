"""What can be done with a job: trust it, run it, edit its file, begin a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from models.automation import configuring
from models.runs.jobs import (
    LIMITS,
    JobFacts,
    JobImportError,
    JobRecord,
    effective_limits,
)
from models.storage.store import current_store
from receivers.discovery import job_settings
from receivers.discovery.catalogue import ensure_fresh
from receivers.discovery.templates import write_template
from tui.actions import editor
from tui.actions.hooks import left_off
from tui.actions.job_runs import options_of, questions, run_by_hand
from tui.screens.base import HooklineScreen
from tui.screens.dialogs import ChoiceDialog, ConfirmDialog
from tui.screens.forms import FormScreen
from tui.screens.inputs_form import InputsForm
from tui.screens.text import TextScreen
from tui.widgets.bars import Question
from tui.words.form_values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from models.runs.results import JobResult
    from models.storage.store import Store

KINDS = (
    ("h", "Hook receiver: runs when objects change", "hook"),
    ("b", "Button receiver: runs on one object, when a person says so", "button"),
    ("j", "Job: runs by hand, from the command line or a schedule", "job"),
)
RUN, OPTIONS = "y", "o"
WAYS_TO_RUN = (
    ("n", "No"),
    (RUN, "Run it"),
    (OPTIONS, "Choose its queue, or have it profiled"),
)


def read_file(store: Store, source_path: str) -> str:
    """Read a file of jobs again; return what became of it."""
    ensure_fresh(store)
    broken = JobImportError.get_or_none(JobImportError.path == source_path)
    if broken is not None:
        return str(broken)
    records = JobRecord.select().where(JobRecord.source_path == source_path)
    off = [record.class_path for record in records if not record.enabled]
    if off:
        return f"{source_path} is read. + enables {', '.join(off)}."
    return f"{source_path} is read; the next run uses it."


def _limit(record: JobRecord, name: str, held: float) -> Value:
    """Return what a form shows of a limit: one of the store's, else which one holds."""
    own = getattr(record, name)
    if name in record.overrides:
        return Value(raw=f"{own:.15g}", text=f"{own:.15g}")
    whose = "the class's" if own else "the setting's"
    return Value(text=f"{held:.15g}: {whose}")


class JobForm(FormScreen):
    """What a store says of a job in place of its class."""

    def __init__(self, job_id: int) -> None:
        super().__init__(JobRecord, job_id)

    def start_values(self, row: Any) -> Mapping[str, Value]:
        """Leave limits empty that are not set here; say which ones hold."""
        holding = effective_limits(current_store(), JobFacts.of(row))
        limits = {
            name: _limit(row, name, held)
            for name, held in zip(LIMITS, holding, strict=True)
        }
        return {**super().start_values(row), **limits}

    def save(self, values: Mapping[str, Any], reason: str, *, force: bool) -> Any:  # noqa: ARG002 - a form's arguments
        """Override what was changed."""
        return job_settings.override_job(self.read_row(), self.user, values)

    def _saved(self, saved: Any) -> None:
        self.is_saving = False
        self.hookline.say(str(saved))
        self.dismiss(saved)


class JobCommands(HooklineScreen[None]):
    """Commands on the job under the cursor, or on the one the screen is about."""

    # -- trust

    def do_job_enable(self) -> None:
        """Trust the job's code as it is now."""
        record, user = self.row, self.user
        self.ask(
            lambda: configuring.enable(record, user),
            lambda _: self.said(f"{record.class_path} is enabled.{left_off(record)}"),
        )

    def do_job_disable(self) -> None:
        """Keep the job from running."""
        record, user = self.row, self.user
        self.ask(
            lambda: configuring.disable(record, user),
            lambda _: self.said(f"{record.class_path} is disabled."),
        )

    def said(self, text: str) -> None:
        """Say what was done, and show it."""
        self.hookline.say(text)
        self.reload()

    def do_job_set(self) -> None:
        """Open the form of the job's settings."""
        self.app.push_screen(JobForm(self.row.id), self._settings_left)

    def _settings_left(self, saved: Any) -> None:
        if saved is not None:
            self.reload()

    def do_job_reset(self) -> None:
        """Take the job's settings back to what its class says."""
        record, user = self.row, self.user
        names = ", ".join(record.overrides)

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self.ask(lambda: job_settings.reset_job(record, user), self.said)

        words = f"{names} of {record.name}"
        self.app.push_screen(ConfirmDialog("As in the class?", words), answered)

    def do_job_delete(self) -> None:
        """Ask, then delete the job's record."""
        record, user = self.row, self.user

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self.ask(lambda: job_settings.delete_job(record, user), self._deleted)

        words = "Its hooks and buttons go with it, its results stay."
        self.app.push_screen(ConfirmDialog(f"Delete {record.name}?", words), answered)

    def _deleted(self, text: str) -> None:
        self.said(text)

    # -- runs

    def do_job_run(self) -> None:
        """Ask for the job's inputs, then run it and show its result."""
        record = self.row
        self.ask(lambda: options_of(record), lambda found: self._ask(record, found))

    def _ask(self, record: JobRecord, options: list[dict[str, Any]]) -> None:
        user = self.user
        schema = questions(record)
        form = InputsForm(
            f"Run {record.name}",
            record.class_path,
            schema,
            lambda values: run_by_hand(record, user, values),
            options=options,
        )

        def answered(choice: str | None) -> None:
            if choice == RUN:
                self.ask(lambda: run_by_hand(record, user, {}), self._queued)
            elif choice == OPTIONS:
                self.app.push_screen(form, self._queued)

        if schema:
            self.app.push_screen(form, self._queued)
        else:
            title, choices = f"Run {record.name}?", WAYS_TO_RUN
            self.app.push_screen(
                ChoiceDialog(title, record.class_path, choices), answered
            )

    def _queued(self, result: JobResult | Any) -> None:
        if result is not None:
            self.hookline.open_place("result", result.id)

    # -- files

    def do_job_edit(self) -> None:
        """Open the job's file in the editor."""
        record = self.row
        self.edit_file(record.source_path, record.source_line)

    def edit_file(self, source_path: str, line: int) -> None:
        """Open a file of the jobs folder in the editor, then read the jobs anew."""
        root = self.store.jobs_root
        path = root / source_path
        if not path.is_file():
            self.hookline.say(f"There is no file {path}.", severity="warning")
        elif not path.is_relative_to(root):
            self.hookline.say(
                f"{path} belongs to a package. Copy it into {root} to change it.",
                severity="warning",
            )
        elif self.run_editor(path, line):
            self.ask(lambda: read_file(self.store, source_path), self.said)

    def show_source(self, source_path: str, line: int) -> None:
        """Show a job's code, to be read before it is trusted."""
        path = self.store.jobs_root / source_path
        self.ask(
            lambda: path.read_text(encoding="utf-8", errors="replace"),
            lambda text: self.app.push_screen(TextScreen(str(path), text, line=line)),
        )

    def run_editor(self, path: Path, line: int) -> bool:
        """Hand the terminal to the editor; return whether it could be."""
        try:
            with self.app.suspend():
                editor.edit(path, line)
        except SuspendNotSupported:
            self.hookline.say(f"This terminal cannot be handed on; edit {path}.")
            return False
        except Exception as error:  # the screen's border: it is shown
            self.hookline.say_error(error)
        return True

    def do_job_new(self) -> None:
        """Ask what the new job is called."""
        self.bar.ask(
            Question(
                purpose="new_job",
                prompt="new job: ",
                hint="module.Class, as in guards.SerialGuard",
            )
        )

    def answer_new_job(self, name: str) -> None:
        """Ask what will run it, then write its file."""
        if not name.strip():
            return

        def chosen(letter: str | None) -> None:
            kind = next((k for key, _, k in KINDS if key == letter), None)
            if kind is not None:
                self._write_job(name.strip(), kind)

        options = [(key, words) for key, words, _ in KINDS]
        self.app.push_screen(
            ChoiceDialog(f"What is {name.strip()}?", "", options), chosen
        )

    def _write_job(self, name: str, kind: str) -> None:
        folder = self.store.jobs_root
        user = self.user

        self.ask(lambda: write_template(folder, name, kind, user), self._written)

    def _written(self, path: Path) -> None:
        self.edit_file(str(path.relative_to(self.store.jobs_root)), 1)
