"""The colour themes; which one is used is decided in `tui.looks.look`."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="dark",
    primary="#4f9dde",
    secondary="#8fb3d9",
    accent="#e0b050",
    success="#67b36b",
    warning="#e0a040",
    error="#e06060",
    foreground="#d8dee4",
    background="#101418",
    surface="#171c21",
    panel="#20272e",
)
LIGHT = Theme(
    name="light",
    primary="#1c5d99",
    secondary="#39698f",
    accent="#8a5a00",
    success="#22702a",
    warning="#8a5a00",
    error="#a82020",
    foreground="#1b1f23",
    background="#fbfbf8",
    surface="#f1f1ec",
    panel="#e4e4dd",
    dark=False,
)
CONTRAST = Theme(
    name="contrast",
    primary="#00d0ff",
    secondary="#ffffff",
    accent="#ffff00",
    success="#00ff66",
    warning="#ffff00",
    error="#ff6060",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#202020",
    text_alpha=1.0,
)
# Okabe and Ito's colours, told apart with every common kind of colour blindness.
COLOUR_BLIND = Theme(
    name="colour-blind",
    primary="#56b4e9",
    secondary="#999999",
    accent="#f0e442",
    success="#56b4e9",
    warning="#e69f00",
    error="#d55e00",
    foreground="#e4e4e4",
    background="#101010",
    surface="#181818",
    panel="#242424",
)
_DEFAULT = "ansi_default"
# The terminal's own two colours, and nothing but bold and reverse.
PLAIN = Theme(
    name="plain",
    ansi=True,
    primary=_DEFAULT,
    secondary=_DEFAULT,
    accent=_DEFAULT,
    success=_DEFAULT,
    warning=_DEFAULT,
    error=_DEFAULT,
    foreground=_DEFAULT,
    background=_DEFAULT,
    surface=_DEFAULT,
    panel=_DEFAULT,
    boost=_DEFAULT,
    variables=dict(BUILTIN_THEMES["ansi-dark"].variables),
)
THEMES = (DARK, LIGHT, CONTRAST, COLOUR_BLIND, PLAIN)
