"""Hooks: which receivers run when objects change."""

from __future__ import annotations

from tui.commands import Command, Option, Scope
from tui.vocabulary.configured import configured, listed, shown, switched
from tui.vocabulary.words import HOOK

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
        HOOK,
        example='hookline hook add name="Check serials" object_types=dcim.device'
        " events=update job=guards.SerialGuard --enable-job",
    ),
    switched(Scope.HOOKS, HOOK, "enable", "Let a hook fire."),
    switched(Scope.HOOKS, HOOK, "disable", "Keep a hook from firing."),
    Command(
        id="hook.test",
        title="Test a hook",
        help="Judge a hook against the newest changes of its types; nothing runs.",
        keys=("t",),
        scopes=(Scope.HOOKS, Scope.HOOK),
        needs_row=True,
        noun="hook",
        verb="test",
        arguments=(HOOK,),
        options=(
            Option(name="--last", value="N", help="How many changes; 50 by default."),
        ),
        handler="tui.nouns.hooks:test_hook",
        examples=('hookline hook test "Check serials" --last 200',),
    ),
)

COMMANDS = HOOKS
