"""Open a file in the person's editor, at a line."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

from models.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TAKES_LINE = frozenset(
    {"vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "joe", "mg", "kak"}
)
"""Editors that take `+LINE` before the file."""
FALLBACKS = ("editor", "nano", "vi")


def editor_command(path: Path, line: int, environ: Mapping[str, str]) -> list[str]:
    """Return the command that edits a file.

    Raises:
        RequestError: There is no editor.
    """
    chosen = environ.get("VISUAL") or environ.get("EDITOR")
    words = shlex.split(chosen) if chosen else _fallback()
    program = os.path.basename(words[0])  # noqa: PTH119 - a name, not a path
    place = [f"+{line}"] if line > 1 and program in TAKES_LINE else []
    return [*words, *place, str(path)]


def _fallback() -> list[str]:
    for name in FALLBACKS:
        if shutil.which(name):
            return [name]
    raise RequestError(
        "There is no editor. Set EDITOR, as in `export EDITOR=vim`.", on="EDITOR"
    )


def edit(path: Path, line: int = 1) -> None:
    """Let the person edit a file; returns when the editor has ended.

    Raises:
        RequestError: The editor cannot be started, or ended with an error.
    """
    command = editor_command(path, line, os.environ)
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        raise RequestError(
            f"The editor {command[0]} does not start: {error.strerror}. Set EDITOR.",
            on=command[0],
        ) from error
    if done.returncode:
        raise RequestError(
            f"The editor {command[0]} ended with status {done.returncode}.",
            on=command[0],
        )
