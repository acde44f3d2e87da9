"""Open the screens: everything that has to be done before Textual is imported."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from tui.looks.look import decide

if TYPE_CHECKING:
    from models.people.access import User
    from models.storage.store import Store

LOG_NAME = "screens.log"


def open_screens(
    store: Store, user: User, *, hint: str = "", restricted: bool = False
) -> int:
    """Show the screens until the person leaves; return the exit code.

    Args:
        store: The open store.
        user: Whom the screens act for.
        hint: What to say on the first screen.
        restricted: The person came by a forced command.
    """
    look = decide(store.settings.look, os.environ)
    for name, value in look.environment().items():
        os.environ.setdefault(name, value)
    _log_to_file(store)
    from receivers.queueing.locks import open_screen
    from tui.app import HooklineApp
    from tui.commandline.runs import is_private

    with open_screen(store):
        app = HooklineApp(
            store,
            user,
            restricted=restricted,
            look=look,
            hint=hint,
            starts_runner=is_private(store),
        )
        app.heeds_signals = True
        app.run(mouse=look.has_mouse)
    return app.return_code or 0


def _log_to_file(store: Store) -> None:
    """Keep warnings off the terminal, which belongs to the screens."""
    handler = logging.FileHandler(
        store.run_folder / LOG_NAME, delay=True, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
