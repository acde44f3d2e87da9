"""What to do about a file that cannot be imported, or a run that fell into a trap."""

from __future__ import annotations

import importlib.util
import shlex
import sys
import traceback
from typing import TYPE_CHECKING

from receivers.authors.failures import is_author_file

if TYPE_CHECKING:
    from pathlib import Path

DISTRIBUTIONS = {
    "Crypto": "pycryptodome",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "dns": "dnspython",
    "dotenv": "python-dotenv",
    "git": "gitpython",
    "serial": "pyserial",
}
"""Modules whose distribution has another name."""


def hint_for(error: BaseException, root: Path) -> str:
    """Return what the author can do about an exception at import; empty if unknown."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_module(error.name, root)
    if isinstance(error, SystemExit):
        return "Take sys.exit() out of the file's top level."
    return ""


def _missing_module(name: str, root: Path) -> str:
    top = name.partition(".")[0]
    if top in {"nautobot", "django", "celery"}:
        return (
            "Hookline has its own imports: `from receivers import …` for the base"
            " classes and variables, `from models import …` for the object types."
        )
    if (root / f"{top}.py").exists() or (root / top).is_dir():
        return f"{top} lies in this folder but is not loaded; see its own entry."
    return f"Install it into this environment: {install_command(top)}"


def install_command(module: str) -> str:
    """Return the command that installs a module into the running environment."""
    name = DISTRIBUTIONS.get(module, module.replace("_", "-"))
    python = shlex.quote(sys.executable)
    if "/pipx/venvs/" in sys.prefix:
        return f"pipx inject hookline {name}"
    if "/uv/tools/" in sys.prefix:
        return f"uv tool install hookline --with {name}"
    if importlib.util.find_spec("pip") is None:
        return f"uv pip install --python {python} {name}"
    return f"{python} -m pip install {name}"


def hint_for_run(error: BaseException) -> str:
    """Return what the author of a receiver overlooked; empty if unknown.

    The differences of a create have nothing removed, those of a delete nothing added,
    and an object that is gone is None; examples written for Nautobot forget it.
    """
    is_trap = isinstance(error, (AttributeError, TypeError))
    if not is_trap or "NoneType" not in str(error):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line or "" for frame in frames if is_author_file(frame.filename)]
    line = lines[-1] if lines else ""
    if "removed" in line or "added" in line:
        return (
            "Hint: differences['removed'] is None when the object was created, and"
            " differences['added'] when it was deleted. Write `… or {}` behind it, or"
            " return early."
        )
    if "changed_object" in line:
        return (
            "Hint: changed_object is None when the object is gone, as after a delete."
            " Return early then; change.object_data has its last values."
        )
    return ""
