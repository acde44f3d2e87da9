"""`hookline` alone: find the store, or make it the first time, and open the screens."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tui.commandline.call import Call
from tui.commands import registry
from tui.words.arguments import Given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.storage.store import Store
    from tui.commandline.output import Output

QUESTION = (
    "There is no store in {folder} yet.\n"
    "  Enter  make one\n"
    "  e      make one with example devices, hooks and buttons\n"
    "  n      leave\n"
    "> "
)
LEFT = 2


def open_line(
    options: Mapping[str, tuple[str, ...]], output: Output, *, restricted: str = ""
) -> int:
    """Open the screens on the store that the options name; return the exit code.

    Args:
        options: Of the command line.
        output: Where to ask what to do when there is no store yet.
        restricted: The name that an SSH key is tied to, behind a forced command.

    Raises:
        HooklineError: The store cannot be used, or does not know the person.
    """
    with ExitStack() as closing:
        call = Call(
            command=registry().get("app.open"),
            given=Given(words={}, options=options),
            output=output,
            closing=closing,
            restricted=restricted,
        )
        store = _open(call)
        if store is None:
            return LEFT
        from tui.commandline.launch import open_screens

        hint = ""
        if call.given.has("demo"):
            from tui.demo.store import HINT as hint  # noqa: N811 - it is one
        return open_screens(store, call.user, hint=hint, restricted=bool(restricted))


def _open(call: Call) -> Store | None:
    """Open the store; None when the person would rather not make one."""
    is_there = call.given.has("demo") or (call.folder / "store.db").exists()
    if is_there or call.restricted:
        return call.store
    answer = "" if call.given.has("yes") else _ask(call)
    if answer.startswith("n"):
        return None
    if not answer.startswith("e"):
        return call.open_store(create=True)
    from tui.demo.store import fill, prepare

    prepare(call.folder)
    store = call.open_store(create=True)
    fill(store)
    return store


def _ask(call: Call) -> str:
    call.output.say(QUESTION.format(folder=call.folder).rstrip("\n"))
    return sys.stdin.readline().strip().lower() if sys.stdin else "n"
