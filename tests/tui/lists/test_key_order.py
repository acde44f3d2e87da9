from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.events import Key
from textual.widgets import Input, TextArea

from tests.tui.list_screens import until
from tui.lists.key_order import TakesKeysInOrder

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.pilot import Pilot


class Fields(TakesKeysInOrder):
    """Two fields of a line, and one of several."""

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")
        yield TextArea(id="long", tab_behavior="focus")

    def said(self) -> list[str]:
        lines = [field.value for field in self.query(Input)]
        return [*lines, self.query_one(TextArea).text]


def type_at_once(pilot: Pilot[Any], *keys: str) -> None:
    """Send keys as one packet brings them: nothing happens in between."""
    for key in keys:
        pilot.app.post_message(Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["a", "b", "backspace", "c"], ["ac", "", ""]),
        (["a", "ctrl+u", "b"], ["b", "", ""]),
        (["a", "left", "b"], ["ba", "", ""]),
        (["a", "tab", "b", "backspace", "c"], ["a", "c", ""]),
        (["tab", "a", "shift+tab", "b"], ["b", "a", ""]),
        (["tab", "tab", "a", "b", "backspace"], ["", "", "a"]),
        (["tab", "tab", "a", "enter", "b"], ["", "", "a\nb"]),
    ],
)
async def test_keys_that_come_at_once_take_effect_in_their_order(
    keys: list[str], said: list[str]
) -> None:
    app = Fields()
    async with app.run_test() as pilot:
        type_at_once(pilot, *keys)
        await until(pilot, lambda: app.said() == said)
