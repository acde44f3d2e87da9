"""Twenty seconds of random kills, the same ones each time as far as time allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.killer import SEED, Killer

if TYPE_CHECKING:
    from tests.faults.world import World

SECONDS = 20


def test_random_kills_lose_nothing_and_double_nothing(world: World) -> None:
    report = Killer(world, SEED).run(SECONDS)
    assert report.wrongs == [], f"{report.text()}\n{world.output()}"
    assert report.runs
    assert report.kills
