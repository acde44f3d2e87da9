from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.settings.layers import load_settings
from receivers.authors.sanitiser import Sanitiser, cut, make_safe


@pytest.fixture(scope="module")
def by_default() -> Sanitiser:
    """A sanitiser with the patterns that ship."""
    return Sanitiser(load_settings(None).log.redact)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user@host", "(redacted)@host"),
        ("as user:pass@host now", "as (redacted)@host now"),
        ("https://user:pass@host/path", "https://(redacted)@host/path"),
        ("['user@host']", "(redacted)@host']"),
        ("password hunter2", "password (redacted)"),
        ("Password: hunter2.", "Password: (redacted)"),
        ("pwd=hunter2", "pwd=(redacted)"),
        ("the secret is hunter2", "the secret is (redacted)"),
        (
            '{"password": "hunter2", "port": 22}',
            '{"password": "(redacted)", "port": 22}',
        ),
        ("core-01 renamed to core-02", "core-01 renamed to core-02"),
        ("two passwordless hosts", "two passwordless hosts"),
    ],
)
def test_F5_credentials_are_redacted_by_default(
    by_default: Sanitiser, text: str, expected: str
) -> None:
    assert by_default.clean(text) == expected


def test_the_patterns_take_time_in_proportion_to_the_text(
    by_default: Sanitiser,
) -> None:
    text = "x" * 200_000 + " password" * 2_000 + " y@z"
    assert by_default.clean(text).endswith("characters.")


def test_a_secret_of_the_settings_is_redacted_wherever_it_is() -> None:
    sanitiser = Sanitiser()
    sanitiser.add_secret("hunter2")
    assert sanitiser.clean("-hunter2-") == "-(redacted)-"
    assert sanitiser.clean_value({"a": ["hunter2", 1, None]}) == {
        "a": ["(redacted)", 1, None]
    }


def test_a_very_short_secret_does_not_blacken_the_text() -> None:
    sanitiser = Sanitiser()
    sanitiser.add_secret("a")
    assert sanitiser.clean("banana") == "banana"


def test_the_longer_of_two_secrets_goes_first() -> None:
    sanitiser = Sanitiser()
    for secret in ("abcd", "abcdefgh"):
        sanitiser.add_secret(secret)
    assert sanitiser.clean("abcdefgh") == "(redacted)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\0b", "a\\x00b"),
        ("a\ud800b", "a\\ud800b"),
        ("a\u202eb", "a\\u202eb"),
        ("a\x9bb", "a\\x9bb"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb", "a\nb"),
        ("ü → 漢", "ü → 漢"),
    ],
)
def test_what_steers_a_terminal_is_written_out(text: str, expected: str) -> None:
    assert make_safe(text) == expected


@given(st.text(st.characters(codec=None, categories=None), max_size=300))
def test_whatever_comes_in_can_be_stored_and_shown(text: str) -> None:
    cleaned = Sanitiser(max_bytes=256).clean(text)
    assert len(cleaned.encode()) <= 256
    assert not set(cleaned) & {"\x1b", "\0", "\x9b", "\x7f", "\u202e"}


def test_a_long_text_is_cut_with_a_note() -> None:
    cleaned = Sanitiser(max_bytes=1000).clean("x" * 5000)
    assert len(cleaned.encode()) <= 1000
    assert cleaned.endswith("… cut here; the text had 5,000 characters.")


def test_a_cut_never_splits_a_character() -> None:
    assert "\ufffd" not in cut("ü" * 400, 301)


def test_a_text_of_exactly_the_limit_stays() -> None:
    assert cut("x" * 300, 300) == "x" * 300
