"""What a runner says: plain lines for people, levels for systemd's journal."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTICE, WARNING = 5, 4
LEVELS = {logging.WARNING: WARNING, logging.ERROR: 3, logging.CRITICAL: 2}
PLAIN = "%(asctime)s %(levelname)s %(message)s"


def is_journal(stream: TextIO, environment: Mapping[str, str] | None = None) -> bool:
    """Return whether a stream leads to the journal, as systemd says it does."""
    named = (os.environ if environment is None else environment).get(
        "JOURNAL_STREAM", ""
    )
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{status.st_dev}:{status.st_ino}"


def marked(text: str, level: int) -> str:
    """Return a text as the journal takes it: each line with its level, no times."""
    return "\n".join(f"<{level}>{line}" for line in text.splitlines())


class JournalFormatter(logging.Formatter):
    """Writes records as the journal takes them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines with their level."""
        return marked(super().format(record), LEVELS.get(record.levelno, 6))


def set_up_logging(stream: TextIO) -> None:
    """Have warnings written to a stream, in the form that it takes."""
    handler = logging.StreamHandler(stream)
    in_journal = is_journal(stream)
    handler.setFormatter(
        JournalFormatter("%(message)s") if in_journal else logging.Formatter(PLAIN)
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
