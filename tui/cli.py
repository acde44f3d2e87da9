"""The command line: from words to an exit code.

Textual and Rich are loaded only when the screens are opened, the models only when a
command needs the store. Errors become messages and exit codes in one place, here.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, TextIO

from tui.commandline import forced
from tui.commandline.exits import Exit, Terminated, explain
from tui.commandline.output import Form, Output
from tui.vocabulary.words import COMMON
from tui.words.arguments import Line, deal, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from tui.commandline.call import Call
    from tui.commandline.forced import Forced

VERSION = "0.1.0"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    _prepare_streams()
    output = _output(_early_options(words))
    try:
        person = forced.read(words, os.environ)
        if person is not None:
            forced.shut(os.environ)
            words = list(person.words)
            output = _output(_early_options(words))
        code = _run(words, output, person)
        sys.stdout.flush()
    except BrokenPipeError:
        _close_stdout()
        code = Exit.BROKEN_PIPE
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except Terminated:
        code = Exit.TERMINATED
    except Exception as error:  # the border: nobody sees a traceback
        code = _report(error, output)
    return int(code)


def _prepare_streams() -> None:
    """Write UTF-8 whatever the locale; what cannot be written is escaped."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _close_stdout() -> None:
    """Keep Python from complaining when it flushes the broken pipe at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: BaseException, output: Output) -> int:
    known = explain(error)
    if output.is_verbose:
        output.traceback(error)
    if known is not None:
        output.error(known)
        return known.exit_code
    output.say(
        f"hookline: a fault of Hookline's own: {type(error).__name__}: {error}"
        + ("" if output.is_verbose else "\n-v shows where; please report it.")
    )
    return Exit.INTERNAL


def _early_options(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Find how errors are to be written before the line is understood."""
    names = {option.name: option.key for option in COMMON}
    names.update({option.short: option.key for option in COMMON if option.short})
    return {names[word]: ("",) for word in words if word in names}


def _output(options: Mapping[str, tuple[str, ...]]) -> Output:
    forms = [form for form in Form if form.replace("-", "_") in options]
    return Output(
        results=sys.stdout,
        talk=sys.stderr,
        form=forms[0] if forms else Form.TABLE,
        is_quiet="quiet" in options,
        is_verbose="verbose" in options,
        has_color=_has_color(sys.stdout, options),
    )


def _has_color(stream: TextIO, options: Mapping[str, tuple[str, ...]]) -> bool:
    if "no_color" in options or os.environ.get("NO_COLOR"):
        return False
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _run(words: Sequence[str], output: Output, person: Forced | None) -> int:
    if "--version" in words[: words.index("--") if "--" in words else None]:
        output.write(f"hookline {VERSION}")
        return Exit.OK
    line = split(words, COMMON)
    if person is not None:
        line = person.limit(line)
    if "help" in line.options or (line.command is None and line.noun):
        return _help(line, output)
    if line.command is None:
        return _screens(line, output, person)
    given = deal(line)
    if person is not None:
        forced.check(line, given)
    from tui.commandline.call import Call

    signal.signal(signal.SIGTERM, _terminate)
    with ExitStack() as closing:
        call = Call(
            command=line.command,
            given=given,
            output=_output(given.options),
            closing=closing,
            restricted="" if person is None else person.name,
        )
        if person is not None:
            assert call.user  # whatever it is, somebody unknown does not do it
        return _handler(line.command.handler)(call)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def _handler(place: str) -> Callable[[Call], int]:
    module, _, name = place.partition(":")
    handler: Callable[[Call], int] = getattr(importlib.import_module(module), name)
    return handler


def _help(line: Line, output: Output) -> int:
    from tui.commandline import help as texts

    if line.command is not None:
        text = texts.command(line.command)
    elif line.noun:
        text = texts.noun(line.noun)
    else:
        text = texts.overview()
    asked = "help" in line.options
    (output.write if asked else output.say)(text)
    return Exit.OK if asked else Exit.REQUEST


def _screens(line: Line, output: Output, person: Forced | None) -> int:
    """Open the screens, if there is a terminal to open them on."""
    is_dumb = os.environ.get("TERM", "") in {"", "dumb"}
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or is_dumb:
        output.say(
            "hookline: the screens need a terminal. Without one: `hookline --run`"
            " works the queue, `hookline --help` shows the commands."
        )
        return Exit.REQUEST
    from tui.commandline.opening import open_line

    signal.signal(signal.SIGTERM, _terminate)
    restricted = "" if person is None else person.name
    return open_line(line.options, output, restricted=restricted)
