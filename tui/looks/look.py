"""How the screens look and move on this terminal, decided before Textual is loaded.

Textual reads its environment when it is imported, so whoever opens the screens asks
here first. Over SSH every byte and every frame counts: no animation, no mouse, at
most 20 frames a second.
"""

from __future__ import annotations

import locale
from typing import TYPE_CHECKING

from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.settings.layers import LookSettings

REMOTE_VARIABLES = ("SSH_CONNECTION", "SSH_TTY")
REMOTE_FRAMES = "20"


@frozen
class Look:
    """What was decided.

    Attributes:
        theme: The name of a theme of `tui.looks.themes`.
        is_remote: The terminal is at the far end of an SSH connection.
        has_mouse: The mouse is read; the terminal's own selection needs it not to be.
        has_animation: Scrolling and toasts may move.
        is_ascii: No characters outside ASCII are used for signs of our own.
        has_color: Colours may be sent; without, only bold and reverse.
    """

    theme: str = "dark"
    is_remote: bool = False
    has_mouse: bool = False
    has_animation: bool = False
    is_ascii: bool = False
    has_color: bool = True

    def environment(self) -> dict[str, str]:
        """Return what Textual has to find in its environment."""
        wanted: dict[str, str] = {}
        if not self.has_animation:
            wanted.update(TEXTUAL_ANIMATIONS="none", TEXTUAL_SMOOTH_SCROLL="0")
        if self.is_remote:
            wanted["TEXTUAL_FPS"] = REMOTE_FRAMES
        return wanted


def decide(
    settings: LookSettings, environ: Mapping[str, str], *, encoding: str | None = None
) -> Look:
    """Decide how the screens look.

    Args:
        settings: What the configuration asks for.
        environ: The environment of the process.
        encoding: The locale's encoding, if not this process's.
    """
    is_remote = any(environ.get(name) for name in REMOTE_VARIABLES)
    has_color = not environ.get("NO_COLOR")
    encoding = encoding or locale.getpreferredencoding(do_setlocale=False)
    is_poor = "utf" not in encoding.lower() or environ.get("TERM") == "linux"
    is_plain = settings.theme == "plain"
    return Look(
        theme=settings.theme if has_color else "plain",
        is_remote=is_remote,
        has_mouse=_switch(settings.mouse, auto=not is_remote),
        has_animation=_switch(settings.animation, auto=not is_remote),
        is_ascii=_switch(settings.ascii, auto=is_poor or is_plain),
        has_color=has_color,
    )


def _switch(asked: str, *, auto: bool) -> bool:
    return auto if asked == "auto" else asked == "on"
