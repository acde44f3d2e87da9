"""Run every benchmark: `python -m tests.benchmarks [--quick] [--json FILE]`.

Prints one table, and writes the same as JSON where FILE says. Each benchmark is a
program of its own as well; run that one to look at something closely. The machine
should have nothing else to do. With --quick the figures are rough, and there in a few
minutes; without, the screens get ten million rows and the history ten million changes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks import many, runs, save, screen_latency, screens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Figures = Callable[[bool], Iterator[Any]]

ROWS = {True: 100_000, False: 10_000_000}
CHANGES = {True: 200_000, False: 10_000_000}
OBJECTS = {True: 5_000, False: 100_000}

PARTS: dict[str, Figures] = {
    "save": lambda quick: save.measure(changes=CHANGES[quick], objects=OBJECTS[quick]),
    "many": lambda quick: many.measure(objects=2_000 if quick else 10_000),
    "runs": lambda quick: runs.measure(quick=quick),
    "screens": lambda quick: screens.measure(ROWS[quick]),
    "latency": lambda quick: screen_latency.measure(saves=10 if quick else 50),
}


def rows_of(part: str, *, quick: bool) -> Iterator[dict[str, Any]]:
    """Yield the figures of one benchmark, as they come."""
    for figure in PARTS[part](quick):
        hold = figure.to_hold
        yield {
            "part": part,
            "name": figure.name,
            "value": round(figure.value, 3),
            "unit": figure.unit,
            "to_hold": "" if hold is None else str(hold),
        }


def line_of(row: dict[str, Any]) -> str:
    """Return a figure as a line of the table."""
    value = f"{row['value']:,.2f} {row['unit']:<10}"
    return f"{row['part']:<8} {row['name']:<52}{value:>25} {row['to_hold']}"


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def main() -> None:
    """Measure what was asked for, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    where, rows = machine(), []
    for part in options.parts or PARTS:
        for row in rows_of(part, quick=options.quick):
            rows.append(row)
            sys.stdout.write(line_of(row).rstrip() + "\n")
            sys.stdout.flush()
    if options.json:
        text = json.dumps({"machine": where, "figures": rows}, indent=1)
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
