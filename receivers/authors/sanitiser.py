"""What must not reach the store or the terminal is taken out of a run's texts.

Secrets are replaced by the patterns of the setting `log.redact` and by the values
that the run was given; what could steer a terminal or break UTF-8 is written out.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "(redacted)"
SHORTEST_SECRET = 4  # a shorter value would blacken half of every text

# C0 but tab and line feed, DEL and C1, lone surrogates, and the marks that reorder
# the text around them.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


class Sanitiser:
    """Makes texts fit to be stored and shown.

    Args:
        patterns: Pairs of a regular expression and what replaces its matches.
        max_bytes: The most bytes of UTF-8 that one text may have.
    """

    def __init__(
        self, patterns: Iterable[tuple[str, str]] = (), *, max_bytes: int = 65536
    ) -> None:
        self._patterns = _compiled(tuple(patterns))
        self._secrets: list[str] = []
        self.max_bytes = max_bytes

    def add_secret(self, value: str) -> None:
        """Replace this value from now on, wherever it appears."""
        if len(value) >= SHORTEST_SECRET and value not in self._secrets:
            self._secrets.append(value)
            self._secrets.sort(key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return a text redacted, made safe, and cut to `max_bytes` with a note."""
        # Patterns can be slow on long lines: cut roughly first, exactly afterwards.
        safe = self._redact(text[: self.max_bytes * 2])
        if not safe.isprintable():
            safe = make_safe(safe)
        if len(text) <= self.max_bytes // 4:  # four bytes at most for a character
            return safe
        return cut(safe, self.max_bytes, original=len(text))

    def _redact(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        for pattern, replacement in self._patterns:
            text = pattern.sub(replacement, text)
        return text

    def clean_value(self, value: Any) -> Any:
        """Return a JSON value with every text in it redacted and made safe."""
        match value:
            case str():
                return make_safe(self._redact(value))
            case list():
                return [self.clean_value(item) for item in value]
            case dict():
                return {
                    make_safe(key): self.clean_value(item)
                    for key, item in value.items()
                }
        return value


@functools.cache
def _compiled(
    patterns: tuple[tuple[str, str], ...],
) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(p, re.IGNORECASE), r) for p, r in patterns)


def make_safe(text: str) -> str:
    """Write control characters and lone surrogates out as escapes."""
    if text.isprintable():
        return text
    return UNSAFE.sub(_written_out, text.replace("\r\n", "\n"))


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def cut(text: str, max_bytes: int, *, original: int | None = None) -> str:
    """Return a text of at most `max_bytes`, with a note when something is missing.

    Args:
        text: The text, without lone surrogates.
        max_bytes: The most bytes of UTF-8, the note included.
        original: Its length in characters before an earlier cut.
    """
    encoded = text.encode()
    whole = original or len(text)
    if len(encoded) <= max_bytes and whole <= len(text):
        return text
    note = f"\n… cut here; the text had {whole:,} characters."
    room = max(max_bytes - len(note.encode()), 0)
    return encoded[:room].decode(errors="ignore") + note
