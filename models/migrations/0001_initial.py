"""The tables of the first release, as `0001_initial.sql` has them.

They are written down, and not made from the classes of today: a later migration changes
the tables that were then, whatever the classes have become since. Nothing here may
depend on tables or columns that a later migration adds.
"""

from pathlib import Path
from typing import Any

from models.history import changes
from models.objects.fields import now_us, uuid7
from models.people import access

TABLES = Path(__file__).with_suffix(".sql")


def up(_migrator: Any, db: Any) -> None:
    """Make the tables, the triggers and the first rows."""
    for statement in TABLES.read_text(encoding="utf-8").splitlines():
        db.execute_sql(statement)
    db.execute_sql("INSERT INTO config_version VALUES (1, 1)")
    db.execute_sql(
        "INSERT INTO image_codec (id, dictionary) VALUES (?, ?)",
        (changes.DICTIONARY_CODEC, changes.starting_dictionary()),
    )
    _add_first_rows(db)


def _add_first_rows(db: Any) -> None:
    """Add the person who makes the store, its superuser, the queue, and a namespace."""
    db.execute_sql(
        'INSERT INTO "user" (username, is_superuser, is_active, created)'
        " VALUES (?, 1, 1, ?)",
        (access.os_user_name(), now_us()),
    )
    db.execute_sql(
        "INSERT INTO job_queue (name, priority, run_limit, paused, paused_by, reason)"
        " VALUES ('default', 0, 0, 0, '', '')"
    )
    db.execute_sql(
        "INSERT INTO namespace (id, created, last_updated, custom_field_data, name,"
        " description) VALUES (?, ?, ?, '{}', 'Global', '')",
        (uuid7().bytes, now_us(), now_us()),
    )
