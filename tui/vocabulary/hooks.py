"""Hooks: which receivers run when objects change."""

from __future__ import annotations

import dataclasses

from tui.commands import Command, Option, Scope, Situation
from tui.vocabulary.configured import configured, listed, shown, switched
from tui.vocabulary.words import HOOK, REASON, SOME_HOOKS, WAIT


def is_muted(situation: Situation) -> str | None:
    """Say that there is nothing to mute."""
    return "it is muted already" if situation.row.is_muted else None


def is_not_muted(situation: Situation) -> str | None:
    """Say that there is nothing to unmute."""
    return None if situation.row.is_muted else "it is not muted"


HOOKS = (
    listed(
        "hook",
        "Hooks",
        "List the hooks.",
        "hookline hook list enabled=true",
    ),
    shown("hook", Scope.HOOKS, HOOK, "Show one hook."),
    *configured(
        "hook",
        Scope.HOOKS,
        SOME_HOOKS,
        example='hookline hook add name="Check serials" object_types=dcim.device'
        " events=update job=guards.SerialGuard --enable-job",
    ),
    switched(Scope.HOOKS, SOME_HOOKS, "enable", "Let a hook fire."),
    switched(Scope.HOOKS, SOME_HOOKS, "disable", "Keep a hook from firing."),
    Command(
        id="hook.test",
        title="Test a hook",
        help="Judge a hook against past changes of its types; nothing runs.",
        keys=("t",),
        scopes=(Scope.HOOKS, Scope.HOOK),
        needs_row=True,
        noun="hook",
        verb="test",
        arguments=(HOOK,),
        options=(
            Option(name="--last", value="N", help="How many changes; 50 by default."),
            Option(name="--change", value="ID", help="Only this change."),
        ),
        handler="tui.nouns.hooks:test_hook",
        examples=('hookline hook test "Check serials" --last 200',),
    ),
    Command(
        id="hook.catch-up",
        title="Catch up",
        help="Run later what hooks missed: muted, held, or without a job.",
        keys=("C",),
        scopes=(Scope.HOOKS, Scope.HOOK),
        dangerous=True,
        writes=True,
        needs_row=True,
        noun="hook",
        verb="catch-up",
        arguments=(dataclasses.replace(SOME_HOOKS, optional=True),),
        options=(
            Option(name="--list", help="List what was missed, and queue nothing."),
            Option(
                name="--verdict",
                value="VERDICT",
                help="Only what this kept from firing, for instance muted.",
            ),
            Option(name="--forget", help="Give up what was missed, for good."),
            WAIT,
        ),
        handler="tui.nouns.hooks:catch_up_hooks",
        examples=(
            "hookline hook catch-up --list",
            'hookline hook catch-up "Check serials" --yes',
        ),
    ),
    Command(
        id="hook.mute",
        title="Mute",
        help="Keep hooks from firing for a while; what they miss can be caught up.",
        keys=("m",),
        scopes=(Scope.HOOKS, Scope.HOOK),
        writes=True,
        needs_row=True,
        available=is_muted,
        noun="hook",
        verb="mute",
        arguments=(SOME_HOOKS,),
        options=(
            Option(
                name="--for",
                value="SPAN",
                help="For how long: 90m, 2h, 1d; until unmuted without it.",
            ),
            REASON,
        ),
        handler="tui.nouns.hooks:mute_hooks",
        examples=('hookline hook mute "Check serials" --for 2h --reason migration',),
    ),
    Command(
        id="hook.unmute",
        title="Unmute",
        help="Let muted hooks fire again.",
        keys=("M",),
        scopes=(Scope.HOOKS, Scope.HOOK),
        writes=True,
        needs_row=True,
        available=is_not_muted,
        noun="hook",
        verb="unmute",
        arguments=(SOME_HOOKS,),
        handler="tui.nouns.hooks:unmute_hooks",
    ),
    Command(
        id="hook.reset",
        title="Reset the breaker",
        help="Let hooks fire that were held because they fired too often.",
        keys=("R",),
        scopes=(Scope.HOOKS, Scope.HOOK),
        writes=True,
        needs_row=True,
        noun="hook",
        verb="reset",
        arguments=(SOME_HOOKS,),
        handler="tui.nouns.hooks:reset_hooks",
        examples=('hookline hook reset "Check serials"',),
    ),
)

COMMANDS = HOOKS
