"""Every command there is, by area. What a command is stands in `tui.commands`."""

from __future__ import annotations

from tui.vocabulary import (
    automation,
    forms,
    hooks,
    navigation,
    objects,
    pages,
    people,
    queues,
    results,
    runs,
    schedules,
    stores,
)

ALL = (
    objects.COMMANDS,
    hooks.COMMANDS,
    automation.COMMANDS,
    schedules.COMMANDS,
    runs.COMMANDS,
    results.COMMANDS,
    queues.COMMANDS,
    people.COMMANDS,
    stores.COMMANDS,
    navigation.COMMANDS,
    pages.COMMANDS,
    forms.COMMANDS,
)
