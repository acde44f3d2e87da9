"""Configuration rows kept in memory, behind one version row that triggers bump.

A save asks for the version once and then judges a hundred hooks without a query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.storage.store import Store

T = TypeVar("T")

WATCHED_TABLES = (
    "user",
    "user_group",
    "object_permission",
    "job_hook",
    "job_button",
    "job_record",
    "job_queue",
    "custom_field",
    "job_schedule",
)
CONFIGURED_COLUMNS = {
    "job_schedule": ("name", "enabled", "kind", "words", "timezone", "start", "anchor"),
}
"""What of a table is configuration, where a row also says how things stand."""


def version(store: Store) -> int:
    """Return the number that every change of a configuration row moves on."""
    return int(store.execute("SELECT version FROM config_version").fetchone()[0])


def cached(store: Store, key: str, load: Callable[[], T]) -> T:
    """Return what `load()` gave at the present version of the configuration."""
    now = version(store)
    found = store.caches.get(key)
    if found is None or found[0] != now:
        found = store.caches[key] = (now, load())
    value: T = found[1]
    return value


def trigger_statements() -> list[str]:
    """Return the SQL that keeps the version row."""
    table = "id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL"
    statements = [f"CREATE TABLE config_version ({table})"]
    for table in WATCHED_TABLES:
        columns = ", ".join(CONFIGURED_COLUMNS.get(table, ()))
        events = ("insert", f"update OF {columns}" if columns else "update", "delete")
        statements.extend(
            f"CREATE TRIGGER {table}_{event.split()[0]} AFTER {event}"
            f' ON "{table}" BEGIN UPDATE config_version SET version = version + 1; END'
            for event in events
        )
    return statements
