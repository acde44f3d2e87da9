"""Every error that Hookline raises on purpose.

A message has three parts: what failed, on what, and what to do. The command line
and the screens read the class attributes; neither invents texts of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class HooklineError(Exception):
    """Something a person can act on went wrong."""

    title: ClassVar[str] = "Error"
    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        message: str | None = None,
        *,
        on: str | None = None,
        fields: dict[str, list[str]] | None = None,
        candidates: list[str] | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.on = on
        self.fields = fields or {}
        self.candidates = candidates or []
        super().__init__(self.message)


class RequestError(HooklineError):
    """The request is wrong."""

    title = "Wrong request"
    code = "request"


class ConfigError(RequestError):
    """The configuration is wrong."""

    title = "Wrong configuration"
    code = "config"


class NotFoundError(RequestError):
    """There is no such thing."""

    title = "Not found"
    code = "not_found"


class AmbiguousError(RequestError):
    """The name fits more than one thing."""

    title = "Ambiguous"
    code = "ambiguous"


class ConflictError(RequestError):
    """Somebody else changed the object since it was read."""

    title = "Changed meanwhile"
    code = "conflict"


class UnloggedWriteError(RequestError):
    """This way of writing would not be recorded."""

    title = "Not recorded"
    code = "unlogged"


class ValidationError(RequestError):
    """The values are not valid.

    Args:
        problems: A message for the object as a whole, or messages by field name.
    """

    title = "Not valid"
    code = "invalid"

    def __init__(
        self,
        problems: str | Mapping[str, list[str] | str],
        *,
        on: str | None = None,
    ) -> None:
        fields: dict[str, list[str]] = {}
        if isinstance(problems, str):
            message = problems
        else:
            for name, texts in problems.items():
                fields[name] = [texts] if isinstance(texts, str) else list(texts)
            message = "; ".join(
                text if name == "__all__" else f"{name}: {text}"
                for name, texts in fields.items()
                for text in texts
            )
        super().__init__(message, on=on, fields=fields)

    @property
    def message_dict(self) -> dict[str, list[str]]:
        """The messages by field name; those of the whole object under `__all__`."""
        return self.fields or {"__all__": [self.message]}


class StoreError(HooklineError):
    """The store cannot be used."""

    title = "Store"
    code = "store"
    exit_code = 3


class NotAStoreError(StoreError):
    """This is not a Hookline store."""


class NewerStoreError(StoreError):
    """The store was made by a newer Hookline."""


class LockedStoreError(StoreError):
    """Another program holds the store's write lock."""


class ReadOnlyStoreError(StoreError):
    """The store cannot be written."""


class FullDiskError(StoreError):
    """The disk is full."""


class ReplacedStoreError(StoreError):
    """Another file has taken the place of the database."""


class NetworkStoreError(StoreError):
    """The store lies on a network file system."""


class DamagedStoreError(StoreError):
    """The store's database is damaged."""


class StoppedError(HooklineError):
    """It was stopped before its end."""

    title = "Stopped"
    code = "stopped"
    exit_code = 130


class TimedOutError(HooklineError):
    """It did not end in time."""

    title = "Timed out"
    code = "timeout"
    exit_code = 4


class RefusedError(HooklineError):
    """This is not allowed."""

    title = "Refused"
    code = "refused"
    exit_code = 5
