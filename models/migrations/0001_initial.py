"""The tables of the first release."""

from typing import Any

from models import cached, changes, tables


def up(_migrator: Any, db: Any) -> None:
    """Make the tables, the triggers and the first rows."""
    tables.create(db)
    for statement in cached.trigger_statements():
        db.execute_sql(statement)
    db.execute_sql(
        "INSERT INTO image_codec (id, dictionary) VALUES (?, ?)",
        (changes.DICTIONARY_CODEC, changes.starting_dictionary()),
    )
    tables.add_first_rows(db)
