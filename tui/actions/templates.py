"""Where `hookline job new` puts the file with a receiver to start from."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from models.errors import RequestError
from receivers.discovery.templates import job_template

if TYPE_CHECKING:
    from pathlib import Path


def write_template(folder: Path, name: str, kind: str) -> Path:
    """Write a new file for `module.Class` and return its path.

    Raises:
        RequestError: The name does not fit, or the file is there already.
    """
    module, dot, class_name = name.rpartition(".")
    parts = [*module.split("."), class_name]
    if not dot or not all(p.isidentifier() and not keyword.iskeyword(p) for p in parts):
        raise RequestError(
            f"{name!r} names no class; write module.Class, as in guards.SerialGuard",
            on=name,
        )
    _refuse_shadow(parts[0])
    path = folder.joinpath(*module.split(".")).with_suffix(".py")
    if path.exists():
        raise RequestError(f"{path} is there already; choose another module", on=name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(job_template(class_name, kind), encoding="utf-8")
    return path


def _refuse_shadow(module: str) -> None:
    from receivers.discovery.sources import refusal

    refused = refusal(module)
    if refused is not None:
        message, hint = refused
        raise RequestError(f"{message} {hint}".strip(), on=module)
