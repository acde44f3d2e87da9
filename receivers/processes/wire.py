"""Carry JSON messages between the runner, the nursery and the children.

Message sockets (SOCK_SEQPACKET) keep messages whole: a sender that dies in the middle
leaves nothing torn. What is too large for one packet travels as a file in memory.
"""

from __future__ import annotations

import array
import json
import os
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Message = dict[str, Any]  # JSON: what the keys hold depends on "op"

PACKET_BYTES = 64 * 1024
LARGEST_BYTES = 64 * 1024 * 1024
_IN_FILE = "@"  # a packet of this one byte: the message is in the attached file
_MOST_FILES = 4
_FILE_BYTES = array.array("i").itemsize
_ANCILLARY_BYTES = socket.CMSG_SPACE(_MOST_FILES * _FILE_BYTES)
_buffer = bytearray(PACKET_BYTES)
_view = memoryview(_buffer)
# The module's own functions make an encoder, or guess an encoding, at each call.
_encode = json.JSONEncoder(separators=(",", ":")).encode
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # undocumented


class WireError(Exception):
    """A message could not be sent or read."""


def channel_pair() -> tuple[socket.socket, socket.socket]:
    """Return two connected message sockets."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(
    channel: socket.socket, message: Mapping[str, object], files: Sequence[int] = ()
) -> None:
    """Send one message, with open files if any are given.

    Raises:
        OSError: The other end is gone, or cannot take it now (a non-blocking channel).
        WireError: It is larger than `LARGEST_BYTES`.
    """
    body = _encode(message).encode()
    if len(body) > PACKET_BYTES:
        _send_in_file(channel, body)
    elif files:
        socket.send_fds(channel, [body], list(files))
    else:
        channel.send(body)


def _send_in_file(channel: socket.socket, body: bytes) -> None:
    if len(body) > LARGEST_BYTES:
        raise WireError(f"A message of {len(body)} bytes is too large to send.")
    file = os.memfd_create("hookline-message")
    try:
        with os.fdopen(os.dup(file), "wb") as stream:
            stream.write(body)
        socket.send_fds(channel, [_IN_FILE.encode()], [file])
    finally:
        os.close(file)


def receive(channel: socket.socket) -> tuple[Message, list[int]] | None:
    """Read one message and the files that came with it; None when the end is gone.

    Raises:
        BlockingIOError: The channel does not block, and nothing is there.
        WireError: What came is no message.
    """
    try:
        size, ancillary, _, _ = channel.recvmsg_into([_buffer], _ANCILLARY_BYTES)
    except ConnectionError:
        return None
    files = _attached(ancillary)
    if not size:
        close_all(files)
        return None
    body = str(_view[:size], "utf-8", "replace")
    if body == _IN_FILE and files:
        body = _read_file(files.pop(0))
    try:
        message, _ = _scan(body, 0)
    except (ValueError, StopIteration) as error:
        close_all(files)
        raise WireError("A message that is no JSON came from a child.") from error
    if not isinstance(message, dict):
        close_all(files)
        raise WireError("A message that is no JSON object came from a child.")
    if "\\u" in body:  # anything else is plain ASCII
        message = cleaned(message)
    return message, files


def cleaned(value: Any) -> Any:
    """Return a JSON value whose texts can be stored: no lone surrogates, no NUL."""
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode("utf-8")
        return text.replace("\0", "\\x00")
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return value


def _attached(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    if not ancillary:
        return []
    files = array.array("i")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            whole = len(content) - len(content) % _FILE_BYTES
            files.frombytes(content[:whole])
    return list(files)


def _read_file(file: int) -> str:
    with os.fdopen(file, "rb") as stream:
        if os.fstat(file).st_size > LARGEST_BYTES:
            raise WireError("A message in a file is too large to read.")
        stream.seek(0)
        return stream.read().decode("utf-8", "replace")


def close_all(files: Sequence[int]) -> None:
    """Close files that came unasked."""
    for file in files:
        os.close(file)
