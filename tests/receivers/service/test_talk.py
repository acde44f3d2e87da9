from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from receivers.service.talk import JournalFormatter, is_journal, marked

if TYPE_CHECKING:
    from pathlib import Path


def test_the_journal_is_known_by_its_stream(tmp_path: Path) -> None:
    with (tmp_path / "a").open("w") as stream:
        status = os.fstat(stream.fileno())
        place = f"{status.st_dev}:{status.st_ino}"
        assert is_journal(stream, {"JOURNAL_STREAM": place})
        assert not is_journal(stream, {"JOURNAL_STREAM": "1:2"})
        assert not is_journal(stream, {})


def test_each_line_has_its_level() -> None:
    assert marked("a\nb", 4) == "<4>a\n<4>b"
    record = logging.LogRecord("x", logging.ERROR, "", 1, "%s\n%s", ("a", "b"), None)
    assert JournalFormatter("%(message)s").format(record) == "<3>a\n<3>b"
