from __future__ import annotations

import json
import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from receivers import get_task_logger
from receivers.authors import logger as logger_module
from receivers.authors.logger import (
    RunLog,
    RunLogger,
    level_name,
    recording,
    route_module_logger,
    unroute_module_logger,
)
from receivers.authors.sanitiser import Sanitiser
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Device


class Sent(list[dict[str, Any]]):
    """What a run's log has sent so far."""

    @property
    def entries(self) -> list[list[Any]]:
        return [list(e) for m in self if m["op"] == "log" for e in m["entries"]]

    @property
    def texts(self) -> list[str]:
        return [entry[3] for entry in self.entries]


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def log(sent: Sent) -> Iterator[RunLog]:
    made = RunLog(7, sent.append, Sanitiser([("hunter2", "(redacted)")]))
    yield made
    made.close()


@pytest.fixture
def logger(log: RunLog) -> Iterator[RunLogger]:
    made = RunLogger("guards")
    with recording(log, made):
        yield made


LEVELS = ["debug", "info", "success", "warning", "failure", "error", "critical"]


@pytest.mark.parametrize("level", LEVELS)
def test_F10_every_level_has_a_method_and_redacts(
    logger: RunLogger, sent: Sent, level: str
) -> None:
    getattr(logger, level)("with %s", "hunter2")
    assert [entry[1:4] for entry in sent.entries] == [
        [level, "test_F10_every_level_has_a_method_and_redacts", "with (redacted)"]
    ]


def test_the_levels_have_nautobots_numbers() -> None:
    numbers = [10, 20, 25, 30, 35, 40, 50]
    assert [level_name(number) for number in numbers] == LEVELS


@pytest.mark.parametrize(
    ("number", "name"), [(5, "debug"), (22, "info"), (99, "critical")]
)
def test_a_number_between_the_levels_counts_as_the_lower_one(
    number: int, name: str
) -> None:
    assert level_name(number) == name


def test_the_loggers_own_level_is_obeyed(logger: RunLogger, sent: Sent) -> None:
    logger.setLevel(logging.WARNING)
    logger.success("left out")
    logger.failure("kept")
    assert sent.texts == ["kept"]


def test_the_grouping_is_the_calling_function_or_what_is_asked_for(
    logger: RunLogger, sent: Sent
) -> None:
    def inner() -> None:
        logger.success("a")
        logger.info("b", extra={"grouping": "mine"})
        logger.info("c", extra={"grouping": "x" * 200})

    inner()
    assert [entry[2] for entry in sent.entries] == ["inner", "mine", "x" * 100]


def test_F11_an_entry_with_the_skip_flag_is_left_out(
    logger: RunLogger, sent: Sent
) -> None:
    logger.info("quiet", extra={"skip_db_logging": True})
    assert sent.entries == []


def test_an_object_gives_its_name_and_url(
    logger: RunLogger, sent: Sent, device: Device
) -> None:
    logger.info("a", extra={"object": device})
    assert sent.entries[0][4:] == ["core-01", f"hookline:dcim.device/{device.pk}"]


def test_F13_no_object_gives_empty_texts(logger: RunLogger, sent: Sent) -> None:
    logger.info("a", extra={"object": None})
    assert sent.entries[0][4:] == ["", ""]


class Unprintable:
    def __str__(self) -> str:
        raise ValueError("no text")

    def get_absolute_url(self) -> str:
        raise NotImplementedError


def test_an_object_whose_text_fails_does_not_fail_the_line(
    logger: RunLogger, sent: Sent
) -> None:
    logger.info("a", extra={"object": Unprintable()})
    logger.info("b %s", Unprintable())
    assert "whose text failed" in sent.entries[0][4]
    assert sent.entries[0][5] == ""
    assert "its arguments do not fit" in sent.texts[1]


def test_an_object_without_a_url_and_with_a_long_name_is_cut(
    logger: RunLogger, sent: Sent
) -> None:
    logger.info("a", extra={"object": "x" * 500})
    assert sent.entries[0][4:] == ["x" * 200, ""]


def test_arguments_that_do_not_fit_are_said_not_raised(
    logger: RunLogger, sent: Sent
) -> None:
    logger.info("%s and %s", *["one"])
    assert sent.texts[0].startswith("'%s and %s' (its arguments do not fit")


def test_an_exception_keeps_the_authors_frames(logger: RunLogger, sent: Sent) -> None:
    try:
        json.loads("{")
    except ValueError:
        logger.exception("It went wrong")
    text = sent.texts[0]
    assert text.startswith("It went wrong\nTraceback")
    assert "test_logger.py" in text
    assert "json/decoder.py" not in text


