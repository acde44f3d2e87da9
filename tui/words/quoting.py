"""A line is split into words at blanks; `"…"` holds a word together, `""` is `"`.

On the command line the shell has done that already.
"""

from __future__ import annotations

import re

from models.errors import RequestError

_WORD = re.compile(r'\s*((?:"(?:[^"]|"")*"|[^\s"])+)')


def split_line(text: str) -> list[str]:
    """Split a typed line into words.

    Raises:
        RequestError: A quote is not closed.

    >>> split_line('name="core 01" up')
    ['name=core 01', 'up']
    """
    words: list[str] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None or (
            match.end() < len(text) and not text[match.end()].isspace()
        ):
            raise RequestError(f'A quote is not closed in {text!r}; add "', on=text)
        words.append(_unquoted(match.group(1)))
        position = match.end()
    return words


def _unquoted(word: str) -> str:
    def body(match: re.Match[str]) -> str:
        return match.group(1).replace('""', '"')

    return re.sub(r'"((?:[^"]|"")*)"', body, word)


def quote_word(word: str) -> str:
    """Write a word so that `split_line` gives it back.

    >>> print(quote_word('a "b" c'))
    "a ""b"" c"
    """
    if word and not re.search(r'[\s"]', word):
        return word
    return '"' + word.replace('"', '""') + '"'
