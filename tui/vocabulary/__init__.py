"""Every command there is, by area. What a command is stands in `tui.commands`."""

from __future__ import annotations

from tui.vocabulary import automation, forms, navigation, objects, pages, stores

ALL = (
    objects.COMMANDS,
    automation.COMMANDS,
    stores.COMMANDS,
    navigation.COMMANDS,
    pages.COMMANDS,
    forms.COMMANDS,
)
