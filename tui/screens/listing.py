"""A list of any length with a filter, an order, and marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Container

from models.people.access import why_not
from tui.commands import Scope
from tui.lists.marking import MOST_MARKED, keys_between
from tui.lists.sql import connector
from tui.screens.base import OPENS_BAR, HooklineScreen
from tui.widgets.bars import Question
from tui.widgets.table import ObjectTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.timer import Timer

    from tui.lists.pager import Direction, Key, ListQuery
    from tui.lists.spec import ListSpec

FILTER_PAUSE_S = 0.25
"""How long typing must rest before the list follows."""


class ListTable(ObjectTable):
    """A table whose screen asks what to look for at first."""

    def action_find_next(self, direction: Direction) -> None:
        """Let the screen look for the next match."""
        screen = self.screen
        if isinstance(screen, ListScreen):
            screen.find_from_here(direction)


class ListScreen(HooklineScreen[None]):
    """A screen that is one list.

    A subclass gives the spec, and opens a row.

    Args:
        line: The filter to begin with.
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LIST,)
    ABOUT = (
        "A list. / filters it: words search, field=value, field!=value, field~part and"
        " field__gt=value compare. s sorts by the column that h and l choose."
    )

    def __init__(self, line: str = "") -> None:
        super().__init__()
        self.spec = self.make_spec()
        self.first_line = self.line = line
        self.sort = self.spec.sort
        self.table: ListTable | None = None
        self._query: ListQuery | None = None
        self.body = Container(id="list")
        self._pause: Timer | None = None
        self._sought = ""
        self._line_before = line
        self._marking: set[Key] | None = None
        self._delayed: list[Callable[[], object]] = []

    def make_spec(self) -> ListSpec:
        """Return what is listed; a subclass writes this."""
        raise NotImplementedError

    def open_row(self, key: Any) -> None:
        """Open a row; a subclass writes this."""
        raise NotImplementedError

    # -- layout

    def compose_body(self) -> ComposeResult:
        """Leave room for the table."""
        yield self.body

    def on_mount(self) -> None:
        """Read what the filter means, then show the table."""
        self._note_filter()
        if self.line:
            self._apply(self.line)
        else:
            self._show(self.spec.query(self.user, ""))

    @property
    def crumb(self) -> str:
        """Return what the rows are called."""
        return self.spec.title

    def reload(self) -> None:
        """Show the rows as they are now."""
        if self.table is not None:
            self.table.reload()
        self.refresh_data()

    # -- rows

    @property
    def row_model(self) -> Any:
        """Return the class of the rows."""
        return self.spec.model

    def key_of(self, stored: Key) -> Any:
        """Return a row's key as Python has it."""
        return self.spec.model._meta.primary_key.python_value(stored)

    @property
    def row(self) -> Any:
        """Return the row under the cursor, read by its key."""
        key = None if self.table is None else self.table.cursor_key
        if key is None:
            return None
        model = self.spec.model
        return model.get_or_none(model._meta.primary_key == self.key_of(key))

    @property
    def chosen_keys(self) -> list[Any]:
        """Return the keys of the marked rows, else of the row under the cursor."""
        return (
            []
            if self.table is None
            else [self.key_of(k) for k in self.table.chosen_keys]
        )

    def on_object_table_opened(self, message: ObjectTable.Opened) -> None:
        """Open the row under the cursor."""
        self.open_row(self.key_of(message.key))

    # -- filter and order

    def _apply(self, line: str, sort: tuple[str, ...] | None = None) -> None:
        sort = self.sort if sort is None else sort
        user, spec = self.user, self.spec

        def done(query: ListQuery) -> None:
            self.line, self.sort = line, sort
            self.address = (*self.address[:-1], line)
            self._show(query)

        self.ask(
            lambda: spec.query(user, line, sort),
            done,
            failed=lambda error: self._refused(line, error),
            group="query",
            exclusive=True,
        )

    def _show(self, query: ListQuery) -> None:
        """Show the rows of a query, in the table or in a new one."""
        self._note_filter()
        self._query = query
        if self.table is not None:
            self.table.empty = self._empty
            self.table.set_query(query, sort=self._shown_sort)
            return
        look = self.hookline.look
        self.table = ListTable(
            connector(self.store),
            query,
            self.spec.looks,
            empty=self._empty,
            ascii_only=look.is_ascii,
            sort=self._shown_sort,
        )
        self.watch(self.table, "title_text", self._show_place)
        self.body.mount(self.table)
        self.table.focus()

    def _show_place(self, text: str) -> None:
        """Say which rows are shown."""
        self.title_line.show(right=text)

    def _refused(self, line: str, error: Exception) -> None:
        """Show what is wrong with a filter where it can be put right."""
        if self.bar.is_open:
            self.bar_problem(error)
            return
        self.hookline.say_error(error)
        if self.table is None:
            self._apply("")
        self._ask_filter(line)

    def bar_problem(self, error: Exception) -> None:
        """Say under the bar what is wrong with a half-typed filter."""
        self.key_line.show_choices([str(error)])

    @property
    def _shown_sort(self) -> tuple[str, bool] | None:
        if not self.sort:
            return None
        name = self.sort[0]
        return name.removeprefix("-"), name.startswith("-")

    @property
    def _empty(self) -> str:
        hidden = why_not(self.user, "view", self.spec.model)
        if hidden:
            return f"{hidden}.\nAsk a superuser of the store."
        if self.line:
            way = "clear it" if self.line != self.first_line else "go back"
            return (
                f"Nothing fits {self.line}\nPress / to change the filter, Esc to {way}."
            )
        return self.spec.empty

    def _note_filter(self) -> None:
        self.bar.note(f"/{self.line}" if self.line else "")

    def _ask_filter(self, line: str) -> None:
        self._line_before = self.line
        self.bar.ask(
            Question(purpose="filter", prompt="/", value=line, hint=FILTER_HINT)
        )

    def do_list_filter(self) -> None:
        """Ask for a filter."""
        self._ask_filter(self.line)

    def edit_filter(self, text: str) -> None:
        """Let the list follow what is typed, when the typing rests."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(FILTER_PAUSE_S, lambda: self._apply(text))

    def answer_filter(self, text: str) -> None:
        """Filter by what was typed."""
        if self._pause is not None:
            self._pause.stop()
        self._apply(text.strip())

    def leave_filter(self) -> None:
        """Go back to the filter that was there before one typed."""
        if self._pause is not None:
            self._pause.stop()
        if self.line != self._line_before:
            self._apply(self._line_before)

    def do_app_back(self) -> None:
        """Close the bar; else take off the filter, the marks; else leave."""
        if self.bar.is_open:
            self.bar.close()
        elif self.table is not None and self.table.marks:
            self.table.clear_marks()
        elif self.line != self.first_line:
            self._apply(self.first_line)
        else:
            self.go_back()

    def on_object_table_sort_requested(
        self, message: ObjectTable.SortRequested
    ) -> None:
        """Sort as the table asks."""
        sign = "-" if message.descending else ""
        self._apply(self.line, (sign + message.column,))

    def do_list_sort(self) -> None:
        """Sort by the selected column; once more turns the order round."""
        table = self.table
        if table is None:
            return
        if table.sort is not None and table.sort[0] == table.selected_column.id:
            table.reverse_sort()
        else:
            table.sort_by_selected()

    # -- finding and marking

    def do_list_next(self) -> None:
        """Go to the next match; asks what for at first."""
        self.find_from_here(1)

    def do_list_previous(self) -> None:
        """Go to the match before."""
        self.find_from_here(-1)

    def find_from_here(self, direction: Direction) -> None:
        """Go to the next row with what was looked for last; ask at first."""
        if self.table is None:
            return
        if self._sought:
            self.table.find(self._sought, direction)
        else:
            hint = "a part of any column"
            self.bar.ask(Question(purpose="find", prompt="find ", hint=hint))

    def answer_find(self, text: str) -> None:
        """Go to the first row that contains a text."""
        self._sought = text
        if self.table is not None:
            self.table.find(text)

    def on_paged_view_not_found(self, message: ObjectTable.NotFound) -> None:
        """Say that nothing contains the text."""
        self.hookline.say(f"No row contains {message.text!r}.", severity="warning")

    def do_list_mark_all(self) -> None:
        """Mark all rows that fit the filter."""
        spec, user, line = self.spec, self.user, self.line
        key = spec.model._meta.primary_key

        def read() -> set[Any]:
            query = spec.query_set(user, line).query.select(key)
            return {key.db_value(row[0]) for row in query.limit(MOST_MARKED).tuples()}

        self._begin_marking(read, self._mark)

    def _mark(self, keys: set[Any]) -> None:
        if self.table is not None:
            self.table.marks = set() if keys <= self.table.marks else keys
            self.table.show()

    def _begin_marking(
        self, read: Callable[[], set[Key]], then: Callable[[set[Key]], None]
    ) -> None:
        """Read what is to be marked; what is ordered meanwhile waits for the marks."""
        table = self.table
        if table is None:
            return
        self._marking = set(table.marks)

        def done(keys: set[Key]) -> None:
            toggled = table.marks ^ (self._marking or set())
            table.marks = self._marking or set()
            self._marking = None
            then(keys)
            table.marks ^= toggled
            self._do_delayed()

        def failed(error: Exception) -> None:
            self._marking = None
            self.hookline.say_error(error)
            self._do_delayed()

        self.ask(read, done, failed=failed)

    def when_marked(self, do: Callable[[], object]) -> None:
        """Do something now, or as soon as the rows are marked that are to be."""
        if self._marking is None:
            do()
        else:
            self._delayed.append(do)

    def _do_delayed(self) -> None:
        """Do what waited for the marks, until something else is asked."""
        early, self._delayed = self._delayed, []
        for do in early:
            if self.is_current:
                self.when_marked(do)

    def action_command(self, command_id: str) -> None:
        """Carry a command out on the rows that were marked before it."""
        command = super().action_command
        if command_id in OPENS_BAR:
            command(command_id)
        else:
            self.when_marked(lambda: command(command_id))

    def do_list_mark_range(self) -> None:
        """Mark all rows from the one marked last to the one under the cursor."""
        table, query = self.table, self._query
        if table is None or query is None or table.cursor_key is None:
            return
        if table.last_mark is None:
            table.action_mark()
            return
        first, last, connect = table.last_mark, table.cursor_key, connector(self.store)
        self._begin_marking(
            lambda: keys_between(connect, query, first, last), self._mark_more
        )

    def _mark_more(self, keys: set[Any]) -> None:
        if self.table is not None:
            self.table.marks |= keys
            self.table.last_mark = self.table.cursor_key
            self.table.show()

    def do_list_copy(self) -> None:
        """Copy the row's name to the clipboard."""
        row = self.row
        if row is not None:
            self.app.copy_to_clipboard(str(row))
            self.hookline.say(f"copied: {row}")


FILTER_HINT = "words, field=value, field!=value, field~part, field__gt=value"
