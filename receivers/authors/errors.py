"""What a receiver raises to steer its run, and what the run raises at a receiver."""

from __future__ import annotations


class RunJobTaskFailed(Exception):  # noqa: N818 - Nautobot's name
    """Raise it to fail a run on purpose, with a message for people."""


class RetryLater(Exception):  # noqa: N818 - a request, not an error
    """Raise it to end this attempt and have another one made later.

    Args:
        seconds: How long to wait before the next attempt.
        message: Why, for the log.
    """

    def __init__(self, seconds: float, message: str = "") -> None:
        self.seconds = seconds
        self.message = message or f"Try again in {seconds:g} s."
        super().__init__(self.message)


class GiveUp(Exception):  # noqa: N818 - a request, not an error
    """Raise it to fail the run for good, whatever `Meta.retries` says."""


class JobDefinitionError(TypeError):
    """The job's class cannot be used as it is written."""
