from __future__ import annotations

import json
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest

from models.settings.targets import read_targets
from receivers.system.delivery import Delivery, UndeliveredError, filled
from tests.listeners import http_server, smtp_server

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = {"text": "run 1 ended as FAILURE", "run": {"id": 1, "error": "ValueError"}}
SECRETS = {"token": "hush-hush", "url": "http://nowhere.invalid/hush-hush"}


def delivery(**row: Any) -> Delivery:
    (target,) = read_targets([row])
    return Delivery(
        target=target, message=MESSAGE, key="k-1", read_secret=SECRETS.__getitem__
    )


def test_a_webhook_gets_the_message_with_headers_and_secrets() -> None:
    with http_server() as server:
        said = delivery(
            webhook=f"http://{server.address}/hook",
            headers={"X-Team": "core"},
            secret_headers={"Authorization": "token"},
        ).make()
    assert server.bodies == [MESSAGE]
    (headers,) = server.headers
    assert headers["X-Team"] == "core"
    assert headers["Authorization"] == "hush-hush"
    assert headers["Idempotency-Key"] == "k-1"
    assert said == "127.0.0.1 accepted it (200)."


def test_a_body_of_ones_own_is_filled_in() -> None:
    with http_server() as server:
        delivery(
            webhook=f"http://{server.address}", body={"text": "{text} ({run.id}) {no}"}
        ).make()
    assert server.bodies == [{"text": "run 1 ended as FAILURE (1) {no}"}]
    assert filled([1, None, "{run.error}"], MESSAGE) == [1, None, "ValueError"]


@pytest.mark.parametrize(
    ("status", "is_final"), [(400, True), (404, True), (429, False), (503, False)]
)
def test_a_refusal_says_whether_trying_again_helps(
    status: int, *, is_final: bool
) -> None:
    with http_server(status) as server, pytest.raises(UndeliveredError) as caught:
        server.retry_after = "120"
        delivery(webhook=f"http://{server.address}").make()
    assert caught.value.is_final is is_final
    assert caught.value.after_s == 120
    assert str(status) in str(caught.value)


def test_a_secret_url_never_stands_in_the_error() -> None:
    with pytest.raises(UndeliveredError) as caught:
        delivery(webhook="secret:url").make()
    assert "hush" not in str(caught.value)
    assert not caught.value.is_final


def test_a_command_gets_the_message_on_stdin(tmp_path: Path) -> None:
    out = tmp_path / "out file"
    said = delivery(command=f"tee '{out}'").make()
    assert json.loads(out.read_text()) == MESSAGE
    assert said.startswith("tee accepted it.")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            f"{sys.executable} -c 'print(\"no paper\"); exit(3)'",
            "ended with 3. no paper",
        ),
        ("/nowhere/page", "No such file"),
    ],
)
def test_a_command_that_fails_says_how(line: str, says: str) -> None:
    with pytest.raises(UndeliveredError, match=says) as caught:
        delivery(command=line).make()
    assert not caught.value.is_final


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(UndeliveredError, match="had not ended"):
        delivery(command="sleep 600", timeout_s=0.1).make()


def mail(address: str) -> Delivery:
    return delivery(
        mail=["ops@example.net", "boss@example.net"],
        **{"from": "hookline@example.net", "server": address, "security": "none"},
    )


def test_a_mail_arrives_with_what_happened() -> None:
    with smtp_server() as server:
        assert mail(server.address).make() == "127.0.0.1 accepted it."
    (letter,) = server.bodies
    assert "Subject: run 1 ended as FAILURE" in letter
    assert "To: ops@example.net, boss@example.net" in letter
    assert "Auto-Submitted: auto-generated" in letter
    assert "Message-ID: <k-1@hookline.invalid>" in letter
    assert "ValueError" in letter


@pytest.mark.parametrize(("code", "is_final"), [(550, True), (450, False)])
def test_a_mail_that_nobody_may_get_is_refused(code: int, *, is_final: bool) -> None:
    with smtp_server(code) as server, pytest.raises(UndeliveredError) as caught:
        mail(server.address).make()
    assert caught.value.is_final is is_final


def test_a_mail_server_that_is_away_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(UndeliveredError) as caught:
        mail(address).make()
    assert not caught.value.is_final