def test_module_loggers_land_in_the_result_too(
    log: RunLog, logger: RunLogger, sent: Sent
) -> None:
    route_module_logger("guards_of_a_test")
    try:
        logging.getLogger("guards_of_a_test.deep").debug("from a module")
    finally:
        unroute_module_logger("guards_of_a_test")
    assert sent.texts == ["from a module"]


@pytest.mark.usefixtures("logger")  # a run goes on
def test_a_task_logger_lands_in_the_result_too(sent: Sent) -> None:
    get_task_logger("elsewhere").success("from anywhere")
    assert sent.entries[0][1:4] == [
        "success",
        "test_a_task_logger_lands_in_the_result_too",
        "from anywhere",
    ]


def test_prints_become_warnings_under_their_function(log: RunLog, sent: Sent) -> None:
    with recording(log, RunLogger("guards")):  # pytest has streams of its own
        print("printed", end="")  # noqa: T201 - what is tested
        print(" in two")  # noqa: T201 - the same
        print("to stderr", file=sys.stderr)  # noqa: T201 - the same
    name = "test_prints_become_warnings_under_their_function"
    assert [entry[1:4] for entry in sent.entries] == [
        ["warning", name, "printed in two"],
        ["warning", name, "to stderr"],
    ]


def test_a_progress_bar_shows_what_a_terminal_would(log: RunLog, sent: Sent) -> None:
    with recording(log, RunLogger("guards")):
        sys.stdout.write("10 %\r50 %\r100 %\n")
    assert sent.texts == ["100 %"]


def test_bytes_that_are_no_utf8_are_written_out(log: RunLog, sent: Sent) -> None:
    with recording(log, RunLogger("guards")):
        sys.stdout.buffer.write(b"caf\xe9\n")
    assert sent.texts == ["caf\\xe9"]


def test_a_line_without_an_end_is_logged_at_the_end(log: RunLog, sent: Sent) -> None:
    with recording(log, RunLogger("guards")):
        sys.stdout.write("half")
    assert sent.texts == ["half"]


def test_the_streams_are_given_back(log: RunLog) -> None:
    before = sys.stdout, sys.stderr
    with pytest.raises(ZeroDivisionError), recording(log, RunLogger("guards")):
        _ = 1 / 0
    assert (sys.stdout, sys.stderr) == before


def test_few_lines_leave_at_once_each(logger: RunLogger, sent: Sent) -> None:
    for number in range(3):
        logger.info("line %d", number)
        assert len(sent.texts) == number + 1
    assert threading.active_count() == 1


def test_lines_that_come_thick_leave_in_batches_and_in_order(
    log: RunLog, logger: RunLogger, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logger_module, "FLUSH_SECONDS", 3600.0)
    monkeypatch.setattr(logger_module, "IMMEDIATE_BATCHES", 2)
    monkeypatch.setattr(logger_module, "_TailFlusher", Idle)
    for number in range(250):
        logger.info("%d", number)
    log.close()
    assert sent.texts == [str(number) for number in range(250)]
    assert [len(message["entries"]) for message in sent] == [1, 1, 100, 100, 48]


class Idle:
    """Stands in for the flusher, so that only the sizes decide."""

    def __init__(self, flush: object) -> None:
        pass

    def wake(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_the_last_lines_of_a_chatty_stretch_follow_by_themselves(
    log: RunLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = threading.Event()
    texts: list[str] = []

    def emit(message: dict[str, Any]) -> None:
        texts.extend(entry[3] for entry in message["entries"])
        if "last" in texts:
            arrived.set()

    chatty = RunLog(7, emit, Sanitiser())
    monkeypatch.setattr(logger_module, "IMMEDIATE_BATCHES", 0)
    chatty.add(20, "first")
    chatty.add(20, "last")
    assert arrived.wait(PATIENCE_S)
    chatty.close()
    assert threading.active_count() == 1


def test_a_batch_of_long_lines_is_split(
    log: RunLog, logger: RunLogger, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logger_module, "IMMEDIATE_BATCHES", 0)
    monkeypatch.setattr(logger_module, "_TailFlusher", Idle)
    for _ in range(4):
        logger.info("x" * 20_000)
    log.close()
    assert [len(message["entries"]) for message in sent] == [2, 2]


def test_another_message_follows_the_lines_before_it(log: RunLog, sent: Sent) -> None:
    log.add(20, "line")
    log.send({"op": "progress", "done": 1, "total": 2})
    assert [message["op"] for message in sent] == ["log", "progress"]
    assert sent[1]["result"] == 7


def test_a_message_is_capped_with_a_note(logger: RunLogger, sent: Sent) -> None:
    logger.info("x" * 200_000)
    assert len(sent.texts[0].encode()) <= 65536
    assert sent.texts[0].endswith("the text had 200,000 characters.")
