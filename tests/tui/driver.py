"""Drive the screens in a test: press keys, read the screen, wait for what must come.

    async with open_screens(store) as screens:
        await screens.type(":device")
        await screens.press("enter")
        await screens.shows("core-01")
        assert "core-01" in screens.text

Nothing sleeps: `shows` looks until the text is there, and fails with the screen in its
message.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from models.people.access import os_user
from tests.patience import PATIENCE_S
from tui.app import HooklineApp
from tui.looks.look import Look

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot

    from models.storage.store import Store

NAMES = {
    " ": "space",
    ":": "colon",
    "/": "slash",
    "?": "question_mark",
    "=": "equals_sign",
    "-": "minus",
    "_": "underscore",
    ".": "full_stop",
    "#": "number_sign",
    "+": "plus",
    "*": "asterisk",
    '"': "quotation_mark",
    "~": "tilde",
    "!": "exclamation_mark",
}


class Screens:
    """The running program, as a person sees it."""

    def __init__(self, app: HooklineApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, without trailing blanks."""
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def title(self) -> str:
        """The title line; empty while a screen is being laid out."""
        return self.lines[0] if self.lines else ""

    @property
    def bar(self) -> str:
        """The bar, where one types."""
        return self.lines[-2]

    @property
    def keys(self) -> str:
        """The last line: the keys, or what can be completed."""
        return self.lines[-1]

    @property
    def cursor(self) -> str:
        """The line with the cursor; empty when there is none."""
        lines = [line.strip() for line in self.lines if line.lstrip().startswith(">")]
        return lines[0] if lines else ""

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text, key by key."""
        await self.pilot.press(*(NAMES.get(character, character) for character in text))

    async def focus(self, field: str) -> None:
        """Go to a field of a form by its name."""
        edit = self.app.screen.fields[field].edit  # type: ignore[attr-defined]  # a form
        edit.focus()
        await self.has_focus(field)

    async def has_focus(self, field: str) -> None:
        """Wait until a field of a form has the focus."""
        edit = self.app.screen.fields[field].edit  # type: ignore[attr-defined]  # a form
        await self.until(lambda: edit.has_focus, f"the focus on {field}")

    async def go(self, line: str) -> None:
        """Go somewhere with the `:` line."""
        await self.type(f":{line}")
        await self.press("enter")

    async def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited for {what}; there is:\n{self.text}")
            await self.pilot.pause()

    async def shows(self, *texts: str) -> None:
        """Wait until all of the texts are on the screen."""
        await self.until(
            lambda: all(text in self.text for text in texts), f"{texts} on the screen"
        )

    async def hides(self, text: str) -> None:
        """Wait until a text has gone from the screen."""
        await self.until(lambda: text not in self.text, f"{text!r} to go")

    async def is_at(self, crumb: str) -> None:
        """Wait until the title ends with a screen's name."""
        await self.until(
            lambda: self.title.split("   ")[0].rstrip().endswith(crumb),
            f"the screen {crumb!r}",
        )

    async def settles(self) -> None:
        """Wait until nothing is asked of the store any more."""
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()


@asynccontextmanager
async def open_screens(
    store: Store,
    *,
    size: tuple[int, int] = (80, 24),
    look: Look | None = None,
    user: Any = None,
    **options: Any,
) -> AsyncIterator[Screens]:
    """Run the program on a store; toasts are shown as they are in earnest."""
    app = HooklineApp(
        store, user or os_user(store), look=look or Look(has_animation=True), **options
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        screens = Screens(app, pilot)
        await screens.shows("Automation")
        yield screens
