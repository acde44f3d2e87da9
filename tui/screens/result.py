"""One job result, live: how it stands, what led to it, and its log as it is written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from models.people.grants import visible
from models.runs.attention import acknowledge
from models.runs.results import JobFile, JobLogEntry
from receivers.queueing import cancelling
from tui.actions import export as result_export
from tui.actions import results as result_actions
from tui.actions.job_runs import PROFILE, QUEUE, options_of
from tui.commands import Command, Scope
from tui.pages.result import ResultPage, older_entries, read_page, traceback_lines
from tui.screens.dialogs import ConfirmDialog
from tui.screens.inputs_form import InputsForm
from tui.screens.pickers import PickerDialog
from tui.screens.result_sheet import address_link, result_sheet
from tui.screens.sheet import FactList, Link, Sheet, SheetScreen, Spot
from tui.screens.text import TextScreen
from tui.widgets.bars import Question, TitleLine
from tui.widgets.cursor_log import CursorLog
from tui.words.form_values import Option, Value

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.lists.log_lines import LogLine

TICK_S = 0.5
LEVELS = ("", "warning", "error")
LARGEST_SHOWN = 1024 * 1024


def counts(row: Any) -> str:
    """Return how many warnings and errors a run has logged; nothing for none."""
    parts = (("warning", row.warning_log_count), ("error", row.error_log_count))
    return "".join(f", {n:,} {word}{'s' if n > 1 else ''}" for word, n in parts if n)


class ResultScreen(SheetScreen):
    """The screen of a job result.

    Args:
        result_id: The result.
    """

    CSS_PATH = "result.tcss"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.RESULT,)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "result.cancel",
        "result.rerun",
        "result.ack",
        "result.search",
        "result.level",
    )
    ABOUT = (
        "One run of a job, live. Tab goes from the log to the facts above it and back;"
        " Enter opens what a row or a log entry is about. In the log up stops to read,"
        " G follows again, v leaves out lower levels, / filters by a text."
    )

    def __init__(self, result_id: int) -> None:
        super().__init__()
        self.result_id = result_id
        self.page: ResultPage | None = None
        self.list = FactList(id="facts")
        self.log_title = TitleLine()
        self.log_view = CursorLog(load_older=self._older, id="log")
        self._last_entry = 0
        self._has_traceback = False
        self._level = 0
        self._file: Any = None

    def compose_body(self) -> ComposeResult:
        """Lay out the facts above the log."""
        yield self.list
        yield self.log_title
        yield self.log_view

    def on_mount(self) -> None:
        """Begin in the log, and let the clock of a run tick."""
        super().on_mount()
        self.log_title.show(left="Log")
        self.watch(self.log_view, "title_text", self._show_log_title)
        self.log_view.focus()
        self.set_interval(TICK_S, self._tick)

    # -- reading

    def read(self) -> Any:
        """Read the result and its new log entries."""
        return read_page(self.store, self.user, self.result_id, self._last_entry)

    def show_data(self, data: Any) -> None:
        """Show the facts, and add to the log."""
        page: ResultPage = data
        self.page = page
        if page.row is None:
            sheet = Sheet(f"Result {self.result_id}", is_ascii=self.is_ascii)
            sheet.say("There is no such job result.")
            super().show_data(sheet)
            return
        self._add_entries(page)
        if page.no_log:
            self.log_title.show(left=f"Log: {page.no_log}")
        self._show_facts()
        if page.has_more:
            self.refresh_data()

    def _add_entries(self, page: ResultPage) -> None:
        if page.entries:
            self._last_entry = page.entries[-1].id
            self.log_view.append(page.entries)
        if page.row.is_over and not page.has_more and not self._has_traceback:
            self._has_traceback = True
            self.log_view.append(traceback_lines(page.row))

    def _older(self, before: int, most: int) -> list[LogLine]:
        return older_entries(self.store, self.user, self.result_id, before, most)

    def _show_facts(self) -> None:
        assert self.page is not None
        sheet = result_sheet(
            self.page,
            now=dt.datetime.now(dt.UTC),
            is_runner_alive=self.hookline.is_runner_alive,
            is_ascii=self.is_ascii,
        )
        super().show_data(sheet)

    def _tick(self) -> None:
        """Let the duration of a run grow; nothing is sent for one that is over."""
        if (
            self.is_current
            and self.page
            and self.page.row
            and not self.page.row.is_over
        ):
            self._show_facts()

    def _show_log_title(self, text: str) -> None:
        level = LEVELS[self._level]
        shown = f"{text}, {level} and above" if level else text
        grouping = self.log_view.log_lines.grouping
        shown += f", of {grouping}" if grouping else ""
        row = None if self.page is None else self.page.row
        if row is not None and row.is_over:
            shown = shown.replace(", following", "") + counts(row)
        self.log_title.show(right=shown)

    # -- going on from here

    def open_link(self, link: Link) -> None:
        """Open a screen, or a file that the run made."""
        if link.place == "file":
            file_id = link.arguments[0]
            self.ask(lambda: self._read_file(file_id), self._show_file)
        else:
            super().open_link(link)

    def _read_file(self, file_id: int) -> tuple[str, str]:
        file = JobFile.get(JobFile.id == file_id, JobFile.result == self.result_id)
        path: Path = self.store.files_folder / file.path
        return file.name, f"{path}\n\n{_text_in(path)}"

    def _show_file(self, found: tuple[str, str]) -> None:
        self.app.push_screen(TextScreen(*found))

    def on_cursor_log_opened(self, message: CursorLog.Opened) -> None:
        """Go to the object that a log entry is about, else show it whole."""
        message.stop()
        line = message.line
        query = JobLogEntry.select().where(
            JobLogEntry.id == line.id, visible(self.user, JobLogEntry)
        )

        def done(entry: Any) -> None:
            link = None if entry is None else address_link(entry.object_url)
            text = line.message if entry is None else entry.message
            name = f"entry {line.id}" if entry else "traceback"
            self.open_spot(Spot(name, link, f"{name} of {self.title}", text or " "))

        self.ask(query.first, done, group="entry", exclusive=True)

    def do_page_object(self) -> None:
        """Open the object that the run is about."""
        self._open_fact("object")

    def do_result_change(self) -> None:
        """Open the change that led to the run."""
        self._open_fact("change")

    def _open_fact(self, label: str) -> None:
        spot = next(
            (
                k
                for k in self.list.keys
                if isinstance(k, Spot) and k.name == f"/{label}"
            ),
            None,
        )
        if spot is None:
            self.hookline.say(f"The {label} is gone.", severity="warning")
        else:
            self.open_spot(spot)

    # -- the log

    def do_result_follow(self) -> None:
        """Follow the log, or stop following."""
        self.log_view.action_toggle_follow()

    def do_result_level(self) -> None:
        """Leave out lower levels, in turns."""
        self._level = (self._level + 1) % len(LEVELS)
        self.log_view.set_level(LEVELS[self._level])
        self._show_log_title(self.log_view.title_text)

    def do_result_grouping(self) -> None:
        """Ask which grouping's entries to show; `All` shows every one."""
        lines = self.log_view.log_lines

        def find(text: str) -> list[Option]:
            names = [name for name in lines.groupings if text.lower() in name.lower()]
            every = Option(value=Value(raw="", text="All"))
            return [every, *(Option(value=Value(raw=n, text=n)) for n in names)]

        def chosen(options: list[Option] | None) -> None:
            if options:
                self.log_view.set_grouping(str(options[0].value.raw))
                self._show_log_title(self.log_view.title_text)

        self.app.push_screen(PickerDialog("Grouping", find), chosen)

    def do_result_export(self) -> None:
        """Ask for the file to write the log to."""
        self.bar.ask(
            Question(
                purpose="export",
                prompt="write the log to: ",
                value=f"result-{self.result_id}.log",
                hint=".log, .json or .csv",
            )
        )

    def answer_export(self, text: str) -> None:
        """Write the log, as it is filtered, to a file."""
        row, user, level = self.row, self.user, LEVELS[self._level]
        grouping = self.log_view.log_lines.grouping or None
        if text.strip():
            self.ask(
                lambda: result_export.write_export(
                    row,
                    result_export.chosen_entries(
                        row, user, level=level, grouping=grouping
                    ),
                    Path(text.strip()),
                    user,
                ),
                lambda path: self.hookline.say(f"The log is written to {path}."),
            )

    def do_result_file(self) -> None:
        """Ask where to save the file under the cursor, or the only one."""
        spot = self.list.key
        link = spot.link if isinstance(spot, Spot) else None
        files = [] if self.page is None else list(self.page.files)
        if link is not None and link.place == "file":
            files = [file for file in files if file.id == link.arguments[0]]
        if len(files) != 1:
            what = "Put the cursor on a file." if files else "The run made no files."
            self.hookline.say(what, severity="warning")
            return
        self._file = files[0]
        self.bar.ask(
            Question(purpose="save_file", prompt="save as: ", value=files[0].name)
        )

    def answer_save_file(self, text: str) -> None:
        """Copy the file out of the store."""
        file = self._file
        if text.strip():
            self.ask(
                lambda: result_export.save_file(file, Path(text.strip())),
                lambda path: self.hookline.say(f"Saved as {path}."),
            )

    def do_result_search(self) -> None:
        """Ask for a text that log entries must have."""
        text = self.log_view.log_lines.text
        self.bar.ask(
            Question(purpose="search", prompt="/", value=text, hint="a part of a line")
        )

    def edit_search(self, text: str) -> None:
        """Filter the log while one types."""
        self.log_view.set_filter(text)

    def answer_search(self, text: str) -> None:
        """Filter the log."""
        self.log_view.set_filter(text)
        self.bar.note(f"/{text}" if text else "")

    def do_app_back(self) -> None:
        """Close the bar; else take off the filter; else leave."""
        lines = self.log_view.log_lines
        if not self.bar.is_open and (lines.text or lines.grouping):
            self.log_view.set_grouping("")
            self.answer_search("")
        else:
            super().do_app_back()

    # -- what can be done with the run

    def why_not(self, command: Command) -> str | None:
        """Say why a command is not available; only failures are acknowledged."""
        reason = super().why_not(command)
        if reason is None and command.id == "result.ack" and not self._is_unseen:
            return "there is nothing to acknowledge"
        return reason

    @property
    def _is_unseen(self) -> bool:
        return self.page is not None and self.page.is_unseen

    def do_result_rerun(self) -> None:
        """Queue the same run again, and show it; ask for its inputs if it has some."""
        row, user = self.row, self.user
        schema = [] if row.job is None else list(row.job.variables or [])
        if not schema:
            self.ask(lambda: result_actions.rerun(row, user), self._queued_again)
            return

        def ask_inputs(options: list[dict[str, Any]]) -> None:
            form = InputsForm(
                f"Run {row.name} again",
                row.job_path,
                schema,
                lambda values: result_actions.rerun_with(row, user, values),
                inputs={**row.arguments, QUEUE: row.queue, PROFILE: row.profile},
                options=options,
            )
            self.app.push_screen(form, self._queued_again)

        self.ask(lambda: options_of(row.job), ask_inputs)

    def _queued_again(self, new: Any) -> None:
        if new is not None:
            self.hookline.open_place("result", new.id)

    def do_result_cancel(self) -> None:
        """Ask, then take the run off the queue or stop it."""
        row, user = self.row, self.user

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - an answer
            if yes:
                self.ask(lambda: cancelling.cancel(row, user), self._cancelled)

        words = "It runs; its process is ended." if row.status == "STARTED" else ""
        self.app.push_screen(ConfirmDialog(f"Cancel {row}?", words), answered)

    def _cancelled(self, status: str) -> None:
        done = status == "REVOKED"
        self.hookline.say("It is cancelled." if done else "It is being stopped.")
        self.refresh_data()

    def do_result_ack(self) -> None:
        """Mark the failed run as seen."""
        key, user = self.result_id, self.user
        self.ask(lambda: acknowledge(user, [key]), self._acknowledged)

    def _acknowledged(self, count: int) -> None:
        said = "Acknowledged." if count else "There was nothing to acknowledge."
        self.hookline.say(said)
        self.refresh_data()


def _text_in(path: Path) -> str:
    """Return what is in a file, if it is text of a size that can be shown."""
    try:
        content = path.read_bytes()[:LARGEST_SHOWN]
        return content.decode()
    except FileNotFoundError:
        return "The file is gone."
    except (OSError, UnicodeDecodeError) as error:
        return f"It cannot be shown: {error}"
