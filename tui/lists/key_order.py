"""Keys take effect in the order in which they were typed.

Textual sends a key to the field that has the focus, and looks for its meaning when it
has come back unused. Over a slow line several keys come in one packet, and letters
would overtake a Backspace, or land in the field that Tab was to leave. On a list, which
takes no text, every key is an order: one that marks comes before one that opens the
bar, as it was typed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.events import Key
from textual.widgets import Input, TextArea

if TYPE_CHECKING:
    from textual.events import Event

LEAVES_FIELD = frozenset({"tab", "shift+tab"})
MOST_TURNS = 1000
"""How often the field may be let work on what was typed before."""


class TakesKeysInOrder(App[Any]):
    """A program whose keys do not overtake each other."""

    async def on_event(self, event: Event) -> None:
        """Do at once what a key means that no field takes for text."""
        if isinstance(event, Key) and not event.is_forwarded and self._is_order(event):
            await self._take_what_was_typed()
            for first in (True, False):
                if await self._check_bindings(event.key, priority=first):
                    return
        await super().on_event(event)

    def _is_order(self, event: Key) -> bool:
        """Tell whether the key is an order to whatever has the focus, and no text."""
        if event.key in LEAVES_FIELD or getattr(self.focused, "takes_orders", False):
            return True
        if isinstance(self.focused, TextArea) and event.key == "enter":
            return False
        return isinstance(self.focused, Input | TextArea) and not event.is_printable

    async def _take_what_was_typed(self) -> None:
        """Let the field take the letters that came before."""
        field: Any = self.focused
        if field is None:
            return
        for _ in range(MOST_TURNS):
            if field._message_queue.empty():  # noqa: SLF001 - Textual tells no other way
                break
            await asyncio.sleep(0)
