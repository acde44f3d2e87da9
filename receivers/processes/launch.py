"""Start another Python process on this same code, installed or in a checkout."""

from __future__ import annotations

import sys
from pathlib import Path

_CODE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    "import importlib; importlib.import_module(sys.argv[1]).main(sys.argv[2:])"
)


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that calls `main(arguments)` of a module of this program.

    The working folder stays out of the search path (-P): a file there that is named
    like one of our modules must not be imported in its place.
    """
    home = str(Path(__file__).resolve().parents[2])
    return [sys.executable, "-P", "-c", _CODE, home, module, *arguments]
