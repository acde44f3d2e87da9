"""Keep the few words of list SQL that differ between database engines.

The pager writes SQL once, for both; what it cannot write alike it asks for here.
The PostgreSQL dialect comes with the PostgreSQL store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui.lists.keyset import SortColumn

_STEPS_BETWEEN_LOOKS = 20_000  # of SQLite's machine: half a millisecond or less


class Dialect:
    """SQLite's words; another engine overrides what differs."""

    late_join = "CROSS JOIN"
    """A join the engine does not reorder: the 200 rows found lead."""

    def bind(self, sql: str) -> str:
        """Return a statement with the engine's placeholders for `?`."""
        return sql

    def order_by(self, order: Iterable[SortColumn]) -> str:
        """Write an order in which NULL is smaller than everything else."""
        return ", ".join(f"{c.sql}{' DESC' if c.descending else ''}" for c in order)

    def contains(self, column: str) -> str:
        """Write a condition that a column matches a pattern, in any case."""
        return f"{column} LIKE ? ESCAPE '\\'"

    def pattern(self, text: str) -> str:
        """Return the pattern of all that contains a text as it stands."""
        for special in "\\%_":
            text = text.replace(special, "\\" + special)
        return f"%{text}%"

    def is_sorting(self, connection: Any, sql: str, params: tuple[Any, ...]) -> bool:
        """Say whether a statement sorts rows, for want of an index."""
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
        return any("TEMP B-TREE" in row[3] for row in plan)

    def watch(self, connection: Any, is_cancelled: Callable[[], bool]) -> None:
        """Let a statement end itself when it has become useless.

        `interrupt` alone would be lost between two statements of one job.
        """
        connection.set_progress_handler(is_cancelled, _STEPS_BETWEEN_LOOKS)

    def interrupt(self, connection: Any) -> None:
        """Stop the statement that another thread is running."""
        connection.interrupt()

    def was_interrupted(self, error: Exception) -> bool:
        """Say whether an error only means that `interrupt` was called."""
        return "interrupted" in str(error)


SQLITE = Dialect()
