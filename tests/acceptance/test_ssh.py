"""A key tied to a name, with a real sshd: nothing that is sent gets around it.

The listening socket is the test's own, so that no port can be taken by another: sshd
serves each connection as under inetd.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import TOP
from tests.acceptance.test_forced_command import JOB, OFF, alice, leave_in_vain
from tests.patience import PATIENCE_S
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store

__all__ = ["alice"]

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
HAS_SSH = bool(SSHD and shutil.which("ssh") and shutil.which("ssh-keygen"))
needs_sshd = pytest.mark.skipif(not HAS_SSH, reason="openssh-server is not installed")

CONFIG = """
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
PermitUserEnvironment yes
AcceptEnv HOOKLINE_* EDITOR VISUAL TEXTUAL_* XDG_* SSH_ORIGINAL_COMMAND HOME USER
"""


class Ssh:
    """Comes in with alice's key."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port

    def words(self, *options: str) -> list[str]:
        """Return the client's line up to the host."""
        settings = (
            *("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"),
            *("LogLevel=ERROR", "IdentitiesOnly=yes", "ControlPath=none"),
        )
        name = pwd.getpwuid(os.getuid()).pw_name
        return [
            *("ssh", "-F", "/dev/null", "-p", str(self._port)),
            *("-i", str(self._folder / "key")),
            *(word for setting in settings for word in ("-o", setting)),
            *options,
            *("--", f"{name}@127.0.0.1"),
        ]

    def __call__(self, typed: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a command over there."""
        return subprocess.run(
            [*self.words(*options), typed],
            input="",
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )


@pytest.fixture
def ssh(store: Store, tmp_path: Path) -> Iterator[Ssh]:
    """A server on loopback that knows one key, tied to alice."""
    for name in ("host", "key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)],
            check=True,
        )
    script = tmp_path / "forced"
    own = f"--store {store.folder} --restricted alice"
    script.write_text(
        f"#!/bin/sh\ncd {TOP} && exec {sys.executable} -m tui {own}\n", encoding="utf-8"
    )
    script.chmod(0o755)
    key = (tmp_path / "key.pub").read_text(encoding="utf-8")
    line = f'restrict,pty,command="{script}" {key}'
    (tmp_path / "authorized_keys").write_text(line, encoding="utf-8")
    config = tmp_path / "sshd_config"
    config.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served: list[subprocess.Popen[bytes]] = []
        thread = threading.Thread(
            target=_serve, args=(listening, config, served), daemon=True
        )
        thread.start()
        yield Ssh(tmp_path, listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for process in served:
            process.terminate()
            process.wait()


def _serve(
    listening: socket.socket, config: Path, served: list[subprocess.Popen[bytes]]
) -> None:
    log = config.with_suffix(".log")
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # the test is over
            return
        with connection, log.open("ab") as errors:
            served.append(
                subprocess.Popen(
                    [str(SSHD), "-i", "-e", "-f", str(config)],
                    stdin=connection.fileno(),
                    stdout=connection.fileno(),
                    stderr=errors,
                )
            )


@needs_sshd
@pytest.mark.usefixtures("alice")
def test_a_key_is_tied_to_a_name(ssh: Ssh) -> None:
    done = ssh("hookline info --json")
    assert done.returncode == 0, done.stderr
    assert '"alice"' in done.stdout


@needs_sshd
@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    "typed",
    [
        "info --user root",
        "--user=root info",
        "info --store /tmp",
        "object set dcim.device:core-01 serial=@/etc/passwd",
        "load /etc/passwd",
        "job new a.B",
        "--run guards.Watch --debug",
    ],
)
def test_no_word_gets_around_it(ssh: Ssh, typed: str) -> None:
    done = ssh(typed)
    assert done.returncode == 5, done.stderr
    assert OFF in done.stderr


@needs_sshd
@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    "typed", ["info; id", "$(id)", "sh", "-- info", "--restricted root info", "info '"]
)
def test_no_shell_reads_what_is_typed(ssh: Ssh, typed: str) -> None:
    done = ssh(typed)
    assert done.returncode == 2, done.stderr
    assert "uid=" not in done.stdout + done.stderr


@needs_sshd
@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    "variable",
    [
        "HOOKLINE_STORE=/tmp",
        "HOOKLINE_DURABILITY=none",
        "SSH_ORIGINAL_COMMAND=info --user root",
        "XDG_CONFIG_HOME=/tmp",
        "HOME=/tmp",
        "USER=root",
    ],
)
def test_no_variable_that_is_sent_gets_around_it(ssh: Ssh, variable: str) -> None:
    name, _, value = variable.partition("=")
    done = ssh("info --json", "-o", f'SetEnv={name}="{value}"')
    assert done.returncode == 0, done.stderr
    assert '"alice"' in done.stdout


@needs_sshd
@pytest.mark.usefixtures("alice")
def test_nothing_else_than_the_program_is_served(ssh: Ssh) -> None:
    assert ssh("sftp", "-s").returncode != 0
    forward = ssh("info", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1")
    assert forward.returncode != 0


@needs_sshd
@pytest.mark.usefixtures("alice")
def test_nothing_leaves_the_screens(ssh: Ssh, store: Store) -> None:
    (store.jobs_root / "guards.py").write_text(JOB)
    options = ["-tt", "-o", "SetEnv=EDITOR=/bin/sh"]
    with Terminal(ssh.words(*options), env={"TERM": "xterm"}, cwd=TOP) as terminal:
        leave_in_vain(terminal)
