"""What a benchmark measured, and how it is printed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Figure(NamedTuple):
    """One line of the report."""

    name: str
    value: float
    unit: str
    to_hold: str


def report(figures: Iterable[Figure], *, as_json: bool) -> None:
    """Print figures as a table, or as a JSON array."""
    found = list(figures)
    if as_json:
        text = json.dumps([figure._asdict() for figure in found])
    else:
        text = "\n".join(
            f"{name:<52}{value:>12,.2f} {unit:<10}{to_hold}"
            for name, value, unit, to_hold in found
        )
    sys.stdout.write(text + "\n")
