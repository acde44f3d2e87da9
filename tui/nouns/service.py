"""`hookline service`: a systemd unit that runs the runner."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from models.people.access import os_user_name
from tui.commandline.exits import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from tui.commandline.call import Call

STOP_S = 60
"""Beside the longest run: time to end and to write down what is left."""

UNIT = """\
# {where}
[Unit]
Description=Hookline runner of {folder}
Documentation=man:systemd.service(5)
{after}
[Service]
Type=exec
{user}ExecStart={command}
# SIGTERM lets running receivers finish; a second one, or the timeout, ends them.
KillMode=mixed
TimeoutStopSec={stop}
Restart=on-failure
RestartSec=5
# A wrong configuration or a damaged store is not mended by another start.
RestartPreventExitStatus=2 3 5
SuccessExitStatus=143
StandardOutput=journal
StandardError=journal
SyslogIdentifier=hookline
NoNewPrivileges=true
UMask={umask}
# TasksMax=200 and MemoryMax=4G bound what receivers may start.

[Install]
WantedBy={wanted}
"""


def print_unit(call: Call) -> int:
    """Print a unit for this user, or for the system."""
    is_system = call.given.has("system")
    store = call.store
    folder = store.folder.resolve()
    name = unit_name(folder)
    is_shared = bool(folder.stat().st_mode & 0o060)
    limit = store.settings.runner.time_limit_s
    call.output.write(
        UNIT.format(
            where=f"/etc/systemd/system/{name}"
            if is_system
            else f"{USER_FOLDER}/{name}",
            folder=escaped(str(folder)),
            after="After=network-online.target\nWants=network-online.target\n"
            if is_system
            else "",
            user=f"User={owner_of(folder)}\n" if is_system else "",
            command=command_line(folder),
            stop=int(limit) + STOP_S if limit else "infinity",
            umask="0007" if is_shared else "0077",
            wanted="multi-user.target" if is_system else "default.target",
        ).rstrip("\n")
    )
    scope = "" if is_system else " --user"
    call.output.say(
        f"Save it as {name} where its first line says, then `systemctl{scope}"
        f" daemon-reload` and `systemctl{scope} enable --now {name}`."
    )
    if not is_system:
        call.output.say("`loginctl enable-linger` keeps it going when you log out.")
    return Exit.OK


SYSTEM_FOLDER = "/etc/systemd/system"
USER_FOLDER = "~/.config/systemd/user"


def unit_name(folder: Path) -> str:
    """Return the unit's file name: `hookline.service`, or with the store's name."""
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in folder.name)
    name = plain.strip("-.") or "store"
    return "hookline.service" if name == "hookline" else f"hookline-{name}.service"


def owner_of(folder: Path) -> str:
    """Return the name of the account that owns a store."""
    import pwd

    owner = folder.stat().st_uid
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner) if owner != os.getuid() else os_user_name()


def command_line(folder: Path) -> str:
    """Return the program with absolute paths, as systemd wants them."""
    program = shutil.which("hookline", path=os.path.dirname(sys.executable))  # noqa: PTH120 - a search path
    words = [program] if program else [sys.executable, "-m", "tui"]
    return " ".join(quoted(w) for w in (*words, "--store", str(folder), "--run"))


def quoted(word: str) -> str:
    """Return a word as it stands in ExecStart."""
    text = escaped(word).replace("$", "$$")
    if text and not any(c in text for c in " \t'\"\\;"):
        return text
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'


def escaped(text: str) -> str:
    """Return a text without systemd's specifiers."""
    return text.replace("%", "%%")
