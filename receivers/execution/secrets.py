"""Secrets by name: the setting says where each one is read."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND_TIMEOUT_S = 30


def read_secret(sources: Mapping[str, str], name: str) -> str:
    """Return a secret.

    Args:
        sources: The setting `secrets`: `env:NAME`, `file:PATH` or `command:LINE` by
            name.
        name: Which one.

    Raises:
        ConfigError: There is none of that name, or it cannot be read.
    """
    source = sources.get(name)
    if source is None:
        known = ", ".join(sources) or "none"
        raise ConfigError(
            f"The setting `secrets` has no {name!r}; it names: {known}. Add it to the"
            " store's config.yaml.",
            on=name,
        )
    import subprocess  # 2 ms that runs without a secret spare

    kind, _, where = source.partition(":")
    try:
        match kind:
            case "env":
                return os.environ[where]
            case "file":
                return Path(where).expanduser().read_text(encoding="utf-8").rstrip("\n")
            case "command":
                return _output(where)
    except (KeyError, OSError, ValueError, subprocess.SubprocessError) as error:
        unset = f"the runner has no variable {where} in its environment"
        why = unset if isinstance(error, KeyError) else repr(error)
        raise ConfigError(
            f"{name!r} of the setting `secrets` could not be read from {source!r}:"
            f" {why}. Look at the store's config.yaml.",
            on=name,
        ) from error
    raise ConfigError(
        f"{name!r} of the setting `secrets` is to be read from {source!r}; write"
        " env:NAME, file:PATH or command:LINE.",
        on=name,
    )


def _output(line: str) -> str:
    import subprocess

    done = subprocess.run(
        shlex.split(line),
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
    )
    return done.stdout.rstrip("\n")
