"""Real servers on loopback for tests of notifications: one for HTTP, one for mail."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(kw_only=True)
class Heard:
    """What a server was told, and what it answers.

    Attributes:
        address: HOST:PORT.
        answers: HTTP statuses, or SMTP codes for the recipient, one for each request;
            the last one stays.
        bodies: What was posted or mailed.
        headers: The headers of each HTTP request.
        retry_after: What it asks for with each HTTP answer.
    """

    address: str = ""
    answers: list[int] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    retry_after: str = ""

    def answer(self) -> int:
        """Return the next answer."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextlib.contextmanager
def http_server(*answers: int) -> Iterator[Heard]:
    """Serve HTTP over the block."""
    heard = Heard(answers=list(answers) or [200])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            heard.bodies.append(json.loads(self.rfile.read(size)))
            heard.headers.append(dict(self.headers))
            self.send_response(heard.answer())
            if heard.retry_after:
                self.send_header("Retry-After", heard.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler), heard):
        yield heard


@contextlib.contextmanager
def smtp_server(*answers: int) -> Iterator[Heard]:
    """Serve the few words of SMTP that a mail takes, over the block."""
    heard = Heard(answers=list(answers) or [250])

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline().decode():
                word = line[:4].upper()
                if word == "RCPT":
                    self._say(f"{heard.answer()} so")
                elif word == "DATA":
                    self._say("354 go on")
                    heard.bodies.append(self._letter())
                    self._say("250 taken")
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 fine")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def _letter(self) -> str:
            lines = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                lines.append(line)
            return "".join(lines)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _serving(server, heard):
        yield heard


@contextlib.contextmanager
def _serving(server: socketserver.TCPServer, heard: Heard) -> Iterator[None]:
    host, port = server.server_address[:2]
    heard.address = f"{host!s}:{port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
