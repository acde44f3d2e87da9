"""One call of the command line: what was given, the store, the user, the output.

Handlers in `tui.nouns` get a `Call` and nothing else. The store is opened when it is
first asked for, so that help and mistakes cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from models.errors import RequestError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager, ExitStack

    from models.history.context import ActiveContext
    from models.people.access import User
    from models.settings.layers import Settings
    from models.storage.store import Store
    from tui.commandline.output import Output
    from tui.commands import Command
    from tui.words.arguments import Given


@dataclass(kw_only=True)
class Call:
    """One command with its arguments, while it runs.

    Attributes:
        closing: What is closed when the command is over, the store among it.
        queued: The job results that this command has queued so far.
        restricted: The name that an SSH key is tied to, behind a forced command.
    """

    command: Command
    given: Given
    output: Output
    closing: ExitStack
    queued: list[int] = field(default_factory=list)
    restricted: str = ""

    @cached_property
    def store(self) -> Store:
        """The store, which must be there.

        Raises:
            StoreError: It is not there, or cannot be used.
        """
        return self.open_store()

    def open_store(
        self,
        *,
        create: bool = False,
        durable: bool = True,
        migrating: bool = False,
        folder: Path | None = None,
    ) -> Store:
        """Open the store that the options name, bind the models to it.

        Args:
            create: Make it if it is not there.
            durable: Whether commits wait for the disk.
            migrating: Open it though its own types' tables are behind.
            folder: The folder, if not the one that the options name.

        Raises:
            StoreError: It is not there, or cannot be used.
            ConfigError: Its settings are wrong.
        """
        if "store" in self.__dict__:
            return self.store
        if self.given.has("demo"):
            from tui.demo.store import open_demo

            demo: Store = self.closing.enter_context(open_demo())
            self.__dict__["store"] = demo
            return demo
        from models.storage.store import open_store

        folder = folder or self.folder
        settings = self._settings(folder)
        store = open_store(
            folder,
            create=create,
            settings=settings,
            durable=durable,
            migrating=migrating,
        )
        self.__dict__["store"] = store
        return self.closing.enter_context(store)

    @property
    def folder(self) -> Path:
        """The folder that --store, the environment or the default names.

        Raises:
            RequestError: It is the address of a database server.
        """
        from models.storage.store import default_folder

        named = self.given.option("store")
        if named is not None and "://" in named:
            raise RequestError(
                f"--store {named}: stores on a server are not there yet; name a folder",
                on="--store",
            )
        return Path(named).expanduser() if named else default_folder()

    def _settings(self, folder: Path) -> Settings | None:
        config = self.given.option("config")
        if config is None:
            return None
        from models.settings.layers import load_settings

        return load_settings(folder, config=Path(config))

    @cached_property
    def user(self) -> User:
        """The user whom the command acts for; `acted_for` on it is who is there.

        Raises:
            RefusedError: The store does not know the person, or they may not act so.
        """
        from models.people.acting import acting_user, key_holder

        store = self.store
        if self.restricted:
            return key_holder(store, self.restricted)
        return acting_user(self.given.option("user"))

    def change(
        self,
        *,
        kind: str = "command",
        mute: str = "",
        transaction: bool = True,
        on_abandon: Literal["dispatch", "revert"] = "dispatch",
    ) -> AbstractContextManager[ActiveContext]:
        """Open the change context of this command; what it queues is remembered."""
        from models.history.context import change_context

        context = change_context(
            self.user,
            kind=kind,
            detail=f"hookline {self.command.words}",
            reason=self.given.option("reason") or "",
            mute=mute,
            transaction=transaction,
            on_abandon=on_abandon,
        )
        return _Remembering(context, self.queued)

    def confirm(self, question: str) -> None:
        """Ask before something that cannot be undone.

        Raises:
            RequestError: The answer is no, or nobody is there to give one.
        """
        if self.given.has("yes"):
            return
        import sys

        if not (sys.stdin.isatty() and self.output.talk.isatty()):
            raise RequestError(f"{question} Say --yes to do it without being asked.")
        self.output.say(f"{question} [y/N] ")
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise RequestError("Nothing was done.")


class _Remembering:
    """A change context that adds what it queued to a list once it has closed."""

    def __init__(
        self, context: AbstractContextManager[ActiveContext], queued: list[int]
    ) -> None:
        self._context = context
        self._queued = queued
        self._active: ActiveContext | None = None

    def __enter__(self) -> ActiveContext:
        self._active = self._context.__enter__()
        return self._active

    def __exit__(self, *error: object) -> bool | None:
        suppressed = self._context.__exit__(*error)  # type: ignore[arg-type]  # passed on
        if self._active is not None and error[0] is None:
            self._queued += self._active.queued
        return suppressed
