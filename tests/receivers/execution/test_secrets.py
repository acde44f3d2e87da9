from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from models.errors import ConfigError
from receivers.execution import secrets
from receivers.execution.secrets import read_secret

if TYPE_CHECKING:
    from pathlib import Path


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_OF_TEST", "abc")
    assert read_secret({"t": "env:TOKEN_OF_TEST"}, "t") == "abc"


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a b \n")
    assert read_secret({"t": f"file:{tmp_path}/token"}, "t") == "a b "


def test_a_secret_comes_from_a_command_without_a_shell() -> None:
    line = f"{sys.executable} -c 'print(\"$HOME ; x\")'"
    assert read_secret({"t": f"command:{line}"}, "t") == "$HOME ; x"


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "COMMAND_TIMEOUT_S", 0.2)
    line = f"{sys.executable} -c 'import threading; threading.Event().wait()'"
    with pytest.raises(ConfigError, match="TimeoutExpired"):
        read_secret({"t": f"command:{line}"}, "t")


@pytest.mark.parametrize(
    "source",
    ["env:NOT_THERE_IN_TEST", "file:/not/there", "command:false", "command:'", "x:y"],
)
def test_a_secret_that_cannot_be_read_names_its_source(source: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_secret({"t": source}, "t")
    assert source in caught.value.message or repr(source) in caught.value.message
    assert "config.yaml" in caught.value.message or "write env:NAME" in str(
        caught.value
    )


def test_a_secret_that_is_not_named_says_which_are() -> None:
    with pytest.raises(ConfigError, match="it names: a, b"):
        read_secret({"a": "env:A", "b": "env:B"}, "c")
    with pytest.raises(ConfigError, match="it names: none"):
        read_secret({}, "c")
