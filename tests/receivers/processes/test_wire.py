"""Messages between the runner, the nursery and the children."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from receivers.processes import wire

if TYPE_CHECKING:
    from collections.abc import Iterator

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    left, right = wire.channel_pair()
    with left, right:
        right.settimeout(0)
        yield left, right


def received(pair: Pair) -> Any:
    found = wire.receive(pair[1])
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"op": "log", "entries": [[1, "info", "", "text", "", ""]]},
        {"text": "é \N{SNOWMAN} \n"},
        {"text": "x" * 5_000_000},
    ],
)
def test_a_message_arrives_as_it_was(pair: Pair, message: dict[str, Any]) -> None:
    wire.send(pair[0], message)
    assert received(pair) == message


def test_messages_stay_apart(pair: Pair) -> None:
    for number in range(3):
        wire.send(pair[0], {"number": number})
    assert [received(pair)["number"] for _ in range(3)] == [0, 1, 2]


def test_text_that_cannot_be_stored_is_escaped(pair: Pair) -> None:
    wire.send(pair[0], {"texts": ["a \ud800", "b \0", {"c": "\N{SNOWMAN}"}]})
    assert received(pair) == {"texts": ["a \\ud800", "b \\x00", {"c": "\N{SNOWMAN}"}]}


def test_nothing_there_is_no_message(pair: Pair) -> None:
    with pytest.raises(BlockingIOError):
        wire.receive(pair[1])


def test_a_closed_end_is_noticed(pair: Pair) -> None:
    pair[0].close()
    assert wire.receive(pair[1]) is None


@pytest.mark.parametrize("body", [b"no json", b"[1]", b"\xff\xfe", b"@"])
def test_what_is_no_message_is_an_error(pair: Pair, body: bytes) -> None:
    pair[0].send(body)
    with pytest.raises(wire.WireError):
        wire.receive(pair[1])


def test_a_message_may_be_too_large(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LARGEST_BYTES", 100_000)
    with pytest.raises(wire.WireError):
        wire.send(pair[0], {"text": "x" * 200_000})


def test_files_travel_with_a_message(pair: Pair) -> None:
    read, write = os.pipe()
    wire.send(pair[0], {"op": "spawned"}, [write])
    found = wire.receive(pair[1])
    assert found is not None
    message, files = found
    assert message == {"op": "spawned"}
    os.write(files[0], b"hello")
    assert os.read(read, 5) == b"hello"
    wire.close_all([read, write, *files])


def test_files_of_what_is_no_message_are_closed(pair: Pair) -> None:
    read, write = os.pipe()
    socket.send_fds(pair[0], [b"no json"], [write])
    os.close(write)
    with pytest.raises(wire.WireError):
        wire.receive(pair[1])
    assert os.read(read, 1) == b""  # nobody holds the other end any more
    os.close(read)
