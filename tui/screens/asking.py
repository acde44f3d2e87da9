"""Ask the store in a thread, and go on in the event loop with the answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeVar, cast

from models.errors import HooklineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen
    from textual.worker import Worker

    from tui.app import HooklineApp

T = TypeVar("T")

logger = logging.getLogger(__name__)


def hookline_app(screen: object) -> HooklineApp:
    """Return the app of a screen, with its own type."""
    return cast("HooklineApp", cast("Screen[Any]", screen).app)


class StoreAsker:
    """Asks the store in a thread; for screens and dialogs alike."""

    def ask(
        self,
        work: Callable[[], T],
        then: Callable[[T], object] | None = None,
        *,
        failed: Callable[[Exception], object] | None = None,
        group: str = "store",
        exclusive: bool = False,
    ) -> Worker[None]:
        """Do something with the store in a thread, then something with the answer.

        Args:
            work: Runs in a thread, on that thread's own connection.
            then: Gets the answer, in the event loop.
            failed: Gets the error; by default it is shown.
            group: Names what is asked, for `exclusive`.
            exclusive: Answers to earlier questions of this group are dropped.
        """
        screen = cast("Screen[Any]", self)

        async def run() -> None:
            try:
                answer = await asyncio.to_thread(work)
            except Exception as error:  # the screen's border: it is shown
                self._failed(error, failed)
            else:
                if then is not None:
                    then(answer)

        return screen.run_worker(run, group=group, exclusive=exclusive)

    def _failed(
        self, error: Exception, failed: Callable[[Exception], object] | None
    ) -> None:
        if not isinstance(error, HooklineError):
            logger.warning("a question to the store failed", exc_info=error)
        if failed is not None:
            failed(error)
        else:
            hookline_app(self).say_error(error)
